"""Pictures of convolutions."""

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import plots
from course_utils.lessons.lesson_04 import built, drawing, knobs


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


def test_the_stored_networks_are_the_lessons():
    networks, images, labels = knobs.stored()
    built.cnn().load_state_dict(networks["CNN"].state_dict())
    assert sum(p.numel() for p in networks["MLP"].parameters()) == 136_074
    assert images.shape == (10, 1, 28, 28) and images.max() == 1 and labels.tolist() == list(range(10))
    for model in networks.values():
        assert model(images).argmax(1).equal(labels)


def test_a_moved_digit_goes_through_the_function_given():
    seen = []

    def shift(images, right=0, down=0):
        seen.append((right, down))
        return built.shift(images, right, down)

    knob = knobs.moved(shift, *knobs.stored(), digit=7)
    assert knob.sentence == "It is a 7; the MLP answers 7, the CNN answers 7."
    knob.controls["right"].value, knob.controls["down"].value = 6, -1
    assert seen[-1] == (6, -1)
    shown = knob.axes[0].images[-1].get_array()
    assert np.allclose(shown, built.shift(knobs.stored()[1][7, 0], 6, -1))
    assert [text.get_text() for text in knob.axes[1].get_legend().get_texts()] == ["MLP", "CNN"]


def test_a_kernel_goes_through_the_function_given():
    def convolve(image, kernel):
        return image[:2, :3] * kernel.sum()

    images = torch.rand(20, 1, 28, 28)
    knob = knobs.kernels(convolve, {"twos": [[2] * 3] * 3, "edge": [[-1, 0, 1]] * 3}, images)
    assert knob.axes[1].get_title() == "feature map 2×3" and "add up to 18." in knob.sentence
    knob.controls["kernel"].value = [[0, 0, 0], [0, 0.5, 0], [0, 0, 0]]
    assert f"to {images[0, 0, :2, :3].max() / 2:.2f}; the kernel's numbers add up to 0.5." in knob.sentence


def test_the_formula_is_set_beside_pytorch():
    knob = knobs.sizes(lambda n, k, s, p, d: 99)
    assert knob.sentence == "(8 + 2·0 − 1·(3 − 1) − 1) // 1 + 1 = 99; PyTorch says 6."
    knob.controls["kernel"].value, knob.controls["dilation"].value = 5, 3
    assert knob.sentence.startswith("Impossible: the kernel reaches over 13 pixels, there are 8.")


def test_maps_follow_the_drawing_and_are_brightened_each_by_itself():
    assert knobs.brightened(torch.tensor([[[-1.0, 4.0]], [[0.0, 0.5]], [[0.0, 0.0]]])).flatten().tolist() == [
        *(0, 1, 0, 1, 0, 0)
    ]
    seen = []

    def feature_maps(model, image, layer):
        seen.append(image)
        return built.feature_maps(model, image, layer)

    image = torch.rand(1, 1, 28, 28)
    pad = knobs.maps(feature_maps, built.cnn(), image)
    assert seen[-1].equal(image)  # until something is drawn
    pad.strokes = [[[85, 75], [195, 75], [130, 215]]]
    assert seen[-1].equal(pad.image)
    assert pad.picture().sentence.endswith("Upper two rows: after the first ReLU; lower two: after the second.")


@pytest.mark.trains
def test_modes_sort_the_digits_and_keep_to_the_function_given():
    seen = []

    def answers_in(model, mode, X, batch_size):
        seen.append((mode, batch_size))
        return built.answers_in(model, mode, X, batch_size)

    knob = knobs.modes(answers_in)
    mixed = knob.sentence
    knob.controls["order"].value = "sorted by label"
    assert knob.sentence.replace("sorted by label", "mixed") == mixed  # in eval() the order makes no difference
    knob.controls["mode"].value, knob.controls["batch_size"].value = "train()", 12
    assert seen[-1] == ("train()", 12) and "batches of 12" in knob.sentence
    figure, _ = knobs.two_modes(built.answers_in)
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert len(heights) == 20 and min(heights[:10]) > max(0.7, sum(heights[10:]) / 10)


def test_a_photograph_is_shown_undone_or_not():
    knob = knobs.photograph(built.seen)
    knob.controls["size"].value = 32
    shown = knob.axes[1].images[-1].get_array()
    small = built.seen(knobs.flower(), 32)
    assert shown.shape == (32, 32, 3) and np.allclose(shown, (small * 0.5 + 0.5).permute(1, 2, 0).numpy(), atol=1e-6)
    knob.controls["undone"].value, knob.controls["channel"].value = False, "green"
    assert np.allclose(knob.axes[1].images[-1].get_array(), small[1].clamp(0, 1).numpy())


def test_pictures_show_the_numbers_they_are_given():
    picture = knobs.two_places(built.shift, torch.rand(28, 28), {"A": [0.9] * 9, "B": [0.8, 0, 0, 0, 0.3]})
    assert [bar.get_height() for bar in picture.figure.axes[2].patches] == [0.9, 0.9, 0.8, 0.3]
    assert "30% by the B" in knobs.shifted({"A": [0.9] * 9, "B": [0.8, 0, 0, 0, 0.3]}).sentence
    bars = knobs.classes(["a", "b"], [0.25, 0.75], 0.5, "Some").figure.axes[0].patches
    assert [bar.get_width() for bar in bars] == [0.25, 0.75]
    assert knobs.one_size().sentence.startswith("Kernel 3, stride 2, no padding: 3×3.")
    rows = knobs.layer_by_layer(built.feature_maps, built.cnn(), torch.rand(1, 1, 28, 28)).figure.axes
    assert [ax.images[0].get_array().shape[0] for ax in rows] == [28, 26, 13, 11, 5]
    kernels = knobs.first_kernels(torch.ones(32, 1, 3, 3), -torch.ones(32, 1, 3, 3)).figure.axes
    assert [np.nanmean(ax.images[0].get_array()) for ax in kernels] == [1, 0]


def test_pooling_and_dropout_draw_what_pytorch_returns():
    images = torch.rand(20, 1, 28, 28)
    knob = knobs.pools(built.shift, lambda before, after: 0.25, images)
    assert knob.sentence == "Change by the move: pixels 25%, pooled 25%."
    knob.controls["pool"].value, knob.controls["size"].value = "mean", 7
    moved = built.shift(images[0], 1)
    assert np.allclose(knob.axes[1].images[-1].get_array(), nn.functional.avg_pool2d(moved, 7)[0])
    knob = knobs.dropout(images[0, 0])
    assert f"without dropout {images[0].mean():.3f}" in knob.sentence
    knob.controls["mode"].value = "eval()"
    assert np.allclose(knob.axes.images[-1].get_array(), images[0, 0])
