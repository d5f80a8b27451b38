"""Exercises of lesson 02."""

import torch
from torch import nn

from course_utils.exercises.exercise import Exercise

# ── 1 ── one line: a loss from three numbers

measured = Exercise(
    "02-1",
    "loss_of",
    minutes=3,
    hints=(
        "`theta[:2]` are the weights, `theta[2]` is the bias.",
        "The prediction is `X @ theta[:2] + theta[2]`. Its squared distance from `y`, and then the mean.",
    ),
    remember="`loss_of(best, X_test, y_test)` and `loss_of(learned, X_test, y_test)` are both near 0.0001. The referee "
    "need not win: it is the best on the *training* set.",
)


@measured.probe
def look_at_loss(loss_of):
    yield "the loss of 20 examples", loss_of(torch.randn(3), torch.randn(20, 2), torch.randn(20))
    yield "the loss of 7 examples", loss_of(torch.randn(3), torch.randn(7, 2), torch.randn(7))


@measured.start
def loss_to_write(theta, X, y):  # [3], [N, 2], [N]
    raise NotImplementedError  # one line: the mean squared error


@measured.solution
def mean_of_squares(theta, X, y):  # [3], [N, 2], [N]
    return ((X @ theta[:2] + theta[2] - y) ** 2).mean()


@measured.mistake("You leave the bias out: `theta[2]` belongs to every prediction.")
def without_bias(theta, X, y):
    return ((X @ theta[:2] - y) ** 2).mean()


@measured.mistake("You add the squares up. The loss is their mean, or it would grow with the number of examples.")
def sum_of_squares(theta, X, y):
    return ((X @ theta[:2] + theta[2] - y) ** 2).sum()


@measured.mistake("You return one loss for each example: take their mean.")
def one_each(theta, X, y):
    return (X @ theta[:2] + theta[2] - y) ** 2


@measured.mistake("You take the mean first and square it then. Errors of different sign cancel that way.")
def square_of_mean(theta, X, y):
    return (X @ theta[:2] + theta[2] - y).mean() ** 2


@measured.mistake("You take the root as well. The loss here is the mean squared error itself.")
def root(theta, X, y):
    return ((X @ theta[:2] + theta[2] - y) ** 2).mean().sqrt()


@measured.mistake("Section 5's trap: a column minus a row is a square. Keep both [N].")
def column_minus_row(theta, X, y):
    return ((X @ theta[:2, None] + theta[2] - y) ** 2).mean()


# ── 2 ── repair: the four steps in the wrong order

ordered = Exercise(
    "02-2",
    "train",
    minutes=5,
    hints=(
        "Print `model[0].weight` before and after. Does it move at all?",
        "What does `step()` read, and what has the line before it done to that?",
    ),
    remember="`zero_grad()` cleared the gradient that `backward()` had just written. Clear before `backward()` "
    "or after `step()`.",
)


def some_batches():
    w = torch.randn(2)
    return [(X, X @ w + 1) for X in torch.randn(5, 6, 2)]


@ordered.probe
def look_at_order(train):
    model = nn.Sequential(nn.Linear(2, 1))
    train(model, some_batches(), 0.1)
    yield "the weights after 5 batches", model[0].weight.clone()
    yield "the bias after 5 batches", model[0].bias.clone()


