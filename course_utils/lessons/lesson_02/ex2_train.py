"""02-2: the four steps of training, in their order."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train",
    kind="repair",
    title="Repair this",
    minutes=5,
    text="The loss of this loop goes up and down and never falls. Why? Move one line.",
    hints=(
        "Print `model[0].weight` before and after. Does it move at all?",
        "What does `step()` read, and what has the line before it done to that?",
    ),
    remember="`zero_grad()` cleared the gradient that `backward()` had just written. Clear before `backward()` "
    "or after `step()`.",
)


@exercise.probe
def probe(train, draw):
    batches, features = draw.size(5), draw.size(2)
    w = draw.randn(features)
    loader = [(X, X @ w + 1) for X in draw.randn(batches, draw.size(6), features)]
    model = draw.network(lambda: nn.Sequential(nn.Linear(features, 1)))
    train(model, loader, 0.1)
    yield f"the weights and the bias after {batches} batches", probes.flat(model)


@exercise.solution
def solution(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in loader:
        loss = nn.MSELoss()(model(X), y.view(-1, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


exercise.broken(
    "optimizer.zero_grad()\n        loss.backward()", "loss.backward()\n        optimizer.zero_grad()"
).says("The loss still never falls.")
exercise.edit("clears_never", "optimizer.zero_grad()", "pass").says(
    "The weights move, but nothing clears the gradient any more: each batch adds to the one before."
)
exercise.edit(
    "steps_first",
    "optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()",
    "optimizer.step()\n        optimizer.zero_grad()\n        loss.backward()",
).says("`step()` now comes before `backward()`: each update uses the gradient of the batch *before*.")
exercise.edit("loses_the_view", "y.view(-1, 1)", "y").says(
    "You lost `y.view(-1, 1)` on the way: [B, 1] against [B], section 5's trap."
)
