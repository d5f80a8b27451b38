"""Pictures of the graph that autograd records: boxes in rows, inputs above what is computed from them.

`recorded` reads the boxes off real tensors; a lesson may make its own. Arrows point the way `backward()` goes.
"""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from course_utils import plots

# Black text on light fills, on the figure's white: readable in a dark theme too.
FILLS = {"leaf": "#D6E8F5", "result": "#FBEBC8", "none": "#EEEEEE"}
EDGES = {"leaf": plots.BLUE, "result": plots.ORANGE, "none": plots.GREY}
FONT_SIZE = 9
LETTER = 0.08  # inches: the width of a letter of DejaVu Sans Mono, whole pixels at 100 dpi
LINE = FONT_SIZE * 1.45 / 72  # inches: from one line of text to the next
PADDING = 0.08  # inches, around a box's text
ACROSS, DOWN = 0.25, 0.5  # inches between boxes, side by side and from row to row
HEAD = 0.12  # inches: the last stretch of an arrow, straight up
TIP = 0.55  # inches between the arrows that leave one box


class Box(NamedTuple):
    """One node of a graph.

    Attributes:
        key: names it; hashable.
        lines: its text, a list of short strings.
        kind: "leaf", "result" or "none" (nothing is recorded of it): its colour.
        inputs: (key of another box, text on the arrow to it) for each input, in order.
    """

    key: object
    lines: list
    kind: str
    inputs: list = ()


def recorded(**tensors):
    """The graph behind some tensors, read from their `grad_fn` along `next_functions`.

    Args:
        **tensors: by the names they have in the lesson.

    Returns:
        A list of `Box`, inputs before what is computed from them. A leaf shows its `.grad`. An input that needs
        no gradient is a `None` in `next_functions`, and so it is here; a named tensor without a graph stands alone.
    """
    from torch.autograd.graph import get_gradient_edge

    names = {get_gradient_edge(t).node: name for name, t in tensors.items() if t.requires_grad}
    boxes, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        inputs = []
        for place, (below, _) in enumerate(node.next_functions):
            if below is None:
                boxes.append(Box((node, place), ["None"], "none"))
            else:
                visit(below)
            inputs.append((below or (node, place), ""))
        if hasattr(node, "variable"):
            leaf = node.variable
            lines = [f"{names.get(node, 'leaf')} {list(leaf.shape)}", node.name().split("::")[-1], _grad(leaf)]
            boxes.append(Box(node, lines, "leaf"))
        else:
            shape = list(node._input_metadata[0].shape)
            boxes.append(Box(node, [f"{names.get(node, '')} {shape}".strip(), node.name()], "result", inputs))

    for name, tensor in tensors.items():
        if tensor.requires_grad:
            visit(get_gradient_edge(tensor).node)
        else:
            boxes.append(Box(name, [f"{name} {list(tensor.shape)}", "not recorded"], "none"))
    return boxes


def graph(**tensors):
    """The recorded graph of some tensors, as a `plots.Picture`. See `recorded`."""
    boxes = recorded(**tensors)
    _, width, height = layout(boxes)
    figure = Figure(figsize=(max(width, 3.0), height), dpi=100)
    draw_boxes(figure.add_axes([0, 0, 1, 1]), boxes)
    return plots.Picture(figure, sentence(boxes))


def sentence(boxes):
    """What a graph holds, in words: each result with what it was computed from, then the leaves."""
    label = {box.key: _name(box) for box in boxes}
    made = [
        f"{_name(box)} from {' and '.join(label[key] for key, _ in box.inputs)}"
        for box in reversed(boxes)
        if box.inputs
    ]
    leaves = [box.lines[0] for box in boxes if box.kind == "leaf"]
    alone = [label[box.key] for box in boxes if box.kind == "none" and box.lines != ["None"]]
    parts = [f"From the result back: {'; '.join(made)}."] if made else []
    parts += [f"{'Leaf' if len(leaves) == 1 else 'Leaves'}: {', '.join(leaves)}."] if leaves else []
    parts += [f"Not recorded: {', '.join(alone)}."] if alone else []
    return " ".join(parts)


def blank(axes):
    """One Axes or some without frames, the background of a knob's graph: laid out before the first box is drawn."""
    for ax in np.ravel(axes):
        ax.axis("off")


