import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


answers.right(lambda X, weight, bias: F.conv2d(X[None], weight[None], torch.tensor([bias]))[0, 0])


@answers.right
def convolution_by_kernel(X, weight, bias):
    """A loop over the kernel's numbers instead of one over the places."""
    k = weight.shape[-1]
    height, width = X.shape[1] - k + 1, X.shape[2] - k + 1
    result = torch.full((height, width), bias)
    for i in range(k):
        for j in range(k):
            result += (X[:, i : i + height, j : j + width] * weight[:, i, j, None, None]).sum(0)
    return result


def convolution(X, weight, bias, **options):
    return F.conv2d(X[None], weight[None], torch.tensor([float(bias)]), **options)[0, 0]


answers.wrong("bias_for_each_channel")(
    lambda X, weight, bias: sum(convolution(x[None], w[None], bias) for x, w in zip(X, weight, strict=True))
)


@answers.wrong("leaves_an_edge")
def convolution_into_an_image(X, weight, bias):
    result, found = torch.zeros(X.shape[1:]), convolution(X, weight, bias)
    result[: len(found), : found.shape[1]] = found
    return result


answers.wrong("without_bias")(lambda X, weight, bias: convolution(X, weight, 0))
answers.wrong("flipped")(lambda X, weight, bias: convolution(X, torch.flip(weight, dims=(-2, -1)), bias))
answers.wrong("pads")(lambda X, weight, bias: convolution(X, weight, bias, padding=weight.shape[1] // 2))
answers.wrong("a_map_for_each")(
    lambda X, weight, bias: F.conv2d(X[None], weight[:, None], torch.tensor([bias] * len(X)), groups=len(X))[0]
)
answers.wrong("first_channel")(lambda X, weight, bias: convolution(X[0][None], weight[0][None], bias))
answers.wrong("means")(lambda X, weight, bias: convolution(X, weight, 0) / weight.numel() + bias)
answers.unknown("of 4 channels of 7×9, kernel 3, is")(lambda X, weight, bias: convolution(X, 2 * weight, bias))
answers.unknown("of 4 channels of 7×9, kernel 3, has the shape [7, 5], and [5, 7] is right.")(
    lambda X, weight, bias: convolution(X, weight, bias).T
)
answers.unknown("of 5 channels of 6×8, kernel 2, is")(
    lambda X, weight, bias: convolution(X, weight, bias) * (len(X) == 4)
)
