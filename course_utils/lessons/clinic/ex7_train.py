"""clinic-7: gradients that add up."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train",
    kind="repair",
    title="Up and down for ever",
    minutes=3,
    text="A regression: `model(X)` and `y` are both `[B, 1]`. No error. The loss falls, climbs back to nearly where "
    "it began, falls again, and never comes to rest. It should be plain SGD.",
    hints=(
        "Print the norm of `model[0].weight.grad` in each step. Does it stay in the same region?",
        "`backward()` adds to what is in `.grad`. Who takes the old gradient away?",
        "`optimizer.zero_grad()`, with its parentheses, anywhere between one `step()` and the next `backward()`.",
    ),
    remember="`backward()` adds. Clear the gradient once for each update, after `step()` or before `backward()`.",
)


@exercise.probe
def probe(train, draw):
    n, features = draw.size(6), draw.size(5)
    model = draw.network(lambda: nn.Sequential(nn.Linear(features, 4), nn.ReLU(), nn.Linear(4, 1)))
    batches = [(draw.randn(n, features), draw.randn(n, 1)) for _ in range(draw.size(3))]
    yield "the list of losses", train(model, batches, 0.1, draw.size(2))
    yield "the tensor of all weights after training", probes.flat(model)


@exercise.solution
def solution(model, batches, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for X, y in batches:
            loss = F.mse_loss(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


exercise.broken("            optimizer.zero_grad()\n", "").says("The loss still falls and climbs as it did.")
exercise.edit(
    "clears_too_early",
    "optimizer.zero_grad()\n            loss.backward()",
    "loss.backward()\n            optimizer.zero_grad()",
).says("You clear between `backward()` and `step()`: the gradient is gone before it is used, and no weight ever moves.")
exercise.edit(
    "clears_once_an_epoch",
    "        for X, y",
    "        optimizer.zero_grad()\n        for X, y",
    "            optimizer.zero_grad()\n",
    "",
).says("You clear once an *epoch*: within an epoch the gradients still add up.")
