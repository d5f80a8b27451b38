"""04-5: a convolution with channels and a bias."""

import torch
from torch.nn import functional as F

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "conv_channels",
    kind="write",
    title="Channels and a bias",
    minutes=8,
    text="Lesson 04's `convolve` knows one channel and no bias. `conv_channels(X, weight, bias)` gets an image `[C, H, "
    "W]`, *one* kernel `[C, k, k]` and its bias, and returns one feature map. Stride 1, no padding.",
    hints=(
        "Lesson 04's `convolve` is nearly it. Each place: a window [C, k, k] times a kernel [C, k, k].",
        "`X[:, r : r + k, c : c + k]` is the window. Its products add up over all three dimensions.",
        "The bias comes once to each place: `(window * weight).sum() + bias`.",
    ),
    remember="That is one of the 64 kernels of a `Conv2d(32, 64, 3)`: however many channels come in, one map goes out.",
)


@exercise.probe
def probe(conv_channels, draw):
    channels, height, width = draw.size(4), draw.size(7), draw.size(9)
    X, weight, bias = draw.randn(channels, height, width), draw.randn(channels, 3, 3), 1 + draw.rand().item()
    what = f"the feature map of {channels} channels of {height}×{width}, kernel 3,"
    yield what, conv_channels(X, weight, bias)
    channels, height, width = draw.size(5), draw.size(6), draw.size(8)
    X, weight = draw.randn(channels, height, width), draw.randn(channels, 2, 2)
    what = f"the feature map of {channels} channels of {height}×{width}, kernel 2,"
    yield what, conv_channels(X, weight, 0.5)


@exercise.solution
def solution(X, weight, bias):  # [C, H, W], [C, k, k], a number
    k = weight.shape[1]  # same: the kernel is a square
    height, width = X.shape[1] - k + 1, X.shape[2] - k + 1
    result = torch.zeros(height, width)
    for r in range(height):
        for c in range(width):
            window = X[:, r : r + k, c : c + k]  # [C, k, k]
            result[r, c] = (window * weight).sum() + bias
    return result


exercise.starter("raise NotImplementedError  # lesson 04's map: [H - k + 1, W - k + 1]")
exercise.edit("without_bias", " + bias", "").says(
    "You leave out the bias: each number of your map is too small by the same amount."
)
exercise.edit("bias_for_each_channel", "+ bias", "+ len(X) * bias").says(
    "Your bias comes once for each channel. It belongs to the kernel as a whole: once to each place."
)
exercise.edit("flipped", "window * weight", "window * weight.flip(1, 2)").says(
    "You turn the kernel upside down, as mathematics does. Deep learning takes it as it is."
)


@exercise.mistake("Your map is as large as the image: zeros were put around it. Without padding, k − 1 rows are lost.")
def pads(X, weight, bias):
    k = weight.shape[1]
    return solution(F.pad(X, (k // 2,) * 4), weight, bias)


exercise.edit("leaves_an_edge", "zeros(height, width)", "zeros(X.shape[1:])").says(
    "Your map is as large as the image, and its last rows and columns are empty: no window fits there."
)
exercise.edit(
    "a_map_for_each",
    "zeros(height, width)",
    "zeros(len(X), height, width)",
    "result[r, c] = (window * weight).sum()",
    "result[:, r, c] = (window * weight).sum((1, 2))",
).says("You return a map for each channel. One kernel makes one map: add the channels' products up.")
exercise.edit("first_channel", "X[:, r", "X[:1, r", "window * weight", "window * weight[:1]").says(
    "You look at the first channel only. The kernel has a table for each of them."
)
exercise.edit("means", ".sum()", ".mean()").says("You take the mean of the products. A convolution is their sum.")
