"""Pictures of lesson 01 show the numbers they are given."""

import numpy as np
import pytest
import torch

from course_utils.lessons.lesson_01 import built, knobs


def lines_of(ax):
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def test_the_tangent_and_the_line_through_two_points():
    knob = knobs.slopes(torch.sin, lambda x, h, dtype: 0.0 * torch.as_tensor(h))
    knob.controls["h"].value, knob.controls["x"].value = 0.25, 0.5
    lines = lines_of(knob.axes[0])
    assert np.allclose(lines["through x ± h"], [[0.25, np.sin(0.25)], [0.75, np.sin(0.75)]])
    (x0, y0), (x1, y1) = lines["tangent (autograd)"]
    assert (y1 - y0) / (x1 - x0) == pytest.approx(np.cos(0.5))
    assert (y0 + y1) / 2 == pytest.approx(np.sin(0.5)) and (x0 + x1) / 2 == pytest.approx(0.5)
    curve, point = knob.axes[1].lines  # an error of nothing is drawn at the bottom
    assert curve.get_ydata() == pytest.approx(knobs.EXACT) and point.get_xydata() == pytest.approx(
        np.array([[0.25, knobs.EXACT]])
    )
    assert knob.axes[1].get_ylim()[0] < knobs.EXACT


def test_the_way_back_follows_the_functions_it_is_given():
    knob = knobs.steps(built.diamond, built.pass_back, built.as_found, built.topological)
    assert knob.sentence == "as found, step 0: a.grad is 0."
    knob.controls["step"].value = 2
    assert knob.sentence == "as found, step 2: b = a × a passes on 1. a.grad is 4."
    knob.controls["order"].value = "topological"
    assert knob.sentence == "topological, step 2: c = b × a passes on 1. a.grad is 4."
    knob.controls["step"].value = 4
    assert knob.sentence == "topological, step 4: a passes on 16. a.grad is 16."
    figure, _ = knobs.two_orders(built.diamond, built.pass_back, built.as_found, built.topological)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["as found: a.grad is 8.", "topological: a.grad is 16."]


