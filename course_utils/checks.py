"""Checks of arguments. Each failure is one sentence: which argument, what was given, what is allowed."""

import difflib
import math
import numbers


def one_of(argument, value, allowed):
    """Return `value`; raise unless it is one of `allowed`.

    Raises:
        ValueError: it is not; the sentence lists what is allowed and the nearest name.
    """
    allowed = list(allowed)
    if isinstance(value, str) and value in allowed:
        return str(value)
    given = str(getattr(value, "__name__", value)).lower()  # torch.optim.Adam: adam
    short = "".join(word[:1] for word in given.split("_"))  # learning_rate: lr
    nearest = difflib.get_close_matches(given, [name.lower() for name in allowed], n=1, cutoff=0.5)
    nearest = [short] if short in allowed else nearest
    meant = [name for name in allowed if name.lower() in nearest]
    hint = f" Did you mean {meant[0]!r}?" if meant else ""
    raise ValueError(f"{argument} is {value!r}: it must be one of {', '.join(allowed)}.{hint}")


def whole(argument, value, least, most=None):
    """Return `value` as an int; raise unless it is a whole number of at least `least`, and at most `most`.

    Raises:
        TypeError: it is not a whole number (a string, a float, a bool).
        ValueError: it is smaller than `least`, or larger than `most`.
    """
    allowed = f"it must be a whole number of at least {least}{'' if most is None else f' and at most {most:,}'}."
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{argument} is {value!r} ({type(value).__name__}): {allowed}")
    if value < least or (most is not None and value > most):
        raise ValueError(f"{argument} is {value}: {allowed}")
    return int(value)


def flag(argument, value):
    """Return `value` as a bool; raise unless it is True or False.

    Raises:
        TypeError: it is neither, nor NumPy's.
    """
    if type(value).__name__ not in ("bool", "bool_"):
        raise TypeError(f"{argument} is {value!r} ({type(value).__name__}): it must be True or False.")
    return bool(value)


def finite(argument, value, allowed="a finite number"):
    """Return `value` as an int or a float; raise unless it is a finite number.

    Raises:
        TypeError: it is not a number.
        ValueError: it is infinite, NaN or too large for a float.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{argument} is {value!r} ({type(value).__name__}): it must be {allowed}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{argument} is {number}: it must be {allowed}.")
    return int(value) if isinstance(value, numbers.Integral) else number


def positive(argument, value):
    """Return `value` as a float; raise unless it is a finite number above 0.

    Raises:
        TypeError: it is not a number.
        ValueError: it is 0, negative, infinite or NaN.
    """
    number = finite(argument, value, "a finite number above 0")
    if number <= 0:
        raise ValueError(f"{argument} is {value}: it must be a finite number above 0.")
    return float(number)


def share(argument, value):
    """Return `value` as an int or a float; raise unless it is a number of at least 0 and below 1.

    Raises:
        TypeError: it is not a number.
        ValueError: it is another.
    """
    allowed = "a share, at least 0 and below 1"
    number = finite(argument, value, allowed)
    if not 0 <= number < 1:
        raise ValueError(f"{argument} is {value}: it must be {allowed}.")
    return number or 0


def mean_and_std(argument, value):
    """Return `value` as a pair of floats; raise unless it is (mean, std), the second above 0.

    Raises:
        TypeError, ValueError: it is no such pair.
    """
    if not (isinstance(value, tuple | list) and len(value) == 2):
        raise ValueError(f"{argument} is {value!r}: it must be a pair (mean, std), for example (0.5, 0.5).")
    mean, std = value
    if isinstance(mean, bool) or not isinstance(mean, numbers.Real) or not math.isfinite(mean):
        raise ValueError(f"{argument}'s mean is {mean!r}: it must be a finite number.")
    return float(mean), positive(f"{argument}'s std", std)


def same_length(**columns):
    """Raise unless all named columns have the same length.

    Raises:
        ValueError: they differ; the sentence names each with its length.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        found = " and ".join(f"{name} has {n}" for name, n in lengths.items())
        raise ValueError(f"{found} examples: they must have the same number.")
