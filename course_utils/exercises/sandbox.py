"""Running a learner's code: within a time limit, and with every way it can fail caught and located."""

import contextlib
import ctypes
import dis
import io
import re
import sys
import threading
import time
import traceback
import warnings
from typing import NamedTuple

import torch

from course_utils import own_code, runtime
from course_utils.exercises.compare import AtMost, Difference, difference
from course_utils.exercises.draw import Draw

GRACE = 0.5  # seconds that code is given to end once it is told to


class TimeUp(SystemExit):
    """Raised inside code that takes too long. No `except Exception` catches it, and no thread prints it."""


class Failure(NamedTuple):
    """An exception, without the frames that would keep the learner's tensors alive.

    Attributes:
        kind: its class's name.
        message: its text.
        line: the learner's own line that led to it, as (number, text), or None.
        untouched: True if a `raise` in the learner's own code raised NotImplementedError, as the stub does.
    """

    kind: str
    message: str
    line: tuple | None
    untouched: bool


class Observation(NamedTuple):
    """What was seen of a program.

    Attributes:
        seen: [(label, value)], up to and including the first that is not right.
        difference: how the last value differs from the right one, or None.
        failure: a `Failure`, or None.
        late: True if it did not end in time.
        stuck: True if it could not be stopped either.
        line: where it was when its time was up.
        printed: what it printed.
        warned: the messages of its warnings.
    """

    seen: list
    difference: Difference | None
    failure: Failure | None
    late: bool
    stuck: bool
    line: tuple | None
    printed: str
    warned: list


def observe(look, answer, right=None, limit=3.0, within=contextlib.nullcontext, seed=0):
    """Look at an answer through a probe.

    In a thread of its own, so that the caller returns in time whatever the code does: a loop is ended by an exception
    raised inside it; a long call outside Python, or a loop that catches everything, is left behind.

    Args:
        look: generator function; `look(answer, draw)` yields (label, value).
        answer: what is looked at.
        right: what was seen of the right answer, to stop at the first difference; None to see all.
        limit: seconds, or None for programs of the course itself.
        within: a function that returns a context manager; the answer runs inside it.
        seed: of the `Draw`, and of torch's random numbers, whose state is restored afterwards.
    """
    seen, ends = [], {"difference": None, "failure": None}
    random = runtime.RandomState(seed)

    def look_on():
        with runtime.use_threads(1):
            for label, value in look(answer, Draw(seed)):
                seen.append((label, _copy(value)))
                if right is not None:
                    ends["difference"] = difference(right[len(seen) - 1][1], value)
                    if ends["difference"]:
                        break

    def work():
        try:
            random.call(look_on)  # in this thread, where an answer may train an Experiment
        except BaseException as error:  # a learner's code may raise anything, SystemExit too
            ends["failure"] = _failure(error)

    thread = threading.Thread(target=work, daemon=True)
    printed, line, stuck = io.StringIO(), None, False
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(printed),
        within(),
    ):
        warnings.simplefilter("always")
        thread.start()
        try:
            thread.join(limit)
            late = thread.is_alive()
        finally:  # also when the learner interrupts the wait
            if thread.is_alive():
                line = _where(thread)
                stuck = not _stop(thread)
                random.give_up()
    warned = [str(warning.message) for warning in caught]
    return Observation(seen, ends["difference"], ends["failure"], late, stuck, line, printed.getvalue(), warned)


def same(one, other):
    """True if two programs, as `Observation`s, deviate from the right one in the same way."""
    return (
        len(one.seen) == len(other.seen)
        and _alike(one.failure, other.failure)
        and all(_equal(_bare(a), _bare(b)) for (_, a), (_, b) in zip(one.seen, other.seen, strict=True))
    )


def _equal(a, b):
    # One may be a tensor and the other a list or a number, which `difference` allows in one direction only.
    return not difference(a, b) or not difference(b, a)


def _stop(thread):
    """Raise `TimeUp` in the thread until it has ended. Returns whether it did."""
    end = time.monotonic() + GRACE
    while thread.is_alive() and time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
        thread.join(0.02)
    return not thread.is_alive()


def _where(thread):
    frame = sys._current_frames().get(thread.ident)
    return _own_line(traceback.extract_stack(frame)) if frame else None


def _failure(error):
    frames = traceback.extract_tb(error.__traceback__)
    line = _own_line(frames)
    return Failure(type(error).__name__, str(error), line, isinstance(error, NotImplementedError) and _raised(error))


def _raised(error):
    """True if a `raise` of the learner's own raised it: torch raises NotImplementedError, too, below a call."""
    last = error.__traceback__
    while last.tb_next:
        last = last.tb_next
    code = last.tb_frame.f_code
    return own_code.is_own(code.co_filename) and dis.opname[code.co_code[last.tb_lasti]] == "RAISE_VARARGS"


def _own_line(frames):
    frame = own_code.own_frame(frames)
    return (frame.lineno, frame.line) if frame else None


def _copy(value):
    return value.detach().clone() if isinstance(value, torch.Tensor) else value


def _bare(value):
    """A value as it is compared between wrong answers: of a goal what was reached, of a tensor of one number that."""
    if isinstance(value, AtMost):
        return value.value
    return value.item() if isinstance(value, torch.Tensor) and value.dim() == 0 else value


def _alike(one, other):
    """True if two failures are of one kind: on whatever line, and with words in whatever order (`lr * w`, `w * lr`)."""
    if one is None or other is None:
        return one is other
    return (one.kind, _words(one.message)) == (other.kind, _words(other.message))


def _words(message):
    """The words of an error's message in any order, without the addresses of objects."""
    return sorted(re.sub(r"0x[0-9a-f]+", "", message).split())
