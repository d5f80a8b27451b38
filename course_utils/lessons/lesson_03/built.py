"""What lesson 03 writes and its deeper notebooks use, line for line."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from course_utils.data import load
from course_utils.experiment import Experiment
from course_utils.training import fit


def small(activation="sigmoid", lr=0.1, seed=0):
    fixed = {"hidden": (32, 32), "batch_size": 32, "epochs": 20, "valid": 287}
    chosen = {"activation": activation, "lr": lr, "seed": seed}
    return Experiment(data="digits", **fixed, **chosen)


class MLP(nn.Module):
    def __init__(self, activation=nn.Sigmoid):  # no (): made into a layer below
        super().__init__()
        self.flatten = nn.Flatten()
        self.hidden1 = nn.Linear(28 * 28, 128)
        self.hidden2 = nn.Linear(128, 256)
        self.out = nn.Linear(256, 10)
        self.activation = activation()  # no parameters, so one serves twice

    def forward(self, X):
        X = self.flatten(X)  # [B, 1, 28, 28] -> [B, 784]
        X = self.activation(self.hidden1(X))  # -> [B, 128]
        X = self.activation(self.hidden2(X))  # -> [B, 256]
        return self.out(X)  # logits [B, 10]


def gradient_norms(model, X, y):
    model.zero_grad()
    F.cross_entropy(model(X), y).backward()
    weights = [p for p in model.parameters() if p.dim() == 2]  # no biases
    return [weight.grad.norm().item() for weight in weights]


def trapped(sort=False, twice=False, shuffle=False, epochs=5):
    train, test = load("digits")  # 8×8 pixels
    if sort:  # by label: zeros, then ones, ...
        train = TensorDataset(*train[train.labels.argsort(stable=True)])
    torch.manual_seed(0)
    layers = [nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)]
    if twice:
        layers.append(nn.Softmax(dim=1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    how = {"batch_size": 16, "shuffle": shuffle, "test": test}
    return fit(model, train, optimizer, epochs, **how)


def set_weights(weight, start):
    if start == "Xavier":
        nn.init.xavier_uniform_(weight)
    elif start == "Xavier, gain 4":
        nn.init.xavier_uniform_(weight, gain=4)
    elif start == "He":
        nn.init.kaiming_uniform_(weight, nonlinearity="relu")


def deep(depth, activation, start="PyTorch's"):
    layers = [nn.Flatten()]  # 8×8 pixels -> 64
    for n_in in [64] + (depth - 1) * [32]:
        layers += [nn.Linear(n_in, 32), activation()]
    model = nn.Sequential(*layers, nn.Linear(32, 10))
    for layer in model:
        if isinstance(layer, nn.Linear) and start != "PyTorch's":
            set_weights(layer.weight, start)
            nn.init.zeros_(layer.bias)
    return model


def study(images=300, weight_decay=0.0, dropout=0.0, epochs=60):
    train, _ = load("mnist")
    few = TensorDataset(*train[:images])
    rest = TensorDataset(*train[1000:2000])
    torch.manual_seed(0)
    layers = [nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(dropout)]
    layers += [nn.Linear(128, 256), nn.ReLU(), nn.Dropout(dropout)]
    model = nn.Sequential(*layers, nn.Linear(256, 10))
    optimizer = torch.optim.Adam(
        model.parameters(), lr=0.001, weight_decay=weight_decay
    )
    return fit(model, few, optimizer, epochs, valid=rest)
