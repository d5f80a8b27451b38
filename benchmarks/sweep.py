"""Many experiments at once against one by one: prints a table in Markdown.

    COURSE_DATA=… OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.sweep [rounds]

The ways take turns, five rounds unless told otherwise; the table has their medians. Worthless while anything else runs.
"""

import concurrent.futures
import contextlib
import functools
import multiprocessing
import os
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


class OwnForward(nn.Module):
    """64-32-10 as lessons write it, with a `forward` of its own."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(64, 32), nn.Linear(32, 10)

    def forward(self, X):
        return self.out(torch.relu(self.hidden(X.flatten(1))))


def cases(images=None):
    """{what is measured: its experiments}; `images` are (train, test), 28×28 each, and MNIST if left out."""
    digits = Experiment(data="digits", hidden=(32,), activation="relu", lr=0.1, batch_size=64, epochs=10)
    mnist = large(seed=0, images=images).but(hidden=(32,))
    return {
        "48 networks 64-32-10, a shuffle each, 10 epochs": [digits.but(seed=seed) for seed in range(48)],
        "48 networks 64-32-10, one order, 10 epochs": [digits.but(lr=0.01 * (i + 1)) for i in range(48)],
        "48 networks 784-32-10, one order, 100 steps": [mnist.but(lr=0.01 * (i + 1)) for i in range(48)],
        "48 networks 784-32-10, a shuffle each, 100 steps": [mnist.but(seed=seed) for seed in range(48)],
        "48 networks 784-128-256-10, a shuffle each, 100 steps": [
            mnist.but(hidden=(128, 256), seed=seed) for seed in range(48)
        ],
        "24 small CNNs on digits, a shuffle each, 3 epochs": [
            digits.but(model=small_cnn, epochs=3, seed=seed) for seed in range(24)
        ],
        "48 networks 64-32-10 with a forward of their own, a shuffle each, 10 epochs": [
            digits.but(model=OwnForward, seed=seed) for seed in range(48)
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


def large(seed, images=None):
    """784-128-256-10, batch 64, 100 steps: alone it keeps a core busy."""
    images = images or data.load("mnist")
    part = tuple(data.Data(p.X[:n], p.y[:n], p.source, p.classes) for p, n in zip(images, (6400, 1000), strict=True))
    return Experiment(data=part, activation="relu", lr=0.1, batch_size=64, epochs=1, seed=seed, threads=1)


def train_large(seed):
    with contextlib.redirect_stdout(sys.stderr):  # each process says which data it reads
        return large(seed).run().train_loss


def worker_a_core(rounds):
    """Seconds that 48 of the large networks take with one process a core, which have started and read the data."""
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        list(pool.map(train_large, range(2 * os.cpu_count())))
        return statistics.median(
            seconds(lambda seeds: list(pool.map(train_large, seeds)), range(48)) for _ in range(rounds)
        )


def on_workers(rounds):
    """Print the seconds that 24 CNNs of lesson 04 take on one worker of one thread, and on two; all are warm."""
    train, test = data.load("mnist")
    few, images = (
        tuple(data.Data(p.X[:n], p.y[:n], p.source, p.classes) for p, n in ((train, count), (test, 1000)))
        for count in (160, 2400)
    )
    base = Experiment(data=images, model="cnn", hidden=(64,), activation="relu", lr=0.05, batch_size=32, epochs=1)
    spawn = multiprocessing.get_context("spawn")
    with contextlib.ExitStack() as stack:
        pools = [stack.enter_context(concurrent.futures.ProcessPoolExecutor(n, mp_context=spawn)) for n in (1, 2)]
        ways = {"one process": pools[0], "two processes": pools[1]}
        try:
            from distributed import Client

            client = stack.enter_context(Client(n_workers=2, threads_per_worker=1, dashboard_address=None))
            ways["two workers of Dask"] = client.get_executor()
        except ModuleNotFoundError:
            print("\nNOT RUN: there is no distributed, which Dask's workers need.")
        for executor in ways.values():
            sweep(base.but(data=few), seed=range(8), executor=executor)
        times = {way: [] for way in ways}
        for _ in range(rounds):
            for way, executor in ways.items():
                work = functools.partial(sweep, seed=range(24), executor=executor)
                times[way].append(seconds(work, base))
        medians = {way: statistics.median(column) for way, column in times.items()}
    print(f"\n| 24 CNNs of lesson 04, 75 steps; medians of {rounds} | s | times faster |\n|---|---|---|")
    for way, took in medians.items():
        print(f"| {way} | {took:.1f} | {medians['one process'] / took:.2f} |", flush=True)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    measured = cases()  # the data are named here, above the table
    print(f"\n| medians of {rounds} | one by one, s | sweep, s | times faster |\n|---|---|---|---|")
    for name, experiments in measured.items():
        for work in (one_by_one, sweep):  # nothing is measured cold
            work(experiments[:2])
        pairs = [(seconds(one_by_one, experiments), seconds(sweep, experiments)) for _ in range(rounds)]
        alone, together = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {alone:.2f} | {together:.2f} | {alone / together:.1f} |", flush=True)
    took = worker_a_core(rounds)
    print(f"\nThe 48 networks 784-128-256-10 with a process of one thread for each core: {took:.2f} s.")
    on_workers(min(rounds, 3))


if __name__ == "__main__":
    main()
