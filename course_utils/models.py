"""The networks of the lessons, by name."""

import torch
from torch import nn

from course_utils import checks

ACTIVATIONS = {
    "sigmoid": nn.Sigmoid,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "identity": nn.Identity,
}


def activation_layer(name):
    """The layer called `name`, for example `nn.ReLU()`.

    Raises:
        ValueError: no activation has this name.
    """
    return ACTIVATIONS[checks.one_of("activation", name, ACTIVATIONS)]()


def linear(shape, out_features):
    """One linear layer, as in lesson 02: [B, *shape] -> [B, out_features]."""
    return nn.Sequential(*_flatten(shape), nn.Linear(_size(shape), out_features))


def mlp(shape=(1, 28, 28), out_features=10, hidden=(128, 256), activation="sigmoid", dropout=0):
    """Linear layers with an activation after each but the last, as in lesson 03.

    Args:
        shape: of one example, without the batch.
        out_features: classes, or numbers to predict.
        hidden: neurons of each hidden layer; () gives a linear model.
        activation: a name in `ACTIVATIONS`.
        dropout: the share of each hidden layer's neurons that a step of training leaves out; 0 makes no such layer.

    Returns:
        An `nn.Sequential`: [B, *shape] -> logits [B, out_features].
    """
    layers, size = _flatten(shape), _size(shape)
    for neurons in hidden:
        layers += [nn.Linear(size, checks.whole("hidden", neurons, least=1)), activation_layer(activation)]
        layers += [nn.Dropout(dropout)] if dropout else []
        size = neurons
    return nn.Sequential(*layers, nn.Linear(size, out_features))


def cnn(shape=(1, 28, 28), out_features=10, hidden=(64,), activation="relu", dropout=0, channels=(32, 64)):
    """Two 3×3 convolutions, each followed by an activation and 2×2 max pooling, then an MLP, as in lesson 04.

    Args:
        shape: of one image: (channels, height, width), at least 10×10.
        out_features: classes.
        hidden: neurons of each hidden layer after the convolutions.
        activation: a name in `ACTIVATIONS`.
        dropout: as of `mlp`: of the hidden layers after the convolutions.
        channels: of the two convolutions.

    Returns:
        An `nn.Sequential`: [B, *shape] -> logits [B, out_features].

    Raises:
        ValueError: the images are too small: nothing would be left of them.
    """
    depth, height, width = shape
    if min(height, width) < 10:
        raise ValueError(f"model is 'cnn', and the images are {height}×{width}: it needs at least 10×10.")
    layers = []
    for out in channels:
        layers += [nn.Conv2d(depth, out, kernel_size=3), activation_layer(activation), nn.MaxPool2d(2)]
        depth, height, width = out, (height - 2) // 2, (width - 2) // 2
    return nn.Sequential(*layers, *mlp((depth, height, width), out_features, hidden, activation, dropout))


NAMES = ("linear", "mlp", "cnn")


def build(name, shape, out_features, hidden=(128, 256), activation="sigmoid", dropout=0):
    """The network `name` for examples of `shape`, on the CPU, initialised from torch's random state.

    Raises:
        ValueError: no network has this name, or `shape` doesn't suit it.
    """
    if checks.one_of("model", name, NAMES) == "linear":
        return linear(shape, out_features)
    if name == "cnn" and len(shape) != 3:
        raise ValueError(f"model is 'cnn', and an example has the shape {list(shape)}: it needs images.")
    return {"mlp": mlp, "cnn": cnn}[name](shape, out_features, hidden, activation, dropout)


def load_packed(model, arrays, name):
    """Give `model` the parameters that tools/stored has packed into whole numbers.

    Args:
        arrays: maps "NAME PART" to int8 and "NAME PART scale" to a number, for each PART of the `state_dict()`.
        name: NAME.
    """
    parts = {part: arrays[f"{name} {part}"] * arrays[f"{name} {part} scale"] for part in model.state_dict()}
    model.load_state_dict({part: torch.from_numpy(values) for part, values in parts.items()})


def _flatten(shape):
    return [nn.Flatten()] if len(shape) > 1 else []


def _size(shape):
    size = 1
    for side in shape:
        size *= side
    return size
