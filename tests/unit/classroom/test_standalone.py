"""A notebook as one file: what travels in it, and that nothing in it needs the repository."""

import ast
import re
import subprocess
import sys

import nbformat
import pytest

from classroom import standalone
from course_utils import catalog
from tests import notebooks
from tools import handout

PLACES = [catalog.place_of(path) for path in catalog.notebooks()]


@pytest.fixture(scope="module")
def made():
    """{place: the notebook as one file}, with a small cell in place of the one that holds the wheel."""
    read = {place: handout.read(standalone.ROOT / catalog.FOLDER / place) for place in PLACES}
    return {place: standalone.standalone(notebook, place, "pass") for place, notebook in read.items()}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_in_it_points_into_the_repository(made, place):
    notebook = made[place]
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    targets = re.findall(r"\]\(([^)\s]+)", text) + re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)""", text)
    assert [one for one in targets if not re.match(r"#|https://|data:image/", one)] == []
    address = re.compile(r"colab\.research|owner/|git clone|tools/")
    assert [cell.id for cell in notebook.cells if address.search(cell.source)] == []
    assert "data:image/png;base64," in notebook.cells[0].source or place == catalog.START.place


def test_what_no_file_can_link_to_is_named():
    text = "See [03b](deeper/03b_habits.ipynb), [Dropout](04c_modes.ipynb#a-b), [words](docs/glossary.md), [up](#up)."
    assert standalone.alone(text, "04_cnn.ipynb") == "See 03b, Dropout (04c), words (glossary.md), [up](#up)."
    assert standalone.alone("`f[0](x)` [page](https://a.b/c.md)", "04_cnn.ipynb").endswith("[page](https://a.b/c.md)")


def test_code_is_handed_out_as_it_is(made):
    for place, notebook in made.items():
        before = handout.read(standalone.ROOT / catalog.FOLDER / place)
        pairs = zip(before.cells, notebook.cells, strict=True)
        changed = [a.id for a, b in pairs if a.cell_type == "code" and (a.source, a.metadata) != (b.source, b.metadata)]
        assert changed == ["colab"]


@pytest.mark.rest
@pytest.mark.process
def test_a_library_that_is_too_large_does_not_travel(tmp_path, monkeypatch):
    monkeypatch.setattr(standalone, "LARGEST", 200_000)
    with pytest.raises(ValueError, match=r"^the library has \d{3},\d{3} bytes: at most 200,000 may travel"):
        standalone.pack(tmp_path)


def test_what_a_jupyter_with_pytorch_may_lack_is_named_with_its_versions():
    needed = standalone.needed()
    assert "torch" not in needed and "pytest" not in needed
    assert needed["torchinfo"].startswith("torchinfo<") and needed["sklearn"].startswith("scikit-learn")


@pytest.mark.rest
@pytest.mark.process
def test_what_is_lacking_and_cannot_be_installed_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(standalone, "needed", lambda: {"no_such_module": "no-such-module>=1"})
    empty = b"PK\x05\x06" + bytes(18)  # a zip file with nothing in it
    cell = tmp_path / "cell.py"
    cell.write_text(standalone.set_up_cell(empty))
    options = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": ""}
    done = subprocess.run([sys.executable, cell], capture_output=True, text=True, env=options)
    assert "ImportError: This lesson also needs no-such-module>=1; installing it failed, see above." in done.stderr


@pytest.mark.rest
@pytest.mark.process
def test_every_file_is_written_and_small(tmp_path, capsys):
    standalone.write(tmp_path)
    names = {place.rpartition("/")[2] for place in PLACES} | {"glossary.md", "cheatsheet.md", "next.md", "teaching.md"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 2e6
    cells = nbformat.read(tmp_path / "03_mlp.ipynb", 4).cells
    ast.parse(cells[1].source)
    assert cells[1].source.startswith("# @title Run me first\n") and cells[1].metadata.jupyter.source_hidden
    assert f"{len(PLACES)} notebooks of" in capsys.readouterr().out


def test_an_exercise_that_was_worked_on_stops_it(tmp_path, monkeypatch):
    notebooks.write(tmp_path / "notebooks" / "00_start_here.ipynb", "# A", 'x = 1\n\n\ncheck("02-2", x)')
    monkeypatch.setattr(catalog, "notebooks", lambda: [tmp_path / "notebooks" / "00_start_here.ipynb"])
    monkeypatch.setattr(standalone, "pack", lambda folder: b"")
    with pytest.raises(ValueError, match=r"^00_start_here.ipynb: exercise 02-2 .* has been worked on"):
        standalone.write(tmp_path / "out")
    assert not (tmp_path / "out").exists()
