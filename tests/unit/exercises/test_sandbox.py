"""What an answer may do to the notebook that checks it: nothing. It gets its outcome in time, whatever it does."""

import contextlib
import inspect
import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
import torch

from course_utils import own_draws, runtime
from course_utils.exercises import diagnose, forked
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.feedback import RAISED, RIGHT
from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel
from tests.unit.exercises import hostile
from tests.unit.exercises.hostile import HOSTILE, RUNS_ON, WAITS
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


WITHOUT_A_LINE = {hostile.kills_itself, hostile.stops_itself, hostile.closes_all_files}


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
    """True if (number, text) is a line of the answers' file."""
    number, text = line
    return inspect.getsource(hostile).splitlines()[number - 1].strip() == text


IN_A_THREAD = [
    hostile.endless,
    hostile.prints_for_ever,
    hostile.warns_for_ever,
    hostile.exits,
    hostile.calls_itself,
    hostile.interrupts_itself,
    hostile.closes_its_streams,
]
IN_A_THREAD += [
    hostile.changes_all_settings,
    hostile.a_large_result,
    hostile.a_long_list,
    hostile.an_error_without_words,
]
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
@pytest.mark.parametrize("answer", [hostile.endless, hostile.one_long_call, hostile.waits, hostile.catches_everything])
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
        return hostile.endless(X)

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
@pytest.mark.rest
def test_an_answer_that_others_keep_from_computing_is_waited_for(monkeypatch):
    monkeypatch.setattr(forked, "BUSY", 100)  # however many others there are
    core = max(os.sched_getaffinity(0))

    def answer(X):
        os.sched_setaffinity(0, {core})
        os.nice(10)
        begun = time.process_time()
        while time.process_time() < begun + 2 / 3 * LIMIT:
            X = X + 0
        return X * 2

    with endless_program(core):
        assert judged(answer, LIMIT).status == RIGHT
        assert WAITS in repr(judged(hostile.waits, LIMIT))


@forks
@pytest.mark.process
def test_an_answer_is_forked_between_the_steps_of_a_panel():
    locked, ended = threading.Lock(), threading.Event()

    def step():
        with locked:  # as torch locks things of its own
            torch.linalg.svd(torch.ones(200, 200))

    def panel():
        own_draws.mark_thread()
        while not ended.is_set():
            runtime.RandomState(0).call(step)

    def answer(X):
        with locked:
            return X * 2

    thread = threading.Thread(target=panel)
    thread.start()
    try:
        for _ in range(10):
            assert judged(answer, LIMIT).status == RIGHT
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def endless_program(core):
    """Another program, which computes on one core from the beginning to the end of the block."""
    code = f"import os; os.sched_setaffinity(0, {{{core}}}); print(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as program:
        try:
            program.stdout.readline()
            yield
        finally:
            program.kill()


@forks
@pytest.mark.process
def test_what_an_answer_prints_before_it_is_stopped_is_shown(capfd):
    def answer(X):
        for number in range(3):
            print("step", number)
        print("to the other stream", file=sys.stderr)
        return hostile.one_long_call(X)

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


@pytest.mark.rest
@forks
@pytest.mark.process
@pytest.mark.trains
def test_hostile_answers_while_a_panel_trains():
    panel = TrainingPanel(data="digits", hidden=(64, 64), epochs=10_000)
    panel.play()
    for answer in (
        hostile.endless,
        hostile.one_long_call,
        hostile.a_list_without_end,
        hostile.leaves,
        hostile.changes_all_settings,
        hostile.waits,
    ):
        status, text = HOSTILE[answer]
        steps = len(panel.history.step_loss)
        outcome = judged(answer, LIMIT if text in (RUNS_ON, WAITS) else diagnose.LIMIT)
        assert outcome.status == status and text in repr(outcome)
        assert judged(doubles).status == RIGHT
        until(lambda: len(panel.history.step_loss) > steps)  # noqa: B023 - called here
    assert panel.playing and not panel.errors
    panel.close()
