"""Optimizers of torch.optim by name, with their arguments checked before training starts."""

import inspect

import torch

from course_utils import checks

OPTIMIZERS = {name: getattr(torch.optim, name) for name in ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "AdamW")}
# They change how a step is computed, not what it computes, so no experiment sets them.
_MECHANICS = {"params", "lr", "foreach", "fused", "capturable", "differentiable"}


def argument_names(name):
    """The arguments of optimizer `name` that an experiment may set, as torch.optim spells them."""
    kind = OPTIMIZERS[checks.one_of("optimizer", name, OPTIMIZERS)]
    return [argument for argument in inspect.signature(kind).parameters if argument not in _MECHANICS]


def check(name, lr, arguments):
    """Raise unless `torch.optim.<name>(…, lr=lr, **arguments)` can be built.

    Raises:
        ValueError: unknown optimizer or argument, or a value torch.optim refuses.
        TypeError: `lr` is no number.
    """
    allowed = argument_names(name)
    for argument in arguments:
        checks.one_of(f"optimizer_args of {name}", argument, allowed)
    build(name, [torch.zeros(1, requires_grad=True)], lr, arguments)


def build(name, parameters, lr, arguments):
    """The optimizer `torch.optim.<name>` over `parameters`.

    Raises:
        ValueError: a value that torch.optim refuses; the sentence quotes its reason.
    """
    lr = checks.positive("lr", lr)
    try:
        return OPTIMIZERS[name](parameters, lr=lr, **arguments)
    except (ValueError, TypeError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raise ValueError(f"optimizer_args is {{{given}}}: {name} refuses it ({error}).") from error
