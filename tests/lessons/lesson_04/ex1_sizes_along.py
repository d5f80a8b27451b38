import math

import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


def through(size):
    """A function that goes from layer to layer by `size(n, k, s, p, d)`."""

    def sizes(n, layers):
        all_sizes = [n]
        for layer in layers:
            all_sizes.append(size(all_sizes[-1], *layer))
        return all_sizes[1:]

    return sizes


@answers.right
def by_trying(n, layers):
    X, found = torch.zeros(1, 1, n, n), []
    for k, s, p, d in layers:
        X = nn.Conv2d(1, 1, k, stride=s, padding=p, dilation=d)(X)
        found.append(X.shape[-1])
    return found


@answers.right
def by_counting(n, layers):
    sizes = through(lambda n, k, s, p, d: sum(1 for _ in range(0, n + 2 * p - d * (k - 1), s)))
    return torch.tensor(sizes(n, layers))


answers.wrong("forgets_dilation")(through(lambda n, k, s, p, d: (n + 2 * p - k + s) // s))
answers.wrong("stretches_too_far")(through(lambda n, k, s, p, d: (n + 2 * p - k * d + s) // s))
answers.wrong("pads_once")(through(lambda n, k, s, p, d: (n + p - d * k + d - 1 + s) // s))
answers.wrong("forgets_the_first_place")(through(lambda n, k, s, p, d: (n + p + p - d * k + d - 1) // s))
answers.wrong("does_not_round")(through(lambda n, k, s, p, d: 1 + (n + 2 * p - d * k + d - 1) / s))
answers.wrong("rounds_up")(through(lambda n, k, s, p, d: 1 + round((n + 2 * p - d * k + d - 1) / s)))
answers.wrong("rounds_up")(through(lambda n, k, s, p, d: 1 + math.ceil((n + 2 * p - d * k + d - 1) / s)))
answers.wrong("adds_before_dividing")(through(lambda n, k, s, p, d: int((n + 2 * p - d * (k - 1) - 1 + 1) / s)))
answers.wrong("does_not_chain")(lambda n, layers: [by_trying(n, [layer])[0] for layer in layers])
answers.unknown("pixels and a kernel of 5, at [0] is")(lambda n, layers: [n for _ in layers])
answers.unknown("kernel 5, padding 2, at [0] is")(through(lambda n, k, s, p, d: (n - 2 * p - d * k + d - 1) // s + 1))
answers.unknown("kernel 3, dilation 3, at [0] is")(through(lambda n, k, s, p, d: (n + 2 * p - k + 1 - d) // s + 1))
answers.unknown("kernel 3, stride 5, at [0] is")(through(lambda n, k, s, p, d: n + 2 * p - d * (k - 1)))
answers.unknown("and four layers, has 5 entries, and 4 are right.")(
    lambda n, layers: [*by_trying(n, layers), *([0] if len(layers) > 1 else [])]
)
