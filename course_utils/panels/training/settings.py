"""The controls of a TrainingPanel, one row each."""

import math
from collections.abc import Callable
from typing import NamedTuple

from course_utils import checks, models, optimizers
from course_utils.panels.controls.controls import LogSlider, Slider
from course_utils.panels.controls.parts import dropdown

BUDGETS = (math.inf, 10, 30, 60, 300)  # seconds
BATCH_SIZES = (1, 8, 16, 32, 64, 128, 256, 512, 1024)
WEIGHT_DECAYS = (0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
DROPOUTS = (0, 0.1, 0.2, 0.5, 0.8)
HIDDEN = ((), (32,), (128,), (128, 256), (256, 256, 256))


class Control(NamedTuple):
    """A control of a field of an Experiment.

    Attributes:
        name: of the field; the control's key in `panel.controls`.
        widget: `widget(values)` makes it, at the first of them, so that it can be set to each.
        live: True if it acts on the run that trains; otherwise it takes a new run.
        first: True if it is in sight; the others wait behind a button.
    """

    name: str
    widget: Callable
    live: bool = False
    first: bool = False

    def get(self, experiment):
        """The value that `experiment` has."""
        return getattr(experiment, self.name)

    def put(self, experiment, value):
        """`experiment` with another value. Raises TypeError or ValueError for one that can't be."""
        more = {"optimizer_args": {}} if self.name == "optimizer" else {}  # a new one comes with PyTorch's defaults
        return experiment.but(**{self.name: value}, **more)


class Argument(Control):
    """A control of an argument of the optimizer; not given, it has PyTorch's default, or 0 if there is none."""

    def get(self, experiment):
        known = self.name in optimizers.argument_names(experiment.optimizer)
        usual = optimizers.default(experiment.optimizer, self.name) if known else 0
        return experiment.optimizer_args.get(self.name, usual)

    def put(self, experiment, value):
        return experiment.but(optimizer_args={**experiment.optimizer_args, self.name: value})


def short(value):
    """A setting as a dropdown shows it: "0.01", "128 + 256", "Adam"."""
    if isinstance(value, tuple):
        return " + ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _options(options, label):
    return lambda values: dropdown(dict.fromkeys([*options, *values]), label, values[0], short)


TABLE = (
    Control("optimizer", _options(optimizers.OPTIMIZERS, "optimizer"), live=True, first=True),
    Control("lr", lambda lrs: LogSlider(min(1e-4, *lrs), max(10, *lrs), lrs[0], "lr"), live=True, first=True),
    Control("activation", _options(models.ACTIVATIONS, "activation"), first=True),
    Control("hidden", _options(HIDDEN, "hidden layers")),
    Control("dropout", _options(DROPOUTS, "dropout")),
    Control("schedule", _options(optimizers.SCHEDULES, "schedule")),
    Argument("momentum", lambda values: Slider(0.0, max(0.99, *values), values[0], 0.01, "momentum"), live=True),
    Argument("weight_decay", _options(WEIGHT_DECAYS, "weight decay"), live=True),
    Control("batch_size", _options(BATCH_SIZES, "batch size")),
    Control("epochs", lambda values: Slider(1, max(100, *values), values[0], label="epochs")),
    Control("seed", lambda values: Slider(0, max(99, *values), values[0], label="seed")),
)
CONTROLS = {control.name: control for control in TABLE}


def make(experiment, budget, others=()):
    """The controls that suit `experiment`, and that of the time budget in seconds or None: name -> widget.

    They can be set to what the experiments in `others` have, too.
    """
    without = () if experiment.model in ("mlp", "cnn") else ("activation", "hidden", "dropout")
    every = [experiment, *others]
    made = {one.name: one.widget([one.get(each) for each in every]) for one in TABLE if one.name not in without}
    seconds = math.inf if budget is None else checks.positive("budget", budget)
    made["budget"] = dropdown(BUDGETS, "time budget", seconds, lambda s: "none" if s == math.inf else f"{s:g} s")
    show(made, experiment)
    return made


def checked_names(argument, given, names):
    """`given` as a tuple.

    Raises:
        ValueError: one of them is none of `names`.
    """
    for name in given:
        if name not in names:
            raise ValueError(f"{argument} names {name!r}: there are {', '.join(names)}.")
    return tuple(given)


def show(made, experiment):
    """Set the controls to what `experiment` has; momentum can be turned for SGD alone."""
    for name in made.keys() & CONTROLS.keys():
        made[name].value = CONTROLS[name].get(experiment)
    # RMSprop makes room for momentum at its first step or never, so it could not be turned on half-way.
    made["momentum"].disabled = experiment.optimizer != "SGD"


def newest(waiting):
    """Of changes (name, value) in the order they were asked for, those that count.

    The last of each name; and a new optimizer does away with what was asked of the old one.
    """
    kept = {}
    for name, value in waiting:
        if name == "optimizer":
            kept = {other: kept[other] for other in kept if other == "lr"}
        kept.pop(name, None)
        kept[name] = value
    return list(kept.items())
