"""What lesson 01 writes and its deeper notebooks use, line for line."""

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
        with torch.no_grad():  # do not record the update
            w -= lr * w.grad
        path.append(w.tolist())
    return torch.tensor(path)  # [steps + 1, 2]


def distance(path):
    bottom = torch.tensor([2.0, -3.0])
    return (path - bottom).norm(dim=1)  # length of each row: [steps + 1]


def new_model():
    torch.manual_seed(0)  # the same start every time
    return nn.Sequential(  # one after the other:
        nn.Flatten(),  # [B, 1, 28, 28] -> [B, 784]
        nn.Linear(784, 32),  # -> [B, 32]
        nn.ReLU(),  # negative numbers become 0
        nn.Linear(32, 10),  # -> [B, 10], one score for each digit
    )
