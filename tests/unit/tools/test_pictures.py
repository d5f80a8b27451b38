"""The first pictures: each notebook shows one above its first cell, with words, and tools/pictures.py makes it."""

import json
import re

import pytest
from matplotlib import image

from course_utils import catalog
from tests import notebooks
from tools import badges, pictures

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


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.name)
def test_a_notebook_shows_its_first_picture_to_readers_without_a_kernel(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    start = path.name == catalog.START.file  # whose knob stands first, and the picture above the table of lessons
    top = "".join("".join(cell["source"]) for cell in cells[: None if start else 1])
    picture = f"{badges.images_from(catalog.place_of(path))}/{path.stem}.png"
    words = re.search(rf"!\[([^\]]+)\]\({re.escape(picture)}\)", top)
    assert words, f"no picture in the first cell: ![what is to be seen]({picture})"
    assert len(words[1]) > 40
    assert image.imread(path.parent / picture).shape[1] >= 600
    tagged = [cell["id"] for cell in cells if "first-picture" in cell["metadata"].get("tags", [])]
    assert len(tagged) == (not start)


@pytest.mark.process
def test_the_tagged_cells_picture_is_taken_and_nothing_below_it_is_run(tmp_path):
    notebooks.write(tmp_path / "lesson.ipynb", FIGURE, ("shown", SHOW, "first-picture"), "1 / 0")
    (tmp_path / "lesson.png").write_bytes(pictures.first_picture(tmp_path / "lesson.ipynb"))
    assert image.imread(tmp_path / "lesson.png").shape[:2] == (100, 200)


def test_notebooks_without_a_tagged_cell_are_named_before_any_is_run(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for path in catalog.notebooks(tmp_path):
        notebooks.write(path, "1 / 0" if path.name.startswith("08") else ("shown", "1 / 0", "first-picture"))
    with pytest.raises(SystemExit, match=r"^08_signs\.ipynb, 08b_unequal\.ipynb, 08c_photos\.ipynb: tag the cell"):
        pictures.write(tmp_path)


def test_the_start_pages_words_name_every_lesson():
    start = catalog.notebook(catalog.START.file).read_text(encoding="utf-8")
    (words,) = re.findall(r"!\[([^\]]+)\]\(images/00_start_here\.png\)", start)
    keys = [lesson.key for lesson in catalog.LESSONS if lesson.file]
    assert re.findall(r"\b(\d\d): ", words) == keys
    numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    assert words.startswith(f"{numbers[len(keys)].capitalize()} small pictures, one from each lesson.")


def test_the_start_pages_picture_has_room_for_all():
    figure = pictures.overview(pictures.of_lessons(pictures.ROOT))
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.images]
    assert titles == [lesson.key for lesson in catalog.LESSONS if lesson.file]
