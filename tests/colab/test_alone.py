"""Every notebook as a badge opens it: alone in an empty folder, where its set-up cell fetches the course."""

import shutil

import pytest

from course_utils import catalog
from tests.colab.arrived_alone import NAME, REF, REPO, run
from tests.lessons import controls
from tests.unit.tools.lessons.test_opening import openings
from tools import badges


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_a_notebook_that_arrives_alone_runs_and_no_control_raises(path, environment, tmp_path):
    alone = shutil.copy(path, tmp_path)
    used = controls.run_and_turn(alone, tmp_path, {**environment, "COURSE_HEADLESS": "0"})
    assert used == str(tmp_path / NAME / "course_utils" / "panels" / "__init__.py")
    left = {file.name for file in tmp_path.iterdir() if not file.name.startswith(".")}  # exercises leave a record
    assert left == {path.name, NAME}


@pytest.mark.parametrize("source", [pytest.param(source, id=file) for file, source in openings()])
def test_the_opening_cell_needs_the_set_up_cell_alone(source, environment, tmp_path):
    silent, shown = run(tmp_path, {**environment, "COURSE_STRICT": "1"}, badges.set_up_cell(REPO, REF), source)
    assert silent == "" and "image/png" in shown
