"""How a value differs from the right one, in words: shape and dtype first, then the first wrong number."""

import inspect
import itertools
import math
import numbers
from typing import NamedTuple

import numpy as np
import torch

_SHOWN = (bool, str, numbers.Number, list, tuple, dict)  # what is told as it is where a text is right
PLACES = ("first", "second", "third", "fourth")
RTOL, ATOL = 1e-4, 1e-5  # far above rounding in another order, far below any mistake


class Difference(NamedTuple):
    """How two values differ.

    Attributes:
        sentence: what follows the name of the value, for example "is 3, and 2 is right."
        right, yours: tensors to draw side by side, or None.
        wrong: bool tensor, True where `yours` differs from `right`; None where their shapes do.
    """

    sentence: str
    right: torch.Tensor | None = None
    yours: torch.Tensor | None = None
    wrong: torch.Tensor | None = None


class AtMost(NamedTuple):
    """A goal: `value` must be `limit` or less; `why` says what was seen of an answer that misses it."""

    value: float
    limit: float
    why: str = ""


class Changed(NamedTuple):
    """{place: name} of the arguments that a function has changed: they may be no others than the right one changes."""

    names: dict


def difference(right, yours):
    """How `yours` differs from `right`, or None if it doesn't.

    Args:
        right: a tensor, a number, a text, True or False, or a list of such values.
        yours: anything.

    Returns:
        A `Difference` or None. Numbers may have any form: int, float, NumPy scalar, tensor of one number; where one of
        the two is an int, they have to be equal. Where a list is right, so is a tuple or a tensor.
    """
    if right is None or not isinstance(right, (torch.Tensor, list, tuple, bool, str, numbers.Real)):
        # The right answer gives none of these, but two wrong ones may: compare them by repr.
        return None if repr(right) == repr(yours) else Difference(f"is {kind(yours)}.")
    if yours is None:
        return Difference(f"is `None`, and {kind(right)} is needed. Is a `return` missing?")
    if isinstance(right, AtMost):
        if yours.value <= right.limit:  # never true of NaN
            return None
        return Difference(f"is {_spoken(yours.value)}, and {right.limit:g} or less is the goal. {yours.why}".strip())
    if isinstance(right, Changed):
        return _changed([name for place, name in yours.names.items() if place not in right.names])
    if isinstance(right, torch.Tensor):
        return _tensor(right, yours) if right.dim() else _number(right.item(), yours)
    if isinstance(right, (list, tuple)):
        return _list(right, yours)
    if isinstance(right, (bool, str)):
        if type(right) is type(yours) and right == yours:
            return None
        what = _short(yours) if isinstance(yours, _SHOWN) else kind(yours)
        return Difference(f"is {what}, and {_short(right)} is right.")
    return _number(right, yours)


def as_number(value):
    """A number in any form, a tensor or an array of one number included, as an int or a float; else None."""
    if isinstance(value, (torch.Tensor, np.ndarray, np.generic)):
        size = value.numel() if isinstance(value, torch.Tensor) else value.size
        value = value.item() if size == 1 else None
    return value if isinstance(value, numbers.Real) and not isinstance(value, bool) else None


def guess(right, yours, reasons=()):
    """What is wrong with a guess, without the right numbers: too large or too small; None if there is nothing to say.

    Args:
        right: a number, or a list of up to four.
        yours: anything.
        reasons: for each entry {wrong number: what gives it}.
    """
    if isinstance(right, (bool, str)) or right is None:
        return None
    if not isinstance(right, list):
        number = as_number(yours)
        return None if number is None else f"is {_spoken(number)}: {_size(right, number)}."
    entries = _entries(yours)
    if len(entries) != len(right):
        return None
    if None not in map(as_number, entries) and sorted(map(as_number, entries)) == sorted(right):
        return "has the right numbers, in another order."
    parts = itertools.zip_longest(PLACES[: len(right)], right, entries, reasons, fillvalue={})
    return "– " + ", ".join(f"the {place} is {_judged(*part)}" for place, *part in parts) + "."


