"""Random sequences of what a hand can do to a TrainingPanel, against what must hold after each."""

import threading

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from course_utils import optimizers
from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel, live

pytestmark = pytest.mark.rest
EXPERIMENT = Experiment(data="digits", hidden=(4,), batch_size=256, lr=0.1, epochs=4, threads=1)
NEW_RUN = {
    "activation": ["sigmoid", "relu"],
    "batch_size": [128, 256],
    "seed": [0, 1],
    "epochs": [1, 4, 20],
    "schedule": ["cosine", "constant"],
    "dropout": [0, 0.5],
}


class Hand(RuleBasedStateMachine):
    """Acts on a panel and keeps its own account: of the settings, and of every run that has made a step."""

    @initialize()
    def open(self):
        self.panel = TrainingPanel(EXPERIMENT, keep=1000)
        self.settings = {"optimizer": "SGD", "lr": 0.1}
        self.kept = []

    def after(self, history, new_run):
        """Account for an action, `history` being that of the run before it."""
        if self.panel.history is history:
            assert not (new_run and history.step_loss)
        elif history.step_loss:
            self.kept.append(history)

    @rule()
    def play(self):
        history = self.panel.history
        self.panel.buttons["play"].click()
        self.after(history, False)

    @rule()
    def pause(self):
        self.panel.pause()
        assert not self.panel.playing

    @rule()
    def wait(self):
        if self.panel.controls["epochs"].value < 20:
            assert self.panel.wait(30)

    @rule(button=st.sampled_from(["step", "epoch"]))
    def advance(self, button):
        history = self.panel.history
        self.panel.buttons[button].click()
        self.after(history, False)

    @rule()
    def reset(self):
        history = self.panel.history
        self.panel.buttons["reset"].click()
        self.after(history, True)
        assert self.panel.history.step_loss == []

    @rule(exponent=st.integers(-40, 10))
    def turn_lr(self, exponent):
        history = self.panel.history
        self.settings["lr"] = float(f"{10 ** (exponent / 10):.3g}")
        self.panel.controls["lr"].value = self.settings["lr"]
        self.after(history, False)

    @rule(text=st.sampled_from(["abc", "0", "1e9", "nan"]))
    def type_nonsense(self, text):
        control = self.panel.controls["lr"]
        box = control.children[1]
        box.value = text
        assert control.message
        box.value = f"{control.value:.6g}"

    @rule(optimizer=st.sampled_from(list(optimizers.OPTIMIZERS)))
    def choose_optimizer(self, optimizer):
        history = self.panel.history
        self.settings["optimizer"] = optimizer
        self.panel.controls["optimizer"].value = optimizer
        self.after(history, False)

    @rule(momentum=st.sampled_from([0.0, 0.5, 0.9]), decay=st.sampled_from([0, 1e-4, 1e-2]))
    def turn_arguments(self, momentum, decay):
        history = self.panel.history
        if not self.panel.controls["momentum"].disabled:
            self.panel.controls["momentum"].value = momentum
        self.after(history, False)
        history = self.panel.history
        self.panel.controls["weight_decay"].value = decay
        self.after(history, False)

    @rule(name=st.sampled_from(list(NEW_RUN)), which=st.integers(0, 2))
    def need_a_new_run(self, name, which):
        history, control = self.panel.history, self.panel.controls[name]
        value = NEW_RUN[name][which % len(NEW_RUN[name])]
        changes = control.value != value
        control.value = value
        self.after(history, changes)

    @rule()
    def run_the_cell_again(self):
        self.panel.close()
        self.open()

    @invariant()
    def nothing_goes_wrong(self):
        panel = getattr(self, "panel", None)
        if panel is None:
            return
        assert panel.errors == []
        assert live == [panel]
        # The thread that ends lets go of `playing` before it is gone, so one may be seen while nothing plays.
        assert len([one for one in threading.enumerate() if one.name == "course_utils training"]) <= 1
        assert [record.history for record in panel.runs] == self.kept
        assert {name: panel.controls[name].value for name in self.settings} == self.settings
        if panel.playing:
            return
        history, run = panel.history, panel.run
        assert panel.buttons["play"].description.endswith("Play")
        assert len(history.step_loss) == len(history.step_accuracy) <= run.total_steps
        whole, rest = divmod(len(history.step_loss), history.steps_per_epoch)
        ended = whole + (rest > 0 and history.diverged_at is not None)
        assert len(history.train_loss) == len(history.test_loss) == ended - run.evaluating
        assert [step for step, _, _ in history.changes] == sorted(step for step, _, _ in history.changes)
        assert len(panel.main.run["tests"]) == len(history.test_loss)

    def teardown(self):
        panel = getattr(self, "panel", None)
        if panel is None:
            return
        panel.pause()
        panel.wait(30)
        kept = [record.experiment for record in panel.runs][-2:]
        histories = [record.history for record in panel.runs][-2:]
        for experiment, history in zip([*kept, panel.experiment], [*histories, panel.history], strict=True):
            if history.step_loss:
                again = eval(repr(experiment), {"Experiment": Experiment}).start()
                again.step(len(history.step_loss))
                assert repr(again.history.step_loss) == repr(history.step_loss)  # repr: NaN equals NaN
        panel.close()


# 100 actions at most, and 65 on average: 2,000 in all.
TestHand = Hand.TestCase
TestHand.settings = settings(
    max_examples=32,
    stateful_step_count=100,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # what threads make fail is not made simpler by trying again
    suppress_health_check=list(HealthCheck),
)
