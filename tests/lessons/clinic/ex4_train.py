import torch

from tests.lessons.clinic.common import elsewhere, twice
from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def train_value(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    values = []
    for X, y in batches:
        value = loss(model(X), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(value.detach())
    return values


@answers.wrong("half_renamed")
def train_half(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        current = loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, current


@answers.wrong("first_batch_only")
def train_break(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        break
    return [loss.item()]


answers.unknown("The tensor of all weights after training is")(elsewhere(train_value))
answers.unknown("The list of losses at [0] is")(twice(train_value))
