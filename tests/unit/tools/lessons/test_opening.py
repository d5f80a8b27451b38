"""The first code cell in sight runs alone: in a new kernel, in an empty folder, with nothing above it."""

import os

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course_utils import catalog
from course_utils.panels.base.panel import WIDGET
from tests.unit.tools.lessons import made
from tools.lessons import form
from tools.lessons.minutes import Lesson

pytestmark = [pytest.mark.process, pytest.mark.rest]


def opening(notebook):
    """The source of its first code cell in sight."""
    form.fold(notebook)
    number, _ = Lesson("01", notebook).opening()
    return notebook.cells[number].source


def openings():
    """[(file name, source)] of the made-up lesson, and of the start page and the lessons."""
    rows = [row for row in (catalog.START, *catalog.LESSONS) if row.file]
    read = [(row.file, nbformat.read(catalog.notebook(row.file), as_version=4)) for row in rows]
    return [(file, opening(notebook)) for file, notebook in [("made up", made.lesson()), *read]]


def run_alone(source, folder):
    """What a cell puts on the page when it is the only one that is run."""
    notebook = made.notebook(made.py(source))
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": folder}})
    client.execute(env={**os.environ, "COURSE_STRICT": "1", "COURSE_HEADLESS": "0"})
    return notebook.cells[0].outputs


@pytest.mark.parametrize("source", [pytest.param(source, id=file) for file, source in openings()])
def test_the_opening_cell_runs_alone_and_is_alive(source, tmp_path):
    outputs = run_alone(source, tmp_path)
    assert any(WIDGET in output.get("data", {}) for output in outputs)
    assert list(tmp_path.iterdir()) == []


def test_one_that_needs_a_cell_above_it_fails(tmp_path):
    lesson = made.lesson()
    made.cell(lesson, "opening").source = "Explorer(lambda axes, k: 'A line.', k=[1, 2])"
    with pytest.raises(CellExecutionError, match="name 'Explorer' is not defined"):
        run_alone(opening(lesson), tmp_path)
