"""Running a learner's code: within its limits, and with every way it can fail caught and located."""

import contextlib
import ctypes
import dis
import functools
import io
import math
import mmap
import numbers
import os
import random
import re
import reprlib
import sys
import threading
import time
import traceback
import warnings
from collections import deque
from typing import NamedTuple

import numpy as np
import torch

from course_utils import own_code, runtime
from course_utils.exercises import forked
from course_utils.exercises.compare import AtMost, Difference, difference
from course_utils.exercises.draw import Draw

GRACE = 0.5  # seconds that a thread is given to end once it is told to
_PRINTED = 2**14  # bytes that are kept of what is printed
_WARNINGS = 10  # that are kept
_ROOM = 10**6  # numbers, and entries of lists, that are kept of a value
_TEXT = 10_000  # characters that are kept of a text
_FRAMES = 1000  # innermost ones in which the learner's own line is looked for


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
        seen: [(label, value)], up to and including the first that is not right; nothing if it was late. Values are
            copies: tensors, numbers, texts, lists and tuples of them, an `Other` for everything else.
        difference: how the last value differs from the right one, or None.
        failure: a `Failure`, or None.
        late: True if it did not end in time.
        waited: seconds until it was stopped, if it was late without having computed that long.
        stuck: True if it could not be stopped either.
        line: where it was when its time was up.
        printed: what it printed, the beginning of it.
        warned: the messages of its first warnings.
    """

    seen: list
    difference: Difference | None = None
    failure: Failure | None = None
    late: bool = False
    waited: float | None = None
    stuck: bool = False
    line: tuple | None = None
    printed: str = ""
    warned: list = ()


class Other:
    """Stands for a value of no plain kind, or of too many numbers; it has that value's `repr`, shortened."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


class Sheet(io.TextIOBase):
    """A stream that keeps the beginning of what is written, in memory that a forked process shares."""

    def __init__(self):
        self._memory = mmap.mmap(-1, _PRINTED)

    def write(self, text):
        room = _PRINTED - self._memory.tell()
        self._memory.write(text[:room].encode(errors="replace")[:room])
        return len(text)

    def text(self):
        """What was written so far."""
        return self._memory[:].rstrip(b"\0").decode(errors="ignore")

    def close(self):
        """It stays open: nobody else would know what a learner's code has closed."""


def observe(look, answer, right=None, limit=3.0, within=contextlib.nullcontext, seed=0):
    """Look at an answer through a probe.

    A learner's code runs in a process of its own where that is possible, see `forked`: it ends in time whatever the
    code does, and leaves nothing behind. Elsewhere, and for programs of the course, it is a thread, so that the caller
    returns in time: a loop is ended by an exception raised inside it; a long call outside Python, or a loop that
    catches everything, is left behind. Nothing is raised but Ctrl-C, which ends the code.

    Args:
        look: generator function; `look(answer, draw)` yields (label, value).
        answer: what is looked at.
        right: what was seen of the right answer, to stop at the first difference; None to see all.
        limit: seconds of processor time (in a thread, of time), or None for programs of the course itself.
        within: a function that returns a context manager; the answer runs inside it.
        seed: of the `Draw`, and of torch's, NumPy's and Python's random numbers, whose states are restored afterwards,
            like default dtype, directory and streams.

    Returns:
        An `Observation`.
    """
    printed, errors = Sheet(), Sheet()
    work = functools.partial(_seen, look, answer, right, seed)
    apart = functools.partial(_apart, within, seed, printed, errors if limit else sys.stderr)
    found = None
    if limit is not None and forked.possible():
        with contextlib.suppress(OSError):  # no room for a process
            found = _in_a_process(work, apart, limit, seed)
    found = found or _in_a_thread(work, apart, limit, seed)
    if errors.text():
        sys.stderr.write(errors.text())
    return found._replace(printed=printed.text())


def _seen(look, answer, right, seed):
    """The `Observation` of an answer that comes to an end, in this thread."""
    seen, found, failed = [], None, None
    torch.set_default_device(None)  # this thread's, which ends with it
    try:
        with torch.inference_mode(False), torch.enable_grad(), runtime.use_threads(1):
            for label, value in look(answer, Draw(seed)):
                if right is not None:
                    found = difference(right[len(seen)][1], value)
                seen.append((label, plain(value)))
                if found:
                    large = any(isinstance(part, torch.Tensor) and part.numel() > _ROOM for part in found)
                    found = Difference(found.sentence) if large else plain(found)
                    break
    except BaseException as error:  # a learner's code may raise anything, SystemExit too
        failed = _failure(error)
    return Observation(seen, found, failed)


def accepts(look, answer, right, seed):
    """True if a program, looked at inside of what `observe` runs, is right; its random numbers start from `seed`."""
    found = runtime.RandomState(seed).call(functools.partial(_seen, look, answer, right, seed))
    return not found.failure and not found.difference


