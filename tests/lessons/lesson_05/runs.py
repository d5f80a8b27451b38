"""What several files of lesson 05's claims train."""

import functools

import numpy as np

from course_utils.experiment import Experiment
from course_utils.sweep import sweep

SGD, MOMENTUM, NESTEROV = "SGD", "momentum", "Nesterov"

OPTIMIZERS = {
    SGD: ("SGD", {}), MOMENTUM: ("SGD", {"momentum": 0.9}), NESTEROV: ("SGD", {"momentum": 0.9, "nesterov": True}),
    "RMSprop": ("RMSprop", {}), "Adagrad": ("Adagrad", {}), "Adadelta": ("Adadelta", {}),
    "Adam": ("Adam", {}), "AdamW": ("AdamW", {}),
}  # fmt: skip
NAMES = list(OPTIMIZERS)
RATES = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
SMALL = Experiment(data="digits", hidden=(32,), activation="relu", epochs=30, valid=287)


def last(histories, name, *shape):
    """The last value of each run in %, 0 if it diverged."""
    values = [0 if h.diverged_at is not None else 100 * getattr(h, name)[-1] for h in histories]
    return np.array(values).reshape(shape)


def setting(name, lr, seed, **changed):
    optimizer, arguments = OPTIMIZERS[name]
    return SMALL.but(optimizer=optimizer, optimizer_args=arguments, lr=lr, seed=seed, **changed)


@functools.cache
def swept(seed, epochs=30):
    """Section 5 with other seeds: mean validation accuracies [8, 9], chosen rates [8], test accuracies [8, 8], in %."""
    first = 100 * seed
    runs = [setting(name, lr, first + s, epochs=epochs) for name in NAMES for lr in RATES for s in range(3)]
    means = last(sweep(runs), "valid_accuracy", 8, 9, 3).mean(axis=2)
    chosen = means.argmax(axis=1)
    runs = [
        setting(n, RATES[c], first + s, epochs=epochs)
        for n, c in zip(NAMES, chosen, strict=True)
        for s in range(10, 18)
    ]
    return means, chosen, last(sweep(runs), "test_accuracy", 8, 8)
