"""Plain values in, runnable text out: what an Experiment takes can start, and its text is code that makes it again."""

import dataclasses
import functools
import math
import re
import sys

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import TensorDataset

from course_utils.experiment import Experiment
from course_utils.models import ACTIVATIONS
from course_utils.optimizers import OPTIMIZERS, SCHEDULES, argument_names, default
from course_utils.panels import TrainingPanel

SMALL = {"data": "digits", "hidden": (4,), "batch_size": 512, "epochs": 1}

# Whatever a notebook may hold where one number is wanted.
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.booleans().map(np.bool_),
    st.text(max_size=5),
    st.integers(-3, 2**70),
    st.integers(-3, 300).map(np.int64),
    st.integers(0, 255).map(np.uint8),
    st.floats(),
    st.floats(0, 1),
    st.floats(0, 1).map(np.float64),
    st.floats(0, 1, width=32).map(np.float32),
    st.fractions(0, 1),
    st.sampled_from([math.nan, math.inf, -math.inf, 10**400, 1 + 2j, np.array([1.0, 2.0]), torch.tensor(0.5), [], {}]),
    st.lists(st.one_of(st.integers(0, 40), st.floats(0, 1), st.integers(1, 9).map(np.int32)), max_size=3),
)
ARGUMENTS = sorted({argument for name in OPTIMIZERS for argument in argument_names(name)})
FIELDS = [field.name for field in dataclasses.fields(Experiment)]
FIELDS = [name for name in FIELDS if name not in ("data", "model", "optimizer_args", "changes")]


def plain(value):
    """Is it of Python's own kinds, all the way down?"""
    if isinstance(value, tuple | list):
        return type(value) is tuple and all(map(plain, value))
    return type(value) in (int, float, bool, str, type(None))


def told(error):
    text = str(error)
    return len(text) < 500 and "\n" not in text and not text.startswith(("'", "__init__"))


def made(**arguments):
    """The Experiment, or None where it is refused, in one sentence."""
    try:
        return Experiment(**{**SMALL, **arguments})
    except (TypeError, ValueError) as error:
        assert told(error), error
        return None


def holds(experiment):
    """What is true of every Experiment that can be made."""
    values = [getattr(experiment, name) for name in (*FIELDS, "changes")]
    assert all(map(plain, values)) and all(map(plain, experiment.optimizer_args.values()))
    again = eval(repr(experiment), {"Experiment": Experiment})
    assert again == experiment and hash(again) == hash(experiment) and repr(again) == repr(experiment)
    return experiment


MANY = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(name=st.sampled_from(FIELDS), value=ANYTHING)
def test_any_value_of_any_argument_is_taken_whole_or_refused(name, value):
    experiment = made(**{name: value})
    if experiment is not None:
        holds(experiment)


@MANY
@given(optimizer=st.sampled_from(list(OPTIMIZERS)), arguments=st.dictionaries(st.sampled_from(ARGUMENTS), ANYTHING))
def test_any_value_of_any_argument_of_an_optimizer(optimizer, arguments):
    experiment = made(optimizer=optimizer, optimizer_args=arguments)
    if experiment is not None:
        holds(experiment)


CHANGES = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 4), st.integers(0, 4).map(np.int64)),
        st.sampled_from(["lr", "optimizer", *ARGUMENTS]),
        st.one_of(ANYTHING, st.sampled_from(list(OPTIMIZERS)), st.floats(0, 1).map(np.float64), st.booleans()),
    ),
    max_size=4,
)


@MANY
@given(changes=CHANGES, optimizer=st.sampled_from(list(OPTIMIZERS)))
def test_any_changes_are_taken_in_the_order_of_their_steps_or_refused(changes, optimizer):
    experiment = made(optimizer=optimizer, changes=changes)
    if experiment is not None:
        holds(experiment)
        assert [step for step, _, _ in experiment.changes] == sorted(step for step, _, _ in changes)


