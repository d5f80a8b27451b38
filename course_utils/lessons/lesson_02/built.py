"""What lesson 02 and its deeper notebooks write and use again, line for line."""

import numpy as np
import torch
from torch import nn


def squared_error(y_hat, y):
    return ((y_hat - y) ** 2).mean()  # the mean over the batch: one number


class LinearNet(nn.Module):
    def __init__(self, features=2):
        super().__init__()
        self.linear = nn.Linear(features, 1)

    def forward(self, X):
        return self.linear(X)  # [B, features] -> [B, 1]


def train_epoch(model, loader, optimizer, loss_fn):
    model.train()
    total = samples = 0
    for X, y in loader:
        loss = loss_fn(model(X), y)  # 1 forward, 2 loss
        optimizer.zero_grad()
        loss.backward()  # 3 backward
        optimizer.step()  # 4 update
        total += loss.item() * len(y)
        samples += len(y)
    return total / samples


def descend(X, y, lr, steps=30, optimizer=torch.optim.SGD):
    w = torch.zeros(2, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = optimizer([w, b], lr=lr)
    path, losses = [], []
    for step in range(steps + 1):
        loss = squared_error(X @ w + b, y)
        path.append([*w.tolist(), b.item()])
        losses.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
    return torch.tensor(path), losses  # [steps + 1, 3]


def start(torch_seed=None, numpy_seed=None):
    if torch_seed is not None:
        torch.manual_seed(torch_seed)
    if numpy_seed is not None:
        np.random.seed(numpy_seed)
    X = np.random.normal(0, 1, (20, 2))  # NumPy makes the data
    w = torch.randn(2)  # PyTorch makes the starting weights
    return torch.tensor(X, dtype=torch.float32), w


def roll(X, y, momentum=0.9, new_optimizer=False):
    torch.manual_seed(1)
    model, losses = nn.Linear(2, 1), []
    optimizer = torch.optim.SGD(model.parameters(), 0.005, momentum)
    for step in range(30):
        if step == 10 and new_optimizer:
            optimizer = torch.optim.SGD(model.parameters(), 0.0025, momentum)
        elif step == 10:
            optimizer.param_groups[0]["lr"] *= 0.5
        loss = squared_error(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
