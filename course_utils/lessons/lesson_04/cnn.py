"""Exercises of lesson 04: sizes, and a convolution by hand."""

import torch
from torch.nn import functional as F

from course_utils.exercises.exercise import Exercise

# ── 1 ── write: the size after each layer

sized = Exercise(
    "04-1",
    "sizes_along",
    minutes=5,
    hints=(
        "How many pixels does a kernel of k reach over when it takes every d-th one? And where does it start last?",
        "Section 3 has the formula. What comes out of one layer is the `n` of the next.",
    ),
    remember="Padding counts twice, dilation stretches the kernel to d(k − 1) + 1, and what does not fit is left out.",
)


@sized.probe
def look_at_sizes(sizes_along):
    n, q = (int(torch.randint(20, 40, ())) for _ in range(2))
    yield f"the list of sizes, for {n} pixels and a kernel of 5,", sizes_along(n, [(5, 1, 0, 1)])
    yield f"the list of sizes, for {n} pixels, kernel 5, padding 2,", sizes_along(n, [(5, 1, 2, 1)])
    yield f"the list of sizes, for {n} pixels, kernel 3, dilation 3,", sizes_along(n, [(3, 1, 0, 3)])
    with_rest = 5 * q + 6  # three pixels are left over, more than half a stride
    yield f"the list of sizes, for {with_rest} pixels, kernel 3, stride 5,", sizes_along(with_rest, [(3, 5, 0, 1)])
    four = [(3, 1, 0, 1), (2, 2, 0, 1), (3, 1, 1, 2), (2, 2, 0, 1)]
    yield f"the list of sizes, for {n} pixels and four layers,", sizes_along(n, four)


@sized.start
def sizes_to_write(n, layers):  # (kernel, stride, padding, dilation) of each
    raise NotImplementedError  # a list: the size after each layer


@sized.solution
def by_the_formula(n, layers):  # (kernel, stride, padding, dilation) of each
    found = []
    for k, s, p, d in layers:
        n = (n + 2 * p - d * (k - 1) - 1) // s + 1
        found.append(n)
    return found


def along(size):
    """The exercise's function from one that computes a layer's size."""

    def sizes_along(n, layers):
        found = []
        for layer in layers:
            n = size(n, *layer)
            found.append(n)
        return found

    return sizes_along


@sized.mistake("You forgot the dilation: with d = 3 a kernel of 3 reaches over 7 pixels, not over 3.")
def forgets_dilation(n, layers):
    return along(lambda n, k, s, p, d: (n + 2 * p - k) // s + 1)(n, layers)


@sized.mistake("A kernel of 3 with dilation 3 reaches over 7 pixels, d(k − 1) + 1. You take d · k, which is 9.")
def stretches_too_far(n, layers):
    return along(lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1)(n, layers)


@sized.mistake("You pad once. There are p zeros on *each* side, which makes the row longer by 2p.")
def pads_once(n, layers):
    return along(lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1)(n, layers)


@sized.mistake("You count the moves, not the places: a kernel that moves 23 times stands at 24 places. Add 1.")
def forgets_the_first_place(n, layers):
    return along(lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s)(n, layers)


@sized.mistake("You don't round. A window that hangs over the edge is left out: `//` rounds down.")
def does_not_round(n, layers):
    return along(lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1)(n, layers)


@sized.mistake("You round up, or to the nearest number. A window that hangs over the edge is left out: round down.")
def rounds_up(n, layers):
    return along(lambda n, k, s, p, d: -(-(n + 2 * p - d * (k - 1) - 1) // s) + 1)(n, layers)


@sized.mistake("Your 1 stands inside the division. Count the moves first, `// s`, then add the place it starts from.")
def adds_before_dividing(n, layers):
    return along(lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s)(n, layers)


@sized.mistake("Each of your layers gets the image. Only the first one does; the next gets what the first has made.")
def does_not_chain(n, layers):
    return [(n + 2 * p - d * (k - 1) - 1) // s + 1 for k, s, p, d in layers]


# ── 5 ── write: a convolution with channels and a bias

convolved = Exercise(
    "04-5",
    "conv_channels",
    minutes=8,
    hints=(
        "Section 2's `convolve` is nearly it. Each place: a window [C, k, k] times a kernel [C, k, k].",
        "`X[:, r : r + k, c : c + k]` is the window. Its products add up over all three dimensions.",
        "The bias comes once to each place: `(window * weight).sum() + bias`.",
    ),
    remember="That is one of the 64 kernels of a `Conv2d(32, 64, 3)`: however many channels come in, one map goes out.",
)


@convolved.probe
def look_at_convolution(conv_channels):
    X, weight, bias = torch.randn(3, 7, 9), torch.randn(3, 3, 3), 1 + torch.rand(()).item()
    yield "the feature map of 3 channels of 7×9, kernel 3,", conv_channels(X, weight, bias)
    X, weight = torch.randn(2, 6, 5), torch.randn(2, 2, 2)
    yield "the feature map of 2 channels of 6×5, kernel 2,", conv_channels(X, weight, 0.5)


@convolved.start
def convolution_to_write(X, weight, bias):  # [C, H, W], [C, k, k], a number
    raise NotImplementedError  # section 2's map: [H - k + 1, W - k + 1]


@convolved.solution
def place_by_place(X, weight, bias):  # [C, H, W], [C, k, k], a number
    k = weight.shape[1]
    height, width = X.shape[1] - k + 1, X.shape[2] - k + 1
    result = torch.zeros(height, width)
    for r in range(height):
        for c in range(width):
            window = X[:, r : r + k, c : c + k]  # [C, k, k]
            result[r, c] = (window * weight).sum() + bias
    return result


@convolved.mistake("You leave out the bias: each number of your map is too small by the same amount.")
def without_bias(X, weight, bias):
    return place_by_place(X, weight, 0)


@convolved.mistake("Your bias comes once for each channel. It belongs to the kernel as a whole: once to each place.")
def bias_for_each_channel(X, weight, bias):
    return place_by_place(X, weight, len(X) * bias)


@convolved.mistake("You turn the kernel upside down, as mathematics does. Deep learning takes it as it is (section 2).")
def flipped(X, weight, bias):
    return place_by_place(X, weight.flip(1, 2), bias)


@convolved.mistake("Your map is as large as the image: zeros were put around it. Without padding, k − 1 rows are lost.")
def pads(X, weight, bias):
    k = weight.shape[1]
    return place_by_place(F.pad(X, (k // 2,) * 4), weight, bias)


@convolved.mistake("Your map is as large as the image, and its last rows and columns are empty: no window fits there.")
def leaves_an_edge(X, weight, bias):
    k = weight.shape[1]
    return F.pad(place_by_place(X, weight, bias), (0, k - 1, 0, k - 1))


@convolved.mistake("You return a map for each channel. One kernel makes one map: add the channels' products up.")
def a_map_for_each(X, weight, bias):
    return torch.stack([place_by_place(*pair, bias) for pair in zip(X[:, None], weight[:, None], strict=True)])


@convolved.mistake("You look at the first channel only. The kernel has a table for each of them.")
def first_channel(X, weight, bias):
    return place_by_place(X[:1], weight[:1], bias)


@convolved.mistake("You take the mean of the products. A convolution is their sum.")
def means(X, weight, bias):
    return place_by_place(X, weight / weight.numel(), bias)


EXERCISES = (sized, convolved)
