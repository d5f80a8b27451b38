"""Two stored sweeps: eight optimizers, 17 learning rates, three seeds, on the 8×8 digits and on MNIST.

One network each, one hidden layer of 32 ReLU neurons: 30 epochs of the digits, 5 of MNIST. tools/stored/lesson_05.py
trains them again.
"""

import functools
import pathlib
from typing import NamedTuple

import numpy as np

FILE = pathlib.Path(__file__).parent / "stored" / "sweeps.npz"
OPTIMIZERS = {  # name: torch's class, its arguments but for lr
    "SGD": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "Nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "RMSprop": ("RMSprop", {"alpha": 0.99}),
    "Adagrad": ("Adagrad", {}),
    "Adadelta": ("Adadelta", {"rho": 0.9}),
    "Adam": ("Adam", {}),
    "AdamW": ("AdamW", {"weight_decay": 0.01}),
}
RATES = [0.0003, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0]


IMAGES = {"MNIST": "mnist", "8×8 digits": "digits"}  # what a reader calls them: what the file does


class Stored(NamedTuple):
    """One sweep.

    Attributes:
        valid: [8 optimizers, 17 rates, 3 seeds, epochs] validation accuracies, fractions; NaN where a run was lost.
        fresh: [8 optimizers, 8 other seeds] test accuracies, each optimizer at its best rate of `valid`.
    """

    valid: np.ndarray
    fresh: np.ndarray


@functools.cache
def stored(images):
    """The `Stored` sweep on "8×8 digits" or "MNIST".

    Raises:
        KeyError: another name.
    """
    name = IMAGES[images]
    with np.load(FILE) as file:  # without pickle, as is numpy's default
        held_out, tested = file[f"{name}_images"].tolist()
        found = [(file[f"{name}_{what}"], images) for what, images in (("valid", held_out), ("fresh", tested))]
    return Stored(*(np.where(count < 0, np.nan, count / images) for count, images in found))
