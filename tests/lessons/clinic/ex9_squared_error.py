"""Answers to clinic-9 as learners write them."""

import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def squared_error(model, X, y):
    return F.mse_loss(model(X), y.view(-1, 1))


@answers.right
def squared_error_flat(model, X, y):
    return (model(X)[:, 0] - y).square().sum() / len(y)


@answers.wrong("takes_the_sum")
def squared_error_sum(model, X, y):
    return F.mse_loss(model(X), y[:, None], reduction="sum")


@answers.wrong("squares_the_mean")
def squared_error_mean(model, X, y):
    return torch.mean(model(X) - y.view(-1, 1)) ** 2


@answers.wrong("takes_the_first_row")
def squared_error_first(model, X, y):
    return F.mse_loss(model(X)[0].expand(len(y)), y)


@answers.unknown("The loss is")
def squared_error_and_one(model, X, y):
    return squared_error(model, X, y) + (len(y) > 1)


@answers.unknown("`loss.requires_grad` is False")
def squared_error_detached(model, X, y):
    return squared_error(model, X, y).detach()


@answers.unknown("The gradient of the weights is")
def squared_error_half_detached(model, X, y):
    prediction = model(X)[:, 0]
    return (prediction.detach() - y).square().mean() + 0 * prediction.sum()


@answers.unknown("The loss for a single example is")
def squared_error_of_many(model, X, y):
    return squared_error(model, X, y) * (1 if len(y) > 1 else 2)
