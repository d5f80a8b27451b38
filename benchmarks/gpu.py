"""What a GPU brings: prints tables in Markdown, in five minutes at most.

    .venv/bin/python -m benchmarks.gpu [--quick]

With --quick, and where there is no GPU, all of it is small: it shows that everything runs, and its figures are worth
nothing. Reads MNIST where the data directory has it and never downloads: otherwise it makes images of the same shape. A
row whose packages are missing says so; where two ways train to different networks, it says so and ends with status 1.
"""

import argparse
import functools
import math
import os
import platform
import statistics
import sys
import time
from unittest import mock

import torch
from torch import nn

try:
    from benchmarks import sweep as many
    from benchmarks import training
    from benchmarks.gpu_floor import GraphOfSteps
    from course_utils import data, runtime
    from course_utils.experiment import Experiment
    from course_utils.training import evaluate, fit
except ModuleNotFoundError as error:
    sys.exit(f"NOT RUN: there is no {error.name}, which all of it needs.")

TURNS, BUDGET = 3, 40  # how often each row of a table is measured, unless that takes more than 40 seconds
# How far two trained networks may be apart, as a share of the way from the start, and their losses. Rounding alone, one
# part in a million at the start, makes 5 % of it for the CNN on MNIST; half the learning rate would make 50 %.
SAME = 0.15
BY_FIT = "`fit` of this course"


class Sizes:
    """How much is computed: examples to train on and to test, experiments a sweep, epochs of each, turns."""

    def __init__(self, quick):
        self.examples, self.tests = (1408, 360) if quick else (60_000, 10_000)
        self.lesson = 640 if quick else 6_000  # lesson 04 trains on the first of them
        self.experiments, self.turns = (3, 1) if quick else (None, TURNS)
        self.panel_epochs = 1 if quick else 4
        self.threads = (1,) if quick else sorted({1, os.cpu_count()})  # of the CPU

    def epochs(self, usual):
        return 1 if self.turns == 1 else usual


def images(sizes):
    """(train, test) to measure with: MNIST's first examples, or as many that are made up."""
    if (runtime.data_dir() / "MNIST" / "raw").is_dir():
        pair = data.mnist()
        return tuple(first(part, n) for part, n in zip(pair, (sizes.examples, sizes.tests), strict=True))
    print(f"Data: made-up images of MNIST's shape, {sizes.examples:,} to train on and {sizes.tests:,} to test.")
    generator = torch.Generator().manual_seed(0)
    of_ten = functools.partial(torch.randint, 10, generator=generator)
    kinds = 255 * (of_ten((10, 1, 28, 28)) < 2)  # what each digit looks like: a fifth of its pixels is ink, as in MNIST
    parts = []
    for n in (sizes.examples, sizes.tests):
        y = of_ten((n,))
        X = kinds[y] * (of_ten((n, 1, 28, 28)) < 5)  # half of the ink is lost
        parts.append(data.Data(X.float() / 255, y, "made-up images", tuple("0123456789")))
    return tuple(parts)


def first(part, n):
    """The first `n` examples of a `Data`."""
    return data.Data(part.X[:n], part.y[:n], part.source, part.classes)


def wait():
    """Until the GPU has done all that it was given."""
    if torch.accelerator.is_available():
        torch.accelerator.synchronize()


def seconds(work):
    wait()
    start = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - start


def medians(measures, turns):
    """Let `measures`, {name: function that returns seconds}, take turns.

    Returns:
        {name: the median of its seconds; or, where a package is missing, the sentence that says so}.
    """
    found, missing = {name: [] for name in measures}, {}
    start = time.perf_counter()
    for turn in range(turns + 1):
        if turn > 1 and time.perf_counter() - start > BUDGET:
            break
        for name, measure in measures.items():
            if name not in missing:
                try:
                    gone = measure()
                except ImportError as error:
                    missing[name] = f"NOT RUN: {error}"
                else:
                    found[name] += [gone] * (turn > 0)  # the first turn warms up
    return {name: missing.get(name) or statistics.median(times) for name, times in found.items()}


def table(title, *columns):
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def row(*cells):
    print("|", " | ".join(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in cells), "|", flush=True)


# Each way gets the setting and a fresh network, prepares, and returns what is timed: an epoch.


def fit_as_it_is(setting, model):
    """`fit`, which moves each batch to the device."""
    return functools.partial(training.by_fit, setting, model)


def fit_on_moved(setting, model):
    """`fit` with all data moved to the device before, in the time that is measured."""
    device = next(model.parameters()).device
    optimizer = setting.optimizer(model)
    return lambda: fit(model, setting.train.to(device), optimizer, epochs=1, batch_size=setting.batch_size)


def tutorial(setting, model):
    """The tutorial loop over torchvision's MNIST, which here gets its images from memory."""
    from torchvision import datasets, transforms

    setting.images = datasets.MNIST.__new__(datasets.MNIST)  # as made by no __init__, which would look for files
    setting.images.data = (255 * setting.train.X[:, 0]).round().byte()
    setting.images.targets = setting.train.y
    setting.images.transform, setting.images.target_transform = transforms.ToTensor(), None
    return functools.partial(training.tutorial_loop, setting, model)


WAYS = {
    BY_FIT: fit_as_it_is,
    "`fit`, all data moved to the device first": fit_on_moved,
    "tutorial loop: DataLoader over torchvision's dataset": tutorial,
    "the floor: by hand, one CUDA graph a step (without CUDA: no graph)": GraphOfSteps,
}


