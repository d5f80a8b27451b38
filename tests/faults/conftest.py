"""Faults on purpose: interrupts, kills, wrong order, long use, bad worlds, hostile files and messages.

    make test-faults                     each row as often as the goals say; writes results.md
    make test-faults ARGS="--times 10"   small

A test is a row of the table, tried / survived / lost. `quick` marks those that `make test` runs, a few times each.
"""

import contextlib
import pathlib
import random

import pytest

from tests.kernels import SilentError

RESULTS = pathlib.Path(__file__).parent / "results.md"
_rows = []


def pytest_addoption(parser):
    parser.addoption("--times", type=int, default=2, help="how often a row tries its fault")


class Row:
    """A row of the table: `with row.attempt(what): …` for each try. What fails in it is lost, and named."""

    def __init__(self, name):
        self.name, self.tried, self.lost, self.seen = name, 0, [], ""

    @contextlib.contextmanager
    def attempt(self, what):
        self.tried += 1
        try:
            yield
        except (AssertionError, SilentError) as error:
            self.lost.append(f"{what}: {str(error)[:400]}")


@pytest.fixture
def row(request):
    """The test's row; at its end nothing may be lost. `row.seen` is a text for the last column."""
    made = Row(request.function.__doc__.strip().rstrip("."))
    if hasattr(request.node, "callspec"):
        made.name += f": {request.node.callspec.id}"
    _rows.append(made)
    yield made
    assert made.tried and not made.lost, f"{len(made.lost)} of {made.tried} lost\n" + "\n".join(made.lost[:5])


@pytest.fixture
def times(request):
    """How often to try."""
    return request.config.getoption("--times")


@pytest.fixture
def chance(request):
    """Random moments and choices, the same in each run of a test."""
    return random.Random(request.node.name)


def pytest_sessionfinish(session):
    option = session.config.option
    here = pathlib.Path(__file__).parent
    ran, all_of_them = {item.path for item in session.items}, set(here.glob("test_*.py"))
    if (
        option.collectonly
        or option.markexpr
        or option.keyword
        or hasattr(session.config, "workerinput")
        or ran != all_of_them
    ):
        return  # a part of the table would stand for the whole
    times = session.config.getoption("--times")
    lines = [
        "# Faults on purpose: tried, survived, lost",
        "",
        f"Written by `make test-faults`: {times} tries of each, where a row has no number of its own.",
        "",
        "| fault | tried | survived | lost | seen |",
        "|---|---|---|---|---|",
    ]
    for one in _rows:
        lines.append(f"| {one.name} | {one.tried} | {one.tried - len(one.lost)} | {len(one.lost)} | {one.seen} |")
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
