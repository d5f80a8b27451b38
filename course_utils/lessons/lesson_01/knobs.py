"""Pictures of lesson 01: a bowl and a way down it, a graph that grows, and gradients added up from parts.

A function that returns an Explorer is a knob: a cell hands it the learner's function and shows what it returns.
"""

import functools

import numpy as np
import torch

from course_utils import optimizers, plots
from course_utils.lessons.lesson_01 import drawing
from course_utils.lessons.lesson_01.drawing import BOTTOM
from course_utils.panels import Explorer, LogSlider, Slider
from course_utils.plots import graph, landscape

EXACT = 1e-17  # where an error of 0 is drawn on a logarithmic axis
CURVATURES = np.diag([1.0, 4.0])


def bowl(descend):
    """The path that `descend(lr, clear)` takes on the bowl, [steps + 1, 2], and its distance from the bottom."""

    def draw(axes, descend, zero_grad, lr):
        how = "on" if zero_grad else "off"
        return f"zero grad {how}, lr {lr:.3g}: {draw_path(axes, descend(lr, zero_grad))}"

    controls = {"zero_grad": False, "lr": LogSlider(0.003, 1.5, value=0.1)}
    return Explorer(draw, bowl_background, columns=2, width=4.8, height=4.4, of=[descend], **controls)


def bowl_background(axes):
    """The two axes of `draw_path`."""
    landscape.bowl_axes(axes[0])
    axes[1].set(xlabel="step", ylabel="distance from the bottom", yscale="log", xlim=(0, 100), ylim=(1e-8, 1e4))
    axes[1].grid(alpha=0.3)


def draw_path(axes, path):
    """Draw a path on the bowl, a tensor [steps + 1, 2], and its distance from the bottom; returns where it ends."""
    path = path.numpy()
    landscape.bowl(axes[0], CURVATURES, BOTTOM, path)
    distances = np.linalg.norm(path - BOTTOM, axis=1)
    axes[1].plot(distances, color=plots.ORANGE, linewidth=2)
    far = f"{distances[-1]:.2g} from the bottom" if distances[-1] < 1e9 else "out of range"
    return f"{far} after {len(path) - 1} steps."


def with_and_without(descend):
    """The `Picture` of two paths of 300 steps: gradients cleared, and not."""
    figure, axes = plots.new_figure(columns=2, width=3.7, height=3.4)
    for ax, clear in zip(axes, (True, False), strict=True):
        landscape.bowl_axes(ax)
        landscape.bowl(ax, CURVATURES, BOTTOM, descend(0.1, clear, steps=300).numpy())
        ax.set_title("with the line: it arrives" if clear else "without: no rest", y=1.14)
    return plots.Picture(
        figure, "300 steps at learning rate 0.1: to the bottom with the line, for ever around it without."
    )


def copies(together):
    """The paths that `together(copies, exchange)` takes on the bowl, [copies, steps + 1, 2], and how far they end."""

    def draw(axes, together, exchange, copies):
        paths = together(copies, exchange).numpy()
        for number, path in enumerate(paths):
            look = {"color": plots.COLORS[number % len(plots.COLORS)], "linewidth": 2 + 2 * (len(paths) - number)}
            axes[0].plot(*path.T, **look)
            axes[1].plot(np.linalg.norm(path - BOTTOM, axis=1), **look)
        axes[0].plot(*BOTTOM, "*", color=plots.GREEN, markersize=18)
        apart = max(np.linalg.norm(path[-1] - paths[0][-1]) for path in paths)
        how = "exchange" if exchange else "do not exchange"
        far = np.linalg.norm(paths[:, -1].mean(axis=0) - BOTTOM)
        return f"{len(paths)} copies that {how} gradients end {apart:.2g} apart, their mean {far:.2g} from the middle."

    def background(axes):
        drawing.ring_of_points(axes[0])
        axes[1].set(xlabel="step", ylabel="distance from the middle", yscale="log", xlim=(0, 60), ylim=(1e-4, 1e2))
        axes[1].grid(alpha=0.3)

    controls = {"exchange": False, "copies": Slider(1, 6, value=4)}
    return Explorer(draw, background, columns=2, width=4.8, height=4.4, of=[together], **controls)


