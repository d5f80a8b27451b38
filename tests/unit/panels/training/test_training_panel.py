"""TrainingPanel without a browser: real training, driven as a hand would drive it."""

import math
import threading

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.data import Data
from course_utils.experiment import Experiment
from course_utils.panels import turn_every_control
from course_utils.panels.base.panel import family
from course_utils.plots.training import gradient_sizes
from tests.unit.panels.training.conftest import LONG, press, until


def rerun(panel):
    """The history of the panel's code, run as text."""
    return eval(panel.code, {"Experiment": Experiment}).run()


def test_play_trains_to_the_end_like_the_experiment_itself(panel_of):
    panel = panel_of()
    press(panel, "play")
    assert panel.history == panel.experiment.run() == rerun(panel)
    assert "After 3 of 3 epochs (69 steps)" in panel.sentence
    assert panel.errors == []


@pytest.mark.parametrize("then", ["play", "reset"])
def test_pause_does_not_wait_for_an_evaluation_and_nothing_is_lost(panel_of, then):
    inside, leave = threading.Event(), threading.Event()

    class Slow(nn.Linear):
        def __init__(self):
            super().__init__(64, 10)

        def forward(self, X):
            if not self.training:
                inside.set()
                assert leave.wait(20)
            return super().forward(X.flatten(1))

    panel = panel_of(model=Slow, epochs=1)  # 360 test examples: two batches
    panel.play()
    assert inside.wait(20)
    panel.pause()
    leave.set()
    assert panel.wait(20)
    history, experiment = panel.history, panel.experiment
    assert history.test_loss == [] and not panel.playing and panel.main.status == "Paused."
    panel.buttons[then].click()
    assert panel.wait(20)
    assert len(history.test_loss) == 1 and history == experiment.run()


def test_pause_stops_at_once_and_play_goes_on(panel_of):
    panel = panel_of(epochs=LONG)
    panel.play()
    until(lambda: panel.history.step_loss)
    panel.buttons["play"].click()
    assert not panel.playing
    steps = len(panel.history.step_loss)
    assert panel.buttons["play"].description.endswith("Play")
    panel.play()
    until(lambda: len(panel.history.step_loss) > steps)
    panel.pause()


def test_step_and_epoch_train_that_much(panel_of):
    panel = panel_of()
    press(panel, "step")
    assert len(panel.history.step_loss) == 1
    press(panel, "epoch")
    assert len(panel.history.step_loss) == panel.history.steps_per_epoch
    press(panel, "epoch")
    assert len(panel.history.train_loss) == 2


@pytest.mark.trains
def test_a_knob_turned_while_training_changes_the_run_and_is_in_its_code(panel_of):
    panel = panel_of(epochs=60)
    panel.play()
    until(lambda: len(panel.history.step_loss) > 20)
    panel.controls["lr"].value = 0.02
    until(lambda: panel.history.changes)
    until(lambda: len(panel.history.step_loss) > panel.history.changes[0][0])  # else two changes share a mark
    panel.controls["optimizer"].value = "Adam"
    until(lambda: len(panel.history.changes) == 2)
    until(lambda: len(panel.history.step_loss) > panel.history.changes[1][0])
    panel.pause()
    assert panel.wait(20)  # `pause` itself waits a moment only
    panel.controls["lr"].value = 0.003
    assert panel.run.lr == 0.02  # it waits for the next step
    assert panel.code.endswith(f"({len(panel.history.step_loss)}, 'lr', 0.003)))")
    press(panel, "play")
    assert [change[1:] for change in panel.history.changes] == [("lr", 0.02), ("optimizer", "Adam"), ("lr", 0.003)]
    assert rerun(panel) == panel.history
    assert [text for _, text in panel.main.run["marks"]] == ["lr 0.02", "Adam", "lr 0.003"]


def test_of_many_turns_while_paused_only_the_last_counts(panel_of):
    panel = panel_of()
    press(panel, "step")
    for lr in (0.2, 0.3, 0.4, 0.5):
        panel.controls["lr"].value = lr
    panel.controls["momentum"].value = 0.9
    press(panel, "step")
    assert panel.history.changes == [(1, "lr", 0.5), (1, "momentum", 0.9)]


