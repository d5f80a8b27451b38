"""The first cell of a lesson, and the start page's look at the machine."""

import os
import pathlib
import platform
import random
import sys
import time
from importlib.metadata import requires, version

import torch
from torch.nn import functional as F

from course_utils import catalog, models, order, runtime
from course_utils.catalog import LESSONS, REFERENCE_STEPS
from course_utils.data import files


def setup(seed=0, lesson=None):
    """Make a lesson repeatable and say what it runs on.

    Seeds torch, NumPy and Python's `random`; torch computes with `runtime.default_threads()` threads.

    Args:
        seed: whole number.
        lesson: its number, or a part's key such as "01b", to print how long it takes here.

    Raises:
        ImportError: torch and torchvision don't fit each other.
        ValueError: there is no such lesson.
    """
    import numpy

    entry = None if lesson is None else catalog.find(lesson)
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(runtime.default_threads())
    misfit = torchvision_misfit()
    if misfit:
        raise ImportError(misfit)
    order.lesson = entry
    print(f"PyTorch {torch.__version__} on {device_name()}, Python {platform.python_version()}, seed {seed}")
    if entry is None or entry.mnist:
        print(f"MNIST: {mnist_status()}")
    if entry is not None:
        print(f"Lesson {entry.key}: about {entry.minutes} minutes; Run All takes about {seconds_here(entry)} s here")


def device_name():
    """The device that experiments train on, in words."""
    device = runtime.device()
    if device.type == "cuda":
        return f"the GPU {torch.cuda.get_device_name(device)}"
    if device.type == "mps":
        return "Apple's GPU (MPS)"
    return f"the CPU ({runtime.default_threads()} of {os.cpu_count()} cores)"


def mnist_status():
    """Whether MNIST's files are in the data directory, in words; does not use the network."""
    directory = runtime.data_dir()
    if files.whole(directory / "MNIST" / "raw"):
        return f"found in {directory}"
    if runtime.offline():
        return "not here, and COURSE_OFFLINE is set: the embedded digits serve"
    return f"not in {directory} yet; a lesson that needs it downloads 11 MB, or uses the embedded digits offline"


def torchvision_misfit():
    """None if the installed torch is one that torchvision asks for, else a sentence; imports neither."""
    from packaging.requirements import Requirement

    found = version("torch")
    for text in requires("torchvision"):
        wanted = Requirement(text)
        if wanted.name == "torch" and not wanted.specifier.contains(found, prereleases=True):
            return (
                f"torch {found} and torchvision {version('torchvision')} don't fit each other: torchvision asks for "
                f"torch {wanted.specifier}. Install a pair that does: pip install --upgrade torch torchvision"
            )
    return None


def steps_per_second():
    """Training steps a second of lesson 03's network (batch 64, SGD) on this machine.

    Takes about 0.2 s, on the CPU with `runtime.default_threads()` threads.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = models.mlp()
        X, y = torch.rand(64, 1, 28, 28), torch.randint(10, (64,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def train(steps):
        start = time.perf_counter()
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(X), y).backward()
            optimizer.step()
        return time.perf_counter() - start

    with runtime.use_threads(runtime.default_threads()):
        train(20)  # warm-up
        return 100 / min(train(100), train(100))


def seconds_here(lesson, speed=None):
    """Estimated seconds for Run All of `lesson` on this machine, a whole number of at least 1.

    Args:
        lesson: a row of the catalog.
        speed: what `steps_per_second` gives; measured if left out.
    """
    return max(1, round(lesson.seconds * REFERENCE_STEPS / (speed or steps_per_second())))


def check_machine():
    """Print on one line what this kernel runs on, and below it advice on whatever doesn't suit the course."""
    speed = steps_per_second()
    seconds = [seconds_here(lesson, speed) for lesson in LESSONS if lesson.file]
    mnist = "MNIST is here" if files.whole(runtime.data_dir() / "MNIST" / "raw") else "no MNIST yet"
    advice = [f"✗ {sentence}" for sentence in _advice(speed)]
    line = (
        f"This machine {'needs mending' if advice else 'is ready'}: Python {platform.python_version()}, "
        f"PyTorch {torch.__version__} on {device_name()}, {mnist}; "
        f"a lesson's code runs in {min(seconds)} to {max(seconds)} s."
    )
    print("\n".join([line, *advice]))


def _advice(speed):
    """A sentence for whatever doesn't suit the course; `speed` as `steps_per_second` measures it."""
    too_old = sys.version_info < (3, 10)
    if too_old:
        yield (
            f"Python {platform.python_version()} is too old: the course needs 3.10 or newer. Install one and name it, "
            "in a terminal: make lab PYTHON=python3.12"
        )
    try:
        files.torchvision_datasets()
    except ImportError as error:
        yield str(error)
    conda = pathlib.Path(sys.prefix, "conda-meta").is_dir()
    if sys.prefix == sys.base_prefix and not conda and not runtime.on_colab():
        yield (
            f"The kernel, which runs your cells, is the system's Python, {sys.executable}: packages may be missing or "
            "too old. Start the course with make lab, in a terminal, which makes an environment for it."
        )
    if speed < REFERENCE_STEPS / 4:
        yield (
            f"It trains {REFERENCE_STEPS / speed:.0f} times slower than the machine on which the lessons were timed. "
            "Other programs or notebooks may keep it busy: close them, and run this cell again."
        )
