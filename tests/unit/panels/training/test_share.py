"""A panel as a line of code: what it opens is the panel it was copied from."""

import sys

import pytest

from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel
from course_utils.plots.training import gradient_sizes
from tests.unit.panels.training.conftest import press


def state(panel):
    """All that a hand can set, and what was trained with it."""
    runs = [record.experiment for record in panel.runs]
    fixed = [name for name, control in panel.controls.items() if control.disabled]
    return panel.experiment, panel.values, runs, fixed, panel.side is None, panel.main.has_copy, panel.panel_code


@pytest.fixture
def reopened(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "gradient_sizes", gradient_sizes, raising=False)
    made = []

    def open_again(panel):
        names = {"TrainingPanel": TrainingPanel, "Experiment": Experiment, "gradient_sizes": gradient_sizes}
        made.append(eval(panel.panel_code, names))
        return made[-1]

    yield open_again
    for panel in made:
        panel.close()


def test_a_panel_that_was_turned_and_trained_opens_again_in_the_same_state(panel_of, reopened):
    panel = panel_of(view=gradient_sizes, fix=("seed",), hide=("copy", "epochs"), budget=30, keep=3)
    for name, value in (("hidden", (128,)), ("optimizer", "Adam"), ("lr", 0.02), ("dropout", 0.2)):
        press(panel, "step")
        panel.controls[name].value = value
    panel.controls["schedule"].value = "cosine"
    again = reopened(panel)
    assert [len(record.experiment.changes) for record in panel.runs] == [0, 2]
    assert state(again) == state(panel) and again.errors == []


def test_what_was_changed_on_the_way_is_changed_again(panel_of, reopened):
    panel = panel_of(schedule="cosine", dropout=0.2)
    press(panel, "step")
    panel.controls["lr"].value = 0.5
    press(panel, "step")
    panel.controls["weight_decay"].value = 0.1
    again = reopened(panel)
    assert again.experiment == panel.experiment and again.panel_code == panel.panel_code
    for one in (panel, again):
        press(one, "play")
    assert again.history == panel.history and len(again.history.changes) == 2


def test_the_settings_of_an_earlier_run_are_trained_by_its_button(panel_of, reopened):
    panel = panel_of()
    press(panel, "play")
    panel.controls["hidden"].value = (32,)
    panel.controls["seed"].value = 5
    again = reopened(panel)
    assert [ghost["trained"] for ghost in again.main.ghosts] == [False]
    again.main._handle_custom_msg({"train": 1}, [])
    assert again.wait(60) and again.errors == [] and again.runs == []
    assert again.history == panel.runs[0].history
    assert again.values["hidden"] == (16,) and again.values["seed"] == 0


def test_a_panel_left_as_it_was_made_is_one_experiment(panel_of, reopened):
    panel = panel_of()
    assert panel.panel_code == f"TrainingPanel({panel.experiment!r})"
    assert state(reopened(panel)) == state(panel)


def test_an_earlier_run_may_lie_beyond_the_usual_limits():
    usual = Experiment(data="digits", hidden=(16,))
    far = usual.but(lr=50.0, hidden=(9, 9), seed=12345, epochs=300, batch_size=77, dropout=0.35)
    panel = TrainingPanel(usual, earlier=[far])
    panel._settings = far
    panel._show_settings()
    assert panel.values["lr"] == 50.0 and panel.values["hidden"] == (9, 9) and panel.values["seed"] == 12345
    panel.close()


def test_what_is_no_experiment_is_refused():
    with pytest.raises(TypeError, match=r"earlier\[1\] is 'digits': it must be an Experiment"):
        TrainingPanel(data="digits", earlier=[Experiment(), "digits"])
