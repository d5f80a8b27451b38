"""Pictures of lesson 02: the loss at each learning rate, one layer, estimates, and what a program starts from.

A function that returns an Explorer is a knob: a cell hands it the learner's function and shows what it returns.
"""

import functools

import numpy as np
import torch

from course_utils import data, plots
from course_utils.panels import Explorer, LogSlider, Slider
from course_utils.plots import landscape

OPTIMIZERS = {
    "SGD": torch.optim.SGD,
    "SGD, momentum 0.9": functools.partial(torch.optim.SGD, momentum=0.9),
    "Adam": torch.optim.Adam,
}
RATES = tuple(np.geomspace(0.0025, 4.0, 41).tolist())  # of the curve
LIMIT = "2/λmax (plain SGD)"
RATE_LOOKS = {
    "blown up": {"color": plots.RED, "marker": "^", "markersize": 6, "linestyle": "none"},
    LIMIT: {"color": plots.GREY, "linestyle": "--"},
    "your lr": {"color": plots.ORANGE, "marker": "o", "markersize": 11, "linestyle": "none"},
}
BLOWN_UP = 1e4


def cliff(descend):
    """The path that `descend(X, y, lr)` takes on the loss of the lesson's data, and where it ends for every rate."""

    def draw(axes, descend, lr):
        return f"lr {lr:.3g}: {_walk(axes, descend, lr, 'SGD', 1)}"

    lr = LogSlider(0.003, 3.0, value=0.03)
    return Explorer(draw, _walk_axes, columns=2, width=4.8, height=4.4, of=[descend], lr=lr)


def surface(descend):
    """`cliff` with a feature to stretch, an optimizer to choose (it gets `optimizer=…`), and the computed limit."""

    def draw(axes, descend, lr, optimizer, stretch):
        border = limit(_features(stretch))
        said = _walk(axes, descend, lr, optimizer, stretch, border)
        return f"{optimizer}, lr {lr:.3g}: {said} 2/λmax is {border:.3g}."

    def background(axes):
        _walk_axes(axes, with_limit=True)

    controls = {"lr": LogSlider(0.003, 3.0, value=0.03), "optimizer": list(OPTIMIZERS), "stretch": Slider(1, 10)}
    return Explorer(draw, background, columns=2, width=4.8, height=4.4, of=[descend], **controls)


def three_rates(descend):
    """The `Picture` of ten steps at three learning rates."""
    figure, axes = plots.new_figure(columns=3, width=4.0, height=4.0)
    for ax, lr in zip(axes, (0.03, 0.5, 0.95), strict=True):
        path, losses = descend(_features(1), _law().y.flatten(), lr, steps=10)
        landscape.bowl_axes(ax)
        landscape.bowl(ax, *_bowl(1), path[:, :2].numpy())
        ax.set_title(f"learning rate {lr}: loss {losses[-1]:.3g}", y=1.15)
    return plots.Picture(
        figure,
        "10 full-batch steps: creeping at 0.03, at the bottom at once at 0.5, further away with each step at 0.95.",
    )


@functools.cache
def _law():
    return data.regression()[0]


def _features(stretch):
    """The lesson's features [N, 2], the second multiplied."""
    return _law().X * torch.tensor([1.0, stretch])


def hessian(X):
    """[features + 1, features + 1]: the second derivatives of the mean squared error of `X @ w + b`, a tensor."""
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return 2 / len(A) * A.T @ A


def limit(X):
    """The largest learning rate at which full-batch gradient descent on features `X` comes to an end."""
    return 2 / torch.linalg.eigvalsh(hessian(X)).max().item()


@functools.cache
def _bowl(stretch):
    """The second derivatives in the two weights and where the loss is least, as `landscape.bowl` takes them."""
    X, y = _features(stretch), _law().y
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    best = torch.linalg.lstsq(A, y).solution.flatten()
    return hessian(X)[:2, :2].numpy(), best[:2].numpy()


def _walk_axes(axes, with_limit=False):
    landscape.bowl_axes(axes[0])
    rate_axes(axes[1], RATES, with_limit)


