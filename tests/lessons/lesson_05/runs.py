"""What several files of lesson 05's claims train."""

import functools

import numpy as np

from course_utils.experiment import Experiment
from course_utils.lessons.lesson_05 import sweeps
from course_utils.sweep import sweep

SGD, MOMENTUM, NESTEROV = "SGD", "momentum", "Nesterov"

NAMES = list(sweeps.OPTIMIZERS)
RATES = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
SMALL = Experiment(data="digits", hidden=(32,), activation="relu", epochs=30, valid=287)
RIVALS = [SMALL.but(optimizer=kind, optimizer_args=arguments) for kind, arguments in sweeps.OPTIMIZERS.values()]


def last(histories, name):
    """The last value of each run in %, 0 if it diverged."""
    return 100 * np.nan_to_num(histories.array(name))


@functools.cache
def swept(seed, epochs=30):
    """Lesson 05's comparison, other seeds: mean validation accuracies [8, 9], chosen rates [8], tests [8, 8], in %."""
    first = 100 * seed
    runs = sweep([rival.but(epochs=epochs) for rival in RIVALS], lr=RATES, seed=range(first, first + 3))
    means = last(runs, "valid_accuracy").mean(axis=2)
    chosen = means.argmax(axis=1)
    at_best = [rival.but(lr=RATES[c], epochs=epochs) for rival, c in zip(RIVALS, chosen, strict=True)]
    return means, chosen, last(sweep(at_best, seed=range(first + 10, first + 18)), "test_accuracy")
