"""Pictures of lesson 01 show the numbers they are given."""

import numpy as np
import pytest
import torch

from course_utils import plots
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
    assert knob.sentence == "Step 0: a.grad is 0."
    knob.controls["step"].value = 2
    assert knob.sentence == "Step 2: b = a × a passes on 1. a.grad is 4."
    knob.controls["order"].value = "topological"
    assert knob.sentence == "Step 2: c = b × a passes on 1. a.grad is 4."
    knob.controls["step"].value = 4
    assert knob.sentence == "Step 4: a passes on 16. a.grad is 16."
    figure, _ = knobs.two_orders(built.diamond, built.pass_back, built.as_found, built.topological)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["as found: a.grad is 8.", "topological: a.grad is 16."]


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


def test_gradients_of_parts_against_the_batchs():
    _, axes = plots.new_figure(columns=3)
    wanted, costs = torch.tensor([1.0, -2.0, 0.5]), {1: (4.0, 1.0), 2: (2.0, 1.5)}
    knobs.accumulation_axes(axes, wanted, costs)
    knobs.accumulation(axes, wanted, 2 * wanted, [0.0, 1.0], costs, 2)
    dots = axes[0].lines[-1].get_xydata()
    assert sorted(dots.tolist()) == [[-2.0, -4.0], [0.5, 1.0], [1.0, 2.0]]
    assert axes[0].get_xlim() == pytest.approx((-2.2, 2.2)) and axes[0].get_ylim() == pytest.approx((-4.4, 4.4))
    assert axes[1].lines[-1].get_xydata().tolist() == [[2.0, 1.0]]
    lines = lines_of(axes[2])
    assert lines["memory"].tolist() == [[1.0, 1.0], [2.0, 0.5]] and lines["time"].tolist() == [[1.0, 1.0], [2.0, 1.5]]
    assert [line.get_xydata().tolist() for line in axes[2].lines[-2:]] == [[[2.0, 0.5]], [[2.0, 1.5]]]


def test_dots_lie_over_the_whole_range_of_gradients():
    _, axes = plots.new_figure(columns=3)
    torch.manual_seed(0)
    wanted, costs = torch.randn(20_000) ** 3, {1: (1.0, 1.0)}
    knobs.accumulation_axes(axes, wanted, costs)
    knobs.accumulation(axes, wanted, 10 * wanted, [0.0], costs, 1)
    x, y = axes[0].lines[-1].get_data()
    assert 300 < len(x) <= 1500 and (x.min(), x.max()) == (wanted.min(), wanted.max())
    assert len(set(np.digitize(x, np.linspace(-3, 3, 30)))) == 31  # none of these stretches is empty
    assert axes[0].get_ylim()[1] > y.max() and axes[0].get_ylim()[0] < y.min()
