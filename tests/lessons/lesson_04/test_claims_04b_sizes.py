"""What lesson 04b says of sizes, of pooling, and of the network as others write it."""

import pytest
import torch
from torch.nn import functional as F

LESSON = "04b_sizes.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_the_formula_is_pytorchs(lesson):
    assert (lesson.agree, lesson.refused > 0) == (360, True)
    lesson.says("All 360.")
    assert (lesson.out_size(28, 3), lesson.out_size(28, 3, s=2), lesson.out_size(28, 3, p=1)) == (26, 13, 28)
    lesson.says("26 as before, 13 with stride 2, and with padding 1 the image's 28.")
    lesson.says("half of $k - 1$ on each side")
    for k in (3, 5, 7):
        assert lesson.out_size(20, k, p=(k - 1) // 2) == 20
    assert all(lesson.out_size(n, 3, d=2) == lesson.out_size(n, 5) for n in range(5, 40))
    for n in range(4, 12):
        last = 2 * (lesson.out_size(n, 3, s=2) - 1) + 2  # the last pixel that a window touches
        assert (last < n - 1) == (n % 2 == 0)
    assert lesson.out_size(8, 3, s=2) == 3
    lesson.says("The result has 3 pixels, and no window has touched the last column.")


def test_1600(lesson):
    assert 64 * lesson.size**2 == 1600
    with pytest.raises(RuntimeError, match="32x1600 and 50176x64"):
        lesson.wrong(lesson.train.images[:32])
    lesson.says("*32×1600* is what arrives")


def test_pooling_leaves_most_of_the_change(lesson, claim):
    assert lesson.max_pool(lesson.result).equal(F.max_pool2d(lesson.result[None], 2)[0])
    claim("moved by 1 pixel: change of the pixels", lesson.pixels, 0.55, 0.59)
    claim("moved by 1 pixel: change after max pooling 2×2", lesson.pooled, 0.43, 0.47)
    wide = lesson.change(F.max_pool2d(lesson.images, 7), F.max_pool2d(lesson.moved, 7))
    claim("the same with 7×7, as a share of the pixels' change", wide / lesson.pixels, 0.4, 0.6)
    lesson.says("on MNIST 45 % instead of 57 %")
    if lesson.own:
        means = lesson.change(F.avg_pool2d(lesson.images, 7), F.avg_pool2d(lesson.moved, 7))
        lesson.says(
            f"With `size` 7 the 1,000 digits change by {100 * wide:.0f} % with max pooling and by {100 * means:.0f} % "
            "with mean pooling, instead of 57 %."
        )


def test_pooling_keeps_maps_moving_along_by_its_stride_alone(lesson):
    digits, cnn = lesson.train.images[:100], lesson.cnn()
    with torch.no_grad():
        for layers, stride in ((3, 2), (6, 4)):
            first = cnn[:layers]
            moved, maps = first(lesson.shift(digits, right=stride)), first(digits)
            assert torch.allclose(moved[..., 2:], lesson.shift(maps, right=1)[..., 2:], atol=1e-5)
            less = first(lesson.shift(digits, right=stride // 2))[..., 2:]
            assert not any(torch.allclose(less, lesson.shift(maps, right=k)[..., 2:], atol=1e-2) for k in (0, 1))
    lesson.says("Behind the pooling, feature maps move along only where the image moves by 2, 4, … pixels")


def test_the_class_is_the_sequential(lesson):
    assert lesson.as_class(lesson.X).equal(lesson.as_sequential(lesson.X))
    largest, places = torch.max(lesson.as_class(lesson.X), 1)
    assert places.equal(lesson.as_class(lesson.X).argmax(1)) and largest.shape == places.shape
    assert torch.rand(4, 64, 5, 5).view(-1, 1600).shape == (4, 1600)
    weight = lesson.as_class.conv1.weight
    with pytest.raises(RuntimeError, match="detach"):
        weight.numpy()
    assert weight.detach().numpy().ctypes.data == weight.data_ptr()
    lesson.says("a NumPy array over the same memory; what requires a gradient needs `.detach()` first")


def test_three_dimensions_are_one_image(lesson):
    assert torch.nn.Conv2d(1, 32, 3)(lesson.train.images[0]).shape == (32, 26, 26)
    with pytest.raises(RuntimeError, match="to have 1 channels, but got 32 channels"):
        torch.nn.Conv2d(1, 32, 3)(torch.ones(32, 28, 28))
    lesson.says("`[32, 28, 28]` is an image with 32 channels, not 32 images")


def test_a_kernel_for_edges_that_rise(lesson):
    slope = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    below = torch.tensor([[0.0, 0, 1], [0, 1, 1], [1, 1, 1]])  # bright below a line from the lower left
    assert (slope * below).sum() == 3 and (slope * below.flip(1)).sum() == 0 and slope.sum() == 0
    lesson.says("−1, −1, 0 / −1, 0, 1 / 0, 1, 1 compares the lower right with the upper left.")
