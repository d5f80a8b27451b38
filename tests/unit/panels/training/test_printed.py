"""What a model prints while it trains stands beside its picture, and in no cell."""

import sys
import threading
import warnings

from torch import nn

from course_utils.panels.training.printed import KEPT, Printed
from tests.unit.panels.training.conftest import press


class Talking(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10)

    def forward(self, X):
        print("X is", list(X.shape))
        print("to stderr", file=sys.stderr)
        warnings.warn("and a warning", stacklevel=1)
        return self.layer(X.flatten(1))


def test_what_a_model_prints_stands_under_the_curves(panel_of, capsys):
    panel = panel_of(model=Talking, epochs=1)
    press(panel, "play")
    out, err = capsys.readouterr()
    assert out == err == ""
    assert panel.main.printed.endswith("to stderr\n") and "X is [" in panel.main.printed
    assert len(panel.main.printed) <= KEPT
    panel.reset()
    panel.picture()  # the preview, in the cell's own thread
    assert capsys.readouterr() == ("", "")


def test_only_the_thread_that_asks_is_listened_to(capsys):
    printed, begun, ended = Printed(), threading.Event(), threading.Event()

    def work():
        with printed.caught():
            print("from the thread")
            begun.set()
            ended.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    print("from the cell")
    ended.set()
    thread.join()
    print("afterwards", file=sys.stderr)
    assert printed.text == "from the thread\n"
    assert capsys.readouterr() == ("from the cell\n", "afterwards\n")


def test_the_preview_of_a_slow_model_ends_after_two_seconds(panel_of, monkeypatch):
    steps, ticks = [], []

    class Clock(threading.Timer):
        """Two seconds pass with the third step."""

        def start(self):
            ticks.append(self.interval)
            steps.append(self.function)

    class Slow(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(64, 10)
            self.calls = 0

        def forward(self, X):
            self.calls += 1
            if self.calls == 3 and steps:
                steps[-1]()
            return self.layer(X.flatten(1))

    panel = panel_of(model=Slow, epochs=30)
    monkeypatch.setattr(threading, "Timer", Clock)
    assert "(3 steps)" in panel.picture().sentence and ticks == [2]
