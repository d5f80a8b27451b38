"""Answers that do their worst, and what the check promises to say of each."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import torch

from course_utils.exercises.feedback import RAISED, RIGHT, WRONG


def endless(X):
    while True:
        X = X + 0


def one_long_call(X):
    return sum(range(10**11))


def a_regular_expression(X):
    return re.match(r"(a+)+$", "a" * 60 + "b")


def prints_for_ever(X):
    while True:
        print("a line", file=random.choice([sys.stdout, sys.stderr]))


def warns_for_ever(X):
    while True:
        warnings.warn("again", stacklevel=1)


def a_list_without_end(X):
    rows = []
    while True:
        rows.append([0.0] * 10**6)


def tensors_without_end(X):
    rows = []
    while True:
        rows.append(torch.ones(10**7))


def wants_more_and_more(X):
    rows = []
    while True:
        try:
            rows.append(bytearray(10**7))
        except MemoryError:
            rows = rows[1:]


def forks_without_end(X):
    while True:
        os.fork()


def threads_without_end(X):
    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()


def leaves_something_running(X):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    threading.Thread(target=endless, args=(X,)).start()
    return X * 2


def leaves(X):
    os._exit(3)


def exits(X):
    sys.exit(3)


def calls_itself(X):
    return calls_itself(X)


def calls_itself_through_c(X):
    sys.setrecursionlimit(10**8)
    return calls_itself_through_c(*map(lambda Y: calls_itself_through_c(Y), [X]))


def catches_everything(X):
    while True:
        try:
            X = X + 0
        except:  # noqa: E722 - this is what it is about
            X = X - 0


def waits(X):
    threading.Event().wait()


def stops_itself(X):
    os.kill(os.getpid(), signal.SIGSTOP)


def kills_itself(X):
    os.kill(os.getpid(), signal.SIGKILL)


def turns_off_the_clock(X):
    signal.setitimer(signal.ITIMER_PROF, 0)
    return endless(X)


def breaks_python(X):
    import ctypes

    return ctypes.string_at(0)


def interrupts_itself(X):
    raise KeyboardInterrupt


def closes_its_streams(X):
    print("here")
    sys.stdout.close()
    sys.stderr.close()
    return X * 2


def closes_all_files(X):
    os.closerange(0, 1000)
    return X * 2


def changes_all_settings(X):
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_num_threads(3)
    torch.set_grad_enabled(False)
    os.chdir("/")
    for draw in (random.random, np.random.rand, lambda: torch.manual_seed(3), lambda: torch.rand(2)):
        draw()
    return X * 2


def a_large_result(X):
    return torch.zeros(1).expand(10**12)


def a_long_list(X):
    return [0] * 10**7


def an_error_without_words(X):
    class WordlessError(Exception):
        def __str__(self):
            raise self

    raise WordlessError


class Strange:
    """Answers no question about itself."""

    def __getattribute__(self, name):
        raise ValueError(name)

    def __repr__(self):
        raise ValueError("no")


RUNS_ON = "it had not come to an end, and was stopped."
WAITS = "It hardly computed: "
HOSTILE = {
    endless: (RAISED, RUNS_ON),
    one_long_call: (RAISED, RUNS_ON),
    a_regular_expression: (RAISED, RUNS_ON),
    prints_for_ever: (RAISED, RUNS_ON),
    warns_for_ever: (RAISED, RUNS_ON),
    a_list_without_end: (RAISED, "`MemoryError`"),
    tensors_without_end: (RAISED, "can't allocate memory"),
    wants_more_and_more: (RAISED, RUNS_ON),
    forks_without_end: (RAISED, "an answer may start 4 processes"),
    threads_without_end: (RAISED, "can't start new thread"),
    leaves_something_running: (RIGHT, "Twice is twice."),
    leaves: (RAISED, "`SystemExit`: 3"),
    exits: (RAISED, "`SystemExit`: 3"),
    calls_itself: (RAISED, "`RecursionError`"),
    calls_itself_through_c: (RAISED, "Line "),
    catches_everything: (RAISED, RUNS_ON),
    waits: (RAISED, WAITS),
    stops_itself: (RAISED, WAITS),
    kills_itself: (RAISED, "`exit`: it ended the process in which it was checked"),
    turns_off_the_clock: (RAISED, RUNS_ON),
    breaks_python: (RAISED, "`SIGSEGV`: Python itself broke down"),
    interrupts_itself: (RAISED, "`KeyboardInterrupt`"),
    closes_its_streams: (RIGHT, "Twice is twice."),
    closes_all_files: (RAISED, "`exit`: it ended the process in which it was checked"),
    changes_all_settings: (WRONG, "`torch.is_grad_enabled()` and `torch.get_default_dtype()`, which"),
    a_large_result: (WRONG, "has the shape [1000000000000], and [3, 2] is right."),
    a_long_list: (WRONG, "is a list of 10000000, and a tensor of shape [3, 2] is needed."),
    an_error_without_words: (RAISED, "an error without words"),
    lambda X: sys: (WRONG, "is of type `module`"),
    lambda X: (row for row in X): (WRONG, "is of type `generator`"),
    lambda X: Strange: (WRONG, "is the class `Strange`"),
    lambda X: Strange(): (RAISED, "`ValueError`: __class__"),
    lambda X: threading.Lock(): (WRONG, "is of type `lock`"),
    lambda X: 10**10_000: (WRONG, "is a number, and a tensor of shape [3, 2] is needed."),
}
