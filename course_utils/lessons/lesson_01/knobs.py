"""Pictures of lesson 01: a bowl and a way down it, a graph that grows, and gradients added up from parts.

A function that returns an Explorer is a knob: a cell hands it the learner's function and shows what it returns.
"""

import numpy as np
import torch

from course_utils import optimizers, plots
from course_utils.panels import Explorer, LogSlider, Slider
from course_utils.plots import graph, landscape

EXACT = 1e-17  # where an error of 0 is drawn on a logarithmic axis
BOTTOM = np.array([2.0, -3.0])  # of the bowl
CURVATURES = np.diag([1.0, 4.0])


def bowl(descend):
    """The path that `descend(lr, clear)` takes on the bowl, [steps + 1, 2], and its distance from the bottom."""

    def background(axes):
        landscape.bowl_axes(axes[0])
        axes[1].set(xlabel="step", ylabel="distance from the bottom", yscale="log", xlim=(0, 100), ylim=(1e-8, 1e4))
        axes[1].grid(alpha=0.3)

    def draw(axes, descend, zero_grad, lr):
        path = descend(lr, zero_grad).numpy()
        landscape.bowl(axes[0], CURVATURES, BOTTOM, path)
        distances = np.linalg.norm(path - BOTTOM, axis=1)
        axes[1].plot(distances, color=plots.ORANGE, linewidth=2)
        far = f"{distances[-1]:.2g} from the bottom" if distances[-1] < 1e9 else "out of range"
        return f"zero grad {'on' if zero_grad else 'off'}, lr {lr:.3g}: {far} after {len(path) - 1} steps."

    controls = {"zero_grad": False, "lr": LogSlider(0.003, 1.5, value=0.1)}
    return Explorer(draw, background, of=[descend], columns=2, width=4.8, height=4.4, **controls)


def with_and_without(descend):
    """The `Picture` of two paths of 300 steps: gradients cleared, and not."""
    figure, axes = plots.new_figure(columns=2, width=4.6, height=4.1)
    for ax, clear in zip(axes, (True, False), strict=True):
        landscape.bowl_axes(ax)
        landscape.bowl(ax, CURVATURES, BOTTOM, descend(0.1, clear, steps=300).numpy())
        ax.set_title("with the line: it arrives" if clear else "without: no rest", y=1.12)
    return plots.Picture(
        figure, "300 steps at learning rate 0.1: to the bottom with the line, for ever around it without."
    )


def graph_of(program):
    """The graph behind the first lines of `program`, a text of PyTorch code, read from the tensors these lines made."""
    program = program.splitlines()

    def draw(axes, lines):
        made = {"torch": torch}
        exec("\n".join(program[:lines]), made)  # as if the learner had typed them
        boxes = graph.recorded(**{name: t for name, t in made.items() if isinstance(t, torch.Tensor)})
        graph.listing(axes[0], program, lines)
        graph.draw_boxes(axes[1], boxes, lit=[boxes[-1].key])
        return f"After line {lines}. {graph.sentence(boxes)}"

    lines = Slider(1, len(program), value=3)
    return Explorer(draw, graph.blank, columns=2, width=4.3, height=5.4, lines=lines)


def accumulation(accumulate, model, whole):
    """The gradient that `accumulate(model, k)` adds up from k parts against `whole`, [P], and the memory it keeps.

    Memory is measured for k = 1 … 32 when the knob is made: see `kept`.
    """
    ks = range(1, 33)
    megabytes = [kept(model, lambda k=k: accumulate(model, k)) / 1e6 for k in ks]
    reach = 1.1 * whole.abs().max().item()
    # Dots for all would hide each other, and most gradients are next to zero: these are spread over the range.
    ordered, places = whole.sort()
    spread = torch.linspace(ordered[0].item(), ordered[-1].item(), 1500)
    dots = places[torch.searchsorted(ordered, spread).clamp(max=len(whole) - 1).unique()]

    def background(axes):
        axes[0].plot([-reach, reach], [-reach, reach], "--", color=plots.GREY, linewidth=1)
        axes[0].set(xlabel="gradient of the whole batch", ylabel="added up from k parts", xlim=(-reach, reach))
        axes[1].plot(ks, megabytes, ".-", color=plots.GREEN)
        axes[1].set(xlabel="parts k", ylabel="memory for backward (MB)", ylim=(0, None))
        for ax in axes:
            ax.grid(alpha=0.3)

    def draw(axes, accumulate, k):
        found = accumulate(model, k)
        axes[0].plot(whole[dots], found[dots], ".", color=plots.BLUE, markersize=3)
        high = 1.1 * max(whole.abs().max().item(), found.abs().max().item())
        axes[0].set_ylim(-high, high)
        axes[1].plot([k], [megabytes[k - 1]], "o", color=plots.ORANGE, markersize=10)
        off = ((found - whole).norm() / whole.norm()).item()
        return f"k = {k}: the difference is {off:.1e} of the gradient's length; {megabytes[k - 1]:.3f} MB are kept."

    return Explorer(draw, background, of=[accumulate], columns=2, width=4.8, height=4.0, k=Slider(1, 32, value=2))


