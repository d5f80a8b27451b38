"""Learning rates that change by a schedule, and dropout: what PyTorch's own schedulers and layers do."""

import functools
import math

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader

from course_utils import data, models, optimizers
from course_utils.experiment import Experiment

SMALL = Experiment(data="digits", hidden=(16,), activation="relu", lr=0.1, epochs=2)
SCHEDULED = [name for name in optimizers.SCHEDULES if name != "constant"]


def warm_up(optimizer, steps):
    warm = steps // 10
    up = lr_scheduler.LinearLR(optimizer, start_factor=0.01, total_iters=warm)
    return lr_scheduler.SequentialLR(optimizer, [up, lr_scheduler.CosineAnnealingLR(optimizer, steps - warm)], [warm])


# As PyTorch's documentation writes them.
BY_HAND = {
    "constant": lambda optimizer, steps: lr_scheduler.LambdaLR(optimizer, lambda step: 1),
    "step": lambda optimizer, steps: lr_scheduler.StepLR(optimizer, steps // 3),
    "cosine": lr_scheduler.CosineAnnealingLR,
    "warm-up": warm_up,
    "one-cycle": lambda optimizer, steps: lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.1, total_steps=steps, cycle_momentum=False
    ),
}


def by_hand(schedule, kind, steps=46, **arguments):
    """Rates and losses of the loop that a learner writes, and all weights at its end."""
    torch.manual_seed(0)
    model = models.mlp((1, 8, 8), 10, (16,), "relu")
    optimizer = kind(model.parameters(), lr=0.1, **arguments)
    scheduler = BY_HAND[schedule](optimizer, steps)
    loader = DataLoader(data.digits()[0], 64, shuffle=True, generator=torch.Generator().manual_seed(0))
    rates, losses = [], []
    for X, y in [*loader, *loader]:
        rates.append(optimizer.param_groups[0]["lr"])
        loss = nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if len(rates) < steps:
            scheduler.step()
        losses.append(loss.item())
    return rates, losses, nn.utils.parameters_to_vector(model.parameters())


@pytest.mark.parametrize("schedule", optimizers.SCHEDULES)
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_a_run_is_the_loop_with_pytorchs_own_scheduler(schedule, optimizer):
    arguments = {"momentum": 0.9} if optimizer == "SGD" else {}
    rates, losses, weights = by_hand(schedule, getattr(torch.optim, optimizer), **arguments)
    run = SMALL.but(schedule=schedule, optimizer=optimizer, optimizer_args=arguments).start()
    used = []
    while not run.done:
        used.append(run.lr)
        run.step()
        assert run.optimizer.param_groups[0]["lr"] == used[-1]
        assert run.optimizer.param_groups[0].get("momentum") == arguments.get("momentum")
    assert used == rates and run.history.step_loss == losses
    assert nn.utils.parameters_to_vector(run.model.parameters()).equal(weights)


@pytest.mark.parametrize("schedule", SCHEDULED)
@pytest.mark.parametrize("steps", [1, 2, 3, 9, 10, 1000])
def test_a_run_of_any_length_has_a_rate_for_each_step(schedule, steps):
    rates = optimizers.Rates(schedule, 0.5, steps)
    forward = [rates[step] for step in range(steps)]
    assert all(0 <= rate <= 0.5 for rate in forward)
    again = optimizers.Rates(schedule, 0.5, steps)
    assert [again[step] for step in reversed(range(steps))] == forward[::-1]
    if steps == 1000:
        assert max(forward) == pytest.approx(0.5) and forward[-1] < 0.5 / 50


