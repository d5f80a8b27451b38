"""The rules that data have to keep.

Each returns what is wrong, the end of a sentence that begins with the part's name, or "".
"""

import itertools
from typing import NamedTuple

import torch

IGNORED = -100  # where torch's cross-entropy leaves out one of several targets of an example


class Seen(NamedTuple):
    """What the rules look at.

    Attributes:
        X: inputs [n, ...], or None where examples differ in shape.
        y: targets [n, ...]; class numbers [n, 1] as [n].
        whole: True if `y` is that of all examples.
        classes: their names, or None.
    """

    X: torch.Tensor | None
    y: torch.Tensor
    whole: bool
    classes: tuple | None


def few(values):
    """The first of some values as text."""
    values = list(values)
    shown = ", ".join(str(one)[:40] for one in itertools.islice(values, 6))
    return shown + (f", … ({len(values)} in all)" if len(values) > 6 else "")


# Of every part:


def not_finite(seen):
    for name in ("X", "y"):
        tensor = getattr(seen, name)
        if tensor is None or not tensor.is_floating_point() or tensor.sum().isfinite():  # which is much faster
            continue
        lost = ~tensor.isfinite()
        if lost.any():
            place = int(lost.flatten(1).any(1).nonzero()[0]) if lost.dim() > 1 else int(lost.nonzero()[0])
            return f"has NaN or infinity in {name}, {int(lost.sum()):,} in all, the first in example {place}"
    return ""


def _complex(seen):
    return "has complex numbers: X must be real" if seen.X is not None and seen.X.is_complex() else ""


def _below_zero(seen):
    y = seen.y
    below = [] if y.is_floating_point() else y[(y < 0) & ((y != IGNORED) | (y.dim() == 1))]
    return f"has the label {int(below[0])}: class numbers must be 0, 1, 2, …" if len(below) else ""


def _beyond_the_classes(seen):
    if seen.y.is_floating_point() or seen.classes is None or seen.y.max() < len(seen.classes):
        return ""
    last = len(seen.classes) - 1
    return f"has the label {int(seen.y.max())}, and {last + 1} classes: their numbers must be 0 to {last}"


def _one_hot(seen):
    y = seen.y
    if y.dim() != 2 or y.shape[1] < 2 or not ((y == 0) | (y == 1)).all() or not (y.sum(1) == 1).all():
        return ""
    return f"has one-hot targets {list(y.shape)}: give the numbers of the classes, y.argmax(1)"


# Of what is trained on:


def _not_from_zero(seen):
    y = seen.y
    if y.is_floating_point() or not seen.whole or seen.classes or y.min() <= 0:
        return ""
    first, last = int(y.min()), int(y.max())
    mend = f"they must begin at 0, as in y - {first}, unless they are numbers to predict, then give y.float()"
    return f"has labels from {first} to {last}: {mend}"


def _one_class(seen):
    y = seen.y
    if y.is_floating_point() or not seen.whole or y.min() < y.max():
        return ""
    return f"has examples of one class alone, {int(y.min())}: there must be two or more to learn to tell apart"


def _classes_as_floats(seen):
    y = seen.y
    if not y.is_floating_point() or y.numel() != len(y) or not (y == y.round()).all():
        return ""
    values = y.unique().tolist()
    if len(values) < 2 or (seen.classes is None and values != list(range(len(values)))):
        return ""
    return (
        f"has the whole numbers {values[0]:g} to {values[-1]:g} as floats for targets: for classes give y.long(), as "
        f"[{len(y):,}]; for numbers scale them, as in y / {values[-1]:g}"
    )


# Of what is evaluated on, beside what is trained on:


def _other_shape(seen, train):
    if seen.X is None or train.X is None or seen.X.shape[1:] == train.X.shape[1:]:
        return ""
    return f"has inputs of the shape {list(seen.X.shape[1:])}, and train has {list(train.X.shape[1:])}"


def _other_kind(seen, train):
    if seen.y.is_floating_point() == train.y.is_floating_point() and seen.y.dim() == train.y.dim():
        return ""
    kinds = [f"{str(y.dtype).removeprefix('torch.')} {list(y.shape)}" for y in (seen.y, train.y)]
    return f"has targets of {kinds[0]}, and train of {kinds[1]}"


def _other_classes(seen, train):
    if seen.classes and train.classes:
        if seen.classes == train.classes:
            return ""
        return f"has the classes {few(seen.classes)}, and train has {few(train.classes)}: they must be the same"
    if seen.y.is_floating_point() or not (seen.whole and train.whole) or seen.classes or train.classes:
        return ""
    unknown = sorted(set(seen.y.flatten().tolist()) - set(train.y.flatten().tolist()))
    return f"has the classes {few(unknown)}, of which train has no example" if unknown else ""


ALWAYS = (_complex, not_finite, _below_zero, _beyond_the_classes, _one_hot)
TO_LEARN_FROM = (_not_from_zero, _one_class, _classes_as_floats)
BESIDE = (_other_shape, _other_kind, _other_classes)
