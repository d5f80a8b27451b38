import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def loss_of(theta, X, y):
    return F.mse_loss(torch.cat([X, torch.ones(len(X), 1)], dim=1) @ theta, y)


answers.wrong("without_bias")(lambda theta, X, y: F.mse_loss(X @ theta[:2], y))
answers.wrong("sum_of_squares")(lambda theta, X, y: loss_of(theta, X, y) * len(y))
answers.wrong("one_each")(lambda theta, X, y: (y - theta[2] - X @ theta[:2]).square())
answers.wrong("square_of_mean")(lambda theta, X, y: (y - theta[2] - X @ theta[:2]).mean().square())
answers.wrong("root")(lambda theta, X, y: loss_of(theta, X, y) ** 0.5)
answers.wrong("column_minus_row")(lambda theta, X, y: (X @ theta[:2].view(2, 1) + theta[2] - y).square().mean())
answers.unknown("The loss of 20 examples is")(lambda theta, X, y: 3 * loss_of(theta, X, y))
answers.unknown("The loss of 7 examples is")(lambda theta, X, y: loss_of(theta, X, y) * (1 if len(y) == 20 else 2))


answers.right(lambda theta, X, y: ((X @ theta[:2] + theta[2] - y) ** 2).mean().item())
answers.right(lambda theta, X, y: ((X @ theta[:2] + theta[2] - y) ** 2).mean(dim=0, keepdim=True))


@answers.unknown("What your code changes in place is `y`, which the caller still needs")
def loss_in_place(theta, X, y):
    y -= X @ theta[:2] + theta[2]
    return (y**2).mean()
