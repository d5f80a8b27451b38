"""Cells of the lessons in random order, and lessons run again and again."""

import re

import pytest

from course_utils import catalog
from tests.faults.same_numbers import CELL_SECONDS, code_of, differences, kernel_of, run

RUNS = 10  # of each lesson, at most
ADVICE = ("makes it: run that first.", "look at its spelling.")


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
def test_again_and_again(path, row, times):
    """A complete run, against the numbers of the first."""
    first = run(path)
    for number in range(min(times, RUNS - 1)):
        with row.attempt(f"run {number + 2}"):
            other = differences(first, run(path))
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
