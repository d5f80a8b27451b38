"""What lesson 01 writes and its deeper notebooks use, line for line."""

import time

import torch
from torch import nn


def bowl(w):
    return 0.5 * ((w[0] - 2) ** 2 + 4 * (w[1] + 3) ** 2)


def descend(lr, clear=True, steps=100):
    w = torch.tensor([-4.0, 2.0], requires_grad=True)
    path = [w.tolist()]
    for step in range(steps):
        if clear:
            w.grad = None  # the line
        bowl(w).backward()
        with torch.no_grad():  # the update is not part of the loss
            w -= lr * w.grad
        path.append(w.tolist())
    return torch.tensor(path)  # [steps + 1, 2]


def distance(path):
    bottom = torch.tensor([2.0, -3.0])
    return (path - bottom).norm(dim=1)  # length of each row: [steps + 1]


def new_model():
    torch.manual_seed(0)  # the same start every time
    return nn.Sequential(  # layers, one after the other; B: number of images
        nn.Flatten(),  # [B, 1, 28, 28] -> [B, 784]
        nn.Linear(784, 32),  # -> [B, 32]
        nn.ReLU(),  # negative numbers become 0
        nn.Linear(32, 10),  # -> [B, 10], one score for each digit
    )


class Value:
    def __init__(self, value, inputs=(), name=""):
        self.value, self.grad, self.name = value, 0.0, name
        self.inputs = inputs  # pairs: an input, the result's slope in it

    def __add__(self, other):  # called for a + b
        slopes = [(self, 1.0), (other, 1.0)]
        return Value(self.value + other.value, slopes, "+")

    def __mul__(self, other):  # called for a * b
        slopes = [(self, other.value), (other, self.value)]
        return Value(self.value * other.value, slopes, "×")

    def relu(self):
        slope = 1.0 if self.value > 0 else 0.0
        return Value(self.value * slope, [(self, slope)], "relu")


def diamond():
    a = Value(2.0)
    b = a * a
    c = b * a
    d = b + c  # a² + a³
    return {"a": a, "b": b, "c": c, "d": d}


def as_found(result):
    numbers = [result]
    for number in numbers:  # the list grows while we go along it
        for other, _ in number.inputs:
            if other not in numbers:
                numbers.append(other)
    return numbers


def pass_back(numbers, steps=None):  # None: all of them
    numbers[0].grad = 1.0
    for number in numbers[:steps]:
        for other, slope in number.inputs:
            other.grad += slope * number.grad


def topological(result):
    numbers = []

    def visit(number):
        if number not in numbers:
            for other, _ in number.inputs:
                visit(other)
            numbers.append(number)

    visit(result)
    return numbers[::-1]  # the result first


def fastest(action, times=5):
    """Seconds that the fastest of several runs takes."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def with_momentum(lr, mu, steps=100):
    w = torch.tensor([-4.0, 2.0], requires_grad=True)
    v = torch.zeros(2)
    path = [w.tolist()]
    for step in range(steps):
        w.grad = None  # cleared, as it should be
        bowl(w).backward()
        with torch.no_grad():
            v = mu * v + w.grad
            w -= lr * v
        path.append(w.tolist())
    return torch.tensor(path)


def circle():  # 24 points around (2, -3)
    turn = torch.arange(24) * 2 * torch.pi / 24
    return torch.stack([2 + 3 * turn.cos(), 3 * turn.sin() - 3], dim=1)


def mean_bowl(w, points):
    across, up = (w - points).T
    return 0.5 * (across**2 + 4 * up**2).mean()


def together(copies, exchange=True, lr=0.1, steps=60):
    parts = circle().chunk(copies)  # each copy has its own points
    models = [torch.tensor([-4.0, 2.0], requires_grad=True) for _ in parts]
    paths = [[w.tolist()] for w in models]
    for _ in range(steps):
        average = torch.zeros(2)
        for w, part in zip(models, parts, strict=True):
            w.grad = None
            mean_bowl(w, part).backward()
            average += w.grad / len(models)
        with torch.no_grad():
            for w, path in zip(models, paths, strict=True):
                w -= lr * (average if exchange else w.grad)
                path.append(w.tolist())
    return torch.tensor(paths)  # [copies, steps + 1, 2]
