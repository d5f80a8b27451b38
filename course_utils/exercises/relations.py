"""What a wrong result has to do with the right one: a factor, a difference, an order, a shape turned around."""

import collections
import math

import numpy as np
import torch

from course_utils.exercises import compare

_ROUND = 1e-3  # share by which a factor may differ from the number that is said
_MOST = 1000  # a factor, or a divisor, beyond which nobody recognises it


def relation(pairs):
    """What wrong results have to do with the right ones, in a sentence, if it is the same in all pairs; or "".

    Args:
        pairs: (right, yours) of several draws.
    """
    for find in (_shape, _length, _order, _factor, _difference):
        found = [find(right, yours) for right, yours in pairs]
        if all(found):
            return found[0] if len(set(found)) == 1 else f"{found[0]} On larger inputs: {found[1]}"
    return ""


def _shape(right, yours):
    if not all(isinstance(one, torch.Tensor) for one in (right, yours)) or right.shape == yours.shape:
        return ""
    mine, goal = list(yours.shape), list(right.shape)
    if sorted(mine) == sorted(goal):
        return "The right sizes, in another order."
    if [n for n in mine if n != 1] == [n for n in goal if n != 1]:
        count = abs(len(mine) - len(goal))
        which = "A dimension of size 1 is" if count == 1 else f"{count} dimensions of size 1 are"
        return f"{which} {'too many' if len(mine) > len(goal) else 'missing'}."
    if len(mine) == len(goal):
        steps = {a - b for a, b in zip(mine, goal, strict=True)}
        if len(steps) == 1:
            return f"Each size is {_by(steps.pop())}."
    if len(mine) > len(goal) and mine[-len(goal) or len(mine) :] == goal:
        return "Something was still to be added up, or chosen, along its first dimensions."
    return ""


def _length(right, yours):
    if not all(isinstance(one, (list, tuple)) for one in (right, yours)) or len(right) == len(yours) or not yours:
        return ""
    if all(isinstance(one, str) for one in (*right, *yours)):  # a probe's own list of names or shapes, often sorted
        return _texts(collections.Counter(right), collections.Counter(yours))

    def same(a, b):
        return len(a) == len(b) and compare.difference(list(a), list(b)) is None

    if len(yours) < len(right):
        if same(right[-len(yours) :], yours):
            return f"The first {_entries(len(right) - len(yours))} missing; the others are right."
        if same(right[: len(yours)], yours):
            return f"The last {_entries(len(right) - len(yours))} missing; the others are right."
    elif same(right, yours[-len(right) :]):
        return f"The first {_entries(len(yours) - len(right))} too many; the others are right."
    elif same(right, yours[: len(right)]):
        return f"The last {_entries(len(yours) - len(right))} too many; the others are right."
    return ""


def _texts(right, yours):
    if not yours - right:
        return f"Missing in it: {_named(right - yours)}. The others are right."
    return "" if right - yours else f"Too many in it: {_named(yours - right)}. The others are right."


def _named(counter):
    return " and ".join(f"{f'{count} times ' if count > 1 else ''}`{text}`" for text, count in counter.items())


def _order(right, yours):
    one, other = _numbers(right), _numbers(yours)
    if one is None or other is None or one.shape != other.shape or one.size < 2:
        return ""
    if one.ndim == 2 and one.shape[0] == one.shape[1] and np.allclose(one, other.T, compare.RTOL, compare.ATOL):
        return "It is the right table, turned: rows and columns are exchanged."
    if np.allclose(np.flip(one, 0), other, compare.RTOL, compare.ATOL):
        return "The right numbers, the last first."
    if np.allclose(np.sort(one, None), np.sort(other, None), compare.RTOL, compare.ATOL):
        return "The right numbers, in another order."
    return ""


def _factor(right, yours):
    one, other = _numbers(right), _numbers(yours)
    if one is None or other is None or one.shape != other.shape or not np.all(np.abs(one) > compare.ATOL):
        return ""
    factors = other / one
    factor = float(factors.flat[0])
    if not np.allclose(factors, factor, _ROUND) or abs(factor) < 1 / _MOST or abs(factor) > _MOST:
        return ""
    if _whole(right):
        return ""
    what = "It is" if one.size == 1 else "Each number is"
    if abs(factor + 1) < _ROUND:
        return f"{what} right but for its sign."
    whole = next((n for n in (factor, 1 / factor) if abs(n - round(n)) < _ROUND * abs(n) and abs(round(n)) > 1), None)
    if whole is None:
        return f"Each number is {factor:.4g} times the right one." if one.size > 1 else ""
    return f"{what} {round(whole)} times {'as large as the right one' if whole == factor else 'too small'}."


def _difference(right, yours):
    one, other = _numbers(right), _numbers(yours)
    if one is None or other is None or one.shape != other.shape:
        return ""
    steps = other - one
    if not np.allclose(steps, steps.flat[0], compare.RTOL, compare.ATOL):
        return ""
    step = float(steps.flat[0])
    if _whole(right):
        return ""
    if one.size == 1 and abs(step - round(step)) > compare.ATOL:
        return ""
    return f"{'It' if one.size == 1 else 'Each number'} is {_by(step)}."


def _whole(right):
    """True of one whole number: many a number is twice or three times another one by chance."""
    return isinstance(compare.as_number(right), int)


def _by(step):
    size = f"{abs(step):.5g}"
    return f"{size} too {'large' if step > 0 else 'small'}"


def _entries(count):
    return "entry is" if count == 1 else f"{count} entries are"


def _numbers(value):
    """A number, a tensor or a list of numbers as a float array, or None."""
    number = compare.as_number(value)
    if number is not None and not getattr(value, "shape", ()):
        array = np.array(float(number)) if math.isfinite(number) else None
    elif isinstance(value, torch.Tensor) and value.numel() and not value.is_complex():
        array = value.detach().double().numpy()
    elif isinstance(value, (list, tuple)) and value and all(compare.as_number(one) is not None for one in value):
        array = np.array([float(compare.as_number(one)) for one in value])
    else:
        return None
    return array if array is not None and np.isfinite(array).all() else None
