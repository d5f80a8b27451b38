"""Many experiments at once against one by one: prints a table in Markdown.

    COURSE_DATA=… OMP_NUM_THREADS=1 .venv/bin/python benchmarks/sweep.py [rounds]

Both ways take turns, five rounds unless told otherwise; the table has their medians. Worthless while anything else
runs, so the machine's load is printed before and after.
"""

import os
import platform
import statistics
import sys
import time

import torch
from torch import nn

from course_utils import data
from course_utils.experiment import Experiment
from course_utils.sweep import sweep

OPTIMIZERS = (  # the eight of the optimizer comparison, each with the middle of its learning rates
    ("SGD", {}, 0.1),
    ("SGD", {"momentum": 0.9}, 0.03),
    ("SGD", {"momentum": 0.9, "nesterov": True}, 0.03),
    ("RMSprop", {}, 0.001),
    ("Adagrad", {}, 0.01),
    ("Adadelta", {}, 1.0),
    ("Adam", {}, 0.001),
    ("AdamW", {}, 0.001),
)


def small_cnn():
    """Lesson 04's network in small, for 8×8 images: padding keeps their size, two poolings leave 2×2."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def cases():
    """{what is measured: its experiments}."""
    digits = Experiment(data="digits", hidden=(32,), activation="relu", lr=0.1, batch_size=64, epochs=10)
    images = data.load("mnist")
    part = tuple(data.Data(p.X[:n], p.y[:n], p.source, p.classes) for p, n in zip(images, (6400, 1000), strict=True))
    large = digits.but(data=part, epochs=1)
    return {
        "48 networks 64-32-10, a shuffle each, 10 epochs": [digits.but(seed=seed) for seed in range(48)],
        "48 networks 64-32-10, one order, 10 epochs": [digits.but(lr=0.01 * (i + 1)) for i in range(48)],
        "48 networks 784-32-10, one order, 100 steps": [large.but(lr=0.01 * (i + 1)) for i in range(48)],
        "48 networks 784-32-10, a shuffle each, 100 steps": [large.but(seed=seed) for seed in range(48)],
        "48 networks 784-128-256-10, a shuffle each, 100 steps": [
            large.but(hidden=(128, 256), seed=seed) for seed in range(48)
        ],
        "24 small CNNs on digits, a shuffle each, 3 epochs": [
            digits.but(model=small_cnn, epochs=3, seed=seed) for seed in range(24)
        ],
        "8 optimizers × 9 learning rates × 3 seeds, 64-32-10, 30 epochs": [
            digits.but(optimizer=name, optimizer_args=arguments, lr=middle * 10 ** (power / 2), seed=seed, epochs=30)
            for name, arguments, middle in OPTIMIZERS
            for power in range(-4, 5)
            for seed in range(3)
        ],
    }


def seconds(work, experiments):
    start = time.perf_counter()
    work(experiments)
    return time.perf_counter() - start


def one_by_one(experiments):
    return [experiment.run() for experiment in experiments]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    everything = cases()
    print(f"torch {torch.__version__}, {platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    print(f"Load before: {os.getloadavg()[0]:.1f}\n")
    print(f"| medians of {rounds} | one by one, s | sweep, s | times faster |\n|---|---|---|---|")
    for name, experiments in everything.items():
        for work in (one_by_one, sweep):  # nothing is measured cold
            work(experiments[:2])
        pairs = [(seconds(one_by_one, experiments), seconds(sweep, experiments)) for _ in range(rounds)]
        alone, together = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {alone:.2f} | {together:.2f} | {alone / together:.1f} |", flush=True)
    print(f"\nLoad after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
