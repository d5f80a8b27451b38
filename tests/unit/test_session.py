"""The first cell of a lesson, the start page's look at the machine, and what importing costs."""

import itertools
import json
import pathlib
import re
import subprocess
import sys

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import course_utils as cu
from course_utils import session
from course_utils.catalog import LESSONS

NOTEBOOKS = pathlib.Path(__file__).parents[2] / "notebooks"


def test_setup_says_what_it_runs_on_and_repeats(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    cu.setup(seed=3, lesson=2)
    said = capsys.readouterr().out
    assert f"PyTorch {torch.__version__} on " in said and "seed 3" in said
    assert "MNIST" not in said  # lesson 02 does without
    assert re.search(r"Lesson 2: about \d+ minutes; Run All takes about \d+ s here", said)
    first = torch.rand(2)
    cu.setup(seed=3)
    assert f"MNIST: not in {tmp_path} yet" in capsys.readouterr().out
    assert torch.rand(2).equal(first)


def test_mnist_status_when_offline(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert "embedded digits" in session.mnist_status()


def test_the_machine_table_names_versions_and_verdicts(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    table = cu.check_machine()
    text = repr(table)
    assert torch.__version__.split("+")[0] in text and sys.executable in text and "✓ they fit" in text
    assert table._repr_html_().count("<tr>") == 1 + len(table.rows)


def test_a_misfit_of_torch_and_torchvision_is_a_sentence(monkeypatch):
    real = session.version
    monkeypatch.setattr(session, "version", lambda name: "1.0.0" if name == "torch" else real(name))
    assert re.match(
        r"torch 1.0.0 and torchvision [\d.+a-z]+ don't fit each other: torchvision asks for torch .*pip install",
        session.torchvision_misfit(),
    )
    with pytest.raises(ImportError, match="don't fit"):
        cu.setup()


@pytest.mark.process
def test_a_name_error_in_a_notebook_ends_with_advice():
    cells = [nbformat.v4.new_code_cell(code) for code in ("import course_utils as cu; cu.setup()", "2 + 2\nnet(1)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, kernel_name="python3").execute()
    error = cells[1].outputs[0]
    assert error.ename == "NameError"
    assert error.evalue.startswith("name 'net' is not defined. If a cell above makes it, run the cells above first")
    shown = re.sub(r"\x1b[^m]*m", "", "\n".join(error.traceback))
    assert shown.endswith(error.evalue) and "----> 2 net(1)" in shown


def test_the_lesson_table_has_what_the_notebooks_say():
    text = repr(cu.lesson_table())
    for lesson in LESSONS:
        assert (lesson.title in text) == bool(lesson.file)
        if lesson.file:
            cells = json.loads((NOTEBOOKS / lesson.file).read_text())["cells"]
            top = "".join(cells[0]["source"])
            assert f"# {lesson.number:02d} · " in top and f"about {lesson.minutes} minutes" in top
            data = " on MNIST" if lesson.mnist else ""
            assert f"Run All took {lesson.seconds:.0f} seconds{data} where it was measured" in top


def test_minutes_are_counted_from_the_words():
    for lesson in LESSONS:
        if lesson.file:
            cells = json.loads((NOTEBOOKS / lesson.file).read_text())["cells"]
            words = sum(len("".join(cell["source"]).split()) for cell in cells if cell["id"] != "colab")
            assert lesson.minutes == 5 * round(words / 60 / 5)


@pytest.mark.process
def test_import_loads_only_what_it_needs():
    code = (
        "import sys, course_utils, course_utils.experiment as e; e.Experiment(); "
        "print([m for m in ('matplotlib', 'ipywidgets', 'sklearn', 'torchvision', 'anywidget') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_of_the_package():
    with pytest.raises(AttributeError, match="course_utils has no 'setpu'"):
        cu.setpu  # noqa: B018


def test_the_readme_lists_the_lessons_as_they_are():
    readme = (NOTEBOOKS.parent / "README.md").read_text()
    for lesson in LESSONS:
        title = f"[{lesson.title}](notebooks/{lesson.file})" if lesson.file else lesson.title
        time = f"{lesson.minutes} minutes" if lesson.file else "*being written*"
        assert f"| {lesson.number:02d} | {title} | {time} |" in readme


def test_the_readme_names_the_settings_and_no_others():
    code = "".join(path.read_text() for path in (NOTEBOOKS.parent / "course_utils").rglob("*.py"))
    readme = (NOTEBOOKS.parent / "README.md").read_text()
    read = set(re.findall(r"(?:environ\.get|_flag)\(\"(COURSE_[A-Z]+)\"", code))
    listed = set(re.findall(r"^\| `(COURSE_[A-Z]+)`", readme, re.MULTILINE))
    assert listed == read and len(read) >= 4


def test_no_notebook_calls_a_lesson_unwritten_that_is_there():
    start = (NOTEBOOKS / "00_start_here.ipynb").read_text()
    for lesson in LESSONS:
        title = f"[{lesson.title}]({lesson.file})" if lesson.file else f"{lesson.title} *(being written)*"
        assert f"| {lesson.number:02d} | {title} |" in start
    for before, lesson in itertools.pairwise(LESSONS):
        if before.file and lesson.file:
            assert f"lesson {lesson.number:02d}]({lesson.file})" in (NOTEBOOKS / before.file).read_text()
