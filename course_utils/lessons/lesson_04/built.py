"""What lesson 04 writes and its deeper notebooks use, line for line."""

import copy

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from course_utils.data import batches
from course_utils.training import evaluate, train_epoch


def convolve(image, kernel):
    k = len(kernel)
    height, width = image.shape[0] - k + 1, image.shape[1] - k + 1
    result = torch.zeros(height, width)
    for r in range(height):
        for c in range(width):
            window = image[r : r + k, c : c + k]  # [k, k]
            result[r, c] = (window * kernel).sum()
    return result


def cnn():
    return nn.Sequential(
        # feature extraction
        nn.Conv2d(1, 32, 3),  # [B, 1, 28, 28] -> [B, 32, 26, 26]
        nn.ReLU(),
        nn.MaxPool2d(2),  # -> [B, 32, 13, 13]
        nn.Conv2d(32, 64, 3),  # -> [B, 64, 11, 11]
        nn.ReLU(),
        nn.MaxPool2d(2),  # -> [B, 64, 5, 5]
        # classification
        nn.Flatten(),  # -> [B, 1600]
        nn.Linear(1600, 64),
        nn.ReLU(),
        nn.Linear(64, 10),  # -> [B, 10], the logits
    )


def trained(model, data, test_data, epochs):
    """Train by the recipe; (training accuracy, test accuracy) of each epoch."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    history = []
    for epoch in range(epochs):
        loader = batches(data, batch_size=16)
        seen = train_epoch(model, loader, optimizer)[1]
        tested = evaluate(model, test_data)[1]
        history.append((seen, tested))
        print(f"epoch {epoch + 1}: training {seen:.1%}, test {tested:.1%}")
    return history


@torch.no_grad()
def feature_maps(model, image, layer, count=12):
    return model[: layer + 1](image)[0, :count]  # what this layer returns


def shift(images, right=0, down=0):
    """Move images [..., H, W]; what leaves is lost, what enters is black."""
    return F.pad(images, (right, -right, down, -down))  # negative: cut off


def shifted_accuracy(model, data, right):
    images, labels = data.tensors
    return evaluate(model, TensorDataset(shift(images, right), labels))[1]


def out_size(n, k, s=1, p=0, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


@torch.no_grad()
def answers_in(model, mode, X, batch_size=32):
    """The answers of a copy of `model`, so that its averages stay."""
    tested = copy.deepcopy(model).train(mode == "train()")
    return torch.cat([tested(part).argmax(1) for part in X.split(batch_size)])


def seen(photo, size):  # [3, H, W] in 0..1
    small = F.interpolate(photo[None], size=(size, size), mode="area")[0]
    return (small - 0.5) / 0.5  # [3, size, size] in -1..1