def _walk(axes, descend, lr, optimizer, stretch, border=None):
    """Draw a path on the bowl, and its end on the curve of all rates; returns how it ends."""
    more = {} if optimizer == "SGD" else {"optimizer": OPTIMIZERS[optimizer]}
    path, losses = descend(_features(stretch), _law().y.flatten(), lr, **more)
    landscape.bowl(axes[0], *_bowl(stretch), path[:, :2].numpy())
    rate_curve(axes[1], RATES, _ends(descend, optimizer, stretch), lr, losses[-1], border)
    there = [step for step, loss in enumerate(losses) if loss < 0.001]
    when = f"below 0.001 after {there[0]}" if there else "never below 0.001"
    return f"loss {_in_words(losses[-1])} after {len(losses) - 1} steps, {when}."


def _in_words(loss):
    return f"{loss:.3g}" if loss <= BLOWN_UP else f"above {BLOWN_UP:,.0f}"  # so is NaN, which compares to nothing


@functools.lru_cache(maxsize=64)  # a knob comes back to where it was
def _ends(descend, optimizer, stretch):
    """The last loss at each of `RATES`."""
    X, y = _features(stretch), _law().y.flatten()
    more = {} if optimizer == "SGD" else {"optimizer": OPTIMIZERS[optimizer]}
    return [descend(X, y, rate, **more)[1][-1] for rate in RATES]


def by_hand(train_by_hand):
    """The loss of each batch of `train_by_hand(lr)`, which returns w, b and these losses, over three epochs."""

    def background(ax):
        ax.axhline(1e-4, color=plots.GREY, linestyle="--", linewidth=1)
        ax.text(300, 6e-5, "noise, squared", color=plots.GREY, ha="right", va="top")
        ax.set(xlabel="batch", ylabel="mean squared error", yscale="log", ylim=(1e-6, 2 * BLOWN_UP), xlim=(-3, 303))
        ax.grid(alpha=0.3)

    def draw(ax, train_by_hand, lr):
        losses = np.array(train_by_hand(lr)[2])
        shown = np.nan_to_num(losses, nan=np.inf).clip(max=BLOWN_UP)
        ax.plot(shown, ".", color=plots.BLUE, markersize=3, label="one batch")
        means = losses.reshape(3, -1).mean(axis=1)
        size = len(losses) // 3
        ends = [(epoch * size, (epoch + 1) * size - 1) for epoch in range(3)]
        for (first, last), mean, label in zip(ends, means, ("mean of an epoch", None, None), strict=True):
            level = min(mean, BLOWN_UP) if mean == mean else BLOWN_UP
            ax.plot([first, last], [level] * 2, color=plots.ORANGE, linewidth=3, label=label)
        ax.legend(loc="upper right")
        told = ", ".join(map(_in_words, means))
        return f"lr {lr:.3g}: the mean losses of the three epochs are {told}."

    lr = LogSlider(0.001, 1.0, value=0.03)
    return Explorer(draw, background, width=7.5, height=3.8, of=[train_by_hand], lr=lr)


def starts(start):
    """What two runs of a program start from that calls `start(torch_seed, numpy_seed)`: features and weights."""
    seeds = {
        "torch.manual_seed(1)": (1, None),
        "np.random.seed(1)": (None, 1),
        "both": (1, 1),
        "neither": (None, None),
    }

    def draw(axes, start, seed, run):
        return f"{seed}, run {run}: {_two_starts(axes, start, seeds[seed], run)}"

    controls = {"seed": list(seeds), "run": Slider(1, 6, value=2)}
    return Explorer(draw, _start_axes, columns=2, width=4.8, height=3.8, of=[start], **controls)


def seeded(start):
    """The `Picture` of `starts` where only PyTorch has its seed."""
    figure, axes = plots.new_figure(columns=2, width=4.8, height=3.8)
    _start_axes(axes)
    return plots.Picture(figure, f"torch.manual_seed(1): {_two_starts(axes, start, (1, None), 2)}")


def _start_axes(axes):
    for ax, name, what in zip(axes, ("x", "w"), ("features, by NumPy", "weights, by PyTorch"), strict=True):
        ax.set(xlabel=f"${name}_1$", ylabel=f"${name}_2$", xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), title=what)
        ax.grid(alpha=0.3)