def draw_boxes(ax, boxes, lit=(), arrows=()):
    """Draw a graph on `ax`, from its top; nothing overlaps as long as the axes are large enough.

    Args:
        ax: an Axes, whose limits become inches.
        boxes: `Box`es, inputs before what is computed from them.
        lit: keys of boxes to frame boldly.
        arrows: (key of a box, place of an input) of arrows to draw boldly.
    """
    extent, dpi = ax.get_window_extent(), ax.figure.dpi
    ax.set(xlim=(0, extent.width / dpi), ylim=(extent.height / dpi, 0))
    ax.axis("off")
    places, width, _ = layout(boxes)
    shift = (extent.width / dpi - width) / 2
    for box in boxes:
        x, y = places[box.key][0]
        half_width, half_height = box_size(box)[0] / 2, box_size(box)[1] / 2
        bold = box.key in lit
        ax.add_patch(_frame(x + shift, y, half_width, half_height, box.kind, bold))
        for number, line in enumerate(box.lines):
            top = y + (number - (len(box.lines) - 1) / 2) * LINE
            weight = "bold" if number == 0 and box.lines != ["None"] else "normal"
            ax.text(
                x + shift, top, line, ha="center", va="center", family="monospace", fontsize=FONT_SIZE, weight=weight,
                color="black", zorder=4,
            )  # fmt: skip
    corners = arrow_corners(places, boxes)
    for box in boxes:
        for place, (_, text) in enumerate(box.inputs):
            points = [(x + shift, y) for x, y in corners[box.key, place]]
            bold = (box.key, place) in arrows
            look = {"color": plots.RED if bold else plots.GREY, "linewidth": 2.5 if bold else 1.2}
            ax.plot(*zip(*points[:-1], strict=True), zorder=1, **look)
            ax.annotate(
                "", points[-1], points[-2], zorder=1,
                arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **look},
            )  # fmt: skip
            if text:
                ax.text(
                    points[0][0], points[0][1] - 0.14, text, ha="center", va="center", fontsize=FONT_SIZE,
                    family="monospace", color="black", zorder=3,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                )  # fmt: skip


def listing(ax, lines, done):
    """A program whose first `done` lines have been run: the last of these in bold, the lines to come in grey.

    Args:
        ax: an Axes, whose limits become inches.
        lines: of code.
        done: how many have been run.
    """
    extent, dpi = ax.get_window_extent(), ax.figure.dpi
    ax.set(xlim=(0, extent.width / dpi), ylim=(extent.height / dpi, 0))
    ax.axis("off")
    for number, line in enumerate(lines):
        now = number == done - 1
        ax.text(
            0.05, 0.25 + number * 0.3, f"{'▸' if now else ' '} {line}", family="monospace", fontsize=FONT_SIZE,
            va="center", weight="bold" if now else "normal", color="black" if number < done else "#9A9A9A",
        )  # fmt: skip


def _grad(leaf):
    if leaf.grad is None:
        return ".grad None"
    if leaf.grad.numel() > 3:
        return f".grad {list(leaf.grad.shape)}"
    numbers = ", ".join(f"{number:.3g}" for number in leaf.grad.flatten().tolist())
    return f".grad [{numbers}]" if leaf.dim() else f".grad {numbers}"


def _name(box):
    """What a box is called: its name, or the operation where it has none."""
    return box.lines[0].split(" [")[0] if not box.lines[0].startswith("[") else box.lines[1]


def box_size(box):
    text = max(len(line) for line in box.lines) * LETTER
    arrows = (len(box.inputs) - 1) * TIP if box.inputs else 0.0
    return max(text, arrows) + 2 * PADDING, len(box.lines) * LINE + 2 * PADDING


def _frame(x, y, half_width, half_height, kind, bold):
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=0.12" if kind == "leaf" else "square,pad=0"
    return FancyBboxPatch(
        (x - half_width, y - half_height), 2 * half_width, 2 * half_height, boxstyle=style, facecolor=FILLS[kind],
        edgecolor=plots.RED if bold else EDGES[kind], linewidth=2.5 if bold else 1.2, zorder=2,
    )  # fmt: skip


