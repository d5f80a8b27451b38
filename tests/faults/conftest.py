"""Faults on purpose: interrupts, kills, wrong order, long use, bad worlds, hostile files and messages.

    make test-faults                     each row as often as the goals say; writes results.md
    make test-faults ARGS="--times 10"   small
    make test-faults ARGS="-k kills"     some rows; the others stay as they were

A test is a row of the table, tried / survived / lost. `quick` marks those that `make test` runs, a few times each.
"""

import contextlib
import pathlib
import random

import pytest

from tests.kernels import SilentError

RESULTS = pathlib.Path(__file__).parent / "results.md"
HEAD = (
    "# Faults on purpose: tried, survived, lost",
    "",
    "Written by `make test-faults`, 200 tries of each; rows that take long were last run with fewer.",
    "",
    "| fault | tried | survived | lost | seen |",
    "|---|---|---|---|---|",
)
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
    if option.collectonly or option.markexpr or not _rows:  # a worker's rows go nowhere: the table wants one process
        return
    here = pathlib.Path(__file__).parent
    whole = {item.path for item in session.items} == set(here.glob("test_*.py")) and not option.keyword
    rows = {} if whole else _written()
    for one in _rows:
        rows[one.name] = f"| {one.name} | {one.tried} | {one.tried - len(one.lost)} | {len(one.lost)} | {one.seen} |"
    RESULTS.write_text("\n".join([*HEAD, *rows.values()]) + "\n", encoding="utf-8")


def _written():
    """{name: row} of the table as it is."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines()[len(HEAD) :] if RESULTS.exists() else []
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines}
