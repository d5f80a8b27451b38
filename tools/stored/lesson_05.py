"""Two sweeps of eight optimizers over 17 learning rates and three seeds, on MNIST and on the 8×8 digits."""

import numpy as np

from course_utils import data
from course_utils.experiment import Experiment
from course_utils.lessons.lesson_05 import sweeps
from course_utils.sweep import sweep

SEEDS, FRESH = range(3), range(10, 18)
BASES = {
    "digits": Experiment(data="digits", hidden=(32,), activation="relu", epochs=30, valid=287),
    "mnist": Experiment(data="mnist", hidden=(32,), activation="relu", epochs=5, valid=6000),
}


def made():
    """{"sweeps": arrays}, as `course_utils.lessons.lesson_05.sweeps.stored` reads them: seven minutes on one core."""
    return {"sweeps": {key: array for name in BASES for key, array in one(name).items()}}


def one(name):
    """{key: array} of one sweep. It holds counts of right answers, no images."""
    base = BASES[name]
    train, test = data.load(base.data)
    if name == "mnist" and train.source != "MNIST":
        raise SystemExit(f"The data here are {train.source}: what is stored are results on MNIST.")
    rivals = [base.but(optimizer=kind, optimizer_args=arguments) for kind, arguments in sweeps.OPTIMIZERS.values()]
    histories = sweep(rivals, lr=sweeps.RATES, seed=SEEDS)
    # An epoch that a lost run did not finish is lost too.
    curves = [(history.valid_accuracy + [np.nan] * base.epochs)[: base.epochs] for history in histories]
    valid = np.array(curves).reshape(*histories.array("valid_accuracy").shape, base.epochs)
    best = np.nan_to_num(valid[..., -1].mean(axis=2)).argmax(axis=1)
    at_best = [rival.but(lr=sweeps.RATES[column]) for rival, column in zip(rivals, best, strict=True)]
    fresh = sweep(at_best, seed=FRESH).array("test_accuracy")
    return {
        f"{name}_images": np.array([base.valid, len(test)], dtype=np.int16),
        f"{name}_valid": counts(valid, base.valid),
        f"{name}_fresh": counts(fresh, len(test)),
    }


def counts(fractions, images):
    """Fractions of right answers as whole numbers of images, int16; -1 where a run was lost."""
    return np.where(np.isnan(fractions), -1, np.round(np.nan_to_num(fractions) * images)).astype(np.int16)
