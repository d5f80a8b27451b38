"""Answers to clinic-12 as learners write them."""

import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def read(rnn, maps):
    return torch.stack([rnn(one.flatten().unsqueeze(0))[0][0] for one in maps])


@answers.right
def read_last(rnn, maps):
    _, last = rnn(maps.flatten(1).unsqueeze(1))
    return last[-1]


@answers.wrong("keeps_the_time")
def read_time(rnn, maps):
    return rnn(maps.flatten(1)[:, None])[0]


@answers.wrong("keeps_the_layers")
def read_layers(rnn, maps):
    return rnn(maps.flatten(1)[:, None])[1]


@answers.wrong("unsqueezes_in_front")
def read_in_front(rnn, maps):
    return rnn(maps.flatten(1)[None])[0]


@answers.unknown("The result for a single image is")
def read_many(rnn, maps):
    return read(rnn, maps) * (1 if len(maps) > 1 else 2)
