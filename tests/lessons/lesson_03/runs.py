"""What several files of lesson 03's claims train."""

import functools

from course_utils.experiment import Experiment
from course_utils.sweep import sweep
from tests.lessons.shared import enlarged

# Settings of 03c's table: how the prose says it, the reference in %, least and most over seeds in %.
TABLE = {
    "sigmoid | SGD, lr 0.01": ({}, 69.9, 60, 78),
    "sigmoid | SGD, lr 0.01, momentum 0.9, weight decay 0.001": (
        {"optimizer_args": {"momentum": 0.9, "weight_decay": 0.001}}, 92.0, 91, 93,
    ),
    "sigmoid | SGD, lr 1": ({"lr": 1.0}, 97.5, 96.7, 98.2),
    "sigmoid | Adam, lr 0.01": ({"optimizer": "Adam"}, 97.2, 96, 98),
    "ReLU | SGD, lr 0.01": ({"activation": "relu"}, 93.9, 93, 94.7),
    "ReLU | SGD, lr 0.1": ({"activation": "relu", "lr": 0.1}, 97.7, 97, 98.3),
    "ReLU | SGD, lr 1": ({"activation": "relu", "lr": 1.0}, None, 89.5, 96.5),  # "90 to 96 %", rounded
    "ReLU | Adam, lr 0.01": ({"activation": "relu", "optimizer": "Adam"}, 96.8, 95.3, 97.7),
    "ReLU | Adam, lr 0.001": ({"activation": "relu", "optimizer": "Adam", "lr": 0.001}, 98.0, 96.7, 98.5),
}  # fmt: skip
RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


@functools.cache
def of_the_table(setting, seed):
    """The History of ten epochs, test accuracies in %."""
    changed, *_ = TABLE[setting]
    return [100 * a for a in Experiment(shuffle=False, seed=seed, **changed).run().test_accuracy]


@functools.cache
def swept(seed, optimizer="SGD", rates=RATES):
    """The lesson's sweep with five further seeds: validation and test accuracy in %, each [2, rates, 5]."""
    small = Experiment(data="digits", hidden=(32, 32), optimizer=optimizer, batch_size=32, epochs=20, valid=287)
    runs = sweep(small, activation=("sigmoid", "relu"), lr=rates, seed=range(5 * seed, 5 * seed + 5))
    return tuple(100 * runs.array(name) for name in ("valid_accuracy", "test_accuracy"))


def on_the_digits(seed, **settings):
    """A Run of lesson 03's network on the enlarged embedded digits, at its end."""
    run = Experiment(**{"data": enlarged(), "shuffle": False, "seed": seed, **settings}).start()
    run.step(run.total_steps)
    return run
