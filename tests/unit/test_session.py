"""The first cell of a lesson, the start page's look at the machine, and what importing costs."""

import itertools
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
from course_utils import catalog, session
from course_utils.catalog import LESSONS
from tools.lessons import form

ROOT = pathlib.Path(__file__).parents[2]


def test_setup_says_what_it_runs_on_and_repeats(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    cu.setup(seed=3, lesson=2)
    said = capsys.readouterr().out
    assert f"PyTorch {torch.__version__} on " in said and "seed 3" in said
    assert "MNIST" not in said  # lesson 02 does without
    assert re.search(r"Lesson 02: about \d+ minutes; Run All takes about \d+ s here", said)
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


def test_setup_knows_the_parts_and_no_other_lesson(capsys, monkeypatch):
    part = catalog.Part("01b", "More", "01b_more.ipynb", 30, 1.0, mnist=False)
    monkeypatch.setattr(catalog, "LESSONS", (LESSONS[0]._replace(deeper=(part,)),))
    cu.setup(lesson="01b")
    assert "Lesson 01b: about 30 minutes" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"^lesson is 7: it must be one of 00, 01, 01b\.$"):
        cu.setup(lesson=7)


def test_the_lesson_table_has_the_lessons_that_are_ready():
    text = repr(cu.lesson_table())
    assert [lesson for lesson in LESSONS if (lesson.title in text) != bool(lesson.file)] == []


@pytest.mark.parametrize("row", [row for row in catalog.rows()[1:] if row.file], ids=lambda row: row.key)
def test_a_title_cell_says_what_its_row_says(row):
    top = nbformat.read(ROOT / "notebooks" / row.place, as_version=4).cells[0].source
    assert f"# {row.key} · " in top
    assert re.search(rf"\b[Aa]bout {row.minutes} minutes", top), "mend it with: make minutes"
    data = " on MNIST" if row.mnist else ""
    assert row.file not in form.OLD or f"Run All took {row.seconds:.0f} seconds{data} where it was measured" in top


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


def test_the_readme_names_the_settings_and_no_others():
    code = "".join(path.read_text() for path in (ROOT / "course_utils").rglob("*.py"))
    readme = (ROOT / "README.md").read_text()
    read = set(re.findall(r"(?:environ\.get|_flag)\(\"(COURSE_[A-Z]+)\"", code))
    listed = set(re.findall(r"^\| `(COURSE_[A-Z]+)`", readme, re.MULTILINE))
    assert listed == read and len(read) >= 4


def test_a_lesson_leads_to_the_next():
    for before, lesson in itertools.pairwise(lesson for lesson in LESSONS if lesson.file):
        assert f"lesson {lesson.key}]({lesson.file})" in (ROOT / "notebooks" / before.file).read_text(encoding="utf-8")