def _two_starts(axes, start, seeds, run):
    """Draw the first run and another; returns what of it is the same."""
    ring = {"marker": "o", "linestyle": "none", "markersize": 11, "fillstyle": "none"}
    first, other = _in_a_new_program(start, 1, seeds), _in_a_new_program(start, run, seeds)
    same = []
    for ax, one, two, name in zip(axes, first, other, ("features", "weights"), strict=True):
        ax.plot(*one.reshape(-1, 2).T, color=plots.BLUE, label="run 1", **ring)
        ax.plot(*two.reshape(-1, 2).T, ".", color=plots.ORANGE, markersize=8, label=f"run {run}")
        ax.legend(loc="upper right")
        same += [name] if one.equal(two) else []
    return f"{' and '.join(same) or 'neither features nor weights'} are as in run 1."


def _in_a_new_program(start, run, seeds):
    """What `start` returns in a program of its own, whose generators nobody has seeded: each run begins elsewhere."""
    kept = np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1000 + run)
        np.random.seed(1000 + run)
        try:
            return start(*seeds)
        finally:
            np.random.set_state(kept)


def halved(roll):
    """The losses of `roll(X, y, momentum, new_optimizer)`, whose learning rate is halved at step 10 in two ways."""

    def draw(ax, roll, momentum):
        return _two_rolls(ax, roll, momentum)

    momentum = Slider(0.0, 0.95, value=0.9, step=0.05)
    return Explorer(draw, _roll_axes, width=7.5, height=3.8, of=[roll], momentum=momentum)


def in_place_and_anew(roll):
    """The `Picture` of `halved` at momentum 0.9."""
    figure, ax = plots.new_figure(width=7.5, height=3.8)
    _roll_axes(ax)
    return plots.Picture(figure, _two_rolls(ax, roll, 0.9))


def _roll_axes(ax):
    ax.axvline(10, color=plots.GREY, linestyle="--", linewidth=1)
    ax.set(xlabel="step (dashed: the learning rate is halved)", ylabel="mean squared error", xlim=(0, 29), ylim=(0, 42))
    ax.grid(alpha=0.3)


def _two_rolls(ax, roll, momentum):
    at = {}
    for label, anew, color, style in (
        ("lr changed in place", False, plots.BLUE, "-"),
        ("new optimizer", True, plots.ORANGE, "--"),
    ):
        losses = roll(_law().X, _law().y, momentum, anew)
        ax.plot(losses, style, color=color, linewidth=2, label=label)
        at[label] = losses[20]
    ax.legend()
    told = ", ".join(f"{label} {loss:.2f}" for label, loss in at.items())
    return f"Momentum {momentum:.2f}: loss at step 20: {told}."


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


def rate_axes(ax, rates, with_limit=True):
    """Labels, limits and legend of `rate_curve` over these `rates`, `with_limit` if it gets one."""
    ax.set(xscale="log", yscale="log", xlabel="learning rate lr (log scale)", ylabel="loss after the last step")
    ax.set(xlim=(rates[0] / 1.2, rates[-1] * 1.2), ylim=(3e-5, BLOWN_UP * 2))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:,g}")  # 0.01, which everybody reads, and no powers of ten
    ax.grid(alpha=0.3)
    plots.legend_above(ax, {label: look for label, look in RATE_LOOKS.items() if with_limit or label != LIMIT})


def rate_curve(ax, rates, losses, rate, loss, limit=None):
    """The loss at the end against the learning rate, with the rate in use and the theoretical limit.

    Args:
        ax: Axes prepared by `rate_axes`.
        rates, losses: the curve. Losses above `BLOWN_UP` (and NaN) are drawn on it, as triangles: they have blown up.
        rate, loss: the point in use.
        limit: learning rate of the dashed line, 2/λmax; None draws none.
    """
    # The curve goes through the point in use, also where that lies in a valley between two of its own.
    points = np.array(sorted([*zip(rates, losses, strict=True), (rate, loss)]))
    rates, losses = points[:, 0], np.nan_to_num(points[:, 1], nan=np.inf)
    clipped = np.minimum(losses, BLOWN_UP)
    ax.plot(rates, clipped, color=plots.BLUE, linewidth=2)
    blown = losses > BLOWN_UP
    in_use = min(loss, BLOWN_UP) if loss == loss else BLOWN_UP
    line = ((limit, limit), ax.get_ylim()) if limit else ((), ())
    shown = ((rates[blown], clipped[blown]), line, ((rate,), (in_use,)))
    for (label, look), (x, y) in zip(RATE_LOOKS.items(), shown, strict=True):
        ax.plot(x, y, label=label, **look)
