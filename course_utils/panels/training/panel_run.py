"""A run as a panel keeps it: its name, curve, row in the table, and its result in a sentence."""

import dataclasses
import math
import threading

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
        for name, text in (("hidden", "hidden"), ("batch_size", "batch"), ("epochs", "epochs"), ("seed", "seed")):
            if getattr(e, name) != getattr(self.usual, name):
                extras.append(f"{text} {getattr(e, name)}")
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
