"""What the tests of lesson 02's notebooks share."""

import torch


def worst(estimate, truth):
    """The largest difference of two lists of numbers or tensors."""
    return (torch.as_tensor(estimate) - torch.as_tensor(truth)).abs().max().item()


def best(X, y):
    """The weights and the bias of least squares, [features + 1], for X [N, features] and y [N]."""
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return torch.linalg.lstsq(A, y.view(-1, 1)).solution.flatten()