def test_a_schedule_that_is_read_ahead_is_the_same():
    """It is computed anew with each doubling: at 64, 128, … steps."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 300)
    optimizer.step()
    rates = optimizers.Rates("cosine", 0.1, 300)
    for step in range(300):
        assert rates[step] == optimizer.param_groups[0]["lr"], step
        scheduler.step()


@pytest.mark.parametrize("schedule", SCHEDULED)
def test_a_live_change_sets_the_base_and_the_schedule_goes_on(schedule):
    plain, run = SMALL.but(schedule=schedule).start(), SMALL.but(schedule=schedule).start()
    for step in range(46):
        if step == 20:
            run.change("lr", 0.03)
        if step == 30:
            run.change("optimizer", "RMSprop")
        assert run.lr == pytest.approx(plain.lr * (0.3 if step >= 20 else 1), rel=1e-12)
        run.step()
        plain.step()
        assert run.setting("lr") == (0.03 if step >= 20 else 0.1)
    assert run.history.changes == [(20, "lr", 0.03), (30, "optimizer", "RMSprop")]
    again = eval(repr(run.as_experiment()))
    assert again == run.as_experiment() and again.run() == run.history
    assert run.history.step_loss[:20] == plain.history.step_loss[:20]


def test_a_base_of_nothing_moves_nothing_and_comes_back():
    e = SMALL.but(schedule="cosine", shuffle=False, batch_size=1437, epochs=5, changes=[(1, "lr", 0), (3, "lr", 0.1)])
    losses = e.run().step_loss
    assert losses[1] == losses[2] == losses[3] != losses[4]


def dropped(dropout):
    layers = [nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Dropout(dropout), nn.Linear(16, 8), nn.ReLU()]
    return nn.Sequential(*layers, nn.Dropout(dropout), nn.Linear(8, 10))


def test_dropout_stands_after_each_hidden_layer_and_draws_from_the_runs_own_numbers():
    experiment = SMALL.but(hidden=(16, 8), dropout=0.2)
    before = torch.get_rng_state()
    history = experiment.run()
    assert torch.get_rng_state().equal(before)
    torch.rand(100)
    assert history == experiment.run() == experiment.but(model=functools.partial(dropped, 0.2)).run()
    for other in (0, 0.3):
        assert history != experiment.but(dropout=other).run()
    assert not any(isinstance(layer, nn.Dropout) for layer in SMALL.start().model)
    assert str(models.cnn(dropout=0.5)).count("Dropout(p=0.5") == 1  # not between convolutions
    assert experiment.but(model="linear").run() == SMALL.but(model="linear").run()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"schedule": "cosin"}, "schedule is 'cosin': it must be one of constant, .* Did you mean 'cosine'"),
        ({"schedule": lr_scheduler.CosineAnnealingLR}, "Did you mean 'cosine'"),
        ({"schedule": "warmup"}, "Did you mean 'warm-up'"),
        ({"schedule": "OneCycleLR"}, "Did you mean 'one-cycle'"),
        ({"schedule": None}, "schedule is None: it must be one of constant"),
        ({"scheduler": "cosine"}, "argument is 'scheduler': .* Did you mean 'schedule'"),
        ({"drop_out": 0.2}, "Did you mean 'dropout'"),
        ({"dropout": 1}, "dropout is 1: it must be a share, at least 0 and below 1"),
        ({"dropout": -0.1}, "dropout is -0.1"),
        ({"dropout": math.nan}, "dropout is nan"),
        ({"dropout": True}, r"dropout is True \(bool\)"),
        ({"dropout": "0.2"}, r"dropout is '0.2' \(str\)"),
        ({"changes": [(3, "dropout", 0.1)]}, "changes: name is 'dropout'"),
        ({"changes": [(3, "schedule", "step")]}, "changes: name is 'schedule'"),
    ],
)
def test_bad_input_is_one_sentence(arguments, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence) as caught:
        SMALL.but(**arguments) if next(iter(arguments)) in vars(SMALL) else Experiment(**arguments)
    assert "\n" not in str(caught.value)


def test_the_text_holds_them_where_they_say_something():
    assert "schedule" not in repr(SMALL) and "dropout" not in repr(SMALL)
    experiment = SMALL.but(schedule="one-cycle", dropout=0.25)
    assert "dropout=0.25" in repr(experiment) and "schedule='one-cycle'" in repr(experiment)
    assert eval(repr(experiment)) == experiment
