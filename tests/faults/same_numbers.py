"""Complete runs of the lessons, each in a new kernel on the digits: is every number that of the first run?

    python -m tests.faults.same_numbers                       ten runs of each lesson
    python -m tests.faults.same_numbers --times 2 01_autograd 05d_tuning

It prints a row for each lesson, and each cell that differs; it ends with status 1 if one does. Compared are a cell's
printed text, the texts of what it shows, and its error. Left out is what `PASSING` names.
"""

import argparse
import pathlib
import re
import sys
import tempfile
import time

import nbformat

from course_utils import catalog
from tests.kernels import Kernel

CELL_SECONDS = 120
# What no two runs share.
PASSING = re.compile(
    r"[^\r\n]*%\|[^\r\n]*[\r\n]*"  # a progress bar
    r"|\b([\d.,]+ to )?[\d.,]+ ?(s|ms|µs|seconds|minutes|steps a second|MB|MiB|times)\b"  # time, speed, memory
    r"|0x[0-9a-f]+|\b[0-9a-f]{32}\b|/\S+"  # the address of an object, the identity of a widget, a path
)


def code_of(path):
    """{id of a cell: its code} of the notebook at `path`, without the cell for Colab."""
    cells = nbformat.read(path, as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code" and cell.id != "colab"}


def kernel_of(folder):
    """A `Kernel` in `folder`, without a network and without any data but the embedded digits."""
    settings = {"COURSE_OFFLINE": "1", "COURSE_HEADLESS": "0", "COURSE_DATA": str(folder)}
    return Kernel(folder, COURSE_PROGRESS=str(folder / "progress.json"), **settings)


def run(path):
    """Run a notebook's cells in order; {id of a cell: its `Answer` without what `PASSING` names}."""
    said = {}
    with tempfile.TemporaryDirectory() as folder, kernel_of(pathlib.Path(folder)) as kernel:
        for name, source in code_of(path).items():
            printed, shown, error = kernel.attempt(source, name, CELL_SECONDS)
            said[name] = [PASSING.sub("…", text) for text in (printed, *shown, error)]
    return said


def differences(one, other):
    """A sentence for each cell in which two runs differ: the first text that does."""
    found = []
    for name in one:
        pairs = [(a, b) for a, b in zip(one[name], other[name], strict=False) if a != b]
        if pairs or len(one[name]) != len(other[name]):
            found.append(f"{name}: {pairs[0] if pairs else (len(one[name]), len(other[name]))}")
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--times", type=int, default=10, help="how often each lesson runs")
    options.add_argument("lessons", nargs="*", help="names of notebooks, all if there is none")
    given = options.parse_args()
    paths, bad = {path.stem: path for path in catalog.notebooks()}, 0
    if unknown := set(given.lessons) - set(paths):
        options.error(f"there is no lesson {', '.join(unknown)}: their names are {', '.join(paths)}.")
    print("| lesson | runs | cells | cells that differ | seconds a run |\n|---|---|---|---|---|", flush=True)
    for name in given.lessons or paths:
        began, first = time.monotonic(), run(paths[name])
        found = [one for _ in range(given.times - 1) for one in differences(first, run(paths[name]))]
        seconds = (time.monotonic() - began) / given.times
        print(f"| {name} | {given.times} | {len(first)} | {len(found)} | {seconds:.0f} |", *found, sep="\n", flush=True)
        bad += len(found)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
