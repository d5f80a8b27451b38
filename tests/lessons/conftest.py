"""Claims of the lessons: what the prose says, held against what its own cells compute.

A claim is checked on the lesson's own seed; with `--seeds 5` (make claims) on four more, and its lesson's rows of
the table `tests/lessons/results.md` are written anew. The claims of a lesson and the turning of its controls share one
run of its notebook.

What loads torch or nbformat is imported where it is needed: pytest-xdist's first process runs no test, and the others
start only when it has read this file.
"""

import pathlib
import re

import pytest

from course_utils import catalog
from tests import scheduling

ROOT = pathlib.Path(__file__).parents[2]
RESULTS = ROOT / "tests" / "lessons" / "results.md"
PROCESSES = ("01e_processes.ipynb", "05e_machines.ipynb")  # start some that each load torch: left to CI
_rows = {}


def pytest_addoption(parser):
    parser.addoption("--seeds", type=int, default=1, help="how many seeds the lessons' claims are checked on")


def pytest_generate_tests(metafunc):
    seeds = range(metafunc.config.getoption("--seeds", default=1))
    if "lesson" in metafunc.fixturenames:
        metafunc.parametrize("lesson", seeds, indirect=True, scope="module", ids=lambda i: f"seed+{i}")
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", seeds)


@pytest.fixture(scope="module")
def lesson(request):
    """The notebook that the test's module names in `LESSON`, run with its seeds shifted by the parameter."""
    from tests.lessons.shared import run

    return run(catalog.notebook(request.module.LESSON), request.param)


@pytest.fixture
def shift(request):
    """By how much the seeds of `lesson` are shifted."""
    return request.node.callspec.params["lesson"]


@pytest.fixture
def prose(request):
    """The Markdown of the module's `LESSON`, for a test that needs no run of it."""
    from tests.lessons.shared import read

    return read(catalog.notebook(request.module.LESSON))[1]


@pytest.fixture(scope="session")
def mnist():
    """Skips a test of MNIST's figures where MNIST is not to be had."""
    from course_utils import data

    if data.load("mnist")[0].source != "MNIST":
        pytest.skip("these are MNIST's figures, and MNIST is not here")


def notebook(item):
    """The name of the notebook that a test runs."""
    return item.callspec.params["path"].name if "path" in item.fixturenames else item.module.LESSON


def pytest_itemcollected(item):
    if notebook(item) in PROCESSES:
        item.add_marker(pytest.mark.long)


def shared_run(item):
    """What a test is sorted by: its notebook, the shift of its seeds, and does it turn the controls?"""
    shift = item.callspec.params.get("lesson", 0) if hasattr(item, "callspec") else 0
    return notebook(item), shift, item.get_closest_marker("control") is not None


@pytest.hookimpl(trylast=True)  # pytest's own order is by module
def pytest_collection_modifyitems(items):
    """Put the tests that share a run one after the other, the turning of controls last; other folders' tests first."""
    here = pathlib.Path(__file__).parent
    own = sorted((item for item in items if here in item.path.parents), key=shared_run)
    items[:] = [item for item in items if here not in item.path.parents] + own


def _lesson(nodeid):
    """The number of the lesson to which a test belongs."""
    number = re.search(r"(?:lesson_|\[)(\d\d)", nodeid.replace("/clinic/", "/lesson_07/"))
    return number[1] if number else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return scheduling.together(config, log, _lesson)


@pytest.fixture
def claim(request):
    """claim(text, value, least, most): `value` lies between the bounds; it goes into the table."""

    def check(text, value, least=-float("inf"), most=float("inf")):
        row = _rows.setdefault((request.module.LESSON, text), ([], least, most))
        row[0].append(float(value))
        assert least <= value <= most, f"{text}: {value} is not between {least} and {most}"

    return check


def pytest_sessionfinish(session):
    seeds = session.config.getoption("--seeds", default=1)
    if seeds == 1 or session.testsfailed or not _rows:
        return
    import torch

    option = session.config.option
    part = option.markexpr or option.keyword  # of a lesson's claims: what the table says of the others stays
    keys = [(catalog.key_of(lesson), text) for lesson, text in _rows]
    ran = [f"| {key} | {text} |" if part else f"| {key} |" for key, text in keys]
    lines = [line for line in _written() if not line.startswith(tuple(ran))]
    for (lesson, text), (values, least, most) in _rows.items():
        seen = f"{min(values):.4g} … {max(values):.4g}"
        bounds = f"≥ {least:g}" if most == float("inf") else f"≤ {most:g}" if least == -float("inf") else ""
        lines.append(f"| {catalog.key_of(lesson)} | {text} | {seen} | {bounds or f'{least:g} … {most:g}'} |")
    head = [
        "# The lessons' claims, measured",
        "",
        f"Written by `make claims`: each claim over {seeds} seeds, on torch {torch.__version__}, one thread.",
        "",
        "| lesson | claim | least and most seen | asserted |",
        "|---|---|---|---|",
    ]
    RESULTS.write_text("\n".join(head + sorted(lines)) + "\n")


def _written():
    """The rows of the table as it is."""
    written = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return [line for line in written if re.match(r"\| \d\d[a-z]? \|", line)]
