"""Each notebook as one file: alone in an empty folder, where nothing of the course can be imported before it runs."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from classroom import standalone
from course_utils import catalog
from tests.lessons import controls

# This environment has the course installed, from the checkout: a kernel must not find it there.
HIDE = """
import importlib.util, os, sys
sys.path[:] = [entry for entry in sys.path if not os.path.isdir(os.path.join(entry, "course_utils"))]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
assert importlib.util.find_spec("course_utils") is None
del importlib, os, sys
"""
READ = """
import inspect, os
import course_utils
from course_utils.exercises import check, hand_in
from course_utils.lessons.lesson_04 import knobs

print(os.path.dirname(course_utils.__file__))
assert inspect.getsource(knobs.moved) in open(knobs.__file__, encoding="utf-8").read()
assert knobs.stored()  # what is no Python is there, too
print(check("01-1", lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h)).status)
print(hand_in("Ada"))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The folder with every notebook as one file."""
    folder = tmp_path_factory.mktemp("standalone")
    standalone.write(folder)
    return folder


@pytest.fixture
def environment(tmp_path_factory):
    """Environment variables of a kernel that has nothing of the course, with a temporary folder of its own."""
    home = tmp_path_factory.mktemp("home")
    startup = home / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "hide.py").write_text(HIDE)
    (home / "temporary").mkdir()
    ours = {"IPYTHONDIR": str(home / "ipython"), "TMPDIR": str(home / "temporary"), "PYTHONNOUSERSITE": "1"}
    dropped = ("PYTHONPATH", "COURSE_PROGRESS")
    return {**{name: value for name, value in os.environ.items() if name not in dropped}, **ours}


@pytest.mark.parametrize("name", [path.name for path in catalog.notebooks()])
def test_it_runs_alone_and_no_control_raises(name, files, environment, tmp_path):
    (tmp_path / name).write_bytes((files / name).read_bytes())
    used = controls.run_and_turn(tmp_path / name, tmp_path, {**environment, "COURSE_HEADLESS": "0"})
    assert used.startswith(f"{environment['TMPDIR']}/gradient-steps-")
    left = {file.name for file in tmp_path.iterdir() if not file.name.startswith(".")}  # exercises leave a record
    assert left == {name}


def test_its_library_can_be_read_and_goes_with_the_kernel(files, environment, tmp_path):
    first = next(cell for cell in nbformat.read(files / "02_linear_regression.ipynb", 4).cells if cell.id == "colab")
    cells = [nbformat.v4.new_code_cell(source) for source in (first.source, first.source, READ)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    assert [cell.outputs for cell in cells[:2]] == [[], []]
    place, status, *_ = "".join(output.text for output in cells[2].outputs).splitlines()
    assert place.startswith(f"{environment['TMPDIR']}/gradient-steps-") and status == "right"
    assert (tmp_path / "hand-in-Ada.html").is_file()
    assert os.listdir(environment["TMPDIR"]) == []
