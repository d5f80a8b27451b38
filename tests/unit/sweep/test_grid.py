"""A sweep that knows its grid."""

import numpy as np
import pytest

from course_utils.experiment import Experiment
from course_utils.sweep import sweep

BASE = Experiment(data="digits", hidden=(8,), activation="relu", epochs=2, batch_size=256, valid=100)


def test_the_axes_are_in_the_order_of_the_arguments():
    rates, seeds = [0.1, 0.3], np.array([3, 0, 1])
    histories = sweep(BASE, seed=seeds, lr=rates)
    experiments = [BASE.but(seed=seed, lr=lr) for seed in (3, 0, 1) for lr in rates]
    assert histories == sweep(experiments)
    accuracies = histories.array("valid_accuracy")
    assert accuracies.shape == (3, 2) and accuracies.dtype == np.float64
    assert accuracies[2, 0] == histories[4].valid_accuracy[1] != histories[4].valid_accuracy[0]
    assert histories.array("test_loss")[0, 1] == histories[1].test_loss[0]


def test_a_list_of_experiments_is_the_first_axis():
    rivals = [BASE, BASE.but(optimizer="Adam"), BASE.but(epochs=1)]
    histories = sweep(rivals, lr=(lr for lr in (0.01, 0.02)))
    assert histories == sweep([rival.but(lr=lr) for rival in rivals for lr in (0.01, 0.02)])
    assert histories.array("train_loss").shape == (3, 2)


def test_what_has_no_value_is_nan():
    base = BASE.but(valid=0, epochs=1)
    histories = sweep(base, lr=[0.1, 1e30])
    assert np.isnan(histories.array("test_accuracy")).tolist() == [False, True]  # the second diverged
    assert histories[1].test_accuracy and np.isnan(histories.array("valid_loss")).all()
    histories[0] = None  # interrupted
    assert np.isnan(histories.array("test_accuracy")).all()


@pytest.mark.parametrize(
    ("given", "axes", "error", "sentence"),
    [
        (BASE, {}, TypeError, "experiments is a single Experiment: it must be a list of them, or come with values"),
        ([BASE, 3], {}, TypeError, r"experiments\[1\] is 3: it must be an Experiment"),
        ([BASE, 3], {"lr": [0.1]}, TypeError, r"experiments\[1\] is 3"),
        (BASE, {"rate": [0.1]}, ValueError, "argument is 'rate': it must be one of data, .*"),
        (BASE, {"sede": [0], "lr": []}, ValueError, "argument is 'sede': .* Did you mean 'seed'?"),
        (BASE, {"lr": []}, ValueError, r"lr is \[\]: it must hold at least one value to try"),
        (BASE, {"lr": 0.1}, TypeError, "lr is 0.1: it must be a list of the values to try"),
        (BASE, {"optimizer": "Adam"}, TypeError, "optimizer is 'Adam': it must be a list"),
        (BASE, {"optimizer_args": {"eps": 1}}, TypeError, "optimizer_args is {'eps': 1}: it must be a list"),
        (BASE, {"lr": [0.1, -1]}, ValueError, "lr is -1: it must be a finite number above 0"),
    ],
)
def test_bad_input_is_one_sentence(given, axes, error, sentence):
    with pytest.raises(error, match=sentence):
        sweep(given, **axes)


def test_an_array_of_what_is_none():
    with pytest.raises(ValueError, match=r"no grid, since sweep got a plain list: .*sweep\(base, lr=\[0.01, 0.1\]\)"):
        sweep([]).array("test_loss")
    with pytest.raises(ValueError, match=r"name is 'valid_acuracy': .* Did you mean 'valid_accuracy'\?"):
        sweep(BASE.but(epochs=1), seed=[0]).array("valid_acuracy")
