"""The grid of a sweep: the Experiments that it stands for, and their results as arrays of its shape."""

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np

from course_utils import checks
from course_utils.experiment import Experiment

_ARGUMENTS = [field.name for field in dataclasses.fields(Experiment)]
_RESULTS = [f"{part}_{what}" for part in ("train", "valid", "test") for what in ("loss", "accuracy")]


class Missing:
    """Stands for the History of an experiment that was not finished; it counts as False.

    Attributes:
        why: a sentence, which whoever asks it for a result gets as a RuntimeError.
    """

    def __init__(self, why):
        self.why = why

    def __bool__(self):
        return False

    def __repr__(self):
        return f"no History: {self.why}"

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise RuntimeError(f"There is no {name}: {self.why}")


class Histories(list):
    """A list of `History`, or `Missing`; those of a grid can be had as arrays.

    Attributes:
        shape: of the grid, a tuple; None if there was a plain list of Experiments.
    """

    def __init__(self, histories, shape):
        super().__init__(histories)
        self.shape = shape

    def array(self, name):
        """Return the value of each run after its last epoch.

        Args:
            name: "train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "test_loss" or "test_accuracy".

        Returns:
            A float64 array of the grid's shape. NaN where a run diverged, was interrupted or has no such value.

        Raises:
            ValueError: there is no grid, or no result has this name.
        """
        if self.shape is None:
            raise ValueError(
                "These histories have no grid, since sweep got a plain list: "
                "write the values as arguments, as in sweep(base, lr=[0.01, 0.1])."
            )
        checks.one_of("name", name, _RESULTS)
        return np.array([_last(history, name) for history in self], dtype=float).reshape(self.shape)


def spread(experiments, axes):
    """Return the Experiments that a sweep is to train, in the order of nested loops over the axes.

    Args:
        experiments: an Experiment, or a list of them, which is then the first axis.
        axes: {argument of an Experiment: its values}; there must be one if `experiments` is a single one.

    Returns:
        (list of Experiments, shape of the grid or None if there are no axes).

    Raises:
        TypeError: no Experiment, or an axis is no list.
        ValueError: an axis is empty or named like no argument, or holds a value that can't be.
    """
    alone = isinstance(experiments, Experiment)
    if alone and not axes:
        raise TypeError(
            "experiments is a single Experiment: it must be a list of them, "
            "or come with values to try, as in sweep(base, lr=[0.01, 0.1])."
        )
    bases = [experiments] if alone else list(experiments)
    for place, experiment in enumerate(bases):
        if not isinstance(experiment, Experiment):
            raise TypeError(f"experiments[{place}] is {experiment!r}: it must be an Experiment.")
    if not axes:
        return bases, None
    for name in axes:
        checks.one_of("argument", name, _ARGUMENTS)
    columns = [_values(name, given) for name, given in axes.items()]
    shape = tuple(map(len, columns if alone else [bases, *columns]))
    points = itertools.product(bases, *columns)
    return [base.but(**dict(zip(axes, values, strict=True))) for base, *values in points], shape


def _values(name, given):
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"{name} is {given!r}: it must be a list of the values to try.")
    if not (values := given.tolist() if isinstance(given, np.ndarray) else list(given)):
        raise ValueError(f"{name} is {given!r}: it must hold at least one value to try.")
    return values


def _last(history, name):
    values = getattr(history, name) if history else ()
    return values[-1] if values and history.diverged_at is None else math.nan