def with_and_without_exchange(together):
    """The `Picture` of four copies that exchange their gradients, and of four that do not."""
    figure, axes = plots.new_figure(columns=2, width=3.7, height=3.4)
    for ax, exchange in zip(axes, (True, False), strict=True):
        drawing.ring_of_points(ax)
        for path, color in zip(together(4, exchange).numpy(), plots.COLORS, strict=False):
            ax.plot(*path.T, color=color, linewidth=2)
        ax.set_title("gradients exchanged: one path" if exchange else "not exchanged: four paths")
    return plots.Picture(
        figure, "Four copies, each with a quarter of the points: with the average of their gradients they stay one."
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


def keep(with_momentum):
    """The path that `with_momentum(lr, mu)` takes on the bowl, [steps + 1, 2], and its distance from the bottom."""

    def draw(axes, with_momentum, keep, lr):
        return f"keep {keep:.2f} of the old gradient, lr {lr:.3g}: {draw_path(axes, with_momentum(lr, keep))}"

    controls = {"keep": Slider(0.0, 1.0, value=1.0, step=0.01), "lr": LogSlider(0.003, 1.5, value=0.1)}
    return Explorer(draw, bowl_background, columns=2, width=4.8, height=4.4, of=[with_momentum], **controls)


def steps(diamond, pass_back, *orders):
    """The way back over the learner's own numbers, step by step.

    Args:
        diamond: returns {name: Value}, the result last.
        pass_back: `pass_back(numbers, steps)` lets the first `steps` of the numbers pass on their gradients.
        orders: functions from the result to the list of numbers, in the order in which they pass on.
    """
    labels = [_label(order) for order in orders]

    def draw(ax, diamond, pass_back, *orders, step, order):
        return f"{order}, step {step}: {_way_back(ax, diamond, pass_back, orders[labels.index(order)], step)}"

    controls = {"step": Slider(0, len(diamond())), "order": labels}
    return Explorer(draw, graph.blank, width=4.6, height=5.0, of=[diamond, pass_back, *orders], **controls)


def two_orders(diamond, pass_back, *orders):
    """The `Picture` of where two orders end. See `steps`."""
    figure, axes = _for_graphs(width=4.2, height=5.15)
    for ax, order in zip(axes, orders, strict=True):
        ax.set_title(f"{_label(order)}: {_way_back(ax, diamond, pass_back, order, None)}")
    return plots.Picture(figure, "The same numbers and the same slopes, passed back in two orders: 8, and 16.")


def _for_graphs(width, height):
    """A figure and two axes with room for a title, laid out before the first box is drawn."""
    figure, axes = plots.new_figure(columns=2, width=width, height=height)
    graph.blank(axes)
    for ax in axes:
        ax.set_title(" ")
    figure.draw_without_rendering()
    return figure, axes


def _label(function):
    return function.__name__.replace("_", " ")


def _way_back(ax, diamond, pass_back, order, step):
    """Draw the numbers after so many steps of the way back, or all where `step` is None; returns what happened."""
    numbers = diamond()
    names = {number: name for name, number in numbers.items()}
    on_the_way = order(list(numbers.values())[-1])
    pass_back(on_the_way, step)
    for number, name in names.items():
        inputs = [names.get(other, "?") for other, _ in number.inputs]
        made = f" {number.name} ".join(inputs) if len(inputs) > 1 else f"{number.name}({inputs[0]})" if inputs else ""
        number.name = f"{name} = {made}" if made else name
    now = on_the_way[step - 1] if step else None
    arrows = [(now, place) for place in range(len(now.inputs))] if step else ()
    graph.draw_boxes(ax, graph.values(names), lit=[now], arrows=arrows)
    passed = f"{now.name} passes on {now.grad:g}. " if step else ""
    first, name = next(iter(names.items()))
    return f"{passed}{name}.grad is {first.grad:g}."


def slopes(f, error):
    """Finite differences on the curve of `f` (tensor to tensor), and their `error(x, h, dtype)` for every h."""
    window, hs = (-2.2, 2.2), torch.logspace(-10, 0, 121).tolist()
    dtypes = {"float32 (7 digits)": torch.float32, "float64 (16)": torch.float64}

    def background(axes):
        axes[0].set(xlabel="x", ylabel="f(x)", xlim=window, ylim=(-1.6, 1.6))
        axes[1].set(xscale="log", yscale="log", xlabel="h (log scale)", ylabel="error of finite differences")
        axes[1].set(xlim=(hs[0], hs[-1]), ylim=(EXACT / 3, 30))
        for ax in axes:
            ax.grid(alpha=0.3)

    def draw(axes, f, error, h, x, numbers):
        places = torch.linspace(*window, 300)
        axes[0].plot(places, f(places), color=plots.BLUE, linewidth=1.5, label="f")
        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        f(leaf).backward()
        ends = torch.tensor([x - h, x + h], dtype=torch.float64)
        reach = np.array([x - 1.0, x + 1.0])
        tangent = f(leaf).item() + leaf.grad.item() * (reach - x)
        axes[0].plot(reach, tangent, "--", color=plots.GREEN, linewidth=2, label="tangent (autograd)")
        axes[0].plot(ends, f(ends), "o-", color=plots.ORANGE, linewidth=2, label="through x ± h")
        axes[0].legend(loc="upper left", fontsize=8)
        curve, here = error(x, hs, dtypes[numbers]), error(x, h, dtypes[numbers]).item()
        axes[1].plot(hs, np.maximum(np.asarray(curve), EXACT), color=plots.BLUE, linewidth=1.5)
        axes[1].plot([h], [max(here, EXACT)], "o", color=plots.ORANGE, markersize=10)
        return f"x = {x:.3g}: the slope is {leaf.grad.item():.6f}; with h = {h:.1e} the error is {here:.1e}."

    controls = {"h": LogSlider(1e-10, 1.0, value=0.5), "x": Slider(-2.0, 2.0, value=1.2), "numbers": list(dtypes)}
    return Explorer(draw, background, columns=2, width=4.6, of=[f, error], **controls)


def two_runs(losses, source):
    """The losses of two runs, {how: list}, one a step; `source` names the data."""
    sentence = f"On {source}: without clearing the loss falls faster at first, and then swings instead of settling."
    return plots.curves(losses, "step", "loss (cross-entropy)", sentence)


def rounding(off):
    """How many of the differences `off`, [P], are how large, as a `Picture`."""
    figure, ax = plots.new_figure(width=6.4, height=3.4)
    ax.hist(off[off > 0].log10(), bins=60, color=plots.BLUE)
    ax.set(xlabel="difference, as a power of ten", ylabel="parameters")
    ax.grid(alpha=0.3)
    return plots.Picture(
        figure,
        f"{(off == 0).float().mean().item():.0%} are the same to the last bit, among them all that are zero, and not "
        f"drawn. Of the others, {off.max():.0e} is the largest. −9 is 1e-9; the teeth are powers of two, in which "
        "float32 rounds.",
    )


def parts(weighted, model, costs, *weights):
    """How far the gradient from k parts, `weighted(model, k, weight)`, is from the batch's; what k parts cost.

    Args:
        costs: {k: (megabytes, milliseconds)}, k from 1.
        weights: functions of a part's size and k.
    """
    labels = [_label(weight) for weight in weights]

    @functools.cache  # until one of the two is edited
    def differences(weighted, weight):
        whole = weighted(model, 1, weight)
        return [((weighted(model, k, weight) - whole).norm() / whole.norm()).item() for k in costs]

    def background(axes):
        axes[0].set(xlabel="parts k", ylabel="relative difference", yscale="log", ylim=(1e-8, 100))
        megabytes, milliseconds = np.transpose(list(costs.values()))
        axes[1].plot(list(costs), megabytes / megabytes[0], ".-", color=plots.GREEN, label="memory")
        axes[1].plot(list(costs), milliseconds / milliseconds[0], ".-", color=plots.RED, label="time")
        axes[1].set(xlabel="parts k", ylabel="compared with one batch", yscale="log")
        axes[1].legend()
        for ax in axes:
            ax.grid(alpha=0.3)

    def draw(axes, weighted, *weights, k, weight):
        off = differences(weighted, weights[labels.index(weight)])
        axes[0].plot(list(costs), np.maximum(off, 2e-8), ".-", color=plots.BLUE)
        axes[0].plot([k], [max(off[k - 1], 2e-8)], "o", color=plots.ORANGE, markersize=10)
        for value, first in zip(costs[k], costs[1], strict=True):
            axes[1].plot([k], [value / first], "o", color=plots.ORANGE, markersize=8)
        return f"k = {k}: relative difference {off[k - 1]:.1e}; {costs[k][0]:.3f} MB are kept, {costs[k][1]:.1f} ms."

    controls = {"k": Slider(1, len(costs), value=2), "weight": labels}
    return Explorer(draw, background, columns=2, width=4.8, of=[weighted, *weights], **controls)


def differences(found):
    """One bar for each difference, {label: number above 0}, its number beside it, as a `Picture`."""
    figure, ax = plots.new_figure(width=7.5, height=0.45 * len(found) + 0.9)
    drawing.bars(ax, found)
    return plots.Picture(
        figure,
        "Equal parts, and unequal ones by share, agree up to rounding. Unequal parts with 1 / k, BatchNorm and "
        "Dropout do not.",
    )


def kept_and_cut(with_momentum, found):
    """The `Picture` of the distance from the bottom for four shares kept, and of the bars of `differences`."""
    figure, axes = plots.new_figure(columns=2, width=5.2, height=3.8)
    for share, color, style in zip((0.0, 0.5, 0.9, 1.0), plots.COLORS, ("-", "--", ":", "-."), strict=False):
        distances = np.linalg.norm(with_momentum(0.1, share).numpy() - BOTTOM, axis=1)
        axes[0].plot(distances, color=color, linestyle=style, linewidth=2, label=f"keep {share:g}")
    axes[0].set(xlabel="step", ylabel="distance from the bottom", yscale="log")
    axes[0].set_title("how much of the old gradient is kept")
    axes[0].legend()
    axes[0].grid(alpha=0.3)
    drawing.bars(axes[1], found)
    axes[1].set_title("a batch in parts against the whole")
    return plots.Picture(
        figure,
        "Kept whole, the old gradient lets nothing come to rest; at 1e-7 float32 has no more digits. Equal parts "
        "give the batch's gradient; BatchNorm and Dropout don't.",
    )


def ways(programs):
    """The graph of c = a · b, with a = b = 2x, for each way to write a line in between, {name: Python code}."""

    def draw(axes, how):
        lines, said = drawing.run(programs[how], axes[1])
        graph.listing(axes[0], lines, len(lines))
        return f"{how}: {said}"

    shape = {"width_ratios": [3.4, 5.8]}
    return Explorer(draw, graph.blank, columns=2, width=4.6, height=3.4, subplots=shape, how=list(programs))


def two_ways(programs):
    """The `Picture` of the graphs of two of the `ways`."""
    figure, axes = _for_graphs(width=5.2, height=3.5)
    said = []
    for ax, program in zip(axes, programs.values(), strict=True):
        said.append(f"{program}: {drawing.run(program, ax)[1]}")
        ax.set_title(program, family="monospace")
    return plots.Picture(figure, " ".join(said))