def _judged(right, yours, reasons):
    number = as_number(yours)
    if number is None:
        return f"no number, but {_short(yours)}"
    why = f": {reasons[number]}" if number in reasons else ""
    return "right" if number == right else f"{_size(right, number)} ({_spoken(number)}{why})"


def kind(value):
    """The kind of `value`, in words."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {list(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {list(value.shape)}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, (bool, str)):
        return f"{value!r}"
    if isinstance(value, numbers.Number):
        return "a number"
    if isinstance(value, type):
        return f"the class `{value.__name__}`"
    if inspect.isroutine(value):
        return f"the function `{value.__name__}`, which nobody has called"
    return f"of type `{type(value).__name__}`"


def _tensor(right, yours):
    if isinstance(yours, np.ndarray):
        return Difference(f"is {kind(yours)}, and a torch tensor is needed: stay in torch, or use `torch.from_numpy`.")
    if not isinstance(yours, torch.Tensor):
        return Difference(f"is {kind(yours)}, and {kind(right)} is needed.")
    if yours.shape != right.shape:
        return Difference(f"has the shape {list(yours.shape)}, and {list(right.shape)} is right.", right, yours)
    if yours.dtype != right.dtype:
        return Difference(f"is of dtype `{yours.dtype}`, and `{right.dtype}` is right.")
    yours = yours.detach()
    if right.is_floating_point():
        wrong = ~torch.isclose(yours, right, rtol=RTOL, atol=ATOL, equal_nan=True)
    else:
        wrong = yours != right
    if not wrong.any():
        return None
    unknown = yours.isnan() & wrong if yours.is_floating_point() else torch.zeros_like(wrong)
    place = (unknown if unknown.any() else wrong).nonzero()[0].tolist()
    where = f" at {place}" if place else ""
    count = f" ({int(wrong.sum())} of {wrong.numel()} numbers are wrong.)" if wrong.numel() > 1 else ""
    at = tuple(place)
    sentence = f"is {_spoken(yours[at].item())}{where}, and {_spoken(right[at].item())} is right.{count}"
    return Difference(sentence, right, yours, wrong)


def _entries(value):
    """What stands in a list, a tuple or a flat tensor or array; of anything else nothing."""
    if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim == 1:
        return value.tolist()
    return value if isinstance(value, (list, tuple)) else ()


def _list(right, yours):
    if not isinstance(yours, (list, tuple)) and getattr(yours, "ndim", 0) != 1:
        return Difference(f"is {kind(yours)}, and {kind(right)} is needed.")
    yours = _entries(yours)
    if len(yours) != len(right):
        return Difference(f"has {len(yours)} entries, and {len(right)} are right.")
    for place, (one, other) in enumerate(zip(right, yours, strict=True)):
        found = difference(one, other)
        if found:
            return found._replace(sentence=f"at [{place}] {found.sentence}")
    return None


def _number(right, yours):
    number = as_number(yours)
    if number is None:
        one = "one number" if isinstance(yours, (torch.Tensor, np.ndarray)) else "a number"
        return Difference(f"is {kind(yours)}, and {one} is needed.")
    if number != number and right != right:  # two wrong answers, both NaN
        return None
    whole = isinstance(right, int) or isinstance(number, int)
    if number == right if whole else math.isclose(number, right, rel_tol=RTOL, abs_tol=ATOL):
        return None
    return Difference(f"is {_spoken(number)}, and {_spoken(right)} is right.")


def _size(right, number):
    return "too large" if number > right else "too small"


def _changed(names):
    if not names:
        return None
    what = " and ".join(f"`{name}`" for name in names)
    return Difference(f"is {what}, which the caller still needs: make something new, work on a copy, or put it back.")


def _spoken(number):
    if isinstance(number, float):
        return "NaN, not a number" if math.isnan(number) else f"{number:.5g}"
    try:
        return str(number)
    except ValueError:  # Python writes no more than 4,300 digits
        return f"a number of about {number.bit_length() * math.log10(2):,.0f} digits"


def _short(value):
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
