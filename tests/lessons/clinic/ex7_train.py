import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.clinic.common import elsewhere, training, twice
from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
@training
def after_the_step(model, X, y, optimizer):
    loss = F.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
    model.zero_grad()
    return loss


@answers.right
@training
def to_zero_first(model, X, y, optimizer):
    optimizer.zero_grad(set_to_none=False)
    loss = nn.MSELoss()(model(X), y)
    loss.backward()
    optimizer.step()
    return loss


@answers.wrong("clears_too_early")
@training
def none_before_step(model, X, y, optimizer):
    loss = F.mse_loss(model(X), y)
    loss.backward()
    for p in model.parameters():
        p.grad = None
    optimizer.step()
    return loss


@answers.wrong("clears_once_an_epoch")
def train_epochwise(model, batches, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for X, y in batches:
            losses.append(F.mse_loss(model(X), y))
            losses[-1].backward()
            optimizer.step()
        optimizer.zero_grad()
    return [loss.item() for loss in losses]


answers.unknown("The tensor of all weights after training is")(elsewhere(to_zero_first))
answers.unknown("The list of losses at [0] is")(twice(to_zero_first))


@answers.unknown("The list of losses has 9 entries, and 6 are right.")
def as_many_epochs_as_batches(model, batches, lr, epochs):
    return to_zero_first(model, batches, lr, len(batches))
