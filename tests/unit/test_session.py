"""The first cell of a lesson, the start page's look at the machine, and what importing costs."""

import itertools
import pathlib
import re
import subprocess
import sys
import types

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import course_utils as cu
from course_utils import catalog, order, session
from course_utils.catalog import LESSONS

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


@pytest.fixture
def checked(monkeypatch, tmp_path, capsys):
    """Function that checks the machine, at the speed at which the lessons were timed, and returns the printed lines."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setattr(session, "steps_per_second", lambda: session.REFERENCE_STEPS)

    def checked():
        cu.check_machine()
        return capsys.readouterr().out.splitlines()

    return checked


def test_a_machine_that_is_well_gets_one_line(checked, monkeypatch):
    (line,) = checked()
    assert line.startswith(f"This machine is ready: Python 3.{sys.version_info.minor}.")
    seconds = [round(lesson.seconds) for lesson in LESSONS if lesson.file]
    end = f"no MNIST yet; a lesson's code runs in {min(seconds)} to {max(seconds)} s."
    assert f", PyTorch {torch.__version__} on " in line and line.endswith(end)
    monkeypatch.setattr("course_utils.session.files.whole", lambda folder: True)
    assert ", MNIST is here; " in checked()[0]


def python(**different):
    """A stand-in for the module `sys` in an environment of its own, but for what is different."""
    own = {"version_info": sys.version_info, "prefix": "/env", "base_prefix": "/usr", "executable": "/env/bin/python"}
    return types.SimpleNamespace(**own | different)


def misfit():
    raise ImportError("torch 1 and torchvision 2 don't fit each other")


@pytest.mark.parametrize(
    "name, value, advice",
    [
        ("sys", python(version_info=(3, 9)), r"Python [\d.]+ is too old: .* 3\.10 or newer\. .*make lab PYTHON="),
        ("files.torchvision_datasets", misfit, "torch 1 and torchvision 2 don't fit each other"),
        ("sys", python(prefix="/usr"), "The kernel, .*/env/bin/python: packages may be missing .*make lab"),
        ("steps_per_second", lambda: session.REFERENCE_STEPS / 5, "It trains 5 times slower than .* close them"),
    ],
)
def test_advice_on_what_does_not_suit_the_course(checked, monkeypatch, name, value, advice):
    monkeypatch.setattr(f"course_utils.session.{name}", value)
    line, sentence = checked()
    assert line.startswith("This machine needs mending: Python 3.")
    assert re.match(f"✗ {advice}", sentence)


def test_an_environment_of_another_kind_is_as_good(checked, monkeypatch, tmp_path):
    monkeypatch.setattr(session, "sys", python(prefix=str(tmp_path), base_prefix=str(tmp_path)))
    assert len(checked()) == 2
    with monkeypatch.context() as colab:
        colab.setitem(sys.modules, "google.colab", sys)
        assert len(checked()) == 1
    (tmp_path / "conda-meta").mkdir()
    assert len(checked()) == 1


def test_a_misfit_of_torch_and_torchvision_is_a_sentence(monkeypatch):
    real = session.version
    monkeypatch.setattr(session, "version", lambda name: "1.0.0" if name == "torch" else real(name))
    assert re.match(
        r"torch 1.0.0 and torchvision [\d.+a-z]+ don't fit each other: torchvision asks for torch .*pip install",
        session.torchvision_misfit(),
    )
    with pytest.raises(ImportError, match="don't fit"):
        cu.setup()


@pytest.mark.rest
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
    monkeypatch.setattr(order, "lesson", None)  # so that the next test finds what this one found
    cu.setup(lesson="01b")
    assert "Lesson 01b: about 30 minutes" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"^lesson is 7: it must be one of 00, 01, 01b\.$"):
        cu.setup(lesson=7)


@pytest.mark.parametrize("row", [row for row in catalog.rows()[1:] if row.file], ids=lambda row: row.key)
def test_a_title_cell_says_what_its_row_says(row):
    top = nbformat.read(ROOT / "notebooks" / row.place, as_version=4).cells[0].source
    assert f"# {row.key} · " in top
    assert re.search(rf"\b[Aa]bout {row.minutes} minutes", top), "mend it with: make minutes"


@pytest.mark.rest
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
    read = set(re.findall(r"(?:setting|_flag)\(\"(COURSE_[A-Z]+)\"", code))
    listed = set(re.findall(r"^\| `(COURSE_[A-Z]+)`", readme, re.MULTILINE))
    assert listed == read and len(read) >= 4


def test_a_lesson_leads_to_the_next():
    for before, lesson in itertools.pairwise(lesson for lesson in LESSONS if lesson.file):
        assert f"lesson {lesson.key}]({lesson.file})" in (ROOT / "notebooks" / before.file).read_text(encoding="utf-8")