def test_a_turn_there_and_back_is_no_change(panel_of):
    panel = panel_of()
    press(panel, "step")
    for lr in (0.2, 0.1):
        panel.controls["lr"].value = lr
    press(panel, "step")
    assert panel.history.changes == []


def test_a_new_activation_needs_a_new_run_and_the_old_one_stays(panel_of):
    panel = panel_of()
    press(panel, "step")
    old = panel.history
    panel.controls["activation"].value = "relu"
    assert panel.history.step_loss == []
    assert [record.history for record in panel.runs] == [old]
    assert panel.experiment.activation == "relu"
    assert "sigmoid" in panel.main.ghosts[0]["name"]


def test_before_the_first_step_a_knob_leaves_no_trace_but_the_setting(panel_of):
    panel = panel_of()
    panel.controls["optimizer"].value = "Adam"
    panel.controls["lr"].value = 0.01
    assert panel.experiment == Experiment(data="digits", hidden=(16,), optimizer="Adam", lr=0.01, epochs=3, threads=1)
    assert panel.runs == []


def test_play_after_the_end_starts_a_new_run(panel_of):
    panel = panel_of(epochs=1)
    for _ in range(2):
        press(panel, "play")
    assert len(panel.runs) == 1
    assert panel.runs[0].history == panel.history


def test_reset_keeps_what_was_trained_and_nothing_else(panel_of):
    panel = panel_of(keep=2)
    panel.reset()
    assert panel.runs == []
    for _ in range(3):
        press(panel, "step")
        panel.reset()
    assert [record.id for record in panel.runs] == [2, 3]


def test_ghosts_are_hidden_shown_and_removed_from_the_table(panel_of):
    panel = panel_of()
    for _ in range(2):
        press(panel, "step")
        panel.reset()
    tell = panel.main._handle_custom_msg
    tell({"show": 1, "visible": False}, [])
    assert [record.visible for record in panel.runs] == [False, True]
    tell({"remove": 1}, [])
    assert [ghost["id"] for ghost in panel.main.ghosts] == [2]


@pytest.mark.parametrize("valid, name", [(0, "test"), (100, "validation")])
def test_the_legend_names_the_held_out_set_before_the_first_step_too(panel_of, valid, name):
    assert panel_of(valid=valid).main.run["held_out"] == name


def test_divergence_is_a_fact_with_its_step_and_the_controls_live_on(panel_of):
    panel = panel_of(data="regression", model="linear", lr=9.0, epochs=30)
    press(panel, "play")
    at = panel.history.diverged_at
    assert f"no finite number any more at step {at:,}" in panel.sentence
    assert panel.main.run["diverged"] == at / panel.history.steps_per_epoch
    assert panel.main.run["cells"][1] == "diverged"
    assert panel.errors == []
    panel.controls["lr"].value = 0.05
    assert panel.experiment.lr == 0.05
    assert len(panel.runs) == 1
    press(panel, "play")
    assert panel.history.diverged_at is None
    assert not panel.main.has_accuracy


def test_the_time_budget_pauses(panel_of):
    panel = panel_of(epochs=LONG, budget=0.3)
    panel.play()
    assert panel.wait(10)  # nobody presses Pause
    assert panel.history.step_loss and not panel.run.done


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10)

    def forward(self, x):
        return self.layer(x.flatten(1))


