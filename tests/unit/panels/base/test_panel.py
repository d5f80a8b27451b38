"""The lifetime of a panel: whole or not at all, and closed it leaves nothing behind, whatever its model does."""

import gc
import threading
import weakref

import pytest
from ipywidgets import Widget
from torch import nn

from course_utils import models, panels
from course_utils.panels import DrawPad, Explorer, LogSlider, NumberGrid, TrainingPanel, ask
from course_utils.panels.training import training_panel
from course_utils.plots.training import gradient_sizes


def draw(axes, **values):
    axes.plot([1, 2])
    return "A line."


def explorer(**more):
    grid = NumberGrid({"none": [[0, 0]], "one": [[1, 1]]})
    return Explorer(draw, a=LogSlider(0.1, 1), b=(1, 3), c=(0.0, 1.0), d=True, e=["x"], g=grid, **more)


KINDS = {
    "training": lambda: TrainingPanel(data="digits", hidden=(16,), epochs=1, view=gradient_sizes),
    "explorer": lambda: explorer(more=["e"]),
    "pad": lambda: DrawPad(models.mlp(hidden=(16,)), view=lambda axes, image: "A look."),
    "ask": lambda: ask("which", "Which?", ["one", "two"]),
}
FAILS = {
    "training": (lambda: TrainingPanel(data="digits", lr=-1), ValueError),
    "training, a name": (lambda: TrainingPanel(data="digits", hide=("speed",)), ValueError),
    "training, the learner's model": (lambda: TrainingPanel(data="digits", model=lambda: 1 / 0), ZeroDivisionError),
    "explorer": (lambda: explorer(more=["f"]), ValueError),
    "explorer, a form": (lambda: explorer(z=3), TypeError),
    "pad": (lambda: DrawPad("mlp"), TypeError),
    "pad, a number": (lambda: DrawPad(models.mlp(), size=2), ValueError),
}


def widgets():
    """The ids of all widgets that are open in this kernel."""
    return set(Widget.get_manager_state()["state"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_panel_leaves_no_widget_and_is_freed(kind):
    before = widgets()
    panel = KINDS[kind]()
    assert panel in panels.live
    if kind == "training":
        panel.step()
        panel.wait(20)
        panel.reset()
    if kind == "explorer":
        panel.controls["a"].value = 0.5
    if kind == "pad":
        panel.strokes = [[[10, 10], [200, 200]]]
    panel.close()
    assert panel.closed and panel not in panels.live and widgets() == before
    freed = weakref.ref(panel)
    del panel
    gc.collect()
    assert freed() is None


@pytest.mark.parametrize("case", FAILS)
def test_a_panel_that_could_not_be_made_is_none(case):
    before = widgets()
    make, error = FAILS[case]
    with pytest.raises(error):
        make()
    assert panels.live == [] and widgets() == before


@pytest.fixture
def endless(monkeypatch):
    """A panel whose model computes for ever: until the end of the test."""
    monkeypatch.setattr(training_panel, "END_SECONDS", 0.2)
    began, end = threading.Event(), threading.Event()

    class Endless(nn.Linear):
        def forward(self, X):
            began.set()
            end.wait(60)
            return super().forward(X.flatten(1))

    panel = TrainingPanel(data="digits", model=lambda: Endless(64, 10), epochs=1)
    panel.play()
    assert began.wait(20)
    yield panel
    end.set()


def test_a_step_that_does_not_end_is_left_behind_when_the_cell_runs_again(endless, capsys):
    endless.close()
    assert "The step under way has not ended for 0.2 seconds" in capsys.readouterr().out
    assert endless.closed and panels.live == []
    other = TrainingPanel(data="digits", epochs=1)
    other.step()
    assert other.wait(20) and len(other.history.step_loss) == 1


def test_a_step_that_does_not_end_is_told_beside_the_curves_and_the_next_press_makes_a_new_run(endless, monkeypatch):
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    old = endless.run
    endless.buttons["reset"].click()
    assert "TimeoutError: The step under way has not ended" in endless.error and not endless.playing
    endless.buttons["reset"].click()
    assert endless.error == "" and endless.run is not old and endless.history.step_loss == []
