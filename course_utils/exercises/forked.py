"""Work in a process forked from the notebook's: it sees all that the notebook has, and changes nothing of it.

What limits it is counted from what the notebook's process has at that moment: memory, processor time, processes.
"""

import contextlib
import faulthandler
import gc
import linecache
import os
import pickle
import re
import select
import signal
import sys
import threading
import time
import warnings
from typing import Any, NamedTuple

import torch

from course_utils import own_code, own_draws, runtime

MEMORY = 3 * 2**28  # bytes that it may have beyond the notebook's: with what it changes of those, below 1 GiB
PROCESSES = 4  # that it may start, as a DataLoader does
PATIENCE = 1.0  # seconds beyond its limit for work that waits
BUSY = 15.0  # seconds more, at most, for work that other programs keep from computing: as many as they do
_STILL = 1.0  # seconds for a panel's step to end
_LAST_WORDS = 0.2  # seconds to write down where it was
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, getattr(signal, "SIGBUS", None))
_END = b"the end of a report"
_FRAME = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)


class Ended(NamedTuple):
    """How some work ended.

    Attributes:
        result: what it returned, or None if it did not come so far.
        late: True if it was ended because its time was up.
        computed: seconds of processor time.
        crash: the signal of a crash of Python itself, for example "SIGSEGV", or "".
        line: the learner's own line where it was then, as (number, text), or None.
    """

    result: Any
    late: bool
    computed: float
    crash: str
    line: tuple | None


@contextlib.contextmanager
def uninterrupted():
    """Let Ctrl-C wait until the block has ended; only the main thread ever hears it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed:
            signal.raise_signal(signal.SIGINT)


def possible():
    """True on Linux until an accelerator has been started: its threads and memory don't survive a fork."""
    return sys.platform == "linux" and not (torch.cuda.is_initialized() or torch.xpu.is_initialized())


def run(work, limit, seed):
    """Do `work()` in a process of its own, torch's random numbers starting from `seed`.

    Returns in `limit` + `PATIENCE` seconds, on a crowded machine up to `BUSY` later, with Ctrl-C earlier. Leaves no
    process behind.

    Args:
        work: returns something that can be pickled and holds nothing of the learner's own classes.
        limit: seconds of processor time.
        seed: whole number.

    Returns:
        An `Ended`.

    Raises:
        OSError: no process can be started.
    """
    reader, writer = os.pipe()
    children, said = [], bytearray()

    def fork():
        with uninterrupted(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python 3.12 on: of forking with threads; none of them has its turn
            with own_draws.still(_STILL):
                children.append(os.fork())
            if not children[0]:
                _be_the_child(work, limit, writer)
            with contextlib.suppress(OSError):
                os.setpgid(children[0], children[0])  # both do it: whoever comes first

    status = usage = None
    try:
        runtime.RandomState(seed).call(fork)  # in turn: no other thread is in the middle of torch's random numbers
        os.close(writer)
        writer = None
        in_time = _hear(reader, said, limit + PATIENCE, *children)
        if not in_time:
            os.kill(children[0], signal.SIGPROF)  # it says where it is
            _hear(reader, said, _LAST_WORDS, *children)
    finally:
        with uninterrupted():
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
                _, status, usage = os.wait4(child, 0)
            for end in filter(None, (reader, writer)):
                os.close(end)
    if in_time and said.endswith(_END):
        return Ended(pickle.loads(said), False, _seconds(usage), "", None)
    by = os.WTERMSIG(status) if in_time and os.WIFSIGNALED(status) else 0
    late = not in_time or by == signal.SIGPROF
    crash = signal.Signals(by).name if by in _CRASHES else ""
    return Ended(None, late, _seconds(usage), crash, _own_line(said.decode("ascii", "replace")))


def _hear(reader, said, seconds, child):
    """Add what comes through a pipe to `said`, until it is closed or has brought `_END`. False if that takes longer.

    The time in which the child could compute and has no turn is not counted.
    """
    end, before, poll = time.monotonic() + seconds, _turned_away(child), select.poll()
    poll.register(reader, select.POLLIN)
    while not said.endswith(_END):
        left = end + min(BUSY, _turned_away(child) - before) - time.monotonic()
        if poll.poll(1000 * max(0, left)):
            part = os.read(reader, 2**20)
            if not part:
                break
            said += part
        elif left <= 0:
            return False
    return True


def _turned_away(process):
    """Seconds for which a process could compute, and others were computing; 0 where Linux does not count them."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/schedstat") as counted:
        return int(counted.read().split()[1]) / 1e9
    return 0.0


def _be_the_child(work, limit, writer):
    """Do the work within its limits, report and end this process."""
    me, leave = os.getpid(), os._exit
    try:
        os.setpgid(0, 0)
        gc.freeze()  # what the notebook has thrown away is its own to clean up
        os._exit = sys.exit  # an answer that leaves so is told where
        _limit_it(limit, writer)
        result = pickle.dumps(work()) + _END
        if os.getpid() == me:  # not in a process that the answer has forked
            while result:
                result = result[os.write(writer, result) :]
    finally:
        leave(0)


def _limit_it(limit, writer):
    import resource

    with open("/proc/self/statm") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = size + MEMORY if soft == resource.RLIM_INFINITY else min(soft, size + MEMORY)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    started = []

    def count(event, _):
        if event in ("os.fork", "subprocess.Popen", "os.posix_spawn", "os.system"):
            if len(started) == PROCESSES:
                raise RuntimeError(f"an answer may start {PROCESSES} processes")
            started.append(event)

    sys.addaudithook(count)
    faulthandler.enable(writer)  # a crash inside C writes down where it was
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    faulthandler.register(signal.SIGPROF, writer, chain=True)  # and so does the end of its time, then it ends there
    signal.setitimer(signal.ITIMER_PROF, limit)


def _own_line(dump):
    """The learner's own line, as (number, text), in what faulthandler wrote, the innermost frame first; or None."""
    for name, number in _FRAME.findall(dump):
        name = name.encode().decode("unicode_escape")
        if own_code.is_own(name):
            return int(number), linecache.getline(name, int(number)).strip()
    return None


def _seconds(usage):
    return usage.ru_utime + usage.ru_stime
