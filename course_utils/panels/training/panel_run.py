"""A run as a panel keeps it: its name, curve, row in the table, and its result in a sentence."""

import dataclasses
import math
import threading
import time
from typing import NamedTuple

from torch.utils.data import TensorDataset

from course_utils.data import gate
from course_utils.experiment import Experiment
from course_utils.panels.training.binned_curve import Curve
from course_utils.training import History

PREVIEW_SECONDS = 2


@dataclasses.dataclass
class Record:
    """One run, at hand or an earlier one.

    Attributes:
        id: counts the panel's runs from 1.
        experiment: repeats it, changes on the way included.
        history, curve: what came of it.
        usual: the settings that the name leaves out.
        visible: True if its curve is drawn.
    """

    id: int
    experiment: Experiment
    history: History
    usual: Experiment
    visible: bool = True

    def __post_init__(self):
        self.curve = Curve(self.history, self.experiment.epochs)

    @property
    def name(self):
        """Its settings, short: "1: SGD, lr 0.1, then Adam"."""
        e = self.experiment
        extras = [change_text(name, value) for name, value in e.optimizer_args.items()]
        if e.model in ("mlp", "cnn"):
            extras.append(e.activation)
        for name in ("hidden", "dropout", "schedule", "batch_size", "epochs", "seed"):
            if getattr(e, name) != getattr(self.usual, name):
                extras.append(f"{name.split('_')[0]} {getattr(e, name)}")
        changes = "".join(f", then {change_text(name, value)}" for _, name, value in self.history.changes)
        return f"{self.id}: {e.optimizer}, lr {e.lr:g}{''.join(f', {extra}' for extra in extras)}{changes}"

    @property
    def epochs(self):
        """Epochs done, whole and part."""
        return len(self.history.step_loss) / self.history.steps_per_epoch

    def held_out(self):
        """Results on validation data if there are any, else on test data: (name, losses, accuracies)."""
        h = self.history
        if self.experiment.valid:
            return "validation", h.valid_loss, h.valid_accuracy
        return "test", h.test_loss, h.test_accuracy

    def last(self):
        """(loss, accuracy) while training: means of the epoch where one has just ended, else the curve's newest point.

        NaN before the first step.
        """
        h = self.history
        if h.train_loss and self.epochs == len(h.train_loss):
            return h.train_loss[-1], h.train_accuracy[-1]
        points = self.curve.points()
        return (math.nan, math.nan) if len(points) == 0 else (float(points[-1, 1]), float(points[-1, 2]))

    def front(self):
        """What the front end draws of it, without the points."""
        h = self.history
        held_out, losses, accuracies = self.held_out()
        tests = [
            [min(epoch, self.epochs), finite(loss), finite(accuracy)]
            for epoch, (loss, accuracy) in enumerate(zip(losses, accuracies, strict=True), start=1)
        ]
        marks = {}
        for step, name, value in h.changes:
            marks.setdefault(step / h.steps_per_epoch, []).append(change_text(name, value))
        return {
            "id": self.id,
            "name": self.name,
            "color": self.id - 1,
            "visible": self.visible,
            "trained": bool(h.step_loss),
            "epochs": self.experiment.epochs,
            "tests": tests,
            "held_out": held_out,
            "marks": [[epoch, ", ".join(texts)] for epoch, texts in marks.items()],
            "diverged": None if h.diverged_at is None else h.diverged_at / h.steps_per_epoch,
            "cells": self.cells(),
        }

    def head(self):
        """Names of the table's columns; the first is the run's name."""
        what = self.held_out()[0]
        return ["run", "epochs", "training loss", f"{what} loss", f"{what} accuracy", "seconds"]

    def cells(self):
        """Its row in the table, without the name."""
        _, losses, accuracies = self.held_out()
        loss = "diverged" if self.history.diverged_at is not None else number(self.last()[0])
        return [
            f"{self.epochs:.3g}",
            loss,
            number(losses[-1]) if losses else "–",
            percent(accuracies[-1]) if accuracies else "–",
            f"{sum(self.history.seconds):.1f}",
        ]

    def pace(self, run, since, before):
        """How far `run` is, and how long it will take: it had made `before` steps at the time `since`."""
        steps = len(self.history.step_loss)
        left = (time.perf_counter() - since) / max(1, steps - before) * (run.total_steps - steps)
        loss, accuracy = self.last()
        parts = [f"epoch {self.epochs:.2f} of {self.experiment.epochs}"]
        if self.experiment.schedule != "constant":
            parts.append(f"lr {run.lr:.3g}")
        parts.append(f"training loss {number(loss)}")
        if self.history.has_accuracy:
            parts.append(f"accuracy {percent(accuracy)}")
        return ", ".join([*parts, f"about {left:.0f} s left"])

    def now(self):
        """The newest point of its curve, short."""
        loss, accuracy = self.last()
        return f"Loss {number(loss)}" + (f", {percent(accuracy)} right" if self.history.has_accuracy else "")

    def state(self, run, failed):
        """What goes on while nothing trains, and what Play will do."""
        if failed:
            return "Stopped by an error. Play starts a new run."
        if run.done:
            return "Ended. Play starts a new run; this one stays for comparison."
        return "Paused." if self.history.step_loss else "Ready."

    def headline(self, chance, earlier):
        """What came of it, in large type, once it has ended; what to do before.

        Args:
            chance: a `Chance`.
            earlier: the other runs, a list of `Record`.
        """
        h = self.history
        if not h.step_loss:
            line = f"fall below the dashed line ({chance.name})" if chance.loss is not None else "fall"
            return f"Press Play, and watch the loss {line}."
        if h.diverged_at is not None:
            return f"Diverged: at step {h.diverged_at:,} the loss was no number any more."
        what = self.held_out()[0]
        if len(h.train_loss) < self.experiment.epochs:
            return f"Paused after {self.epochs:.3g} of {self.experiment.epochs} epochs."
        mine, others = self._score(), [one._score() for one in earlier if one._score() is not None]
        text = (
            f"{percent(mine)} of the {what} data right."
            if h.has_accuracy
            else f"{what} loss {number(-mine)}.".capitalize()
        )
        if chance.loss is not None:
            text += (
                f" {chance.name.capitalize()}: {percent(chance.accuracy) if h.has_accuracy else number(chance.loss)}."
            )
        if others and mine > max(others):
            text += f" The best of {len(others) + 1} runs."
        elif others:
            text += f" The best so far: {percent(max(others)) if h.has_accuracy else number(-max(others))}."
        return text

    def _score(self):
        """The last result on held-out data, more being better; None if there is none."""
        _, losses, accuracies = self.held_out()
        if not losses or self.history.diverged_at is not None:
            return None
        return accuracies[-1] if self.history.has_accuracy else -losses[-1]

    def sentence(self):
        """The result of the run, to be read or heard."""
        h, steps = self.history, len(self.history.step_loss)
        if steps == 0:
            return f"Nothing is trained yet: press Play. Data: {h.source}."
        if h.diverged_at is not None:
            return (
                f"The loss was no finite number any more at step {h.diverged_at:,}: training diverged and ended there. "
                "A smaller learning rate may help."
            )
        loss, accuracy = self.last()
        text = f"After {self.epochs:.3g} of {self.experiment.epochs} epochs ({steps:,} steps) on {h.source} "
        text += f"the training loss is {number(loss)}"
        text += f" and the training accuracy {percent(accuracy)}" if h.has_accuracy else ""
        what, losses, accuracies = self.held_out()
        if losses:
            result = f"accuracy {percent(accuracies[-1])}" if h.has_accuracy else f"loss {number(losses[-1])}"
            text += f"; on {what} data: {result} after epoch {len(h.train_loss)}"
        return text + "."


