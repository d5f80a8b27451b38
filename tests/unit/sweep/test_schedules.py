"""Schedules in a stack, dropout one by one: what each Experiment would have given alone."""

import pytest

from course_utils import optimizers
from course_utils.experiment import Experiment
from course_utils.sweep import sweep
from tests.unit.sweep.alike import assert_alike

SMALL = Experiment(data="digits", hidden=(16,), activation="relu", lr=0.1, epochs=2)


@pytest.mark.trains
@pytest.mark.parametrize("optimizer", optimizers.OPTIMIZERS)
def test_a_sweep_trains_schedules_side_by_side(in_double, capsys, optimizer):
    """In one stack with constant ones, one of which diverges and leaves it."""
    base = SMALL.but(data=in_double, optimizer=optimizer, lr=0.01, batch_size=16, epochs=4)
    base = base.but(optimizer_args={"weight_decay": 0.1})
    histories = sweep([base, base.but(lr=1e200)], schedule=list(optimizers.SCHEDULES), seed=[0, 1])
    experiments = [
        one.but(schedule=schedule, seed=seed)
        for one in (base, base.but(lr=1e200))
        for schedule in optimizers.SCHEDULES
        for seed in (0, 1)
    ]
    assert "one by one" not in capsys.readouterr().out and histories.shape == (2, 5, 2)
    calm = [place for place, history in enumerate(histories) if history.diverged_at is None]
    assert len(calm) >= 10
    assert_alike([histories[place] for place in calm], [experiments[place] for place in calm], rel=1e-6)
    assert len({history.step_loss[-1] for history in histories[:10]}) == 10  # no two schedules are the same


def test_a_sweep_trains_dropout_one_by_one_and_says_so(capsys):
    histories = sweep(SMALL.but(epochs=1), dropout=[0, 0.2], seed=[0, 1])
    assert "2 experiments train one by one, which takes longer: their networks draw random" in capsys.readouterr().out
    assert histories.shape == (2, 2)
    assert histories[2:] == [SMALL.but(epochs=1, dropout=0.2, seed=seed).run() for seed in (0, 1)]
