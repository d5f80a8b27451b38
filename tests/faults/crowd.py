"""A crowd on one machine, `python -m tests.faults.crowd`: six kernels with panels, and many that train now and then.

    taskset -c 0,1 python -m tests.faults.crowd --minutes 5 --others 24

A tenth of a second is what a hand feels: so long at most may a slider take to reach the optimizer, nine times of ten.
"""

import argparse
import random
import statistics
import threading
import time

import psutil

from tests.kernels import Kernel

PANELS, GIB, SLIDER_MS = 6, 20, 100
OTHER = """
import time
from course_utils.experiment import Experiment
run = Experiment(data="digits", hidden=(64,), epochs=100_000, batch_size=16).start(resumable=False)

def train(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        run.step(10)
"""
PANEL = """
import time
from course_utils.panels import TrainingPanel
panel = TrainingPanel(data="digits", hidden=(64,), epochs=100_000, lr=0.01)

def turned(lr):
    began = time.perf_counter()
    panel.controls["lr"].value = lr
    while panel.run.lr != lr:
        assert time.perf_counter() - began < 30 and panel.playing and not panel.errors, panel.errors
        time.sleep(0.001)
    return 1000 * (time.perf_counter() - began)
"""


class Failures(list):
    """What went wrong, from all threads."""

    def guarded(self, work, *arguments):
        try:
            work(*arguments)
        except Exception as error:
            self.append(f"{type(error).__name__}: {str(error)[:300]}")


def trains_now_and_then(kernel, end):
    chance = random.Random(kernel.pid)
    time.sleep(chance.uniform(0, 60))
    while time.monotonic() < end:
        kernel.run("train(10)", seconds=300)
        time.sleep(max(0, min(50, end - time.monotonic())))


def is_turned(kernel, end, milliseconds):
    chance = random.Random(kernel.pid)
    kernel.run("panel.play()")  # not before: while nobody reads, what it says fills the queue, and answers get lost
    while time.monotonic() < end:
        milliseconds.append(float(kernel.run(f"print(turned({chance.uniform(0.001, 0.1)!r}))", seconds=60)))
        time.sleep(chance.uniform(0.5, 3))


def crowd(minutes, others):
    """Run it; returns a line of results and whether it is good."""
    kernels = [Kernel(COURSE_HEADLESS="0", COURSE_OFFLINE="1", OMP_NUM_THREADS="1") for _ in range(PANELS + others)]
    try:
        for number, kernel in enumerate(kernels):
            kernel.run(PANEL if number < PANELS else OTHER, seconds=300)
        end, milliseconds, failures, most = time.monotonic() + 60 * minutes, [], Failures(), 0
        threads = [
            threading.Thread(
                target=failures.guarded,
                args=(is_turned, kernel, end, milliseconds) if number < PANELS else (trains_now_and_then, kernel, end),
            )
            for number, kernel in enumerate(kernels)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            used = sum(psutil.Process(kernel.pid).memory_full_info().uss for kernel in kernels) / 2**30
            most = max(most, used)
            time.sleep(2)
    finally:
        for kernel in kernels:
            kernel.close()
    if failures:
        return f"{len(milliseconds)} turns, {len(failures)} failures {failures[:3]}", False
    tenth = statistics.quantiles(milliseconds, n=10)[-1]
    told = (
        f"{len(milliseconds)} turns, median {statistics.median(milliseconds):.0f} ms, p90 {tenth:.0f} ms; "
        f"{most:.1f} GiB"
    )
    return told, tenth <= SLIDER_MS and most <= GIB


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--others", type=int, default=24)
    given = parser.parse_args()
    line, good = crowd(given.minutes, given.others)
    print(line)
    raise SystemExit(not good)
