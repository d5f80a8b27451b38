"""What an answer may do to the notebook that checks it: nothing. It gets its outcome in time, whatever it does."""

import inspect
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
import psutil
import pytest
import torch

from course_utils.exercises import diagnose, forked
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.feedback import RAISED, RIGHT, WRONG
from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel
from tests.unit.panels.training.conftest import until

LIMIT = 0.3  # seconds of processor time for an answer that would take all it gets
twice = Exercise("twice", kind="write", title="t", minutes=1, text="t", hints=("h",), remember="Twice is twice.")
twice.name = "test-1"
forks = pytest.mark.skipif(not forked.possible(), reason="no forks here, or an accelerator that has started")


@twice.probe
def probe(twice, draw):
    yield "the result for [3, 2]", twice(draw.randn(3, 2))


@twice.solution
def doubles(X):
    return X * 2


def judged(answer, limit=diagnose.LIMIT):
    return diagnose.diagnose(twice, answer, limit)


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
    changes_all_settings: (RIGHT, "Twice is twice."),
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
WITHOUT_A_LINE = {kills_itself, stops_itself, closes_all_files}


def first_line(answer):
    """Of its source, which tells those without a name apart."""
    return inspect.getsource(answer).split("\n")[0].strip(" ,:")


def settings():
    """What a check leaves as it was."""
    return [
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        os.getcwd(),
        sys.stdout,
        sys.stderr,
        signal.getsignal(signal.SIGINT),
        torch.get_rng_state().tolist(),
        repr(np.random.get_state()),
        random.getstate(),
        psutil.Process().children(recursive=True),
        psutil.Process().num_fds(),
        threading.active_count(),
    ]


@forks
@pytest.mark.process
@pytest.mark.parametrize("answer", HOSTILE, ids=first_line)
def test_a_hostile_answer_gets_its_outcome_and_changes_nothing(answer):
    status, text = HOSTILE[answer]
    judged(doubles)  # what loads at the first time
    before = settings()
    outcome = judged(answer, LIMIT if text in (RUNS_ON, WAITS) else diagnose.LIMIT)
    assert (outcome.status, outcome.diagnosis) == (status, None)
    assert text in repr(outcome)
    assert settings() == before
    if status == RAISED and answer not in WITHOUT_A_LINE:
        assert is_own(outcome.line)
    assert judged(doubles).status == RIGHT


def is_own(line):
    """True if (number, text) is a line of this file."""
    number, text = line
    return inspect.getsource(sys.modules[__name__]).splitlines()[number - 1].strip() == text


IN_A_THREAD = [endless, prints_for_ever, warns_for_ever, exits, calls_itself, interrupts_itself, closes_its_streams]
IN_A_THREAD += [changes_all_settings, a_large_result, a_long_list, an_error_without_words]
IN_A_THREAD += [answer for answer in HOSTILE if answer.__name__ == "<lambda>"]


@pytest.mark.parametrize(
    "answer", IN_A_THREAD, ids=lambda answer: inspect.getsource(answer).split("\n")[0].strip(" ,:")
)
def test_so_does_much_of_it_in_a_thread(in_threads, monkeypatch, answer):
    red = []
    monkeypatch.setattr(threading, "excepthook", red.append)
    test_a_hostile_answer_gets_its_outcome_and_changes_nothing(answer)
    assert red == []


@forks
@pytest.mark.process
@pytest.mark.parametrize("answer", [endless, one_long_call, waits, catches_everything])
def test_ctrl_c_ends_a_check_and_leaves_nothing_behind(answer):
    def pressed_in_the_middle(X):
        os.kill(os.getppid(), signal.SIGINT)
        return answer(X)

    judged(doubles)
    before = settings()
    with pytest.raises(KeyboardInterrupt):
        judged(pressed_in_the_middle)
    assert settings() == before
    assert judged(doubles).status == RIGHT


def test_ctrl_c_ends_a_check_in_a_thread(in_threads):
    def pressed_in_the_middle(X):
        os.kill(os.getpid(), signal.SIGINT)
        return endless(X)

    judged(doubles)
    before = settings()
    with pytest.raises(KeyboardInterrupt):
        judged(pressed_in_the_middle)
    assert settings() == before
    assert judged(doubles).status == RIGHT


def test_ctrl_c_waits_for_the_end_of_a_block_that_cant_be_left():
    done = []
    with pytest.raises(KeyboardInterrupt), forked.uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("the block")
    assert done


@forks
@pytest.mark.process
def test_what_an_answer_prints_before_it_is_stopped_is_shown(capfd):
    def answer(X):
        for number in range(3):
            print("step", number)
        print("to the other stream", file=sys.stderr)
        return one_long_call(X)

    judged(answer, LIMIT)
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("step 0\nstep 1\nstep 2\n", "to the other stream\n")


@forks
@pytest.mark.process
def test_an_answer_sees_the_notebook_and_an_error_names_its_line():
    kept = []

    class Rate(float):
        pass

    def answer(X):
        kept.append(X)
        return X * Rate(2) if len(kept) == 1 else [][0]

    for _ in range(2):  # and finds it as it was
        assert judged(answer).status == RIGHT
    kept.append(None)
    outcome = judged(answer)
    assert outcome.line == (answer.__code__.co_firstlineno + 2, "return X * Rate(2) if len(kept) == 1 else [][0]")


@forks
@pytest.mark.process
@pytest.mark.parametrize("threads", [1, 2])
def test_an_answer_trains_in_a_process_whatever_ran_before_it(threads):
    """Backward, convolutions and dropout, after the notebook's own have used them on some threads."""
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.Dropout(), torch.nn.Flatten(), torch.nn.Linear(7200, 3)
    )

    def answer(X):
        for _ in range(2):
            network(torch.randn(16, 3, 32, 32)).sum().backward()
        Experiment(data="digits", model="linear", epochs=1).run()
        return X * 2

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        answer(torch.ones(1))
        for _ in range(5):
            assert judged(answer).status == RIGHT
    finally:
        torch.set_num_threads(before)


@forks
@pytest.mark.process
@pytest.mark.trains
def test_hostile_answers_while_a_panel_trains():
    panel = TrainingPanel(data="digits", hidden=(64, 64), epochs=10_000)
    panel.play()
    for answer in (endless, one_long_call, a_list_without_end, leaves, changes_all_settings, waits):
        status, text = HOSTILE[answer]
        steps = len(panel.history.step_loss)
        outcome = judged(answer, LIMIT if text in (RUNS_ON, WAITS) else diagnose.LIMIT)
        assert outcome.status == status and text in repr(outcome)
        assert judged(doubles).status == RIGHT
        until(lambda: len(panel.history.step_loss) > steps)  # noqa: B023 - called here
    assert panel.playing and not panel.errors
    panel.close()
