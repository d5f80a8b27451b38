"""The controls of a TrainingPanel: they show what its Experiment has, and a turn that fails changes nothing."""

import math

from torch import nn

from course_utils.panels.training import settings


def test_controls_show_what_the_experiment_has_within_usual_limits_or_not(panel_of):
    given = {"optimizer": "SGD", "lr": 20.0, "activation": "relu", "hidden": (7,), "dropout": 0.3, "schedule": "step"}
    arguments = {"momentum": 0.995, "weight_decay": 3e-4}
    more = {"batch_size": 48, "epochs": 200, "seed": 1234}
    panel = panel_of(**given, optimizer_args=arguments, **more)
    assert panel.values == {**given, **arguments, **more, "budget": math.inf}
    assert not panel.controls["momentum"].disabled
    assert (panel_of().controls["epochs"].min, panel_of().controls["epochs"].max) == (1, 100)


def test_a_new_optimizer_comes_with_pytorchs_arguments_and_momentum_is_sgds_alone(panel_of):
    panel = panel_of(optimizer_args={"momentum": 0.9, "weight_decay": 0.1})
    panel.controls["optimizer"].value = "AdamW"
    assert panel.experiment.optimizer_args == {}
    assert (panel.values["momentum"], panel.values["weight_decay"]) == (0, 0.01)
    assert panel.controls["momentum"].disabled
    panel.controls["optimizer"].value = "SGD"
    panel.controls["momentum"].value = 0.5
    assert panel.experiment.optimizer_args == {"momentum": 0.5}


def test_a_turn_whose_run_cannot_be_made_is_taken_back(panel_of):
    made = []

    def only_once():
        made.append(None)
        if len(made) > 2:  # the first run builds two, to see that they are two
            raise RuntimeError("planted")
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))

    panel = panel_of(model=only_once)
    panel.controls["seed"].value = 1
    assert "planted" in panel.error
    assert panel.values["seed"] == panel.experiment.seed == 0


def test_of_many_changes_those_count_that_a_run_would_feel():
    asked = [("lr", 0.1), ("momentum", 0.5), ("weight_decay", 0.1), ("lr", 0.2), ("optimizer", "Adam"), ("momentum", 0)]
    assert settings.newest(asked) == [("lr", 0.2), ("optimizer", "Adam"), ("momentum", 0)]
