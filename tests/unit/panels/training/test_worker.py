"""The thread that trains behind the panels: it stops at once, is shared, and lets Python end."""

import statistics
import subprocess
import sys
import threading

import pytest

from course_utils.panels.training import worker
from tests.unit.panels.training.conftest import LONG, until


def test_a_pause_comes_within_a_step_not_a_piece(panel_of):
    """A piece has hundreds of steps of this size. How many are made meanwhile is up to the two threads' turns."""
    panel = panel_of(epochs=LONG, batch_size=1024)
    late = []
    for _ in range(5):
        panel.play()
        seen = len(panel.history.step_loss)
        until(lambda seen=seen: len(panel.history.step_loss) > seen + 100)
        pressed = len(panel.history.step_loss)
        panel.pause()
        assert not panel.playing
        late.append(len(panel.history.step_loss) - pressed)
    assert statistics.median(late) < 20


def test_runs_share_a_thread_and_one_stays_for_the_next(panel_of):
    def threads():
        return {one.ident for one in threading.enumerate() if one.name == "course_utils training"}

    first, second = panel_of(), panel_of()
    seen = set()
    for panel in (first, second, first):
        panel.step()
        assert panel.wait(20)
        until(lambda: worker._idle)
        seen |= threads()
    assert len(seen) == 1
    first.play()
    second.play()  # at once: that takes two
    assert first.wait(20) and second.wait(20)
    until(lambda: len(threads()) == 1)


@pytest.mark.rest
@pytest.mark.process
def test_python_ends_quietly_while_a_panel_trains():
    program = """
from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel
panel = TrainingPanel(Experiment(data="digits", epochs=10_000))
panel.play()
while len(panel.history.step_loss) < 20:
    pass
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
