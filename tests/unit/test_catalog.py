"""The catalog: all notebooks have a row, all who need notebooks ask it, and it knows what goes deeper."""

import re
import subprocess

import pytest

from course_utils import catalog
from tests.lessons import test_every_control
from tools import check

PARTS = (catalog.Part("01b", "More", "01b_more.ipynb", 30), catalog.Part("01c", "Most", "01c_most.ipynb", 30))


@pytest.fixture
def parts(monkeypatch):
    """Lesson 01 with two parts, and lesson 02."""
    first, second, *_ = catalog.LESSONS
    monkeypatch.setattr(catalog, "LESSONS", (first._replace(deeper=PARTS), second._replace(deeper=())))


def test_notebooks_come_in_teaching_order(parts, tmp_path):
    (tmp_path / "notebooks").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in catalog.notebooks(tmp_path)]
    assert found == [
        "notebooks/00_start_here.ipynb",
        "notebooks/01_autograd.ipynb",
        "notebooks/deeper/01b_more.ipynb",
        "notebooks/deeper/01c_most.ipynb",
        "notebooks/02_linear_regression.ipynb",
    ]
    assert catalog.notebook("01c_most.ipynb") == catalog.ROOT / "notebooks" / "deeper" / "01c_most.ipynb"
    places = [row.place for row in catalog.rows()]
    assert [catalog.place_of(path) for path in catalog.notebooks(tmp_path)] == places


def test_a_lesson_that_is_being_written_has_no_notebook(monkeypatch):
    monkeypatch.setattr(catalog, "LESSONS", (catalog.Lesson(1, "Soon"),))
    assert [path.name for path in catalog.notebooks()] == ["00_start_here.ipynb"]


def test_a_row_is_found_by_its_number_or_key(parts):
    assert catalog.find(1) == catalog.find("1") == catalog.find("01") == catalog.LESSONS[0]
    assert catalog.find("01c") is PARTS[1] and catalog.find(0) is catalog.START
    with pytest.raises(ValueError, match=r"^lesson is '01d': it must be one of 00, 01, 01b, 01c, 02\.$"):
        catalog.find("01d")


def test_every_notebook_has_a_row_and_every_row_a_notebook():
    folder = catalog.ROOT / "notebooks"
    there = {path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts}
    assert set(catalog.notebooks()) == there


def test_a_rows_key_begins_its_file_name():
    for row in catalog.rows():
        assert row.file is None or catalog.key_of(row.file) == row.key
    for lesson in catalog.LESSONS:
        assert all(re.fullmatch(rf"{lesson.key}[b-z]", part.key) for part in lesson.deeper)


def test_where_there_are_no_notebooks_a_sentence_says_what_to_do(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"^There is no folder .*: an installed course_utils comes without .*\."
    ):
        catalog.notebooks(tmp_path)


@pytest.mark.process
def test_nothing_else_looks_for_notebooks():
    """Where the code has a pattern for them, a notebook could be left out without anybody noticing."""
    pattern = re.compile(r"""glob\(\s*["'][^"']*\.ipynb|notebooks/[\w\[\]-]*\*|--nbmake", "notebooks""")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=catalog.ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    code = [name for name in names if name.endswith((".py", "Makefile", ".yml", ".ci/run"))]
    there = [name for name in code if (catalog.ROOT / name).is_file()]
    found = {name for name in there if pattern.search((catalog.ROOT / name).read_text(encoding="utf-8"))}
    assert found == {"tests/unit/test_catalog.py"}


def test_make_test_and_rest_run_all_of_them():
    """Once without a kernel, for their controls and claims, and once in one."""
    test = test_every_control.test_no_control_raises_and_no_text_is_cut_off
    (turned,) = (mark.args[1] for mark in test.pytestmark if mark.args)
    assert turned == catalog.notebooks() and {*map(str, turned)} < {*check.NBMAKE}


@pytest.mark.parametrize(
    "folder, files, deeper",
    [
        ("notebooks/deeper", ["notebooks/01_autograd.ipynb", "notebooks/deeper/01b_more.ipynb"], True),
        ("my copy/deeper", ["my copy/00_start_here.ipynb", "my copy/deeper/01c_most.ipynb"], True),
        ("notebooks", ["notebooks/01_autograd.ipynb"], False),
        ("notebooks/deeper", ["notebooks/01_autograd.ipynb", "notebooks/deeper/mine.ipynb"], False),
        ("mine/deeper", ["mine/deeper/01b_more.ipynb"], False),
        ("notebooks/other", ["notebooks/01_autograd.ipynb", "notebooks/other/01b_more.ipynb"], False),
    ],
)
def test_a_folder_of_a_learners_own_is_not_taken_for_the_courses(parts, tmp_path, folder, files, deeper):
    (tmp_path / folder).mkdir(parents=True)
    for file in files:
        (tmp_path / file).touch()
    assert catalog.is_deeper(tmp_path / folder) == deeper
