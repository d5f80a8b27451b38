import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def squared_error(model, X, y):
    return F.mse_loss(model(X), y.view(-1, 1))


answers.right(lambda model, X, y: (model(X)[:, 0] - y).square().sum() / len(y))
answers.wrong("takes_the_sum")(lambda model, X, y: F.mse_loss(model(X), y[:, None], reduction="sum"))
answers.wrong("squares_the_mean")(lambda model, X, y: torch.mean(model(X) - y.view(-1, 1)) ** 2)
answers.wrong("takes_the_first_row")(lambda model, X, y: F.mse_loss(model(X)[0].expand(len(y)), y))
answers.unknown("The loss is")(lambda model, X, y: squared_error(model, X, y) + (len(y) > 1))
answers.unknown("`loss.requires_grad` is False")(lambda model, X, y: squared_error(model, X, y).detach())


@answers.unknown("The gradient of the weights is")
def squared_error_half_detached(model, X, y):
    prediction = model(X)[:, 0]
    return (prediction.detach() - y).square().mean() + 0 * prediction.sum()


answers.unknown("The loss for a single example is")(
    lambda model, X, y: squared_error(model, X, y) * (1 if len(y) > 1 else 2)
)


answers.unknown("The loss is")(lambda model, X, y: (model(X)[:, 0] - y).square().sum() / X.shape[1])
