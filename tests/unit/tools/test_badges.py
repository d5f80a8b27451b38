"""Badges and set-up cells: every notebook has them, they lead to one place, and one command moves them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from course_utils import catalog
from tests import notebooks
from tests.unit.tools.lessons import made
from tools import badges
from tools.lessons import form

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLACES = [catalog.place_of(path) for path in catalog.notebooks()]
FILES = [path.name for path in catalog.notebooks()]


def code(path):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("place", PLACES)
def test_a_notebook_begins_with_the_set_up_cell_that_all_have(place):
    first, *others = code(ROOT / "notebooks" / place)
    source = form.without_title("".join(first["source"]))
    assert source == badges.set_up_cell(*badges.address(ROOT)), "mend it with: make badges"
    assert first["id"] == "colab" and all(cell["id"] != "colab" for cell in others)


def test_the_set_up_cell_has_five_lines():
    assert len(badges.set_up_cell("owner/name", "main").splitlines()) <= 5


@pytest.mark.parametrize("place", PLACES)
def test_a_notebook_has_its_badge_under_the_title(place):
    top = nbformat.read(ROOT / "notebooks" / place, as_version=4).cells[0].source
    badge = badges.badge(*badges.address(ROOT), place, badges.images_from(place))
    assert re.match(r"# .*\n\n" + re.escape(badge) + r"\n\n", top), "mend it with: make badges"
    assert len(badges.ANY_BADGE.findall(top)) == 1


def test_the_tables_of_lessons_are_those_of_the_catalog():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    cells = nbformat.read(catalog.notebook(catalog.START.file), as_version=4).cells
    (start,) = (cell.source for cell in cells if badges.TABLE.search(cell.source))
    assert badges.TABLE.findall(readme) == [badges.readme_table(*badges.address(ROOT))], "mend it with: make badges"
    assert badges.TABLE.findall(start) == [badges.start_table()], "mend it with: make badges"


@pytest.fixture
def copy(tmp_path):
    """What `make badges` reads and writes, in another folder."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for name in ("tools", "course_utils", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def contents(folder):
    binary = (".png", ".pyc", ".npz")
    return {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.suffix not in binary}


def make_badges(copy, *options):
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, "-m", "tools.badges", *options]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)


@pytest.mark.rest
@pytest.mark.process
def test_one_command_moves_all_of_them(copy):
    repo, _ = badges.address(ROOT)
    done = make_badges(copy, "--repo", "someone/their-fork", "--ref", "spring")
    assert set(done.stdout.split()) == {*FILES, "README.md", "pyproject.toml"}
    for name, text in contents(copy).items():
        assert repo not in text, name
        assert name not in FILES or text.count("someone/their-fork/blob/spring/notebooks/") == 1
    cell = "".join(code(copy / "notebooks" / PLACES[0])[0]["source"])
    assert "git clone -q --depth 1 -b spring https://github.com/someone/their-fork\n" in cell
    assert "%run their-fork/tools/colab.py" in cell
    before = contents(copy)
    assert make_badges(copy).stdout == "" and contents(copy) == before


@pytest.mark.rest
@pytest.mark.process
def test_only_badges_and_set_up_cells_are_written(copy):
    def rest(notebook):
        cells = [dict(cell) for cell in notebook.cells if cell.id != "colab"]
        cells[0]["source"] = re.sub(r"\s+", " ", badges.ANY_BADGE.sub("", cells[0]["source"]))
        return cells, notebook.metadata

    make_badges(copy, "--repo", "someone/their-fork")
    for place in PLACES:
        old, new = (nbformat.read(root / "notebooks" / place, as_version=4) for root in (ROOT, copy))
        assert rest(new) == rest(old)
        nbformat.validate(new)


@pytest.mark.rest
@pytest.mark.process
def test_a_notebook_without_any_gets_them(copy):
    path = copy / "notebooks" / "05_optimizers.ipynb"
    notebooks.write(path, "# 05 · New\n\nText.", "import torch")
    make_badges(copy)
    title, cell, last = nbformat.read(path, as_version=4).cells
    assert title.source.startswith("# 05 · New\n\n[![Open this lesson in Colab](images/colab.svg)](https://colab.")
    assert title.source.endswith("05_optimizers.ipynb)\n\nText.") and last.source == "import torch"
    assert cell.source == f"# @title Run me first\n{badges.set_up_cell(*badges.address(copy))}"


def test_a_lesson_gets_its_minutes_and_is_folded(tmp_path):
    path = tmp_path / catalog.LESSONS[0].file
    nbformat.write(made.lesson(), path)
    badges.write_notebook(path, path.name, "owner/name", "main")
    title, cell, *_ = nbformat.read(path, as_version=4).cells
    assert f"What does doubling do? About {catalog.LESSONS[0].minutes} minutes. Builds on: Python." in title.source
    assert cell.source == f"# @title Run me first\n{badges.set_up_cell('owner/name', 'main')}"
    assert cell.metadata.tags == ["hide-input"]


def test_the_start_page_has_a_map_of_what_lies_deeper(monkeypatch):
    first, second, *_ = catalog.LESSONS
    parts = (catalog.Part("01b", "More", "01b_more.ipynb", 30), catalog.Part("01c", "Most", "01c_most.ipynb", 21))
    first = first._replace(title="First", file="01_first.ipynb", minutes=42, question="Why?", deeper=parts)
    monkeypatch.setattr(catalog, "LESSONS", (first, second._replace(title="Second", file=None, question="", deeper=())))
    assert badges.start_table().splitlines() == [
        "| | Lesson | Minutes | A question it answers | Deeper, for later |",
        "|---|---|---|---|---|",
        "| 01 | [First](01_first.ipynb) | 42 | Why? "
        "| [01b More](deeper/01b_more.ipynb) (30) · [01c Most](deeper/01c_most.ipynb) (21) |",
        "| 02 | Second *(being written)* | | | |",
    ]


@pytest.mark.rest
@pytest.mark.process
@pytest.mark.parametrize("repo", ["no-owner", "https://github.com/a/b", "a/b c"])
def test_what_is_no_repository(copy, repo):
    before = contents(copy)
    done = make_badges(copy, "--repo", repo)
    assert done.returncode and f"{repo} at main is no address: a repository is owner/name" in done.stderr
    assert contents(copy) == before


@pytest.mark.rest
@pytest.mark.process
def test_the_address_stands_in_one_place():
    repo, _ = badges.address(ROOT)
    tracked = subprocess.run(["git", "grep", "-lF", repo], cwd=ROOT, capture_output=True, text=True).stdout.split()
    written = {*(f"notebooks/{place}" for place in PLACES), "README.md"}
    assert set(tracked) - written == {"pyproject.toml"}
