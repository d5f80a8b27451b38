import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def descend(update):
    """A function for clinic-5 around `update(w, lr)`, which returns the new w."""

    def descend(w, X, y, lr, steps):
        for _ in range(steps):
            F.mse_loss(X @ w, y).backward()
            w = update(w, lr)
        return w

    return descend


@answers.right
@descend
def by_data(w, lr):
    w.data -= lr * w.grad
    w.grad.zero_()
    return w


answers.right(descend(lambda w, lr: (w - lr * w.grad).detach().requires_grad_()))


@answers.right
def descend_sgd(w, X, y, lr, steps):
    optimizer = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        ((X @ w - y) ** 2).mean().backward()
        optimizer.step()
    return w


answers.wrong("makes_a_result")(descend(lambda w, lr: w - w.grad * lr))


@answers.wrong("makes_a_constant")
@descend
def a_constant(w, lr):
    with torch.no_grad():
        return w - lr * w.grad


@answers.wrong("lets_gradients_add")
@descend
def not_cleared(w, lr):
    with torch.no_grad():
        w.sub_(lr * w.grad)
    return w


answers.unknown("`w` after no step at all is")(lambda w, X, y, lr, steps: descend_sgd(w, X, y, lr, max(steps, 1)))
answers.unknown("`w` after 3 steps is")(lambda w, X, y, lr, steps: descend_sgd(w, X, y, lr / 2, steps))
