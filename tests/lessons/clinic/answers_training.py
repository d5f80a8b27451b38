"""Answers to the bug clinic as learners write them: loops that train."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong


def training(step):
    """A training function for clinic-4, -7 and -8 around what `step(model, X, y, optimizer)` does to a batch."""

    def train(model, batches, *rest):
        epochs = rest[1] if len(rest) > 1 and isinstance(rest[1], int) else 1
        lr = rest[0] if isinstance(rest[0], float) else rest[1]
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        return [step(model, X, y, optimizer).item() for _ in range(epochs) for X, y in batches]

    return train


@right("clinic-4")
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


@wrong("clinic-4", "half_renamed")
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


@wrong("clinic-4", "first_batch_only")
def train_break(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        break
    return [loss.item()]


def descend(update):
    """A function for clinic-5 around `update(w, lr)`, which returns the new w."""

    def descend(w, X, y, lr, steps):
        for _ in range(steps):
            F.mse_loss(X @ w, y).backward()
            w = update(w, lr)
        return w

    return descend


@right("clinic-5")
@descend
def by_data(w, lr):
    w.data -= lr * w.grad
    w.grad.zero_()
    return w


@right("clinic-5")
@descend
def a_new_leaf(w, lr):
    return (w - lr * w.grad).detach().requires_grad_()


@right("clinic-5")
def descend_sgd(w, X, y, lr, steps):
    optimizer = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        ((X @ w - y) ** 2).mean().backward()
        optimizer.step()
    return w


@wrong("clinic-5", "makes_a_result")
@descend
def a_result(w, lr):
    return w - w.grad * lr


@wrong("clinic-5", "makes_a_constant")
@descend
def a_constant(w, lr):
    with torch.no_grad():
        return w - lr * w.grad


@wrong("clinic-5", "lets_gradients_add")
@descend
def not_cleared(w, lr):
    with torch.no_grad():
        w.sub_(lr * w.grad)
    return w


@right("clinic-7")
@training
def after_the_step(model, X, y, optimizer):
    loss = F.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
    model.zero_grad()
    return loss


@right("clinic-7")
@training
def to_zero_first(model, X, y, optimizer):
    optimizer.zero_grad(set_to_none=False)
    loss = nn.MSELoss()(model(X), y)
    loss.backward()
    optimizer.step()
    return loss


@wrong("clinic-7", "clears_too_early")
@training
def none_before_step(model, X, y, optimizer):
    loss = F.mse_loss(model(X), y)
    loss.backward()
    for p in model.parameters():
        p.grad = None
    optimizer.step()
    return loss


@wrong("clinic-7", "clears_once_an_epoch")
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


def scoring(loss_of):
    """A training function for clinic-8 with another loss, `loss_of(logits, y)`."""

    @training
    def step(model, X, y, optimizer):
        loss = loss_of(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


@right("clinic-8")
@scoring
def log_softmax_and_nll(logits, y):
    return nn.NLLLoss()(logits.log_softmax(1), y)


@right("clinic-8")
@scoring
def by_the_formula(logits, y):
    return (logits.logsumexp(1) - logits[range(len(y)), y]).mean()


@wrong("clinic-8", "forgets_the_logarithm")
@scoring
def minus_the_probability(logits, y):
    return -logits.softmax(1)[range(len(y)), y].mean()


@wrong("clinic-8", "softmax_down_the_batch")
@scoring
def softmax_0(logits, y):
    return nn.CrossEntropyLoss()(F.softmax(logits, 0), y)


@wrong("clinic-8", "squeezes_with_a_sigmoid")
@scoring
def sigmoid(logits, y):
    return nn.CrossEntropyLoss()(torch.sigmoid(logits), y)


# ── What no mistake has a name for, but the check still sees ──


def elsewhere(train):
    """Train a copy: the losses are right, and the model learns nothing."""
    return lambda model, *rest: train(copy.deepcopy(model), *rest)


def twice(train):
    """The model learns, and what is returned is not its losses."""
    return lambda *given: [2 * loss for loss in train(*given)]


for name, train in (("clinic-4", train_value), ("clinic-7", to_zero_first), ("clinic-8", by_the_formula)):
    unknown(name, "The tensor of all weights after training is")(elsewhere(train))
    unknown(name, "The list of losses at [0] is")(twice(train))


@unknown("clinic-5", "`w` after no step at all is")
def descend_at_least_once(w, X, y, lr, steps):
    return descend_sgd(w, X, y, lr, max(steps, 1))


@unknown("clinic-5", "`w` after 3 steps is")
def descend_slowly(w, X, y, lr, steps):
    return descend_sgd(w, X, y, lr / 2, steps)
