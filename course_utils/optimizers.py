"""Optimizers and schedules of torch.optim by name, with their arguments checked before training starts."""

import inspect
from collections.abc import Iterable, Mapping

import torch
from torch.optim import lr_scheduler

from course_utils import checks, runtime

OPTIMIZERS = {name: getattr(torch.optim, name) for name in ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "AdamW")}
# They change how a step is computed, not what it computes, so no experiment sets them.
_AT_FIRST = {"initial_accumulator_value"}  # looked at when the optimizer is built, never again
_MECHANICS = {"params", "lr", "foreach", "fused", "capturable", "differentiable"}


def _warm_up(optimizer, steps):
    warm = max(1, steps // 10)
    up = lr_scheduler.LinearLR(optimizer, 0.01, total_iters=warm)
    down = lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(1, steps - warm))
    return lr_scheduler.SequentialLR(optimizer, [up, down], [warm])


# PyTorch's schedulers, to go on with each step of training, of so many in all. The optimizer's lr is the highest rate.
SCHEDULES = {
    "constant": lambda optimizer, steps: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "step": lambda optimizer, steps: lr_scheduler.StepLR(optimizer, step_size=max(1, steps // 3), gamma=0.1),
    "cosine": lambda optimizer, steps: lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps),
    "warm-up": _warm_up,
    "one-cycle": lambda optimizer, steps: lr_scheduler.OneCycleLR(
        optimizer, optimizer.param_groups[0]["lr"], total_steps=steps, cycle_momentum=False
    ),
}
_AHEAD = 64  # steps: what is known of a schedule doubles from there


class Rates:
    """`rates[step]`: the learning rate that schedule `name` has for a step, counted from 0, of `total_steps`.

    They are computed when they are wanted, and anew from the first each time there are twice as many: a half-made list
    is seen by nobody, whatever thread asks and whatever interrupts it.
    """

    def __init__(self, name, lr, total_steps):
        self._name, self._lr, self._total = name, lr, total_steps
        self._known = []

    def __getitem__(self, step):
        if step >= len(self._known):
            self._known = self._first(min(self._total, max(_AHEAD, 2 * step)))
        return self._known[step]

    def _first(self, count):
        parameter = torch.zeros(1, requires_grad=True, device="cpu")
        optimizer = torch.optim.SGD([parameter], self._lr)
        scheduler, found = SCHEDULES[self._name](optimizer, self._total), []
        optimizer.step()  # the scheduler wants it to come first
        while len(found) < count:
            found.append(optimizer.param_groups[0]["lr"])
            if len(found) < count:
                scheduler.step()
        return found


def argument_names(name):
    """The arguments of optimizer `name` that an experiment may set, as torch.optim spells them."""
    kind = OPTIMIZERS[checks.one_of("optimizer", name, OPTIMIZERS)]
    return [argument for argument in inspect.signature(kind).parameters if argument not in _MECHANICS]


def plain(name, lr, arguments):
    """`arguments` of `torch.optim.<name>` as plain Python: {name: number, True or False, or tuple of numbers}.

    A first step is tried with them.

    Raises:
        ValueError: unknown optimizer or argument, or a value that torch.optim refuses or that is not finite.
        TypeError: `arguments` is no mapping, or a value is not of the kind that the optimizer's default is.
    """
    allowed = argument_names(name)
    if not isinstance(arguments, Mapping):
        raise TypeError(f"optimizer_args is {arguments!r}: it must be a dict, for example {{'weight_decay': 0.01}}.")
    found = {}
    for argument, value in arguments.items():
        checks.one_of(f"optimizer_args of {name}", argument, allowed)
        found[str(argument)] = _like(default(name, argument), f"optimizer_args: {argument}", value)
    _tried(name, lr, found)
    return found


def default(name, argument):
    """The value that PyTorch gives an argument of optimizer `name`."""
    return inspect.signature(OPTIMIZERS[name]).parameters[argument].default


def check_change(name, arguments, argument, value):
    """Raise unless an optimizer `name`, built with `arguments` and at work, can take another value for `argument`.

    Raises:
        ValueError: it has looked at this argument when it began, and never will again.
    """
    optimizer = _tried(name, 1.0, arguments)
    try:
        optimizer.param_groups[0][argument] = value
        optimizer.step()
    except KeyError as error:
        raise ValueError(_too_late(name, argument)) from error
    if argument in _AT_FIRST:
        raise ValueError(_too_late(name, argument))


def build(name, parameters, lr, arguments):
    """The optimizer `torch.optim.<name>` over `parameters`.

    Raises:
        ValueError: a value that torch.optim refuses; the sentence quotes its reason.
    """
    try:
        return OPTIMIZERS[name](parameters, lr=lr, **arguments)
    except (ValueError, TypeError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raise ValueError(f"optimizer_args is {{{given}}}: {name} refuses it ({error}).") from error


def _tried(name, lr, arguments):
    """An optimizer of one parameter that has made a step."""
    parameter = torch.zeros(1, requires_grad=True, device="cpu", dtype=runtime.FLOAT)
    parameter.grad = torch.ones_like(parameter)
    optimizer = build(name, [parameter], lr, arguments)
    try:
        optimizer.step()
    except RuntimeError as error:
        raise ValueError(
            f"lr is {lr:g}, optimizer_args is {arguments}: {name} can't compute with that ({error})."
        ) from error
    return optimizer


def _like(example, argument, value):
    """`value` as plain Python, of the kind that `example` is."""
    if isinstance(example, bool):
        return checks.flag(argument, value)
    if not isinstance(example, tuple):
        return checks.finite(argument, value)
    if isinstance(value, str) or not isinstance(value, Iterable) or len(numbers := tuple(value)) != len(example):
        raise TypeError(f"{argument} is {value!r}: it must be a tuple of {len(example)} numbers.")
    return tuple(checks.finite(argument, one) for one in numbers)


def _too_late(name, argument):
    return f"changes: {argument} can't be changed on the way: {name} looks at it when it begins, and never again."
