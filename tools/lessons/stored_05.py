"""Makes what lesson 05 stores: two sweeps of eight optimizers over 17 learning rates, on MNIST and on the 8×8 digits.

python -m tools.lessons.stored_05     train them, 20 minutes on one core, and write the file (make stored)

It holds counts of right answers, no images. `course_utils.lessons.lesson_05.sweeps` says what is in it and reads it.
"""

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


def counts(fractions, images):
    """Fractions of right answers as whole numbers of images, int16; -1 where a run was lost."""
    return np.where(np.isnan(fractions), -1, np.round(np.nan_to_num(fractions) * images)).astype(np.int16)


def made(name):
    """{key: array} of one sweep, as they stand in the file."""
    base = BASES[name]
    train, test = data.load(base.data)
    if name == "mnist" and train.source != "MNIST":
        raise SystemExit("MNIST is not here, and the digits that stand in for it are not what is to be stored.")
    rivals = [base.but(optimizer=kind, optimizer_args=arguments) for kind, arguments in sweeps.OPTIMIZERS.values()]
    histories = sweep(rivals, lr=sweeps.RATES, seed=SEEDS)
    # An epoch that a lost run did not finish is lost too.
    curves = [(h.valid_accuracy + [np.nan] * base.epochs)[: base.epochs] for h in histories]
    valid = np.array(curves).reshape(*histories.array("valid_accuracy").shape, base.epochs)
    best = np.nan_to_num(valid[..., -1].mean(axis=2)).argmax(axis=1)
    at_best = [rival.but(lr=sweeps.RATES[column]) for rival, column in zip(rivals, best, strict=True)]
    fresh = sweep(at_best, seed=FRESH).array("test_accuracy")
    return {
        f"{name}_images": np.array([base.valid, len(test)], dtype=np.int16),
        f"{name}_valid": counts(valid, base.valid),
        f"{name}_fresh": counts(fresh, len(test)),
    }


def main():
    np.savez_compressed(sweeps.FILE, **made("digits"), **made("mnist"))
    print(f"{sweeps.FILE.name}: {sweeps.FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