@ordered.broken("The loss still never falls.")
def clears_between(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in loader:
        loss = nn.MSELoss()(model(X), y.view(-1, 1))
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()


@ordered.solution
def clears_before(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in loader:
        loss = nn.MSELoss()(model(X), y.view(-1, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@ordered.mistake("The weights move, but nothing clears the gradient any more: each batch adds to the one before.")
def clears_never(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in loader:
        loss = nn.MSELoss()(model(X), y.view(-1, 1))
        loss.backward()
        optimizer.step()


@ordered.mistake("`step()` now comes before `backward()`: each update uses the gradient of the batch *before*.")
def steps_first(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in loader:
        loss = nn.MSELoss()(model(X), y.view(-1, 1))
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()


@ordered.mistake("You lost `y.view(-1, 1)` on the way: [B, 1] against [B], section 5's trap.")
def loses_the_view(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in loader:
        loss = nn.MSELoss()(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# ── 4 ── write: one step of an optimizer

stepped = Exercise(
    "02-4",
    "step",
    minutes=5,
    hints=(
        "Section 2 has these lines: an update for each parameter, with the recording switched off.",
        "`parameter -= lr * parameter.grad` under `torch.no_grad()`, then `parameter.grad = None`.",
    ),
    remember="That is all of plain SGD: read `.grad`, move against it in place, clear.",
)


@stepped.probe
def look_at_step(step):
    parameters = [torch.randn(2, 3, requires_grad=True), torch.randn(3, requires_grad=True)]
    for _ in range(2):
        ((torch.randn(4, 2) @ parameters[0]).square().mean() + parameters[1].square().sum()).backward()
        step(parameters, 0.1)
    yield "the first parameter after two steps", parameters[0].clone()
    yield "the second parameter after two steps", parameters[1].clone()


@stepped.start
def step_to_write(parameters, lr):
    raise NotImplementedError  # move each in place, clear its gradient


@stepped.solution
def moves_and_clears(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            parameter -= lr * parameter.grad
            parameter.grad = None


@stepped.mistake("Uphill! The gradient points to where the loss *grows*: subtract.")
def uphill(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            parameter += lr * parameter.grad
            parameter.grad = None


@stepped.mistake("The gradient is not cleared: the second step pushes with both.")
def does_not_clear(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            parameter -= lr * parameter.grad


@stepped.mistake(
    "No parameter has moved. `parameter = …` gives a new tensor a name inside your function; the caller's stays as it "
    "was."
)
def renames(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            old, parameter = parameter, parameter - lr * parameter.grad
            old.grad = None


@stepped.mistake("The update is recorded, and a leaf can't be changed in place then: put it under `torch.no_grad()`.")
def records(parameters, lr):
    for parameter in parameters:
        parameter -= lr * parameter.grad
        parameter.grad = None


# ── 5 ── write: the learning rate that is too large

limited = Exercise(
    "02-5",
    "border",
    minutes=8,
    hints=(
        "The bias is a weight as well, of a feature that is always 1.",
        "H = 2/N · AᵀA, where A is X with a column of ones. `torch.linalg.eigvalsh(H)` gives the curvatures.",
        "The steepest one decides: 2 / λ_max.",
    ),
    remember="The border is 2/λ_max, and the data alone tell where it is.",
)


@limited.probe
def look_at_limit(border):
    yield "the limit for 50 examples of 3 features", border(torch.randn(50, 3) * torch.tensor([1.0, 3.0, 0.5]))
    yield "the limit for 20 examples of 1 feature", border(torch.randn(20, 1) + 2)


@limited.start
def limit_to_write(X):  # [N, features]
    raise NotImplementedError  # the largest rate for X @ w + b, full batch


@limited.solution
def two_over_steepest(X):  # [N, features]
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    H = 2 / len(A) * A.T @ A
    return 2 / torch.linalg.eigvalsh(H).max().item()


@limited.mistake("You left the bias out: A has a column of ones beside the features.")
def without_ones(X):
    H = 2 / len(X) * X.T @ X
    return 2 / torch.linalg.eigvalsh(H).max()


@limited.mistake(
    "Your limit is exactly half the right one: it is 2/λ, since a step may overshoot by as much as it had."
)
def one_over_steepest(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    H = 2 / len(A) * A.T @ A
    return 1 / torch.linalg.eigvalsh(H).max()


@limited.mistake("Your limit is exactly twice the right one: the second derivative of a square has a 2, H = 2/N · AᵀA.")
def hessian_without_two(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    H = 1 / len(A) * A.T @ A
    return 2 / torch.linalg.eigvalsh(H).max()


@limited.mistake("That is the limit of the *flattest* direction. The steepest one breaks first.")
def flattest(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    H = 2 / len(A) * A.T @ A
    return 2 / torch.linalg.eigvalsh(H).min()


@limited.mistake("You divide by nothing: H is a *mean* over the N examples.")
def sums(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return 2 / torch.linalg.eigvalsh(2 * A.T @ A).max()


EXERCISES = (measured, ordered, stepped, limited)