def kept(model, action):
    """The most bytes that autograd keeps at a time for `backward()` while `action()` runs.

    Parameters and parts of larger tensors (the images of a batch) are in memory anyhow and don't count.
    """
    there = {p.untyped_storage().data_ptr() for p in model.parameters()}
    found, most, on_the_way_back = {}, 0, False

    def pack(t):
        nonlocal on_the_way_back, most
        if on_the_way_back:  # the part before this one has been freed
            found.clear()
            on_the_way_back = False
        storage = t.untyped_storage()
        if storage.data_ptr() not in there and storage.nbytes() == t.nbytes:
            found[storage.data_ptr()] = t.nbytes  # each place counts once
        most = max(most, sum(found.values()))
        return t

    def unpack(t):
        nonlocal on_the_way_back
        on_the_way_back = True
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        action()
    return most


def training(train):
    """The losses of `train(k, optimizer, lr)`, one an update, over those that it began with."""
    losses = train()

    def background(ax):
        ax.plot(losses, color=plots.GREY, linewidth=1, label="as it stands: SGD, lr 0.1")
        ax.set(xlabel="update", ylabel="loss (cross-entropy)", ylim=(0, 4))
        ax.grid(alpha=0.3)

    def draw(ax, train, optimizer, lr, k):
        found = train(k, optimizer, lr)
        ax.plot(found, color=plots.ORANGE, linewidth=2, label=f"{optimizer}, lr {lr:.3g}")
        ax.legend()
        return f"{optimizer}, lr {lr:.3g}, {k} parts: loss {found[-1]:.3g} after {len(found)} updates."

    controls = {"optimizer": list(optimizers.OPTIMIZERS), "lr": LogSlider(0.001, 10.0, value=0.1)}
    return Explorer(draw, background, of=[train], width=7.5, height=3.8, **controls, k=Slider(1, 8, value=4))


def slope_axes(ax, f, window=(-2.2, 2.2)):
    """The curve of `f` (tensor to tensor) and the axes of `slopes`."""
    x = torch.linspace(*window, 300)
    ax.plot(x, f(x), color=plots.BLUE, linewidth=1.5, label="f")
    ax.set(xlabel="x", ylabel="f(x)", xlim=window, ylim=(-1.6, 1.6))
    ax.grid(alpha=0.3)


def slopes(ax, f, x, h, slope):
    """Two lines through the curve: the one through x ± h, and the tangent.

    Args:
        ax: Axes prepared by `slope_axes`.
        f: maps a tensor to a tensor.
        x, h: where, and how far to both sides.
        slope: of the tangent.
    """
    ends = torch.tensor([x - h, x + h], dtype=torch.float64)
    heights = f(ends)
    middle = f(torch.tensor(x, dtype=torch.float64)).item()
    reach = np.array([x - 1.0, x + 1.0])
    ax.plot(reach, middle + slope * (reach - x), "--", color=plots.GREEN, linewidth=2, label="tangent (autograd)")
    ax.plot(ends, heights, "o-", color=plots.ORANGE, linewidth=2, label="through x ± h")
    ax.legend(loc="upper left", fontsize=8)


def error_axes(ax, hs):
    """The axes of `errors` over these `hs`."""
    ax.set(xscale="log", yscale="log", xlabel="h (log scale)", ylabel="error of finite differences")
    ax.set(xlim=(hs[0], hs[-1]), ylim=(EXACT / 3, 30))
    ax.grid(alpha=0.3)


def errors(ax, hs, values, h, value):
    """The error against the step `h`, and the one in use.

    Args:
        ax: Axes prepared by `error_axes`.
        hs, values: the curve.
        h, value: the point in use.
    """
    ax.plot(hs, np.maximum(np.asarray(values), EXACT), color=plots.BLUE, linewidth=1.5)
    ax.plot([h], [max(value, EXACT)], "o", color=plots.ORANGE, markersize=10)


def bars(values, xlabel, sentence):
    """One horizontal bar a label on a logarithmic axis, its number beside it.

    Args:
        values: maps a label to a number above 0.
        xlabel: with units.
        sentence: what to see.
    """
    figure, ax = plots.new_figure(width=7.5, height=0.45 * len(values) + 0.9)
    ax.barh(list(values), list(values.values()), color=plots.BLUE)
    for row, value in enumerate(values.values()):
        ax.text(value * 1.3, row, f"{value:.1g}", va="center")
    ax.set(xscale="log", xlabel=xlabel, xlim=(min(values.values()) / 10, max(values.values()) * 30))
    ax.invert_yaxis()
    ax.grid(axis="x", alpha=0.3)
    return plots.Picture(figure, sentence)
