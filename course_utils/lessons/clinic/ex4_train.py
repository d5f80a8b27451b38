"""clinic-4: one name for two things."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train",
    kind="repair",
    title="One batch, then no more",
    minutes=3,
    text="`train` is called with a loss function, for example `nn.CrossEntropyLoss()`. The first batch works. The "
    "second: `TypeError: 'Tensor' object is not callable`.",
    hints=(
        "The first batch works, the second does not. What has changed in between?",
        "What is `loss` before the loop, and what is it after the first batch?",
        "Give the function and its result two names.",
    ),
    remember="A name holds one thing. `'Tensor' object is not callable` means: a tensor has taken a function's name. "
    "The usual pair is `loss_fn` and `loss`.",
)


@exercise.probe
def probe(train, draw):
    model = probes.classifier(draw)
    batches = probes.class_batches(draw)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.2)  # not the one that everybody would take
    yield "the list of losses", train(model, batches, loss_fn, 0.1)
    yield "the tensor of all weights after training", probes.flat(model)


@exercise.solution
def solution(model, batches, loss_fn, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


exercise.broken("loss_fn, lr", "loss, lr", "loss_fn(model", "loss(model").says("The second batch still stops it.")
exercise.edit(
    "half_renamed", "loss_fn, lr", "loss, lr", "loss = loss_fn(", "value = loss(", "loss.item()", "value.item()"
).says("Half renamed: the number has a new name, but the lines below still say `loss`, which is the function now.")
exercise.edit("first_batch_only", "    return losses", "        return losses").says(
    "Only the first batch is trained on: the loop ends there, or passes over the others."
)