GRAPHS = {
    "steps": (lambda: knobs.steps(built.diamond, built.pass_back, built.as_found, built.topological), "step", 4),
    "ways": (lambda: knobs.ways({"plain": "b = 2 * x", "detach": "b = (2 * x).detach()"}), "how", "detach"),
    "graph of": (lambda: knobs.graph_of("a = torch.ones(2, requires_grad=True)\nb = 2 * a\nc = b.sum()"), "lines", 1),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_first_graph_is_whole_and_the_same_after_a_turn_and_back(name):
    make, control, other = GRAPHS[name]
    knob = make()
    first, begun = knob.png, knob.values[control]
    ax = knob.figure.axes[-1]
    assert max(box.get_y() + box.get_height() for box in ax.patches) <= ax.get_ylim()[0]
    knob.controls[control].value = other
    assert knob.png != first
    knob.controls[control].value = begun
    assert knob.png == first
    knob.close()


def test_a_path_and_what_is_kept():
    knob = knobs.keep(built.with_momentum)
    path = built.with_momentum(0.1, 1.0)
    assert np.allclose(knob.axes[0].lines[-1].get_xydata(), path) and len(path) == 101
    assert knob.axes[1].lines[-1].get_ydata() == pytest.approx(built.distance(path).numpy())
    knob.controls["lr"].value = 1.5
    assert knob.sentence == "keep 1.00 of the old gradient, lr 1.5: out of range after 100 steps."


def test_parts_against_the_batch():
    asked = []

    def weighted(model, k, weight):
        asked.append(k)
        return torch.tensor([1.0, weight(1, k)])

    def same(part, k):
        return 1.0

    def grows(part, k):
        return float(k)

    costs = {k: (4.0 / k, 1.0 + k) for k in range(1, 33)}
    knob = knobs.parts(weighted, None, costs, same, grows)
    assert set(knob.axes[0].lines[0].get_ydata()) == {2e-8}  # no difference, at the bottom
    knob.controls["weight"].value = "grows"
    knob.controls["k"].value = 4
    assert knob.axes[0].lines[0].get_ydata()[3] == pytest.approx(3 / 2**0.5)
    assert knob.sentence == "k = 4: relative difference 2.1e+00; 1.000 MB are kept, 5.0 ms."
    assert len(asked) == 2 * 33  # once for each weight, however often the knob is turned


def test_what_is_recorded_on_the_way():
    knob = knobs.ways({"plain": "b = 2 * x", "none": "with torch.no_grad():\n    a = b = 2 * x"})
    assert knob.sentence == "plain: c is 36, x.grad is 24.0."
    knob.controls["how"].value = "none"
    assert knob.sentence == "none: c is 36, x.grad is None."
    _, sentence = knobs.two_ways({"plain": "b = 2 * x", "detach": "b = (2 * x).detach()"})
    assert sentence == "b = 2 * x: c is 36, x.grad is 24.0. b = (2 * x).detach(): c is 36, x.grad is 12.0."


def test_bars_carry_their_numbers():
    found = {"equal": 1e-7, "not": 0.05}
    for figure in (knobs.differences(found).figure, knobs.kept_and_cut(built.with_momentum, found).figure):
        ax = figure.axes[-1]
        assert [bar.get_width() for bar in ax.patches] == [1e-7, 0.05] and ax.get_xscale() == "log"
        assert [text.get_text() for text in ax.texts] == ["1e-07", "0.05"]


def test_differences_of_nothing_are_counted_and_not_drawn():
    figure, sentence = knobs.rounding(torch.tensor([0.0, 1e-9, 1e-8, 1e-8]))
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 3
    assert sentence.startswith("25% are the same to the last bit") and "1e-08 is the largest" in sentence


def over(batch, divisor):
    """A learner's `accumulate` over `batch` = (X, y), where the loss of each of k parts is divided by `divisor(k)`."""

    def accumulate(model, k):
        model.zero_grad()
        for X, y in zip(*(tensor.chunk(k) for tensor in batch), strict=True):
            (torch.nn.functional.cross_entropy(model(X), y) / divisor(k)).backward()
        return torch.cat([p.grad.flatten() for p in model.parameters()])

    return accumulate


@pytest.fixture
def batch():
    """The first 64 of 1,000 examples: a part of a larger tensor, as a lesson's batch is."""
    torch.manual_seed(0)
    pool = torch.rand(1000, 20), torch.randint(5, (1000,))
    return tuple(tensor[:64] for tensor in pool)


def test_gradients_of_parts_against_the_batchs(batch):
    model = torch.nn.Linear(20, 5)
    whole = over(batch, lambda k: k)(model, 1)
    for divisor, steepness, said in ((lambda k: 1, 4, "3.0e+00"), (lambda k: k, 1, "e-0")):
        panel = knobs.accumulation(over(batch, divisor), model, whole)
        panel.controls["k"].value = 4
        x, y = panel.axes[0].lines[-1].get_data()
        assert np.allclose(y, steepness * x, rtol=1e-4, atol=1e-6) and panel.axes[0].get_ylim()[1] > y.max()
        assert (x.min(), x.max()) == (whole.min().item(), whole.max().item())
        assert said in panel.sentence
        panel.close()


def test_what_is_kept_is_that_of_one_part(batch):
    model = torch.nn.Sequential(torch.nn.Linear(20, 8), torch.nn.ReLU(), torch.nn.Linear(8, 5))
    accumulate = over(batch, lambda k: k)
    kept = [knobs.kept(model, lambda k=k: accumulate(model, k)) for k in (1, 4)]
    assert kept == [4 * 64 * (8 + 5) + 4, 4 * 16 * (8 + 5) + 4]  # the hidden layer, the scores, the sum of weights


def test_the_bowl_is_the_learners():
    def descend(lr, clear):
        return torch.tensor([[-4.0, 2.0], [2.0, -3.0 + lr]]) if clear else torch.full((101, 2), 1e12)

    panel = knobs.bowl(descend)
    assert panel.sentence == "zero grad off, lr 0.1: out of range after 100 steps."
    panel.controls["zero_grad"].value = True
    assert panel.sentence == "zero grad on, lr 0.1: 0.1 from the bottom after 1 steps."
    panel.close()


def test_the_graph_is_that_of_the_lines_run():
    panel = knobs.graph_of("a = torch.ones(2, requires_grad=True)\nb = a.sum()\nb.backward()")
    assert panel.sentence == "After line 3. From the result back: b from a. Leaf: a [2]."
    panel.controls["lines"].value = 1
    assert panel.sentence == "After line 1. Leaf: a [2]."
    panel.close()


def test_the_losses_are_those_of_the_learners_loop():
    panel = knobs.training(lambda k=1, optimizer="SGD", lr=0.1: [3.0, 2.0, lr * k])
    panel.controls["optimizer"].value = "Adam"
    assert panel.sentence == "Adam, lr 0.1, 4 parts: loss 0.4 after 3 updates."
    assert panel.axes.lines[-1].get_ydata().tolist() == pytest.approx([3.0, 2.0, 0.4])
    panel.close()
