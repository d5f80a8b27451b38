"""Cells of the lessons in random order, and lessons run again and again."""

import re

import nbformat
import pytest

from course_utils import catalog
from tests.kernels import Kernel

CELL_SECONDS = 120
RUNS = 10  # of each lesson, at most
ADVICE = ("makes it: run that first.", "look at its spelling.")
# Numbers that no two runs share: seconds, memory, addresses, and where the kernel is.
PASSING = re.compile(r"\b[\d.,]+ ?(s|ms|µs|seconds|steps a second|MB|MiB|times)\b|0x[0-9a-f]+|/\S+")


def code_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code" and cell.id != "colab"}


def kernel_of(tmp_path):
    settings = {"COURSE_OFFLINE": "1", "COURSE_HEADLESS": "0", "COURSE_PROGRESS": str(tmp_path / "progress.json")}
    return Kernel(tmp_path, **settings)


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_random_order(path, row, times, chance, tmp_path):
    """Cells in random order, the set-up first."""
    code = code_of(path)
    setup = next((name for name in code if "setup(" in code[name]), next(iter(code)))
    others = [name for name in code if name != setup]
    errors = 0
    with kernel_of(tmp_path) as kernel:
        kernel.attempt(code[setup], setup, CELL_SECONDS)
        for name in chance.sample(others * (1 + times // len(others)), times):
            with row.attempt(name):
                error = kernel.attempt(code[name], name, CELL_SECONDS).error
                errors += bool(error)
                assert not error.startswith("NameError") or error.endswith(ADVICE), error
        row.seen = f"{errors} errors, each with a sentence"
        with row.attempt("all in order, in the same kernel"):
            for name, source in code.items():
                expected = "raise NotImplementedError" in source
                error = kernel.attempt(source, name, CELL_SECONDS).error
                assert not error or expected, f"{name}: {error}"


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_again_and_again(path, row, times, tmp_path):
    """A complete run, against the numbers of the first."""
    first = None
    for number in range(1 + min(times, RUNS - 1)):
        said = {}
        with kernel_of(tmp_path) as kernel:
            for name, source in code_of(path).items():
                answer = kernel.attempt(source, name, CELL_SECONDS)
                said[name] = PASSING.sub("", answer.printed), answer.error
        first = first or said
        with row.attempt(f"run {number + 1}"):
            other = [f"{name}: {said[name]} was {first[name]}" for name in said if said[name] != first[name]]
            assert not other, "; ".join(other)


@pytest.mark.quick
def test_random_order_of_a_few(row, times, chance, tmp_path):
    """Cells of lesson 01 in random order, without the set-up."""
    code = code_of(catalog.notebook("01_autograd.ipynb"))
    light = [name for name in code if not re.search(r"mnist|model|cut\(|accumul", code[name])]
    with kernel_of(tmp_path) as kernel:
        kernel.attempt(code["opening"], "opening", CELL_SECONDS)
        for name in chance.choices(light, k=10 * times):
            with row.attempt(name):
                error = kernel.attempt(code[name], name, CELL_SECONDS).error
                assert not error.startswith("NameError") or error.endswith(ADVICE), error
