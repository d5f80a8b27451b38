"""The curve of one run, as few enough points to send twelve times a second."""

import math

import numpy as np

POINTS = 400


class Curve:
    """Means of a run's losses and accuracies over bins of equal length, which grow with the run.

    The bins depend on the length of the run alone, so that the same run gives the same picture at any speed.
    """

    def __init__(self, history, epochs):
        """Take in the steps of `history` so far; a whole run has `epochs`."""
        self._history = history
        steps = history.steps_per_epoch * epochs
        self._width = math.ceil(steps / POINTS)
        self._sums = np.zeros((math.ceil(steps / self._width), 2))
        self._seen = 0
        self.extend()

    def extend(self):
        """Take in the steps made since the last call."""
        made = len(self._history.step_loss)
        bins = np.arange(self._seen, made) // self._width
        for column, values in enumerate((self._history.step_loss, self._history.step_accuracy)):
            np.add.at(self._sums[:, column], bins, values[self._seen : made])
        self._seen = made

    def points(self):
        """float32 [n, 3]: epochs at the end of the bin, mean loss, mean accuracy."""
        full, rest = divmod(self._seen, self._width)
        count = full + (rest > 0)
        steps = np.minimum(np.arange(1, count + 1) * self._width, self._seen)
        sizes = np.diff(steps, prepend=0)[:, None]
        epochs = steps[:, None] / self._history.steps_per_epoch
        return np.hstack([epochs, self._sums[:count] / sizes]).astype(np.float32)
