"""Answers to the exercises of lesson 04 as learners write them."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong

# ── 1 ──


def through(size):
    """A function that goes from layer to layer by `size(n, k, s, p, d)`."""

    def sizes(n, layers):
        all_sizes = [n]
        for layer in layers:
            all_sizes.append(size(all_sizes[-1], *layer))
        return all_sizes[1:]

    return sizes


@right("04-1")
def sizes_by_trying(n, layers):
    X, found = torch.zeros(1, 1, n, n), []
    for k, s, p, d in layers:
        X = nn.Conv2d(1, 1, k, stride=s, padding=p, dilation=d)(X)
        found.append(X.shape[-1])
    return found


@right("04-1")
def sizes_by_counting(n, layers):
    sizes = through(lambda n, k, s, p, d: sum(1 for _ in range(0, n + 2 * p - d * (k - 1), s)))
    return torch.tensor(sizes(n, layers))


wrong("04-1", "forgets_dilation")(through(lambda n, k, s, p, d: (n + 2 * p - k + s) // s))
wrong("04-1", "stretches_too_far")(through(lambda n, k, s, p, d: (n + 2 * p - k * d + s) // s))
wrong("04-1", "pads_once")(through(lambda n, k, s, p, d: (n + p - d * k + d - 1 + s) // s))
wrong("04-1", "forgets_the_first_place")(through(lambda n, k, s, p, d: (n + p + p - d * k + d - 1) // s))
wrong("04-1", "does_not_round")(through(lambda n, k, s, p, d: 1 + (n + 2 * p - d * k + d - 1) / s))
wrong("04-1", "rounds_up")(through(lambda n, k, s, p, d: 1 + round((n + 2 * p - d * k + d - 1) / s)))
wrong("04-1", "rounds_up")(through(lambda n, k, s, p, d: 1 + math.ceil((n + 2 * p - d * k + d - 1) / s)))
wrong("04-1", "adds_before_dividing")(through(lambda n, k, s, p, d: int((n + 2 * p - d * (k - 1) - 1 + 1) / s)))
wrong("04-1", "does_not_chain")(lambda n, layers: [sizes_by_trying(n, [layer])[0] for layer in layers])
unknown("04-1", "pixels and a kernel of 5, at [0] is")(lambda n, layers: [n for _ in layers])
unknown("04-1", "kernel 5, padding 2, at [0] is")(through(lambda n, k, s, p, d: (n - 2 * p - d * k + d - 1) // s + 1))
unknown("04-1", "kernel 3, dilation 3, at [0] is")(through(lambda n, k, s, p, d: (n + 2 * p - k + 1 - d) // s + 1))
unknown("04-1", "kernel 3, stride 5, at [0] is")(through(lambda n, k, s, p, d: n + 2 * p - d * (k - 1)))
unknown("04-1", "and four layers, has 5 entries, and 4 are right.")(
    lambda n, layers: [*sizes_by_trying(n, layers), *([0] if len(layers) > 1 else [])]
)

# ── 2 ──

right("04-2")((1216, torch.tensor(4096), 16384.0))
right("04-2")(torch.tensor([1216, 4096, 16384]))
wrong("04-2", "forgets_the_biases")((1200, 4096, 16384))
wrong("04-2", "one_bias")((1201, 4096, 16384))
wrong("04-2", "one_channel")((416, 4096, 16384))
wrong("04-2", "without_padding")((1216, 14 * 14 * 16, 30 * 30 * 16))
wrong("04-2", "without_stride")((1216, 32 * 32 * 16, 64 * 64 * 16))
wrong("04-2", "one_map")((1216, 16 * 16, 32 * 32))
wrong("04-2", "doubles")((1216, 4096, 2 * 4096))
unknown("04-2", "at [0] is 1000, and 1216 is right.")([1000, 4096, 16384])
unknown("04-2", "has 2 entries, and 3 are right.")([1216, 4096])

# ── 3 ──


def sharing(dim=1, mode=False, recorded=False):
    def share(model, loader):
        right = []
        model.train(mode)
        with torch.set_grad_enabled(recorded):
            for X, y in loader:
                right += (model(X).max(dim).indices == y).tolist()
        return right.count(True) / len(right)

    return share


right("04-3")(sharing())
right("04-3")(sharing(dim=-1))
wrong("04-3", "forgets_eval")(sharing(mode=True))
wrong("04-3", "looks_down_the_batch")(sharing(dim=0))
wrong("04-3", "records")(sharing(recorded=True))


def share_switching(start, change):
    """The accuracy, where something is changed after the first batch."""

    def share(model, loader):
        right, before = [], torch.is_grad_enabled()
        start(model)
        for X, y in loader:
            right += (model(X).argmax(1) == y).tolist()
            change(model)
        torch.set_grad_enabled(before)
        return sum(right) / len(right)

    return share


wrong("04-3", "forgets_eval")(share_switching(lambda _: torch.set_grad_enabled(False), nn.Module.eval))
wrong("04-3", "records")(share_switching(nn.Module.eval, lambda _: torch.set_grad_enabled(False)))


@wrong("04-3", "means_of_batches")
def share_of_batches(model, loader):
    return torch.tensor([sharing()(model, [batch]) for batch in loader]).mean()


@wrong("04-3", "divides_by_batches")
def share_per_batch(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(X).argmax(-1) == y).float().sum() for X, y in loader) / len(loader)


unknown("04-3", "and the accuracy at [1] is 0.1, and 0.9 is right.")(lambda model, loader: 1 - sharing()(model, loader))
unknown("04-3", "The accuracy on batches of 20, 20, 20 and 7 is 0.95, and 0.89552 is right.")(
    lambda model, loader: sharing()(model, loader[:3])
)

# ── 4 ──


@right("04-4")
def class_by_index(logits, y, c):
    own = (y == c).nonzero()[:, 0]
    return (logits[own].max(dim=1).indices == c).double().mean()


@right("04-4")
def class_by_loop(logits, y, c):
    found = [row.argmax().item() == c for row, label in zip(logits, y, strict=True) if label == c]
    return sum(found) / len(found)


def of_class(logits, y, c):
    answers = logits.argmax(1)
    return (answers == y)[y == c].sum(), (answers == c).sum()


wrong("04-4", "divides_by_all")(lambda logits, y, c: of_class(logits, y, c)[0] / y.numel())
wrong("04-4", "of_those_answered")(lambda logits, y, c: of_class(logits, y, c)[0] / of_class(logits, y, c)[1])
wrong("04-4", "of_those_answered")(lambda logits, y, c: (y == c)[logits.argmax(1) == c].float().mean())
wrong("04-4", "only_counts")(lambda logits, y, c: of_class(logits, y, c)[0])
wrong("04-4", "share_of_wrong")(lambda logits, y, c: (logits.argmax(1) != y)[y == c].float().mean())
wrong("04-4", "all_together")(lambda logits, y, c: (logits.argmax(1) == y).sum() / len(y))
wrong("04-4", "in_per_cent")(lambda logits, y, c: class_by_loop(logits, y, c) * 100)
wrong("04-4", "verdicts")(lambda logits, y, c: logits[y == c].argmax(1) == c)
unknown("04-4", "The accuracy of class 1 of 4 is")(lambda logits, y, c: 2 + class_by_loop(logits, y, c))
unknown("04-4", "The accuracy of class 1 of 3 is")(
    lambda logits, y, c: class_by_loop(logits, y, c) + (logits.shape[1] == 3)
)

# ── 5 ──


@right("04-5")
def convolution_of_torch(X, weight, bias):
    return F.conv2d(X[None], weight[None], torch.tensor([bias]))[0, 0]


@right("04-5")
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


@wrong("04-5", "bias_for_each_channel")
def convolution_channel_by_channel(X, weight, bias):
    return sum(convolution(x[None], w[None], bias) for x, w in zip(X, weight, strict=True))


@wrong("04-5", "leaves_an_edge")
def convolution_into_an_image(X, weight, bias):
    result, found = torch.zeros(X.shape[1:]), convolution(X, weight, bias)
    result[: len(found), : found.shape[1]] = found
    return result


wrong("04-5", "without_bias")(lambda X, weight, bias: convolution(X, weight, 0))
wrong("04-5", "flipped")(lambda X, weight, bias: convolution(X, torch.flip(weight, dims=(-2, -1)), bias))
wrong("04-5", "pads")(lambda X, weight, bias: convolution(X, weight, bias, padding=weight.shape[1] // 2))
wrong("04-5", "a_map_for_each")(
    lambda X, weight, bias: F.conv2d(X[None], weight[:, None], torch.tensor([bias] * len(X)), groups=len(X))[0]
)
wrong("04-5", "first_channel")(lambda X, weight, bias: convolution(X[0][None], weight[0][None], bias))
wrong("04-5", "means")(lambda X, weight, bias: convolution(X, weight, 0) / weight.numel() + bias)
unknown("04-5", "of 3 channels of 7×9, kernel 3, is")(lambda X, weight, bias: convolution(X, 2 * weight, bias))
unknown("04-5", "of 3 channels of 7×9, kernel 3, has the shape [7, 5], and [5, 7] is right.")(
    lambda X, weight, bias: convolution(X, weight, bias).T
)
unknown("04-5", "of 2 channels of 6×5, kernel 2, is")(
    lambda X, weight, bias: convolution(X, weight, bias) * (len(X) == 3)
)

# ── 6 ──


@right("04-6")
def moved_with_the_lesson_s_shift(X):
    right = int(torch.randint(0, 3, ()))
    return F.pad(X, (right, -right, 0, 0))


@right("04-6")
def moved_one_by_one(X):
    return torch.stack([x.roll(int(torch.randint(-2, 3, ())), dims=-1) for x in X])


@right("04-6")
def moved_now_and_then(X):
    return X.roll(2 if torch.rand(()) < 0.15 else 0, dims=3)


wrong("04-6", "moves_nothing")(lambda X: X.clone())
wrong("04-6", "always_the_same_way")(lambda X: torch.roll(X, 2, dims=3))
wrong("04-6", "doubles_the_batch")(lambda X: torch.cat([X, X.roll(1, dims=3)]))
unknown("04-6", "after `moved_batch` at [3] is 10, and 12 is right.")(lambda X: X[..., 2:])
unknown("04-6", "The share of held-out digits read wrong when moved by 2 pixels is")(
    lambda X: X.roll(int(torch.randint(-1, 2, ())), dims=3)
)
