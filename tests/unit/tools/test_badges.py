"""Badges and set-up cells: every notebook has them, they lead to one place, and one command moves them."""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from course_utils.catalog import LESSONS
from tools import badges

ROOT = pathlib.Path(__file__).parents[3]
FILES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
LISTED = ["00_start_here.ipynb", *(lesson.file for lesson in LESSONS if lesson.file)]


def code(path):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("file", FILES)
def test_a_notebook_begins_with_the_set_up_cell_that_all_have(file):
    first, *others = code(ROOT / "notebooks" / file)
    assert "".join(first["source"]) == badges.set_up_cell(*badges.address(ROOT)), "mend it with: make badges"
    assert first["id"] == "colab" and all(cell["id"] != "colab" for cell in others)


def test_the_set_up_cell_has_five_lines():
    assert len(badges.set_up_cell("owner/name", "main").splitlines()) <= 5


@pytest.mark.parametrize("file", FILES)
def test_a_notebook_has_its_badge_under_the_title(file):
    top = nbformat.read(ROOT / "notebooks" / file, as_version=4).cells[0].source
    badge = badges.badge(*badges.address(ROOT), file, "images/colab.svg")
    assert re.match(r"# .*\n\n" + re.escape(badge) + r"\n\n", top), "mend it with: make badges"
    assert len(badges.ANY_BADGE.findall(top)) == 1


def test_the_readme_has_a_badge_for_every_notebook():
    assert set(LISTED) <= set(FILES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for file in LISTED:
        badge = badges.badge(*badges.address(ROOT), file, "notebooks/images/colab.svg")
        assert re.search(rf"\(notebooks/{file}\) \|[^|]*\| {re.escape(badge)} \|\n", readme), (
            "mend it with: make badges"
        )


@pytest.fixture
def copy(tmp_path):
    """What `make badges` reads and writes, in another folder."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def contents(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.suffix != ".png"}


def make_badges(copy, *options):
    command = [sys.executable, str(copy / "tools" / "badges.py"), *options]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.process
def test_one_command_moves_all_of_them(copy):
    repo, _ = badges.address(ROOT)
    done = make_badges(copy, "--repo", "someone/their-fork", "--ref", "spring")
    assert set(done.stdout.split()) == {*FILES, "README.md", "pyproject.toml"}
    for name, text in contents(copy).items():
        assert repo not in text, name
        assert name not in FILES or text.count("someone/their-fork/blob/spring/notebooks/" + name) == 1
    cell = "".join(code(copy / "notebooks" / FILES[0])[0]["source"])
    assert "git clone -q --depth 1 -b spring https://github.com/someone/their-fork\n" in cell
    assert "%run their-fork/tools/colab.py" in cell
    before = contents(copy)
    assert make_badges(copy).stdout == "" and contents(copy) == before


@pytest.mark.process
def test_only_badges_and_set_up_cells_are_written(copy):
    def rest(notebook):
        cells = [dict(cell) for cell in notebook.cells if cell.id != "colab"]
        cells[0]["source"] = re.sub(r"\s+", " ", badges.ANY_BADGE.sub("", cells[0]["source"]))
        return cells, notebook.metadata

    make_badges(copy, "--repo", "someone/their-fork")
    for file in FILES:
        old, new = (nbformat.read(root / "notebooks" / file, as_version=4) for root in (ROOT, copy))
        assert rest(new) == rest(old)
        nbformat.validate(new)


@pytest.mark.process
def test_a_notebook_without_any_gets_them(copy):
    path = copy / "notebooks" / "05_new.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# 05 · New\n\nText."), nbformat.v4.new_code_cell("import torch")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    make_badges(copy)
    title, cell, last = nbformat.read(path, as_version=4).cells
    assert title.source.startswith("# 05 · New\n\n[![Open this lesson in Colab](images/colab.svg)](https://colab.")
    assert title.source.endswith("05_new.ipynb)\n\nText.") and last.source == "import torch"
    assert cell.source == badges.set_up_cell(*badges.address(copy))


@pytest.mark.process
@pytest.mark.parametrize("repo", ["no-owner", "https://github.com/a/b", "a/b c"])
def test_what_is_no_repository(copy, repo):
    before = contents(copy)
    done = make_badges(copy, "--repo", repo)
    assert done.returncode and f"{repo} at main is no address: a repository is owner/name" in done.stderr
    assert contents(copy) == before


@pytest.mark.process
def test_the_address_stands_in_one_place():
    repo, _ = badges.address(ROOT)
    tracked = subprocess.run(["git", "grep", "-lF", repo], cwd=ROOT, capture_output=True, text=True).stdout.split()
    written = {*(f"notebooks/{file}" for file in FILES), "README.md"}
    assert set(tracked) - written == {"pyproject.toml"}
