"""Pictures of lesson 02: data, one layer, estimates, and the loss at each learning rate."""

import numpy as np

from course_utils import plots

RATE_LOOKS = {
    "blown up": {"color": plots.RED, "marker": "^", "markersize": 6, "linestyle": "none"},
    "2/λmax (plain SGD)": {"color": plots.GREY, "linestyle": "--"},
    "in use": {"color": plots.ORANGE, "marker": "o", "markersize": 11, "linestyle": "none"},
}
BLOWN_UP = 1e4


def features(X, y):
    """The target against each feature.

    Args:
        X: [N, features].
        y: [N].
    """
    count = X.shape[1]
    figure, axes = plots.new_figure(columns=count, width=4.2, height=3.4, sharey=True, squeeze=False)
    for column, (ax, color) in enumerate(zip(axes[0], plots.COLORS, strict=False)):
        ax.scatter(X[:, column], y, s=5, alpha=0.6, color=color)
        ax.set(xlabel=f"feature {column + 1}")
        ax.grid(alpha=0.3)
    axes[0, 0].set_ylabel("target y")
    slopes = [float(((X[:, i] - X[:, i].mean()) * (y - y.mean())).sum()) for i in range(count)]
    ways = " and ".join(f"{'rises' if slope > 0 else 'falls'} with feature {i + 1}" for i, slope in enumerate(slopes))
    return plots.Picture(figure, f"{len(y):,} examples: the target {ways}.")


def one_layer(weights, bias):
    """A drawing of a network of one layer with one output: inputs, weighted arrows, their sum.

    Args:
        weights: the numbers on the arrows.
        bias: the number on the arrow from the constant 1.
    """
    figure, ax = plots.new_figure(width=6.4, height=2.6)
    ax.axis("off")
    ax.set(xlim=(0, 10), ylim=(-0.8, 2 * len(weights) + 0.8))
    inputs = [(f"$x_{i + 1}$", f"$w_{i + 1}$ = {weight:.2f}") for i, weight in enumerate(weights)]
    rows = [*inputs, ("1", f"$b$ = {bias:.2f}")]
    middle = len(weights)
    round_box = {"boxstyle": "circle,pad=0.45", "facecolor": "white", "edgecolor": plots.BLUE, "linewidth": 2}
    for row, (name, label) in enumerate(rows):
        height = 2 * (len(rows) - 1 - row)
        ax.annotate(
            "", (6.6, middle), (1.6, height), arrowprops={"arrowstyle": "->", "color": plots.GREY, "shrinkB": 22}
        )
        ax.text(1.3, height, name, ha="center", va="center", fontsize=14, bbox=round_box)
        ax.text(3.6, height + (middle - height) * 0.4 + 0.28, label, ha="center", va="bottom", fontsize=12)
    ax.text(6.6, middle, r"$\Sigma$", ha="center", va="center", fontsize=16, bbox=round_box)
    ax.annotate("", (8.8, middle), (7.1, middle), arrowprops={"arrowstyle": "->", "color": plots.GREY})
    ax.text(9.0, middle, r"$\hat{y}$", va="center", fontsize=16)
    return plots.Picture(
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
    figure, ax = plots.new_figure(width=7, height=3.2)
    ax.axvspan(
        -1000 * noise, 1000 * noise, color=plots.GREY, alpha=0.2, label=f"±{1000 * noise:.2f}: typical, from noise"
    )
    ax.axvline(0, color=plots.GREY)
    markers = ("o", "s", "^", "D")
    for (label, values), color, marker in zip(found.items(), plots.COLORS, markers, strict=False):
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
    return plots.Picture(figure, f"The largest distance of an estimate from the true value, in thousandths: {told}.")


def rate_axes(ax, rates):
    """Labels, limits and legend of `rate_curve` over these `rates`."""
    ax.set(xscale="log", yscale="log", xlabel="learning rate (log scale)", ylabel="mean squared error at the end")
    ax.set(xlim=(rates[0] / 1.2, rates[-1] * 1.2), ylim=(3e-5, BLOWN_UP * 2))
    ax.grid(alpha=0.3)
    plots.legend_above(ax, RATE_LOOKS)


def rate_curve(ax, rates, losses, rate, loss, limit):
    """The loss at the end against the learning rate, with the rate in use and the theoretical limit.

    Args:
        ax: Axes prepared by `rate_axes`.
        rates, losses: the curve. Losses above `BLOWN_UP` (and NaN) are drawn on it, as triangles: they have blown up.
        rate, loss: the point in use.
        limit: learning rate of the dashed line, 2/λmax.
    """
    # The curve goes through the point in use, also where that lies in a valley between two of its own.
    points = np.array(sorted([*zip(rates, losses, strict=True), (rate, loss)]))
    rates, losses = points[:, 0], np.nan_to_num(points[:, 1], nan=np.inf)
    clipped = np.minimum(losses, BLOWN_UP)
    ax.plot(rates, clipped, color=plots.BLUE, linewidth=2)
    blown = losses > BLOWN_UP
    in_use = min(loss, BLOWN_UP) if loss == loss else BLOWN_UP
    shown = ((rates[blown], clipped[blown]), ((limit, limit), ax.get_ylim()), ((rate,), (in_use,)))
    for (label, look), (x, y) in zip(RATE_LOOKS.items(), shown, strict=True):
        ax.plot(x, y, label=label, **look)
