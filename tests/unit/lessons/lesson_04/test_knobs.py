"""Pictures of convolutions."""

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import plots
from course_utils.lessons.lesson_04 import drawing, knobs


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (3, 2, 2), (1, 0, 3)])
def test_the_windows_drawn_are_pytorchs(kernel, stride, padding, dilation):
    _, axes = plots.new_figure(columns=2)
    count = drawing.windows(axes, 9, kernel, stride, padding, dilation)
    layer = nn.Conv2d(1, 1, kernel, stride, padding, dilation)
    if dilation * (kernel - 1) + 1 > 9 + 2 * padding:
        assert count == 0 and axes[1].get_title() == "no result"
    else:
        assert layer(torch.zeros(1, 1, 9, 9)).shape[-1] == count
        assert axes[1].get_title() == f"result {count}×{count}"
    assert axes[0].get_title().startswith("image 9×9")


def test_the_last_window_stands_where_the_last_result_comes_from():
    _, axes = plots.new_figure(columns=2)
    drawing.windows(axes, 8, 3, 2, 0, 2)
    corners = [patch.get_xy() for patch in axes[0].patches]
    sides = {patch.get_width() for patch in axes[0].patches}
    assert corners == [(-0.5, -0.5), (1.5, 1.5)] and sides == {5}


def test_a_kernel_that_does_not_fit_sticks_out():
    _, axes = plots.new_figure(columns=2)
    assert drawing.windows(axes, 4, 7, 1, 1, 1) == 0
    assert [patch.get_width() for patch in axes[0].patches] == [7]
    assert axes[0].get_xlim()[1] > 6


def test_zero_is_white_and_both_signs_are_equally_far_from_it():
    _, ax = plots.new_figure()
    drawing.signed(ax, torch.tensor([[0.0, -1.0], [3.0, 0.5]]), "map")
    image = ax.images[0]
    assert image.get_clim() == (-3, 3)
    assert np.allclose(image.cmap(image.norm(0.0))[:3], 0.97, atol=0.01)
    drawing.signed(ax, torch.zeros(2, 2), "nothing")  # all zero is no division by zero
    assert ax.images[1].get_clim()[0] < 0 < ax.images[1].get_clim()[1]


def test_a_mosaic_has_a_row_for_each_label():
    rows = {"first": torch.rand(3, 1, 9, 9), "second": torch.rand(2, 1, 4, 4)}
    picture = drawing.mosaic(rows, "Two rows.")
    assert [ax.get_ylabel() for ax in picture.figure.axes] == ["first", "second"]
    shown = picture.figure.axes[0].images[0].get_array()
    assert shown.shape == (9, 3 * 9 + 2) and np.allclose(shown[:, 10:19], rows["first"][1, 0])
    assert picture.sentence == "Two rows."


def test_tiles_stand_in_reading_order():
    images = torch.arange(5.0).view(5, 1, 1, 1).expand(5, 1, 3, 3) / 5
    _, ax = plots.new_figure()
    drawing.tiles(ax, images, columns=2)
    shown = ax.images[0].get_array()
    assert shown.shape == (15, 10)
    assert [shown[y, x] for y in (0, 5, 10) for x in (0, 5)][:5] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


def test_opinions_and_epochs():
    _, axes = plots.new_figure(columns=2)
    drawing.opinions(axes, torch.zeros(4, 4), {"MLP": [0.2, 0.8], "CNN": [0.5, 0.5]}, ["a", "b"])
    assert [bar.get_height() for bar in axes[1].patches] == [0.2, 0.8, 0.5, 0.5]
    picture = knobs.epochs({"train": [(2.0, 0.1), (1.0, 0.5)], "test": [(1.5, 0.3), (1.2, 0.4)]})
    accuracy, loss = picture.figure.axes
    assert accuracy.lines[0].get_ydata().tolist() == [0.1, 0.5] and loss.lines[1].get_ydata().tolist() == [1.5, 1.2]
    assert "test accuracy 30.0% to 40.0%" in picture.sentence
