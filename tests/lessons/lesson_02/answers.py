"""Answers to the exercises of lesson 02 as learners write them."""

import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong


@right("02-1")
def loss_of(theta, X, y):
    return F.mse_loss(torch.cat([X, torch.ones(len(X), 1)], dim=1) @ theta, y)


wrong("02-1", "without_bias")(lambda theta, X, y: F.mse_loss(X @ theta[:2], y))
wrong("02-1", "sum_of_squares")(lambda theta, X, y: loss_of(theta, X, y) * len(y))
wrong("02-1", "one_each")(lambda theta, X, y: (y - theta[2] - X @ theta[:2]).square())
wrong("02-1", "square_of_mean")(lambda theta, X, y: (y - theta[2] - X @ theta[:2]).mean().square())
wrong("02-1", "root")(lambda theta, X, y: loss_of(theta, X, y) ** 0.5)
wrong("02-1", "column_minus_row")(lambda theta, X, y: (X @ theta[:2].view(2, 1) + theta[2] - y).square().mean())
unknown("02-1", "The loss of 20 examples is")(lambda theta, X, y: 3 * loss_of(theta, X, y))
unknown("02-1", "The loss of 7 examples is")(lambda theta, X, y: loss_of(theta, X, y) * (1 if len(y) == 20 else 2))


def training(backward=True, clear=True, late=False, shape=(-1, 1), bias=True):
    def train(model, loader, lr):
        for X, y in loader:
            loss = F.mse_loss(model(X), y.view(shape))
            with torch.no_grad():
                if late:
                    for p in model.parameters():
                        p -= lr * (p.grad if p.grad is not None else 0)
            if clear:
                model.zero_grad()
            loss.backward()
            with torch.no_grad():
                if not late:
                    model[0].weight -= lr * model[0].weight.grad
                    model[0].bias -= lr * bias * model[0].bias.grad

    return train


right("02-2")(training())
wrong("02-2", "clears_never")(training(clear=False))
wrong("02-2", "steps_first")(training(late=True))
wrong("02-2", "loses_the_view")(training(shape=(-1,)))
unknown("02-2", "The weights after 5 batches")(lambda model, loader, lr: training()(model, loader[1:], lr))


@unknown("02-2", "The bias after 5 batches")
def train_without_bias(model, loader, lr):
    training()(model, loader, lr)
    model[0].bias.data.zero_()


right("02-3")(torch.tensor([300, 3, 96]))
wrong("02-3", "one_epoch")((100, 1, 32))
wrong("02-3", "drops_the_last")((300, 3, 93))
wrong("02-3", "rounds_at_the_end")((300, 3, 94))
wrong("02-3", "counts_examples")((3000, 3000, 3000))
unknown("02-3", "at [1] is 1, and 3 is right.")([300, 1, 96])


@right("02-4")
@torch.no_grad()
def step(parameters, lr):
    for p in parameters:
        p.add_(p.grad, alpha=-lr)
        p.grad.zero_()


@right("02-4")
def step_sgd(parameters, lr):
    optimizer = torch.optim.SGD(parameters, lr=lr)
    optimizer.step()
    optimizer.zero_grad()


wrong("02-4", "uphill")(lambda parameters, lr: step(parameters, -lr))


@wrong("02-4", "does_not_clear")
def step_only(parameters, lr):
    torch.optim.SGD(parameters, lr=lr).step()


@wrong("02-4", "renames")
def step_in_a_list(parameters, lr):
    parameters = [(p - lr * p.grad).detach() for p in parameters]


@wrong("02-4", "records")
def step_recorded(parameters, lr):
    for p in parameters:
        p.sub_(lr * p.grad)


unknown("02-4", "The first parameter after two steps is")(lambda parameters, lr: step(parameters, lr / 2))
unknown("02-4", "The second parameter after two steps is")(lambda parameters, lr: step(parameters[:1], lr))


@right("02-5")
def limit(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return len(A) / torch.linalg.matrix_norm(A, 2).item() ** 2


wrong("02-5", "one_over_steepest")(lambda X: limit(X) / 2)
wrong("02-5", "hessian_without_two")(lambda X: limit(X) * 2)
wrong("02-5", "without_ones")(lambda X: len(X) / torch.linalg.matrix_norm(X, 2) ** 2)
wrong("02-5", "sums")(lambda X: limit(X) / len(X))


@wrong("02-5", "flattest")
def limit_flattest(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return len(A) / torch.linalg.svdvals(A)[-1] ** 2


unknown("02-5", "The limit for 50 examples of 3 features is")(lambda X: 5 * limit(X))
unknown("02-5", "The limit for 20 examples of 1 feature is")(lambda X: limit(X) * (1 if len(X) == 50 else 3))

right("02-6")(["SGD, momentum 0.9", 0.0038])
wrong("02-6", "plain_descent")(["SGD", 1.0])
wrong("02-6", "too_long_steps")(("Adam", 1000.0))
unknown("02-6", "The loss after 30 steps with stretch 10 is 19.227, and 0.2 or less is the goal.")(("Adam", 0.01))
unknown("02-6", "and 0.2 or less is the goal.")(("Adam", 0.0))  # it goes nowhere, and so not up
unknown("02-6", "and 0.2 or less is the goal.")(("Adam", 10.0))  # up and down again, at the end below where it began
unknown("02-6", "The first of the two is 'AdamW', and 'an optimizer of the knob' is right.")(("AdamW", 0.2))
unknown("02-6", "The first of the two is 0.2, and 'an optimizer of the knob' is right.")((0.2, "Adam"))
unknown("02-6", "Your choice, an optimizer and a learning rate, is 'Adam', and 'a pair' is right.")("Adam")