def of_kind(value):
    """Values that an argument whose default is `value` may have."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, tuple):
        return st.tuples(*[st.floats(0, 0.99).map(np.float64) for _ in value])
    return st.one_of(st.floats(0, 0.99).map(np.float32), st.sampled_from([0, 1, 1e-8]))


@st.composite
def good(draw):
    """Experiments that can be made, with arguments and changes."""
    optimizer = now = draw(st.sampled_from(list(OPTIMIZERS)))
    known = draw(st.sets(st.sampled_from(argument_names(optimizer))))
    arguments = {name: draw(of_kind(default(optimizer, name))) for name in sorted(known)}
    changes = []
    for step in draw(st.lists(st.integers(0, 3), max_size=3)):
        name = draw(st.sampled_from(["lr", "optimizer", *argument_names(now)]))
        if name == "optimizer":
            now = draw(st.sampled_from(list(OPTIMIZERS)))
        kinds = {"optimizer": st.just(now), "lr": st.floats(0, 2)}
        changes.append((step, name, draw(kinds[name] if name in kinds else of_kind(default(now, name)))))
    return made(
        hidden=draw(st.lists(st.integers(1, 9).map(np.int16), max_size=3)),
        activation=draw(st.sampled_from(sorted(ACTIVATIONS))),
        optimizer=np.str_(optimizer),
        lr=draw(st.floats(1e-300, 1e300)),
        optimizer_args=arguments,
        schedule=draw(st.sampled_from(sorted(SCHEDULES))),
        dropout=draw(st.sampled_from([0, np.float32(0.25), 0.9])),
        batch_size=draw(st.sampled_from([511, 1437, 10**6, 10**30])),
        shuffle=np.bool_(draw(st.booleans())),
        valid=draw(st.sampled_from([0, 0.0, 1, np.float64(0.5), np.int8(100)])),
        seed=draw(st.integers(0, 2**32 - 1)),
        changes=changes,
    )


@pytest.mark.rest
@pytest.mark.trains
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(experiment=good())
def test_what_can_be_made_can_be_trained_and_steered_by_a_panel(experiment):
    if experiment is None:
        return
    holds(experiment)
    assert experiment.run().step_loss
    panel = TrainingPanel(experiment)
    assert panel.experiment == experiment and panel.code == repr(experiment) and panel.errors == []
    panel.play()
    assert panel.wait(20) and panel.errors == [] and panel.history == panel.experiment.run()
    panel.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"learning_rate": 0.1}, "argument is 'learning_rate': .* Did you mean 'lr'"),
        ({"momentum": 0.9}, "argument is 'momentum': it must be one of data, model"),
        ({"batchsize": 3}, "Did you mean 'batch_size'"),
        ({"optimizer": torch.optim.Adam}, "Did you mean 'Adam'"),
        ({"activation": nn.ReLU}, "Did you mean 'relu'"),
        ({"shuffle": "no"}, r"shuffle is 'no' \(str\): it must be True or False"),
        ({"seed": 2**64}, "seed is 18446744073709551616: .* at most 4,294,967,295"),
        ({"threads": 10**9}, "threads is 1000000000: .* at most 1,024"),
        ({"valid": 1.5}, "valid is 1.5: a share must lie between 0 and 1"),
        ({"valid": True}, r"valid is True \(bool\)"),
        ({"hidden": None}, "hidden is None: it must be a tuple of whole numbers"),
        ({"optimizer_args": None}, "optimizer_args is None: it must be a dict"),
        ({"optimizer_args": {"momentum": math.nan}}, "momentum is nan: it must be a finite number"),
        ({"optimizer_args": {"nesterov": "no"}}, "nesterov is 'no' .*True or False"),
        ({"optimizer": "Adam", "optimizer_args": {"betas": 0.9}}, "betas is 0.9: it must be a tuple of 2 numbers"),
        ({"changes": 5}, r"changes is 5: it must hold \(step, name, value\)"),
        ({"optimizer": "Adam", "changes": [(3, "amsgrad", True)]}, "amsgrad can't be changed on the way: Adam looks"),
        ({"optimizer": "Adagrad", "changes": [(3, "initial_accumulator_value", 1)]}, "can't be changed on the way"),
        ({"model": 5}, "linear, mlp, cnn. Or it is your own class"),
    ],
)
def test_a_refusal_names_the_argument_and_the_nearest_right_one(arguments, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence) as caught:
        Experiment(**{**SMALL, **arguments})
    assert told(caught.value)


def test_a_layer_alone_needs_no_tuple_and_a_rate_may_go_down_to_nothing():
    experiment = Experiment(**{**SMALL, "hidden": 8, "changes": [(1, "lr", 0), (2, "optimizer", "Adam")]})
    assert experiment.hidden == (8,) and experiment.changes == ((1, "lr", 0.0), (2, "optimizer", "Adam"))
    losses = experiment.but(shuffle=False, batch_size=1437, epochs=4).run().step_loss
    assert losses[1] == losses[2] == losses[3]


class Net(nn.Module):
    def __init__(self, hidden=4):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(64, hidden), nn.Linear(hidden, 10))

    def forward(self, X):
        return self.layers(X)


def in_notebook(monkeypatch, **names):
    for name, value in names.items():
        monkeypatch.setattr(sys.modules["__main__"], name, value, raising=False)
    return {"Experiment": Experiment, **names}


def test_a_model_has_the_name_that_the_notebook_has_for_it(monkeypatch):
    names = in_notebook(monkeypatch, small=lambda: Net(3), wide=functools.partial(Net, 9), Own=Net)
    for name in ("small", "wide", "Own"):
        experiment = Experiment(**{**SMALL, "model": names[name]})
        assert f"model={name}," in repr(experiment) and eval(repr(experiment), names) == experiment


def test_what_cannot_be_pasted_says_so():
    parts = [TensorDataset(torch.zeros(3, 64), torch.zeros(3, dtype=torch.int64))] * 2
    for changed, text in (
        ({"model": lambda: Net(3)}, "model=<a function without a name>"),
        ({"model": functools.partial(Net, 3)}, "model=<a partial without a name>"),
        ({"data": parts}, "data=(<a TensorDataset without a name>, "),
    ):
        assert text in repr(Experiment(**{**SMALL, **changed}))
    panel = TrainingPanel(Experiment(**{**SMALL, "model": lambda: Net(3)}))
    assert re.search("model=<a function without a name>", panel.code)


def test_a_panel_wants_an_experiment_and_numbers_that_can_be():
    for arguments, sentence in (
        ({"experiment": "digits"}, r"experiment is 'digits': .*TrainingPanel\(data=\"digits\"\)"),
        ({"learning_rate": 1}, "argument is 'learning_rate': .* Did you mean 'lr'"),
        ({"keep": 0}, "keep is 0"),
        ({"preview": 0}, "preview is 0"),
        ({"view": "loss"}, "view is 'loss': it must be a function"),
    ):
        with pytest.raises((TypeError, ValueError), match=sentence):
            TrainingPanel(**arguments)
