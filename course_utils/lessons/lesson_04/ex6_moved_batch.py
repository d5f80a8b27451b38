"""04-6: an open goal, digits that may stand elsewhere."""

import functools

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from course_utils import data
from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise
from course_utils.training import evaluate, train_epoch

exercise = Exercise(
    "moved_batch",
    kind="goal",
    title="An open goal",
    minutes=12,
    text="Small enough for the check: the 8×8 digits in a black frame of two pixels, and a small CNN "
    "that learns for ten epochs. Each batch goes through your `moved_batch(X)` first, and the network is trained on "
    "what that returns. Where the digits are, it then gets some 95 % of 360 held-out images right without your help; "
    "moved by two pixels to the right, fewer than a third. The goal: **at least 75 % at either place**.",
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


def wrong_after(moved_batch, draw):
    """Share of the held-out digits that the network reads wrong in the end: {pixels moved to the right: share}."""
    train, held_out = framed()
    model = draw.network(
        lambda: nn.Sequential(
            *(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Linear(200, 32), nn.ReLU(), nn.Linear(32, 10)),
        )
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loader = data.batches(train, batch_size=64, shuffle=True, seed=draw.number(0, 1000))
    for _ in range(EPOCHS):
        train_epoch(model, ((moved_batch(X.clone()), y) for X, y in loader), optimizer)
    X, y = held_out.tensors
    return {right: 1 - evaluate(model, TensorDataset(F.pad(X, (right, -right)), y))[1] for right in (0, 2)}


@exercise.probe
# same: other inputs do not decide whether the goal is reached
def probe(moved_batch, draw):
    n = draw.size(6)
    batch = moved_batch(framed()[0].tensors[0][:n].clone())
    shape = list(batch.shape) if isinstance(batch, torch.Tensor) else batch
    yield f"the shape, a list, of a batch [{n}, 1, 12, 12] after `moved_batch`", shape
    wrong = wrong_after(moved_batch, draw)
    yield "the share of held-out digits read wrong where they are", AtMost(wrong[0], WRONG)
    yield "the share of held-out digits read wrong when moved by 2 pixels", AtMost(wrong[2], WRONG)


@exercise.solution
def solution(X):  # a batch [B, 1, 12, 12] that is about to be learned
    right = torch.randint(-2, 3, ()).item()
    return F.pad(X, (right, -right))  # or shift(X, right)


exercise.starter("raise NotImplementedError  # the batch as the network is to see it")


@exercise.mistake("You leave the batch as it is: moved digits stay as strange to the network as they were.")
def moves_nothing(X):
    return X


exercise.edit("always_the_same_way", "torch.randint(-2, 3, ()).item()", "2").says(
    "You move every batch by the same two pixels. The network learns another place, and no longer reads digits where "
    "they are: change the distance from call to call."
)
exercise.edit("doubles_the_batch", "F.pad(X, (right, -right))", "torch.cat([X, F.pad(X, (right, -right))])").says(
    "You put the moved images beside the others: twice as many images as labels. Move, don't add."
)