class Breaks(Own):
    """Fails in its third forward pass while training."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls == 3:
            raise ValueError("planted in forward")
        return super().forward(x)


def test_the_learners_own_class_and_data_as_they_stand(panel_of):
    generator = torch.Generator().manual_seed(0)
    X = torch.rand(200, 1, 8, 8, generator=generator)
    train = Data(X, (X.flatten(1)[:, :10]).argmax(1), "my own", classes=tuple("0123456789"))
    panel = panel_of(data=(train, train), model=Own, epochs=2)
    press(panel, "play")
    assert "model=Own" in panel.code
    assert "activation" not in panel.controls
    assert panel.history.source == "my own"
    assert panel.errors == []


def test_an_error_while_training_shows_is_kept_and_play_starts_anew(panel_of):
    panel = panel_of(model=Breaks)
    press(panel, "play")
    assert [str(error) for error in panel.errors] == ["planted in forward"]
    assert 'raise ValueError("planted in forward")' in panel.error
    assert not panel.playing
    press(panel, "play")
    assert len(panel.errors) == 2
    assert len(panel.runs) == 1


def test_under_strict_an_error_while_training_is_raised_to_who_waits(panel_of, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    panel = panel_of(model=Breaks)
    panel.play()
    with pytest.raises(ValueError, match="planted in forward"):
        panel.wait()


def test_a_second_view_sees_the_run_and_its_errors_are_kept_too(panel_of):
    panel = panel_of(view=gradient_sizes)
    assert "No gradient" in panel.side.widget.sentence
    press(panel, "play")
    assert "The gradient of the first layer is" in panel.side.widget.sentence

    def broken(axes, run):
        raise KeyError("planted in the view")

    panel = panel_of(view=broken)
    press(panel, "step")
    assert "planted in the view" in str(panel.errors[0])
    assert len(panel.history.step_loss) == 1  # a broken picture does not stop training


def test_two_panels_train_at_once_and_give_what_each_gives_alone(panel_of):
    def with_dropout():
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.Dropout(0.5), nn.Linear(32, 10))

    pair = [panel_of(model=with_dropout, seed=seed, epochs=8) for seed in (1, 2)]
    for panel in pair:
        panel.play()
    for panel in pair:
        panel.wait()
        assert panel.history == panel.experiment.run()


def test_hidden_controls_are_not_on_the_page_and_fixed_ones_do_not_turn(panel_of):
    panel = panel_of(hide=("seed", "step", "copy"), fix=("optimizer",))
    shown = list(family(panel.widget))
    assert panel.controls["seed"] not in shown
    assert panel.buttons["step"] not in shown
    assert panel.controls["lr"] in shown
    assert panel.controls["optimizer"].disabled
    with pytest.raises(ValueError, match="hide names 'speed': there are optimizer, lr"):
        panel_of(hide=("speed",))


def test_every_control_can_be_turned_at_any_time(panel_of, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    panel = panel_of()
    turn_every_control(panel)
    panel.step()
    turn_every_control(panel)
    panel.controls["epochs"].value = 50
    panel.play()
    turn_every_control(panel)
    panel.wait()
    assert panel.errors == []


def test_closing_stops_training(panel_of):
    panel = panel_of(epochs=LONG)
    panel.play()
    until(lambda: panel.history.step_loss)
    panel.close()
    assert panel.wait(0) and not panel.playing


def test_many_runs_leave_one_thread_for_the_next(panel_of):
    panel = panel_of()
    for _ in range(50):
        panel.play()
        panel.reset()
    assert len([thread for thread in threading.enumerate() if thread.name == "course_utils training"]) <= 1


def test_headless_it_shows_a_short_run(panel_of, monkeypatch):
    monkeypatch.setenv("COURSE_HEADLESS", "1")
    panel = panel_of(epochs=30)
    bundle = panel._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert "(200 steps)" in bundle["text/plain"]
    assert panel.history.step_loss == []
    assert "(7 steps)" in panel_of(epochs=30, preview=7)._repr_mimebundle_()["text/plain"]


def test_the_picture_has_the_second_view_in_the_place_of_accuracy(panel_of):
    figure, sentence = panel_of(view=gradient_sizes).picture()
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss", "size of the gradient (norm)"]
    assert "(200 steps)" not in sentence and "(69 steps)" in sentence
    assert "The gradient of the first layer is" in sentence
    figure, _ = panel_of().picture()
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss", "accuracy (fraction)"]


def test_the_points_are_means_over_equal_bins_whatever_the_pieces(panel_of):
    panel = panel_of(batch_size=1, epochs=1)  # 1,437 steps, 4 a bin
    press(panel, "play")
    points = np.frombuffer(panel.main.points, np.float32).reshape(-1, 3)
    losses = panel.history.step_loss
    assert len(points) == math.ceil(1437 / 4)
    assert points[0] == pytest.approx([4 / 1437, sum(losses[:4]) / 4, sum(panel.history.step_accuracy[:4]) / 4])
    assert points[-1][:2] == pytest.approx([1, losses[-1]])