def layout(boxes):
    """Where boxes go: ({key: [(x, y), then the bends of its arrows by row]}, width, height), in inches.

    An arrow over several rows bends around the boxes between: it holds a place of its own in each of those rows.
    """
    by_key = {box.key: box for box in boxes}
    row = row_numbers(boxes)
    rows = [[] for _ in range(max(row.values()) + 1)]
    up = {}  # item -> (item above it that it is joined to, 0) for each
    down = {}  # item -> (item below it that it is joined to, how far from its middle the arrow leaves it)
    for box in boxes:
        rows[row[box.key]].append(box.key)
        for place, (key, _) in enumerate(box.inputs):
            bends = [(box.key, place, "bend", between) for between in range(row[box.key] - 1, row[key], -1)]
            for bend in bends:
                rows[bend[3]].append(bend)
            for lower, upper in zip([box.key, *bends], [*bends, key], strict=True):
                up.setdefault(lower, []).append((upper, 0.0))
                down.setdefault(upper, []).append((lower, _tip(box, place) if lower == box.key else 0.0))
    size = {item: box_size(by_key[item]) if item in by_key else (0.1, 0.0) for items in rows for item in items}

    x = {item: float(number) for items in rows for number, item in enumerate(items)}
    for sweep in range(12):
        joined = up if sweep % 2 == 0 else down
        for items in rows if sweep % 2 == 0 else reversed(rows):
            wish = {}
            for item in items:
                goals = [x[other] + aside for other, aside in joined.get(item, [(item, 0.0)])]
                wish[item] = sum(goals) / len(goals)
            items.sort(key=wish.get)
            x.update(_apart(items, wish, {i: size[i][0] for i in items}))
    left = min(x[i] - size[i][0] / 2 for i in x)
    right = max(x[i] + size[i][0] / 2 for i in x)
    places, top = {}, 0.1
    for items in rows:
        height = max(size[i][1] for i in items)
        for item in items:
            places[item] = [(x[item] - left + 0.1, top + height / 2), (top, top + height)]
        top += height + DOWN
    return places, right - left + 0.2, top - DOWN + 0.1


def row_numbers(boxes):
    """Row of each box, from the top: below all its inputs; one without inputs right above what uses it first."""
    row = {}
    for box in boxes:
        row[box.key] = 1 + max((row[key] for key, _ in box.inputs), default=-1)
    for box in boxes:
        users = [row[other.key] for other in boxes if box.key in [key for key, _ in other.inputs]]
        if users and not box.inputs:
            row[box.key] = min(users) - 1
    return row


def _apart(items, wish, width):
    """Positions in this order, as near to the wishes as they can be (least squares) without overlap."""
    offset, total = {}, 0.0
    for before, item in zip([None, *items], items, strict=False):
        total += 0.0 if before is None else (width[before] + width[item]) / 2 + ACROSS
        offset[item] = total
    blocks = []  # (mean of wish − offset, items): neighbours that push each other share one mean
    for item in items:
        blocks.append((wish[item] - offset[item], [item]))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, many), (other, more) = blocks[-2:]
            blocks[-2:] = [((mean * len(many) + other * len(more)) / (len(many) + len(more)), many + more)]
    return {item: mean + offset[item] for mean, many in blocks for item in many}


def _tip(box, place):
    """How far from the middle of a box the arrow to its input number `place` leaves it."""
    return (place - (len(box.inputs) - 1) / 2) * TIP


def arrow_corners(places, boxes):
    """Corners of each arrow, from a box up to its input: {(key of the box, place): [(x, y), ...]}."""
    arrows, heads = {}, {}
    size = {box.key: box_size(box) for box in boxes}
    for box in boxes:
        for place, (key, _) in enumerate(box.inputs):
            (x, y), (row_top, _) = places[box.key]
            x += _tip(box, place)
            # Straight up to the edge of its row, past neighbours that may be higher.
            points = [(x, y - size[box.key][1] / 2), (x, row_top)]
            bends = [item for item in places if isinstance(item, tuple) and item[:3] == (box.key, place, "bend")]
            for bend in sorted(bends, key=lambda item: -item[3]):
                (bend_x, _), (top, bottom) = places[bend]
                points += [(bend_x, bottom), (bend_x, top)]
            arrows[box.key, place] = points
            heads.setdefault(key, []).append((points[-1][0], (box.key, place)))
    for key, ends in heads.items():
        (x, y), (_, row_bottom) = places[key]
        apart = min(0.25, 0.8 * size[key][0] / len(ends))
        # Arrowheads at one box stand side by side, in the order in which their arrows come.
        for number, (_, arrow) in enumerate(sorted(ends, key=lambda end: end[0])):
            aside = (number - (len(ends) - 1) / 2) * apart
            arrows[arrow] += [(x + aside, row_bottom + HEAD), (x + aside, y + size[key][1] / 2)]
    return arrows


def values(numbers):
    """Boxes of a learner's own numbers: anything with `name`, `value`, `grad` and `inputs`, pairs (number, slope)."""
    return [
        Box(
            number,
            [number.name, f"value {number.value:g}", f"grad {number.grad:g}"],
            "result" if number.inputs else "leaf",
            [(other, f"×{slope:g}") for other, slope in number.inputs],
        )
        for number in numbers
    ]
