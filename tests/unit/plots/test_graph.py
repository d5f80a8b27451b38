"""Pictures of recorded graphs: what is read from real tensors, and that nothing covers anything."""

import itertools
import random
from types import SimpleNamespace

import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from torch.nn import functional as F

from course_utils import plots
from course_utils.plots import graph
from course_utils.plots.graph import Box


def neuron():
    x, w = torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0], requires_grad=True)
    p = w * x
    s = p.sum()
    return {"x": x, "w": w, "p": p, "s": s, "loss": (s - 4) ** 2}


def network():
    W, b = torch.randn(4, 3, requires_grad=True), torch.zeros(3, requires_grad=True)
    V, c = torch.randn(3, 2, requires_grad=True), torch.zeros(2, requires_grad=True)
    logits = (torch.rand(5, 4) @ W + b).relu() @ V + c
    return {"W": W, "b": b, "V": V, "c": c, "loss": F.cross_entropy(logits, torch.tensor([0, 1, 0, 1, 0]))}


def diamond():
    a = torch.tensor(2.0, requires_grad=True)
    b = a * a
    return {"a": a, "b": b, "d": b + b * a}


def at_random(seed):
    """A graph of 15 boxes: each with up to three inputs, any of those before it, one perhaps twice."""
    draw = random.Random(seed)
    boxes = []
    for key in range(15):
        inputs = [(draw.randrange(key), f"×{draw.randrange(-9, 9)}") for _ in range(draw.randrange(4) if key else 0)]
        kind = "result" if inputs else draw.choice(["leaf", "none"])
        lines = [f"name{key} [32, 784]", "AccumulateGrad", ".grad None"][: draw.randrange(1, 4)]
        boxes.append(Box(key, lines, kind, inputs))
    return boxes


GRAPHS = {
    "neuron": lambda: graph.recorded(**neuron()),
    "network": lambda: graph.recorded(**network()),
    "diamond": lambda: graph.recorded(**diamond()),
    **{f"random {seed}": lambda seed=seed: at_random(seed) for seed in range(20)},
}


def test_a_graph_is_read_from_its_tensors():
    tensors = neuron()
    boxes = graph.recorded(**tensors)
    assert [(box.lines, box.kind) for box in boxes] == [
        (["x [2]", "not recorded"], "none"),
        (["w [2]", "AccumulateGrad", ".grad None"], "leaf"),
        (["None"], "none"),
        (["p [2]", "MulBackward0"], "result"),
        (["s []", "SumBackward0"], "result"),
        (["None"], "none"),
        (["[]", "SubBackward0"], "result"),
        (["loss []", "PowBackward0"], "result"),
    ]
    nodes = {box.lines[0]: box.key for box in boxes}
    assert nodes["loss []"] is tensors["loss"].grad_fn
    assert boxes[3].inputs == [(nodes["w [2]"], ""), (boxes[2].key, "")]


def test_a_leaf_shows_its_gradient():
    tensors = neuron()
    tensors["loss"].backward()
    assert graph.recorded(**tensors)[1].lines[2] == ".grad [-6, -12]"
    tensors = network()
    tensors["loss"].backward()
    assert graph.recorded(W=tensors["W"])[0].lines == ["W [4, 3]", "AccumulateGrad", ".grad [4, 3]"]


def test_what_is_used_twice_is_one_box():
    boxes = graph.recorded(**diamond())
    assert [box.lines[0] for box in boxes] == ["a []", "b []", "[]", "d []"]
    a, b, c, d = boxes
    assert [key for key, _ in b.inputs] == [a.key, a.key]
    assert [key for key, _ in d.inputs] == [b.key, c.key]


def test_the_sentence_says_what_comes_from_what():
    assert graph.graph(**neuron()).sentence == (
        "From the result back: loss from SubBackward0; SubBackward0 from s and None; s from p; p from w and None. "
        "Leaf: w [2]. Not recorded: x."
    )


def test_ones_own_numbers():
    a = SimpleNamespace(name="a", value=2.0, grad=16.0, inputs=())
    b = SimpleNamespace(name="b", value=4.0, grad=1.0, inputs=[(a, 2.0), (a, 2.0)])
    first, second = graph.values([a, b])
    assert first.lines == ["a", "value 2", "grad 16"] and (first.kind, second.kind) == ("leaf", "result")
    assert second.inputs == [(a, "×2"), (a, "×2")]


