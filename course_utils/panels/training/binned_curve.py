"""The curve of one run, as few enough points to send twelve times a second."""

import math

import numpy as np

POINTS = 400


class Curve:
    """Means of a run's losses and accuracies over bins of equal length, which grow with the run.

    The bins depend on the length of the run alone, so that the same run gives the same picture at any speed.
    """

    def __init__(self, run):
        self._steps_per_epoch = run.steps_per_epoch
        self._width = math.ceil(run.total_steps / POINTS)
        self._sums = np.zeros((math.ceil(run.total_steps / self._width), 2))
        self._seen = 0

    def extend(self, run):
        """Take in the steps that `run` has made since the last call."""
        steps = range(self._seen, len(run.history.steps))
        bins = np.array(steps, dtype=int) // self._width
        np.add.at(self._sums[:, 0], bins, run.history.steps[self._seen :])
        np.add.at(self._sums[:, 1], bins, run.step_accuracy[self._seen :])
        self._seen = len(run.history.steps)

    def points(self):
        """float32 [n, 3]: epochs at the end of the bin, mean loss, mean accuracy."""
        full, rest = divmod(self._seen, self._width)
        count = full + (rest > 0)
        steps = np.minimum(np.arange(1, count + 1) * self._width, self._seen)
        sizes = np.diff(steps, prepend=0)[:, None]
        epochs = steps[:, None] / self._steps_per_epoch
        return np.hstack([epochs, self._sums[:count] / sizes]).astype(np.float32)