@contextlib.contextmanager
def _apart(within, seed, printed, errors):
    """What a learner's code may change for all threads, as it was afterwards; gives the list of warnings to come."""
    warned = []

    def keep(message, *_):
        if len(warned) < _WARNINGS:
            warned.append(str(message))

    states, dtype, folder = (random.getstate(), np.random.get_state()), torch.get_default_dtype(), _folder()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(errors),
            within(),
        ):
            warnings.simplefilter("always")
            warnings.showwarning = keep
            random.seed(seed)
            np.random.seed(seed)
            torch.set_default_dtype(torch.float32)
            yield warned
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_default_dtype(dtype)
        if folder is not None and _folder() != folder:
            os.chdir(folder)


def _folder():
    with contextlib.suppress(OSError):  # it is gone
        return os.getcwd()


def _in_a_process(work, apart, limit, seed):
    def whole():
        with apart() as warned:
            return work()._replace(warned=warned)

    ended = forked.run(whole, limit, seed)
    if ended.late:
        waited = limit + forked.PATIENCE if ended.computed < limit / 2 else None
        return Observation([], late=True, waited=waited, line=ended.line)
    if ended.result is None:
        what = "Python itself broke down" if ended.crash else "it ended the process in which it was checked"
        return Observation([], failure=Failure(ended.crash or "exit", what, ended.line, False))
    return ended.result


def _in_a_thread(work, apart, limit, seed):
    own, ended, ends = runtime.RandomState(seed), threading.Event(), []

    def run():
        try:
            ends.append(own.call(work))  # in this thread, where an answer may train an Experiment
        except BaseException as error:
            ends.append(Observation([], failure=_failure(error)))
        finally:
            ended.set()

    thread = threading.Thread(target=run, daemon=True)
    line, stuck = None, False
    with apart() as warned:
        try:
            with forked.uninterrupted():
                thread.start()
            # Not the thread's join: interrupted, that takes the thread for ended, up to Python 3.12.
            late = not ended.wait(limit)
        finally:  # also when the learner interrupts the wait
            with forked.uninterrupted():
                if thread.ident and not ended.is_set():
                    line = _where(thread)
                    stuck = not _stop(thread, ended)
                    own.give_up()
    found = Observation([], late=True, stuck=stuck, line=line) if late else ends[0]
    return found._replace(warned=warned)


def plain(value, room=None):
    """A copy of a value that holds nothing of a learner's own kinds: see `Observation`."""
    room = [_ROOM] if room is None else room  # what is left of it
    if value is None or value is ... or type(value) in (bool, int, float, complex):
        return value
    kind = next(
        (kind for kind in (torch.Tensor, np.ndarray, list, tuple, frozenset, dict) if isinstance(value, kind)), None
    )
    if kind:
        room[0] -= math.prod(value.shape) if kind in (torch.Tensor, np.ndarray) else len(value)
        if room[0] < 0:
            return Other(f"a {kind.__name__}, one of too many numbers")
    if kind is torch.Tensor:
        return value.detach().clone().as_subclass(torch.Tensor)
    if kind is np.ndarray and not value.dtype.hasobject:
        return np.array(value)
    if kind is dict:
        return {plain(key, room): plain(part, room) for key, part in value.items()}
    if kind in (list, tuple, frozenset):
        parts = [plain(part, room) for part in value]
        own = hasattr(value, "_fields") and type(value).__module__.startswith("course_utils.")
        return type(value)(*parts) if own else kind(parts)
    if isinstance(value, str):
        return str(value[:_TEXT])
    if isinstance(value, np.generic):
        return value
    if isinstance(value, numbers.Real):
        return float(value)
    return Other(_SHORT.repr(value))


_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxstring = _TEXT


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


def _stop(thread, ended):
    """Raise SystemExit in the thread until it has ended. Returns whether it did."""
    end = time.monotonic() + GRACE
    # SystemExit itself: no `except Exception` catches it, and threads print its subclasses, in red.
    while not ended.is_set() and thread.is_alive() and time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
        ended.wait(0.02)
    return ended.is_set() or not thread.is_alive()


def _where(thread):
    frame = sys._current_frames().get(thread.ident)
    return _own_line(traceback.extract_stack(frame)) if frame else None


def _failure(error):
    frames = traceback.StackSummary.extract(deque(traceback.walk_tb(error.__traceback__), _FRAMES))
    line = _own_line(frames)
    try:
        message = str(error)[:_TEXT]
    except BaseException:  # its class is the learner's own
        message = "an error without words"
    untouched = isinstance(error, NotImplementedError) and _raised(error)
    return Failure(type(error).__name__, message, line, untouched)


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
