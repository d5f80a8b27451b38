"""Where am I: device, threads, random state, settings from the environment, the data directory."""

import contextlib
import os
import pathlib
import sys
import threading

import platformdirs
import torch
from tqdm.auto import tqdm

from course_utils import checks

BAR_DELAY = 1  # seconds: what ends sooner needs no progress bar


def _flag(name):
    return os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no")


def offline():
    """Is `COURSE_OFFLINE` set? Then nothing is ever downloaded."""
    return _flag("COURSE_OFFLINE")


def strict():
    """Is `COURSE_STRICT` set? Then an error inside a panel is raised as well as shown."""
    return _flag("COURSE_STRICT")


def headless():
    """Is there nobody to look? `COURSE_HEADLESS` decides; otherwise: is this not a Jupyter kernel?"""
    if "COURSE_HEADLESS" in os.environ:
        return _flag("COURSE_HEADLESS")
    return not in_kernel()


def in_kernel():
    """Does this code run in a Jupyter kernel (and not in a script or plain IPython)?"""
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
    """The `torch.device` to train on: CUDA if there, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def default_threads():
    """How many threads a run trains with unless it says otherwise: `COURSE_THREADS`, or 1.

    One, because OpenMP threads spin while they wait for each other: with a second busy process on the
    same cores, a small network on two threads becomes many times slower, on one thread it does not.
    """
    given = os.environ.get("COURSE_THREADS")
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


class RandomState:
    """A stream of torch's random numbers of one's own, swapped in for the length of a `with` block.

    Two runs that take turns do not disturb each other's dropout, and neither disturbs the notebook's. Runs in two
    threads take turns too: torch has one stream for all, so the block of the one waits for that of the other.
    """

    _turn = threading.RLock()

    def __init__(self, seed):
        self._cuda = torch.cuda.is_available()
        self._within = False
        with self._turn:
            outside = self._get()
            torch.manual_seed(seed)
            self._own = self._get()
            self._set(outside)

    def __enter__(self):
        self._held = self._turn
        self._held.acquire()
        self._outside = self._get()
        self._set(self._own)
        self._within = True

    def __exit__(self, *error):
        if self._within:
            self._own = self._get()
            self._set(self._outside)
            self._within = False
        self._held.release()

    def give_up(self):
        """End the block from another thread, as the one inside it does not come to an end: others have their turn."""
        if self._within:
            self._set(self._outside)
            self._within = False
            RandomState._turn = threading.RLock()

    def copy(self):
        """The state of the CPU stream as a uint8 tensor, to see whether a block drew from it."""
        return self._own[0].clone()

    def _get(self):
        return torch.get_rng_state(), torch.cuda.get_rng_state() if self._cuda else None

    def _set(self, state):
        torch.set_rng_state(state[0])
        if self._cuda:
            torch.cuda.set_rng_state(state[1])


def data_dir():
    """The folder that downloads go to and data is looked for in, as an absolute path.

    `COURSE_DATA` if set, else the user's cache folder (made when first needed), so that a fresh clone
    of the course does not download again.

    Raises:
        FileNotFoundError: `COURSE_DATA` names no folder.
        NotADirectoryError: it names a file.
        PermissionError: the folder can't be read.
    """
    given = os.environ.get("COURSE_DATA")
    default = pathlib.Path(platformdirs.user_cache_dir("gradient-steps", appauthor=False))
    if given is None:
        default.mkdir(parents=True, exist_ok=True)
        return default
    path = pathlib.Path(given).expanduser().absolute()
    mend = f"Correct it, or unset COURSE_DATA to use {default}."
    try:
        os.listdir(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"COURSE_DATA is {given!r}: there is no such folder. {mend}") from error
    except NotADirectoryError as error:
        raise NotADirectoryError(f"COURSE_DATA is {given!r}: that is a file, not a folder. {mend}") from error
    except PermissionError as error:
        raise PermissionError(f"COURSE_DATA is {given!r}: this folder can't be read by you. {mend}") from error
    return path
