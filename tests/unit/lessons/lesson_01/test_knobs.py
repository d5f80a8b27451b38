"""Pictures of lesson 01 show the numbers they are given."""

import numpy as np
import pytest
import torch

from course_utils import plots
from course_utils.lessons.lesson_01 import knobs


def lines_of(ax):
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def test_the_tangent_and_the_line_through_two_points():
    _, ax = plots.new_figure()
    knobs.slope_axes(ax, torch.sin)
    knobs.slopes(ax, torch.sin, x=0.5, h=0.25, slope=0.9)
    lines = lines_of(ax)
    assert np.allclose(lines["through x ± h"], [[0.25, np.sin(0.25)], [0.75, np.sin(0.75)]])
    (x0, y0), (x1, y1) = lines["tangent (autograd)"]
    assert (y1 - y0) / (x1 - x0) == pytest.approx(0.9)
    assert (y0 + y1) / 2 == pytest.approx(np.sin(0.5)) and (x0 + x1) / 2 == pytest.approx(0.5)
    assert [text.get_text() for text in ax.get_legend().texts] == ["f", "tangent (autograd)", "through x ± h"]


def test_an_error_of_nothing_is_drawn_at_the_bottom():
    _, ax = plots.new_figure()
    knobs.error_axes(ax, [1e-3, 1e-2, 1e-1])
    knobs.errors(ax, [1e-3, 1e-2, 1e-1], torch.tensor([0.0, 1e-4, 1e-2]), 1e-3, 0.0)
    curve, point = ax.lines
    assert curve.get_ydata() == pytest.approx([knobs.EXACT, 1e-4, 1e-2], rel=1e-6)
    assert point.get_xydata().tolist() == [[1e-3, knobs.EXACT]]
    assert ax.get_ylim()[0] < knobs.EXACT


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


def test_bars_carry_their_numbers():
    figure, sentence = knobs.bars({"equal": 1e-7, "not": 0.05}, "difference", "They differ.")
    ax = figure.axes[0]
    assert [bar.get_width() for bar in ax.patches] == [1e-7, 0.05] and ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.texts] == ["1e-07", "0.05"] and sentence == "They differ."
    assert ax.get_xlabel() == "difference"
