"""What probes have in common: small data, small networks, and ways to look at them."""

import inspect

import torch
from torch import nn


def class_batches(draw, batches=4, size=6, features=5, classes=10):
    """A list of (X [size, features], y int64 [size])."""
    return [(draw.randn(size, features), draw.labels(size, classes)) for _ in range(batches)]


def classifier(draw, features=5, classes=10):
    """A small network whose softmax is far from flat."""
    model = draw.network(lambda: nn.Sequential(nn.Linear(features, 8), nn.ReLU(), nn.Linear(8, classes)))
    with torch.no_grad():
        model[2].weight.mul_(4)  # same: the mistakes differ less, and are still told apart
    return model


def flat(model):
    """All parameters of a model, one after the other."""
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def shapes(model):
    """The shapes of a model's parameters, sorted, as texts."""
    return sorted(str(list(p.shape)) for p in model.parameters())


def fill(model):
    """Give every parameter values that depend only on its shape, so that the order of layers makes no difference."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.sin(torch.arange(1.0, p.numel() + 1) * (1 + p.dim())).view_as(p))


def kinds(result):
    """What a function returned, each part of it by the name of its class."""
    if not isinstance(result, (tuple, list)):
        return result
    return [f"the class {part.__name__}" if isinstance(part, type) else type(part).__name__ for part in result]


def notebooks(name, answer, known):
    """The class `name` of the notebook in which an answer, a function, stands; or else `known`."""
    found = getattr(inspect.unwrap(answer), "__globals__", {}).get(name)
    return found if isinstance(found, type) else known


def held(model, optimizer):
    """Which parameters of `model` the optimizer holds: a list of True and False."""
    ids = {id(p) for group in optimizer.param_groups for p in group["params"]}
    return [id(p) in ids for p in model.parameters()]


def rate(optimizer):
    """The learning rate, or a list of those that the optimizer's groups have if they differ."""
    rates = {group["lr"] for group in optimizer.param_groups}
    return rates.pop() if len(rates) == 1 else sorted(rates)


class _Notes(list):
    """A list that stays one when what holds it is copied: an answer may work on a copy of its model."""

    def __deepcopy__(self, memo):
        return self


class Watched(nn.Module):
    """A model that keeps, for each forward pass, what was in training mode and whether autograd recorded it.

    Attributes:
        modes, recorded: True or False for each pass; a mode is True as long as any layer is in training mode.
        awake: for each pass a text, the classes of its layers that were in training mode and compute otherwise then.
    """

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.modes, self.recorded, self.awake = _Notes(), _Notes(), _Notes()

    def forward(self, X):
        self.modes.append(any(layer.training for layer in self.modules()))
        self.recorded.append(torch.is_grad_enabled())
        differ = (nn.Dropout, nn.BatchNorm1d)
        kinds = [type(layer).__name__ for layer in self.modules() if layer.training and isinstance(layer, differ)]
        self.awake.append(" and ".join(kinds) or "none")
        return self.model(X)
