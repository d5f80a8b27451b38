"""The first pictures: each notebook shows one above its first cell, with words, and tools/pictures.py makes it."""

import json
import re

import nbformat
import pytest
from matplotlib import image

from tools import pictures

NOTEBOOKS = sorted(pictures.NOTEBOOKS.glob("*.ipynb"))
TAG = {"tags": ["first-picture"]}
FIGURE = """\
from IPython.display import display
from matplotlib.figure import Figure

figure = Figure(figsize=(2, 1), dpi=100)
"""
SHOW = """\
import io

file = io.BytesIO()
figure.savefig(file, format="png")
display({"image/png": file.getvalue(), "text/plain": "a figure"}, raw=True)
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_its_first_picture_to_readers_without_a_kernel(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    top = "".join(cells[0]["source"])
    words = re.search(rf"!\[([^\]]+)\]\(images/{path.stem}\.png\)", top)
    assert words, f"no picture in the first cell: ![what is to be seen](images/{path.stem}.png)"
    assert len(words[1]) > 40
    assert image.imread(path.parent / "images" / f"{path.stem}.png").shape[1] >= 600
    tagged = [cell["id"] for cell in cells if "first-picture" in cell["metadata"].get("tags", [])]
    assert len(tagged) == (path.stem != pictures.START)


@pytest.mark.process
def test_the_tagged_cells_picture_is_taken_and_nothing_below_it_is_run(tmp_path):
    cells = [
        nbformat.v4.new_code_cell(FIGURE),
        nbformat.v4.new_code_cell(SHOW, metadata=TAG),
        nbformat.v4.new_code_cell("1 / 0"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "lesson.ipynb")
    (tmp_path / "lesson.png").write_bytes(pictures.first_picture(tmp_path / "lesson.ipynb"))
    assert image.imread(tmp_path / "lesson.png").shape[:2] == (100, 200)


def test_the_start_pages_picture_has_room_for_all():
    paths = [path.parent / "images" / f"{path.stem}.png" for path in NOTEBOOKS if path.stem != pictures.START]
    figure = pictures.overview(paths)
    assert [axes.get_title(loc="left") for axes in figure.axes if axes.images] == [path.stem[:2] for path in paths]
