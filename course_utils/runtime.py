"""What the course runs on: device, threads, random state, settings from the environment, the data directory."""

import contextlib
import os
import pathlib
import random
import signal
import sys
import tempfile
import threading

import numpy as np
import platformdirs
import torch
from tqdm.auto import tqdm

from course_utils import checks, own_draws

_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
FLOAT = torch.float32  # of every network and data set that has a name
BAR_DELAY = 1  # seconds: what ends sooner needs no progress bar


def setting(name):
    """The text of a setting from the environment, without spaces around it; None if it is not set or empty."""
    return os.environ.get(name, "").strip() or None


def _flag(name):
    given = setting(name)
    return given is not None and checks.one_of(name, given.lower(), _ON + _OFF) in _ON


def offline():
    """True if `COURSE_OFFLINE` is 1, true, yes or on: nothing is ever downloaded.

    Raises:
        ValueError: it is another word than these, 0, false, no and off; the same for the two below.
    """
    return _flag("COURSE_OFFLINE")


def strict():
    """True if `COURSE_STRICT` says so: an error inside a panel is raised as well as shown."""
    return _flag("COURSE_STRICT")


def headless():
    """True if nobody can use controls: what `COURSE_HEADLESS` says, else outside a Jupyter kernel."""
    return not in_kernel() if setting("COURSE_HEADLESS") is None else _flag("COURSE_HEADLESS")


def in_kernel():
    """True in a Jupyter kernel, False in a script or plain IPython."""
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def progress_bar(total, label, **options):
    """A `tqdm` bar that appears once work has taken a second, in a notebook or a terminal that somebody looks at."""
    hidden = headless() and not sys.stderr.isatty()
    # miniters=0: by itself tqdm looks at the clock the more seldom, the larger the last update was.
    return tqdm(total=total, desc=label, delay=BAR_DELAY, miniters=0, disable=hidden, **options)


def on_colab():
    """True if this code runs on Google Colab."""
    return "google.colab" in sys.modules


def device():
    """The `torch.device` to train on: CUDA if available, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def default_threads():
    """How many threads a run trains with unless it says otherwise: `COURSE_THREADS`, or 1.

    The default is 1 because OpenMP threads spin while they wait for each other: beside a second busy process on the
    same cores, a small network becomes many times slower on two threads, but not on one.

    Raises:
        TypeError, ValueError: `COURSE_THREADS` is no whole number of at least 1.
    """
    given = setting("COURSE_THREADS")
    if given is None:
        return 1
    try:
        number = int(given)
    except ValueError:
        number = given
    return checks.whole("COURSE_THREADS", number, least=1)


@contextlib.contextmanager
def use_threads(number):
    """Let torch compute with `number` threads inside the block, in the calling thread only."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def random_state():
    """Where torch's random numbers stand in this thread: uint8 tensors, for the CPU and, if it differs, `device()`."""
    kind = device().type
    accelerator = [] if kind == "cpu" else [torch.get_device_module(kind).get_rng_state()]
    return own_draws.generator().get_state(), *accelerator


def set_random_state(state):
    """Let torch's random numbers in this thread go on from a `random_state()`."""
    own_draws.generator().set_state(state[0])
    for other in state[1:]:
        torch.get_device_module(device()).set_rng_state(other)


