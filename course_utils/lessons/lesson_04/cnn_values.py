"""Exercises of lesson 04 that ask for a prediction, or set a goal."""

import functools

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from course_utils import data
from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise
from course_utils.training import evaluate, train_epoch

# ── 2 ── predict, then run: parameters, and numbers in the result

predicted = Exercise(
    "04-2",
    "counted",
    minutes=5,
    hints=(
        "One of the 16 kernels: a table of 5×5 for each channel, and one number more.",
        "The result: 16 maps. (32 + 2 · 2 − 4 − 1) // 2 + 1 is the side of each.",
    ),
    remember="A kernel does not know how large the image is. The `Linear` after `Flatten` does: four times the image, "
    "four times its weights.",
    value=True,
)


@predicted.probe
def look_at_counts(counted):
    layer = nn.Conv2d(3, 16, 5, stride=2, padding=2)
    found = [sum(p.numel() for p in layer.parameters())]
    found += [layer(torch.zeros(1, 3, side, side)).numel() for side in (32, 64)]
    # Compared as a whole, so that each way to be wrong has a name.
    yield "[parameters, numbers in the result for 32×32, for 64×64]", counted
    assert found == [1216, 4096, 16384]


@predicted.start
def counts_to_guess():
    return [..., ..., ...]  # parameters; result for 32×32; for 64×64


@predicted.solution
def counts():
    return [16 * (3 * 5 * 5 + 1), 16 * 16 * 16, 16 * 32 * 32]


@predicted.mistake("The results are right. 16 · 75 are the kernels' numbers; each kernel also has a bias.")
def forgets_the_biases():
    return [1200, 4096, 16384]


@predicted.mistake("The results are right. There is a bias for *each* of the 16 kernels, not one for all.")
def one_bias():
    return [1201, 4096, 16384]


@predicted.mistake("The results are right. Each kernel looks at all three channels: three tables of 5×5, and a bias.")
def one_channel():
    return [416, 4096, 16384]


@predicted.mistake("The parameters are right. Your results lack the padding: two zeros on each side.")
def without_padding():
    return [1216, 3136, 14400]


@predicted.mistake("The parameters are right. Your results lack the stride: the kernel moves by two, down and across.")
def without_stride():
    return [1216, 16384, 65536]


@predicted.mistake("The parameters are right, and so are the sides. There are 16 such maps, one for each kernel.")
def one_map():
    return [1216, 256, 1024]


@predicted.mistake("Only the last is wrong: twice as high *and* twice as wide is four times as many.")
def doubles():
    return [1216, 4096, 8192]


# ── 6 ── an open goal: digits that may stand elsewhere

reached = Exercise(
    "04-6",
    "moved_batch",
    minutes=12,
    hints=(
        "What has the network never seen, and how could it?",
        "`shift(X, right=…)` moves a batch. By how much is to change from batch to batch.",
        "A whole number from −2 to 2, drawn anew at each call: `torch.randint(-2, 3, ()).item()`.",
    ),
    remember="What the network is to bear has to be in what it learns from. No layer had to change for it.",
)

EPOCHS = 10
WRONG = 0.25  # the largest share of wrong answers that reaches the goal


@functools.cache
def framed():
    """8×8 digits in a black frame, so that nothing is lost when they move by two pixels: 1,077 and 360 held out.

    The test images stay unseen, as lesson 03 wants it.
    """
    parts = data.split(data.digits()[0], held_out=360)
    return tuple(TensorDataset(F.pad(part.images, (2, 2, 2, 2)), part.labels) for part in parts)


def wrong_after(moved_batch):
    """Share of the held-out digits that the network reads wrong in the end: {pixels moved to the right: share}."""
    train, held_out = framed()
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(200, 32), nn.ReLU(), nn.Linear(32, 10)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loader = data.batches(train, batch_size=64, shuffle=True, seed=0)
    for _ in range(EPOCHS):
        train_epoch(model, ((moved_batch(X.clone()), y) for X, y in loader), optimizer)
    X, y = held_out.tensors
    return {right: 1 - evaluate(model, TensorDataset(F.pad(X, (right, -right)), y))[1] for right in (0, 2)}


@reached.probe
def look_at_goal(moved_batch):
    batch = moved_batch(framed()[0].tensors[0][:6].clone())
    shape = list(batch.shape) if isinstance(batch, torch.Tensor) else batch
    yield "the shape, a list, of a batch [6, 1, 12, 12] after `moved_batch`", shape
    wrong = wrong_after(moved_batch)
    yield "the share of held-out digits read wrong where they are", AtMost(wrong[0], WRONG)
    yield "the share of held-out digits read wrong when moved by 2 pixels", AtMost(wrong[2], WRONG)


@reached.start
def batch_to_move(X):  # a batch [B, 1, 12, 12] that is about to be learned
    raise NotImplementedError  # the batch as the network is to see it


@reached.solution
def anew_each_time(X):  # a batch [B, 1, 12, 12] that is about to be learned
    right = torch.randint(-2, 3, ()).item()
    return F.pad(X, (right, -right))  # or shift(X, right)


@reached.mistake("You leave the batch as it is: moved digits stay as strange to the network as they were.")
def moves_nothing(X):
    return X


@reached.mistake(
    "You move every batch by the same two pixels. The network learns another place, and no longer reads digits where "
    "they are: change the distance from call to call."
)
def always_the_same_way(X):
    return F.pad(X, (2, -2))


@reached.mistake("You put the moved images beside the others: twice as many images as labels. Move, don't add.")
def doubles_the_batch(X):
    return torch.cat([X, F.pad(X, (2, -2))])


EXERCISES = (predicted, reached)
