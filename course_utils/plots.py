"""Numbers in, picture out. Knows nothing of widgets or training.

Each function returns a `Picture`: a matplotlib Figure and the sentence that says what to see.
"""

import base64
import html
import io
from typing import NamedTuple

from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart by people with any kind of colour vision.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#6B6B6B",
)  # fmt: skip
COLORS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, "black", GREY)  # as many as the course has optimizers
MARKERS = "os^DvPX*"


class Picture(NamedTuple):
    """A figure and the sentence under it, which is also its text alternative. A notebook shows both."""

    figure: Figure
    sentence: str

    def __repr__(self):
        return self.sentence

    def png(self):
        """The figure as bytes of a PNG file."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=self.figure.dpi)
        return buffer.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        image = base64.b64encode(self.png()).decode()
        sentence = html.escape(self.sentence)
        page = (
            f'<figure style="margin:0"><img alt="{sentence}" src="data:image/png;base64,{image}" '
            f'style="max-width:100%"><figcaption style="font-size:90%;opacity:0.8">{sentence}</figcaption></figure>'
        )
        return {"text/html": page, "image/png": image, "text/plain": self.sentence}


def new_figure(columns=1, width=6.0, height=4.0, **subplots):
    """A Figure without pyplot, which would keep it alive for ever, and its axes in a row.

    Args:
        columns: number of axes.
        width, height: of each, in inches at 100 dots.
        **subplots: as `Figure.subplots` takes them.

    Returns:
        (figure, axes): `axes` is one Axes, or an array of them where `columns` is above 1.
    """
    figure = Figure(figsize=(width * columns, height), dpi=100, layout="constrained")
    return figure, figure.subplots(1, columns, **subplots)


def curves(lines, xlabel, ylabel, sentence, log=False, first=0):
    """One line a label over 0, 1, 2, … (or from `first`), each named at its end of the legend.

    Args:
        lines: maps a label to a list of numbers.
        xlabel, ylabel: with units.
        sentence: what to see.
        log: logarithmic vertical axis?
        first: where the horizontal axis begins to count.
    """
    figure, axes = new_figure(width=7.5, height=3.6)
    for (label, values), color, style in zip(lines.items(), COLORS, ("-", "--", ":", "-.", "-", "--"), strict=False):
        steps = range(first, first + len(values))
        axes.plot(steps, values, label=label, color=color, linestyle=style, linewidth=2)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.locator_params(axis="x", integer=True)
    if log:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return Picture(figure, sentence)


def features(X, y):
    """The target against each feature.

    Args:
        X: [N, features].
        y: [N].
    """
    count = X.shape[1]
    figure, axes = new_figure(columns=count, width=4.2, height=3.4, sharey=True, squeeze=False)
    for column, (ax, color) in enumerate(zip(axes[0], COLORS, strict=False)):
        ax.scatter(X[:, column], y, s=5, alpha=0.6, color=color)
        ax.set(xlabel=f"feature {column + 1}")
        ax.grid(alpha=0.3)
    axes[0, 0].set_ylabel("target y")
    slopes = [float(((X[:, i] - X[:, i].mean()) * (y - y.mean())).sum()) for i in range(count)]
    ways = " and ".join(f"{'rises' if slope > 0 else 'falls'} with feature {i + 1}" for i, slope in enumerate(slopes))
    return Picture(figure, f"{len(y):,} examples: the target {ways}.")


def one_layer(weights, bias):
    """A drawing of a network of one layer with one output: inputs, weighted arrows, their sum.

    Args:
        weights: the numbers on the arrows.
        bias: the number on the arrow from the constant 1.
    """
    figure, ax = new_figure(width=6.4, height=2.6)
    ax.axis("off")
    ax.set(xlim=(0, 10), ylim=(-0.8, 2 * len(weights) + 0.8))
    inputs = [(f"$x_{i + 1}$", f"$w_{i + 1}$ = {weight:.2f}") for i, weight in enumerate(weights)]
    rows = [*inputs, ("1", f"$b$ = {bias:.2f}")]
    middle = len(weights)
    round_box = {"boxstyle": "circle,pad=0.45", "facecolor": "white", "edgecolor": BLUE, "linewidth": 2}
    for row, (name, label) in enumerate(rows):
        height = 2 * (len(rows) - 1 - row)
        ax.annotate("", (6.6, middle), (1.6, height), arrowprops={"arrowstyle": "->", "color": GREY, "shrinkB": 22})
        ax.text(1.3, height, name, ha="center", va="center", fontsize=14, bbox=round_box)
        ax.text(3.6, height + (middle - height) * 0.4 + 0.28, label, ha="center", va="bottom", fontsize=12)
    ax.text(6.6, middle, r"$\Sigma$", ha="center", va="center", fontsize=16, bbox=round_box)
    ax.annotate("", (8.8, middle), (7.1, middle), arrowprops={"arrowstyle": "->", "color": GREY})
    ax.text(9.0, middle, r"$\hat{y}$", va="center", fontsize=16)
    return Picture(
        figure, f"One layer: {len(weights)} inputs, each times its weight, and the bias, added up to one prediction."
    )


def estimates(names, true, found, noise):
    """How far each estimate of some numbers is from the true one.

    Args:
        names: of the numbers.
        true: their true values.
        found: maps a way of estimating to its values.
        noise: half the width of the grey band: the typical error that noise in the data causes.
    """
    figure, ax = new_figure(width=7, height=3.2)
    ax.axvspan(-1000 * noise, 1000 * noise, color=GREY, alpha=0.2, label=f"±{1000 * noise:.2f}: typical, from noise")
    ax.axvline(0, color=GREY)
    markers = ("o", "s", "^", "D")
    for (label, values), color, marker in zip(found.items(), COLORS, markers, strict=False):
        errors = [1000 * (value - truth) for value, truth in zip(values, true, strict=True)]
        ax.plot(errors, range(len(names)), marker, label=label, color=color, markersize=9)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set(xlabel="estimate − true value, in thousandths")
    ax.grid(axis="x", alpha=0.3)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    worst = {
        label: max(abs(value - truth) for value, truth in zip(values, true, strict=True))
        for label, values in found.items()
    }
    told = ", ".join(f"{label} {1000 * error:.2f}" for label, error in worst.items())
    return Picture(figure, f"The largest distance of an estimate from the true value, in thousandths: {told}.")


BOWL_LOOKS = {
    "least loss": {"color": GREEN, "marker": "*", "markersize": 18, "linestyle": "none"},
    "start": {"color": GREY, "marker": "o", "markersize": 8, "linestyle": "none"},
    "one dot a step": {"color": ORANGE, "marker": ".", "markersize": 6, "linewidth": 1.2},
}
RATE_LOOKS = {
    "blown up": {"color": RED, "marker": "^", "markersize": 6, "linestyle": "none"},
    "2/λmax (plain SGD)": {"color": GREY, "linestyle": "--"},
    "in use": {"color": ORANGE, "marker": "o", "markersize": 11, "linestyle": "none"},
}
CEILING = 1e4
BOWL_WINDOW = (-6.0, 10.0, -10.0, 4.0)  # w1 from, to, w2 from, to: where lesson 02's bowl and its paths are seen


def bowl_axes(ax):
    """Labels, limits and legend of `bowl`: what stays the same whatever it shows."""
    ax.set(xlabel="weight $w_1$", ylabel="weight $w_2$", xlim=BOWL_WINDOW[:2], ylim=BOWL_WINDOW[2:])
    ax.set_aspect("equal")  # a ravine must look like one
    _legend_above(ax, BOWL_LOOKS)


def bowl(ax, hessian, best, path):
    """Rings of equal loss of a quadratic loss in two weights, and a path down (or up) it.

    Args:
        ax: Axes prepared by `bowl_axes`.
        hessian: [2, 2], the second derivatives of the loss, a NumPy array.
        best: [2], where the loss is least.
        path: [steps + 1, 2], the weights before the first step and after each.
    """
    import numpy as np
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    curvatures, directions = np.linalg.eigh(hessian)
    angle = np.linspace(0, 2 * np.pi, 120)
    circle = np.array([np.cos(angle), np.sin(angle)])
    # loss − least loss = ½ Σ λ·distance², so a ring's half axes are √(2·rise/λ).
    rings = [
        np.transpose(np.array(best)[:, None] + directions @ (np.sqrt(2 * rise / curvatures)[:, None] * circle))
        for rise in (0.5, 3, 8, 16, 32, 64, 128)
    ]
    fading = np.linspace(0.75, 0.27, len(rings))  # opacity
    # One artist for all rings: each costs a knob's answer a third of a millisecond.
    ax.add_collection(LineCollection(rings, colors=[to_rgba(BLUE, alpha) for alpha in fading], linewidths=1))
    for (label, look), points in zip(BOWL_LOOKS.items(), (best, path[0], path.T), strict=True):
        ax.plot(*points, label=label, **look)


def rate_axes(ax, rates):
    """Labels, limits and legend of `rate_curve` over these `rates`."""
    ax.set(xscale="log", yscale="log", xlabel="learning rate (log scale)", ylabel="mean squared error at the end")
    ax.set(xlim=(rates[0] / 1.2, rates[-1] * 1.2), ylim=(3e-5, CEILING * 2))
    ax.grid(alpha=0.3)
    _legend_above(ax, RATE_LOOKS)


def rate_curve(ax, rates, losses, rate, loss, limit):
    """The loss at the end against the learning rate, with the rate in use and the theoretical limit.

    Args:
        ax: Axes prepared by `rate_axes`.
        rates, losses: the curve. Losses above `CEILING` (and NaN) are drawn on it, as triangles: they have blown up.
        rate, loss: the point in use.
        limit: learning rate of the dashed line, 2/λmax.
    """
    import numpy as np

    # The curve goes through the point in use, also where that lies in a valley between two of its own.
    points = np.array(sorted([*zip(rates, losses, strict=True), (rate, loss)]))
    rates, losses = points[:, 0], np.nan_to_num(points[:, 1], nan=np.inf)
    clipped = np.minimum(losses, CEILING)
    ax.plot(rates, clipped, color=BLUE, linewidth=2)
    blown = losses > CEILING
    in_use = min(loss, CEILING) if loss == loss else CEILING
    shown = ((rates[blown], clipped[blown]), ((limit, limit), ax.get_ylim()), ((rate,), (in_use,)))
    for (label, look), (x, y) in zip(RATE_LOOKS.items(), shown, strict=True):
        ax.plot(x, y, label=label, **look)


def _legend_above(ax, looks):
    """A legend in a row above the axes, where it can't hide what is drawn; `looks` maps a label to its line's look."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=label, **look) for label, look in looks.items()]
    ax.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9, frameon=False,
        columnspacing=1.0,
    )  # fmt: skip
