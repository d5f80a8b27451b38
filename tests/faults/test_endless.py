"""What never ends: a model's forward, an answer that is checked."""

import time

import psutil
import pytest

from tests.kernels import Kernel

PREPARE = """
import re, threading
from course_utils.exercises import check, find
from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel, live
from torch import nn
right = find("01-5").right.program
e = Experiment(data="digits", hidden=(16,), epochs=2)
reference = e.run()
check("01-5", right)  # loads what a check needs, once

entered = threading.Event()
class Endless(nn.Linear):
    def __init__(self):
        super().__init__(64, 10)
    def forward(self, X):
        entered.set()
        threading.Event().wait()

def loops(f, x):
    while True:
        pass
def catches(f, x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
def counts(f, x):
    return sum(range(10**11))
def matches(f, x):
    return re.match(r"(a+)+$", "a" * 40 + "b")
def prints(f, x):
    while True:
        print("and on and on")
def warns(f, x):
    import warnings
    while True:
        warnings.warn("x" * 1000)
def hoards(f, x):
    kept = []
    while True:
        kept.append(bytearray(10**6))
"""
ENDLESS = ("loops", "catches", "counts", "matches", "prints", "warns", "hoards")
CHECK_SECONDS, CHECK_MIB = 5.5, 1024
CLOSE_SECONDS = 10


@pytest.fixture
def kernel(tmp_path):
    with Kernel(tmp_path, COURSE_HEADLESS="0", COURSE_PROGRESS=str(tmp_path / "progress.json")) as running:
        running.run(PREPARE, seconds=120)
        yield running


@pytest.mark.parametrize("answer", ENDLESS)
def test_check(answer, row, times, kernel):
    """A check of an answer that never ends."""
    process, most, slowest = psutil.Process(kernel.pid), 0, 0
    for _ in range(min(times, 5)):
        before, began = process.memory_info().rss, time.monotonic()
        with row.attempt(answer):
            outcome = kernel.run(f"outcome = check('01-5', {answer})\nprint(outcome.status)", seconds=60)
            slowest = max(slowest, time.monotonic() - began)
            most = max(most, (process.memory_info().rss - before) / 2**20)
            assert outcome.endswith("your code raised"), outcome[-200:]
            assert slowest < CHECK_SECONDS and most < CHECK_MIB, f"{slowest:.1f} s, {most:.0f} MiB"
            assert kernel.run("print(check('01-5', right).status, e.run() == reference)", seconds=30) == "right True"
    row.seen = f"{slowest:.1f} s, {most:.0f} MiB"


@pytest.mark.quick
def test_model(row, kernel):
    """A panel's cell run again while its model computes for ever."""
    started = "panel = TrainingPanel(data='digits', model=Endless)\npanel.play()\nprint(entered.wait(30))"
    assert kernel.run(started, "cell") == "True"
    with row.attempt("its cell again"):
        began = time.monotonic()
        said = kernel.run("panel = TrainingPanel(data='digits', hidden=(16,), epochs=1)\npanel.play()", "cell", 60)
        row.seen = f"{time.monotonic() - began:.1f} s"
        assert "has not ended" in said and time.monotonic() - began < CLOSE_SECONDS
        assert kernel.run("print(panel.wait(20), len(live), e.run() == reference)", seconds=30) == "True 1 True"


@pytest.mark.parametrize("answer", ("loops", "prints", "warns"))
def test_check_in_a_thread(answer, row, times, kernel):
    """A check of an answer that never ends, where no process can be made: no red text either."""
    kernel.run("from course_utils.exercises import forked\nforked.possible = lambda: False")
    for _ in range(min(times, 5)):
        with row.attempt(answer):
            said = kernel.run(f"outcome = check('01-5', {answer})\nprint(outcome.status)", seconds=60)
            said += kernel.run("threading.Event().wait(0.1)")  # what a thread says at its end comes late
            assert said.endswith("your code raised") and "Exception in thread" not in said, said[-400:]
            assert kernel.run("print(check('01-5', right).status, e.run() == reference)", seconds=30) == "right True"