def drawn(boxes):
    """(Axes, renderer, (width, height)) of a figure that `boxes` fill."""
    _, width, height = graph.layout(boxes)
    figure = plots.Figure(figsize=(width, height), dpi=100)
    ax = figure.add_axes([0, 0, 1, 1])
    graph.draw_boxes(ax, boxes)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return ax, canvas.get_renderer(), (100 * width, 100 * height)


@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_covers_anything(name):
    boxes = GRAPHS[name]()
    ax, renderer, (width, height) = drawn(boxes)
    frames = [patch.get_window_extent(renderer) for patch in ax.patches if hasattr(patch, "get_boxstyle")]
    assert len(frames) == len(boxes)
    texts = [text.get_window_extent(renderer) for text in ax.texts if text.get_text()]
    for extent in frames + texts:
        assert extent.x0 >= 0 and extent.y0 >= 0 and extent.x1 <= width + 1 and extent.y1 <= height + 1
    for many in (frames, texts):
        for i, one in enumerate(many):
            assert not [j for j, other in enumerate(many[:i]) if one.overlaps(other)]
    labels = [e for e, t in zip(texts, [t for t in ax.texts if t.get_text()], strict=True) if t.get_text()[0] == "×"]
    assert not [label for label in labels for frame in frames if label.overlaps(frame)]
    inside = [text for text in texts if text not in labels]
    for text in inside:
        assert any(f.x0 <= text.x0 and f.x1 >= text.x1 and f.y0 <= text.y0 and f.y1 >= text.y1 for f in frames)


@pytest.mark.parametrize("name", GRAPHS)
def test_arrows_end_at_their_inputs_and_cross_no_box(name):
    boxes = GRAPHS[name]()
    places, _, _ = graph.layout(boxes)
    size = {box.key: graph.box_size(box) for box in boxes}
    for (key, place), points in graph.arrow_corners(places, boxes).items():
        goal = next(box for box in boxes if box.key == key).inputs[place][0]
        (x, y), _ = places[goal]
        assert abs(points[-1][0] - x) < size[goal][0] / 2 and abs(points[-1][1] - y - size[goal][1] / 2) < 1e-9
        for other in boxes:
            (x, y), (wide, high) = places[other.key][0], size[other.key]
            for start, end in itertools.pairwise(points):
                # Points of the stretch, its ends left out: those may lie on a box's edge.
                for way in (0.05 * step for step in range(1, 20)):
                    at = [p + way * (q - p) for p, q in zip(start, end, strict=True)]
                    outside = max(abs(at[0] - x) - wide / 2, abs(at[1] - y) - high / 2)
                    assert outside > -1e-9, (key, goal, other.key)


def test_a_program_shows_how_far_it_has_run():
    _, ax = plots.new_figure()
    graph.listing(ax, ["a = 1", "b = 2", "c = 3"], 2)
    assert [text.get_text() for text in ax.texts] == ["  a = 1", "▸ b = 2", "  c = 3"]
    assert [text.get_weight() for text in ax.texts] == ["normal", "bold", "normal"]
    assert ax.texts[2].get_color() != ax.texts[0].get_color()


def test_a_knobs_first_graph_has_the_size_of_its_later_ones():
    """Boxes are measured on axes laid out without frames: a drawing must not change their size."""
    figure, axes = plots.new_figure(columns=2, width=4.0, height=3.0)
    graph.blank(axes)
    figure.canvas.draw()
    before = axes[1].get_window_extent().bounds
    graph.draw_boxes(axes[1], GRAPHS["neuron"]())
    graph.listing(axes[0], ["a = 1"], 1)
    figure.canvas.draw()
    assert axes[1].get_window_extent().bounds == pytest.approx(before)


def test_a_leaf_stands_right_above_what_uses_it():
    boxes = GRAPHS["network"]()
    row = graph.row_numbers(boxes)
    for box in boxes:
        for key, _ in box.inputs:
            assert row[key] < row[box.key]
        if box.kind == "leaf":
            assert row[box.key] + 1 in [row[other.key] for other in boxes if box.key in dict(other.inputs)]
