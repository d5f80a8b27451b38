"""How long one waits before anything happens, and for each notebook's Run All: prints tables in Markdown.

COURSE_DATA=… python -m benchmarks.startup [rounds]

Imports take turns, five rounds unless told otherwise; the table has medians. Each notebook runs once on each data.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient

from course_utils import catalog
from tests.browser.lab import running_lab

ROOT = pathlib.Path(__file__).resolve().parents[1]
IMPORTS = ("torch", "torch, course_utils", "torch, course_utils.experiment", "torch, course_utils.panels")


def import_seconds(names):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {names}"], cwd=ROOT, check=True)
    return time.perf_counter() - start


def imports(rounds):
    found = {names: [] for names in IMPORTS}
    for turn in range(rounds + 1):
        for names, seconds in found.items():
            gone = import_seconds(names)
            if turn:  # the first fills the disk's cache
                seconds.append(gone)
    alone = statistics.median(found["torch"])
    print("| import | s | beyond torch, s |\n|---|---|---|")
    for names, seconds in found.items():
        median = statistics.median(seconds)
        print(f"| {names} | {median:.2f} | {median - alone:.2f} |")


def start_of_lab(rounds):
    seconds = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            start = time.perf_counter()
            with running_lab(home):
                seconds.append(time.perf_counter() - start)
    print(f"\n`make lab`, installed before, until JupyterLab answers: {statistics.median(seconds):.1f} s.")


def run_all(notebook):
    """Seconds that running every cell takes, from the start of the kernel."""
    book = nbformat.read(notebook, as_version=4)
    start = time.perf_counter()
    NotebookClient(
        book, timeout=600, kernel_name="python3", resources={"metadata": {"path": notebook.parent}}
    ).execute()
    return time.perf_counter() - start


def notebooks():
    """The paths of those that are measured: all but the start page."""
    return catalog.notebooks()[1:]


def lessons():
    print("\n| Run All, kernel start included | MNIST, s | embedded digits, s |\n|---|---|---|")
    totals = [0.0, 0.0]
    for notebook in notebooks():
        row = []
        with tempfile.TemporaryDirectory() as empty:
            given = os.environ.get("COURSE_DATA", empty)
            for place, offline in ((given, "0"), (empty, "1")):
                os.environ.update(COURSE_DATA=place, COURSE_OFFLINE=offline)
                row.append(run_all(notebook))
            os.environ.update(COURSE_DATA=given, COURSE_OFFLINE="0")
        totals = [total + seconds for total, seconds in zip(totals, row, strict=True)]
        print(f"| {notebook.stem} | {row[0]:.0f} | {row[1]:.0f} |", flush=True)
    print(f"| all | {totals[0]:.0f} | {totals[1]:.0f} |")


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    imports(rounds)
    start_of_lab(rounds)
    lessons()


if __name__ == "__main__":
    main()
