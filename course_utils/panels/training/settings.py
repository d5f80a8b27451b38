"""The controls of a TrainingPanel, and what turning one means for an Experiment."""

import inspect
import math

import ipywidgets as widgets

from course_utils import checks, models, optimizers
from course_utils.panels.controls import controls

LIVE = ("optimizer", "lr", "momentum", "weight_decay")  # may change while the run trains
FIRST = ("optimizer", "lr", "activation")  # in sight; the others wait behind a button
BUDGETS = (math.inf, 10, 30, 60, 300)  # seconds
BATCH_SIZES = (1, 8, 16, 32, 64, 128, 256, 512, 1024)
WEIGHT_DECAYS = (0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
HIDDEN = ((), (32,), (128,), (128, 256), (256, 256, 256))


def make(experiment, budget):
    """The controls that suit `experiment`, each at its value: name -> widget."""
    lr = experiment.lr
    made = {
        "optimizer": _dropdown("optimizer", list(optimizers.OPTIMIZERS), experiment.optimizer),
        "lr": controls.LogSlider(min(1e-4, lr), max(10, lr), value=lr, label="lr"),
    }
    if experiment.model in ("mlp", "cnn"):
        made["activation"] = _dropdown("activation", list(models.ACTIVATIONS), experiment.activation)
        made["hidden"] = _dropdown("hidden layers", HIDDEN, experiment.hidden)
    made["momentum"] = controls.Slider(0.0, 0.99, step=0.01, label="momentum")
    made["weight_decay"] = _dropdown("weight decay", WEIGHT_DECAYS, argument_of(experiment, "weight_decay"))
    made["batch_size"] = _dropdown("batch size", BATCH_SIZES, experiment.batch_size)
    made["epochs"] = controls.Slider(1, max(50, experiment.epochs), value=experiment.epochs, label="epochs")
    made["seed"] = controls.Slider(0, max(99, experiment.seed), value=experiment.seed, label="seed")
    made["budget"] = _dropdown(
        "time budget", BUDGETS, math.inf if budget is None else checks.positive("budget", budget), text=_seconds
    )
    show_arguments(made, experiment)
    return made


def show_arguments(made, experiment):
    """Set momentum and weight decay to what `experiment` has; momentum can be turned for SGD alone."""
    # RMSprop makes room for momentum at its first step or never, so it could not be turned on half-way.
    made["momentum"].disabled = experiment.optimizer != "SGD"
    made["momentum"].value = argument_of(experiment, "momentum") if experiment.optimizer == "SGD" else 0.0
    made["weight_decay"].value = argument_of(experiment, "weight_decay")


def argument_of(experiment, name):
    """The optimizer's argument `name`, or PyTorch's default for it; 0 where the optimizer has none."""
    parameters = inspect.signature(optimizers.OPTIMIZERS[experiment.optimizer]).parameters
    default = parameters[name].default if name in parameters else 0
    return experiment.optimizer_args.get(name, default)


def turned(experiment, name, value):
    """`experiment` with the control `name` at `value`. A new optimizer comes with PyTorch's default arguments.

    Raises:
        TypeError, ValueError: the value can't be.
    """
    if name == "optimizer":
        return experiment.but(optimizer=value, optimizer_args={})
    if name in ("momentum", "weight_decay"):
        return experiment.but(optimizer_args={**experiment.optimizer_args, name: value})
    return experiment.but(**{name: value})


def newest(waiting):
    """Of changes (name, value) in the order they were asked for, those that count.

    The last of each name; and a new optimizer does away with what was asked of the old one.
    """
    kept = {}
    for name, value in waiting:
        if name == "optimizer":
            for argument in ("momentum", "weight_decay"):
                kept.pop(argument, None)
        kept.pop(name, None)
        kept[name] = value
    return list(kept.items())


def _dropdown(label, options, value, text=None):
    text = text or _text
    pairs = [(text(option), option) for option in options]
    if value not in [option for _, option in pairs]:
        pairs.append((text(value), value))
    style = {"description_width": "initial"}
    return widgets.Dropdown(
        options=pairs, value=value, description=label, style=style, layout=widgets.Layout(width="auto")
    )


def _seconds(budget):
    return "none" if budget == math.inf else f"{budget:g} s"


def _text(option):
    if isinstance(option, tuple):
        return " + ".join(str(size) for size in option) or "none"
    return f"{option:g}" if isinstance(option, float) else str(option)
