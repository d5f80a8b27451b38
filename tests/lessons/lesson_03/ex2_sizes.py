import itertools

import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


def layers(*widths):
    pairs = itertools.pairwise(widths)
    return sum(p.numel() for n, m in pairs for p in nn.Linear(n, m).parameters())


answers.right((layers(64, 32, 10), layers(64, 32, 32, 10)))
answers.right(torch.tensor([2410, 3466]))
answers.wrong("without_biases")([2368, 3392])
answers.wrong("one_bias_a_layer")((2370, 3395))
answers.wrong("without_the_last")((2080, 3136))
answers.wrong("only_what_is_added")((2410, 1056))
answers.wrong("counts_neurons")((42, 74))
answers.unknown("the first is right, the second is too large (3467).")((2410, 3467))
answers.wrong("forgets_the_new_biases")((2410, 3434))
answers.wrong("biases_of_inputs")([2464, 3520])
answers.unknown("has the right numbers, in another order.")([3466, 2410])