class RandomState:
    """A separate stream of torch's random numbers.

    Two runs that take turns do not disturb each other's dropout, nor the notebook's. Torch has one stream for all
    threads, so a call in one thread waits until that in another has ended. A thread that was marked (see `own_draws`)
    draws from a generator of its own, and disturbs nobody; on an accelerator it waits like all others.

    Attributes:
        state: the `random_state()` that the next call begins with.
    """

    _turn = threading.RLock()

    def __init__(self, seed):
        self._outside = None  # during a call: the state to go back to
        self.state = random_state()
        self.call(lambda: torch.manual_seed(seed))

    def call(self, work, keep=False):
        """Return `work()`; its random numbers come from this stream.

        Ctrl-C ends `work` alone: torch's own stream is back, and the next has its turn, whenever it comes.

        Args:
            work: a function without arguments.
            keep: if `work` raises, Ctrl-C included, the next call goes on from there; by default it begins with the
                same numbers.
        """
        if own_draws.apart() and len(self.state) == 1:
            return self._call_apart(work, keep)
        turn, taken = RandomState._turn, False

        def begin():
            nonlocal taken
            taken = turn.acquire()
            self._outside = random_state()
            set_random_state(self.state)

        def end(failed):
            if self._outside and (keep or not failed):
                self.state = random_state()
            self._go_back()
            if taken:
                turn.release()

        return _with_ctrl_c_in_work_alone(begin, work, end)

    def _call_apart(self, work, keep):
        generator, failed = torch.Generator(device="cpu"), True
        generator.set_state(self.state[0])
        try:
            with own_draws.drawn_from(generator):
                result = work()
            failed = False
            return result
        finally:
            if keep or not failed:
                self.state = (generator.get_state(),)

    def give_up(self):
        """Release the state when the call hangs in another thread, so that others have their turn."""
        if self._outside:
            self._go_back()
            RandomState._turn = threading.RLock()

    def _go_back(self):
        if self._outside:
            set_random_state(self._outside)
            self._outside = None


def on_trial(work):
    """Return `work()`, after which torch's, Python's and NumPy's random numbers are where they were."""
    states = random.getstate(), np.random.get_state()
    try:
        return RandomState(0).call(work)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


def _with_ctrl_c_in_work_alone(begin, work, end):
    """`begin()`, `work()`, `end(failed)`. Ctrl-C that comes outside `work` is raised once `end` is done."""
    main = threading.current_thread() is threading.main_thread()
    outer = signal.getsignal(signal.SIGINT) if main else None  # other threads never meet a signal
    inside = pressed = False

    def press(number, frame):
        nonlocal pressed
        if inside:
            outer(number, frame)
        else:
            pressed = True

    if callable(outer):
        signal.signal(signal.SIGINT, press)
    failed = True
    try:
        try:
            begin()
            inside = not pressed
            if inside:
                result = work()
                failed = False
        finally:
            inside = False
    finally:
        inside = False  # if it was pressed just before the other one
        end(failed)
        if callable(outer):
            signal.signal(signal.SIGINT, outer)
    if pressed:
        raise KeyboardInterrupt
    return result


@contextlib.contextmanager
def plain_defaults():
    """Inside the block torch makes tensors of `FLOAT` on the CPU, whatever a notebook has made its default.

    In a thread that was marked (see `own_draws`) nothing changes: the default dtype is that of all threads.
    """
    dtype, place = torch.get_default_dtype(), torch.get_default_device()
    if own_draws.apart() or (dtype == FLOAT and place.type == "cpu"):
        yield
        return
    torch.set_default_dtype(FLOAT)
    try:
        with torch.device("cpu"):
            yield
    finally:
        torch.set_default_dtype(dtype)


def data_dir():
    """The folder for downloads and data, as an absolute path.

    `COURSE_DATA` if set, else the user's cache folder, so that a fresh clone of the course does not download again.
    That one need not exist, and perhaps can't be made; whoever writes there finds out.

    Raises:
        FileNotFoundError: `COURSE_DATA` names no folder.
        NotADirectoryError: it names a file.
        PermissionError: the folder can't be read.
    """
    given = setting("COURSE_DATA")
    default = pathlib.Path(platformdirs.user_cache_dir("gradient-steps", appauthor=False)).absolute()
    if "~" in default.parts:  # nobody's home: no HOME, and no user of this number
        default = pathlib.Path(tempfile.gettempdir(), "gradient-steps")
    if given is None:
        return default
    mend = f"Correct it, or unset COURSE_DATA to use {default}."
    try:
        path = pathlib.Path(given).expanduser().absolute()
        os.listdir(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"COURSE_DATA is {given!r}: there is no such folder. {mend}") from error
    except NotADirectoryError as error:
        raise NotADirectoryError(f"COURSE_DATA is {given!r}: that is a file, not a folder. {mend}") from error
    except PermissionError as error:
        raise PermissionError(f"COURSE_DATA is {given!r}: this folder can't be read by you. {mend}") from error
    except (OSError, RuntimeError) as error:  # too long a name; a home that nobody has
        raise FileNotFoundError(f"COURSE_DATA is {given!r}: {getattr(error, 'strerror', error)}. {mend}") from error
    return path