def one_network(setting, sizes):
    """Print a table: an epoch in each way. Returns a sentence for each that trains to another network than `fit`."""
    trained, failed = {}, []

    def epoch(name):
        trained[name] = setting.model()
        return seconds(WAYS[name](setting, trained[name]))

    found = medians({name: functools.partial(epoch, name) for name in WAYS}, sizes.turns)
    table(setting.name, "way", "s an epoch", "`fit` is … times as fast", "test loss after it")
    for name, median in found.items():
        if isinstance(median, str):
            row(name, median, "–", "–")
        else:
            row(name, median, median / found[BY_FIT], f"{evaluate(trained[name], setting.test)[0]:.4f}")
            failed += why_not_same(setting, name, trained[BY_FIT], trained[name])
    return failed


def why_not_same(setting, name, one, other):
    """[] if two ways trained to the same network, but for rounding, which training amplifies; else [a sentence].

    Compared are the losses, and the parameters in relation to how far they went from the start.
    """
    start, one_end, other_end = (nn.utils.parameters_to_vector(m.parameters()) for m in (setting.model(), one, other))
    apart = ((one_end - other_end).norm() / (one_end - start).norm()).item()
    losses = [evaluate(model, setting.test)[0] for model in (one, other)]
    if apart < SAME and math.isclose(*losses, rel_tol=SAME, abs_tol=0.01):
        return []
    return [f"{setting.name}: {name} trains to another network than `fit`: {apart:.1%} apart, test losses {losses}."]


def many_networks(pair, sizes):
    """Print a table: many networks one by one and in a sweep."""
    table("Many networks", "experiments", "one by one, s", "sweep, s", "times faster", "trained on")
    for name, experiments in many.cases(pair).items():
        if "a shuffle each" in name:
            chosen = [experiment.but(epochs=sizes.epochs(experiment.epochs)) for experiment in experiments]
            alone, together, devices = both_ways(chosen[: sizes.experiments], sizes.turns)
            missing = isinstance(alone, str) or isinstance(together, str)
            row(name, alone, together, "–" if missing else alone / together, devices)


def both_ways(experiments, turns):
    """(median seconds one by one, in a sweep, the devices that the histories name); seconds may be NOT RUN."""
    devices = set()

    def measure(work):
        return seconds(lambda: devices.update(history.device for history in work(experiments)))

    found = medians({work: functools.partial(measure, work) for work in (many.one_by_one, many.sweep)}, turns)
    return *found.values(), ", ".join(devices)


def lesson_04(pair, sizes):
    """Print a table: the CNN of lesson 04 as its cells train it."""
    few = first(pair[0], sizes.lesson), first(pair[1], sizes.lesson // 6)
    whole = f"all {len(pair[0]):,}, as in its panel"
    lesson = Experiment(few, "cnn", (64,), "relu", lr=0.01, batch_size=32, shuffle=False, epochs=3)
    table("Lesson 04's CNN, batch 32, seconds an epoch with its evaluation", "on", f"{sizes.lesson:,} images", whole)
    here = runtime.device()
    if here.type != "cpu":
        row(*epochs_of(lesson, here), epochs_of(lesson.but(data=pair), here)[1])
    for threads in sizes.threads:
        row(*epochs_of(lesson.but(threads=threads), torch.device("cpu")), "–")


def epochs_of(experiment, device):
    """(where it was trained, seconds of an epoch: the median of all but the first)."""
    with mock.patch.object(runtime, "device", return_value=device):
        history = experiment.run()
    threads = f"{history.threads} thread{'s' * (history.threads > 1)}"
    return f"{history.device}, {threads}", statistics.median(history.seconds[1:])


def training_panel(pair, sizes):
    """Print a table: an epoch under a TrainingPanel that plays, without a front end, against the run alone."""
    table("A panel", "R1, batch 64", "s an epoch", "more, %")
    experiment = Experiment(pair, "mlp", (128, 256), "sigmoid", lr=0.01, batch_size=64, epochs=sizes.panel_epochs)

    def alone():
        run = experiment.start()
        return seconds(lambda: run.step(run.total_steps)) / sizes.panel_epochs

    def playing():
        from course_utils.panels import TrainingPanel

        panel = TrainingPanel(experiment)

        def play():
            panel.play()
            panel.wait()

        gone = seconds(play) / sizes.panel_epochs
        assert panel.run.done and not panel.errors, panel.errors
        panel.close()
        return gone

    found = medians({"run alone": alone, "TrainingPanel, playing": playing}, sizes.turns)
    for name, median in found.items():
        more = "–" if isinstance(median, str) else 100 * (median / found["run alone"] - 1)
        row(name, median, more)


def main():
    began = time.perf_counter()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small: does it run?")
    device = runtime.device()
    quick = parser.parse_args().quick or device.type == "cpu"
    sizes = Sizes(quick)
    threads = runtime.default_threads()
    torch.set_num_threads(threads)
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"{device.type} of {platform.machine()}"
    print(f"Trained on: {name}, torch {torch.__version__}, CUDA {torch.version.cuda}.")
    print(f"{threads} thread{'s' * (threads > 1)} of {os.cpu_count()} cores. Medians of at most {sizes.turns} turns.")
    if quick:
        print("**A small version, whose figures are worth nothing:** fewer images, epochs and experiments than said.")
    pair = images(sizes)
    # A graph has one shape of batch: no smaller one at the end of the epoch.
    sets = None, first(pair[0], len(pair[0]) // 64 * 64), pair[1]
    failed = []
    for title, batch_size, network in (
        ("R1: 784-128-256-10, sigmoid", 64, training.R1),
        ("R2: the CNN of lesson 04", 32, training.R2),
    ):
        title += f", SGD, batch {batch_size}, {len(sets[1]):,} images"
        failed += one_network(training.Setting(title, batch_size, 0.01, sets, network, device), sizes)
    for part in (many_networks, lesson_04, training_panel):
        part(pair, sizes)
    print(f"\nAll of it took {time.perf_counter() - began:.0f} s.", flush=True)
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