class Chance(NamedTuple):
    """What one gets who has learned nothing: guesses among the classes, or always answers the mean of the targets.

    Attributes:
        name: of what such a one does.
        loss, accuracy: of it; None where it is not known, or there is no accuracy.
    """

    name: str
    loss: float | None = None
    accuracy: float | None = None


def chance(run):
    """The `Chance` that a `Run` begins with."""
    if not run.history.has_accuracy:
        known = isinstance(run.held_out, TensorDataset)
        y = run.held_out.tensors[-1] if known else None
        return Chance("always the mean", y.var(0, correction=0).mean().item() if known else None)
    classes, labels = gate.classes_of(run.train), gate.labels_of(run.train)
    count = len(classes) if classes else 0 if labels is None else int(labels.max()) + 1
    return Chance("guessing", math.log(count), 1 / count) if count > 1 else Chance("guessing")


def preview(experiment, steps):
    """A `Run` of `experiment` that has made so many steps, or as many as it could in `PREVIEW_SECONDS`."""
    run = experiment.start(resumable=False)
    clock = threading.Timer(PREVIEW_SECONDS, run.stop)
    clock.start()
    try:
        run.step(min(steps, run.total_steps))
    finally:
        clock.cancel()
    return run


def change_text(name, value):
    """A setting, short: "lr 0.01", "Adam", "betas (0.9, 0.99)"."""
    if name == "optimizer":
        return value
    return f"{name} {value:g}" if type(value) in (int, float) else f"{name} {value}"


def number(value):
    """A loss with three digits."""
    return "–" if math.isnan(value) else f"{value:.3g}"


def percent(value):
    """A fraction as a percentage with one decimal."""
    return "–" if math.isnan(value) else f"{value:.1%}".replace("%", " %")


def finite(value):
    """`value`, or None where JSON has no word for it."""
    return value if math.isfinite(value) else None
