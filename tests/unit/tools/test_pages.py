"""tools/pages.py: a lesson is run once for as long as its code stays, and a page shows one form of each output."""

import base64
import struct

import nbformat
import pytest

from course_utils import catalog
from tests import notebooks
from tools import pages
from tools.lessons import form

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 3, 2)  # what is read of one: its size


def write(path, code, prose="# A lesson"):
    notebooks.write(path, ("title", prose), ("code", code))


def said(notebook):
    """What the notebook's cells printed."""
    return "".join(output.text for cell in notebook.cells for output in cell.get("outputs", []))


@pytest.fixture
def cache(tmp_path):
    return pages.kept_runs(tmp_path / "runs")


@pytest.mark.rest
@pytest.mark.process
def test_a_lesson_is_run_again_only_when_its_code_or_the_course_has_changed(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    path, of_the_course = tmp_path / "lesson.ipynb", tmp_path / "course_utils" / "data" / "files.py"
    of_the_course.parent.mkdir(parents=True)
    write(path, "import time; print(time.time_ns())")
    first, fresh = pages.run(path, cache)
    assert fresh

    write(path, "import time; print(time.time_ns())", prose="# A better title")
    again, fresh = pages.run(path, cache)
    assert not fresh
    assert said(again) == said(first)
    assert again.cells[0].source == "# A better title"

    of_the_course.write_text("# new")
    changed, fresh = pages.run(path, cache)
    assert fresh
    assert said(changed) != said(first)
    assert not pages.run(path, cache)[1]

    write(path, "print('new')")
    changed, fresh = pages.run(path, cache)
    assert fresh
    assert said(changed) == "new\n"


@pytest.mark.rest
@pytest.mark.process
def test_a_lesson_that_fails_stops_the_pages_and_is_not_kept(tmp_path, cache):
    path = tmp_path / "lesson.ipynb"
    write(path, "1 / 0")
    with pytest.raises(pages.PagesError, match=r"(?s)lesson\.ipynb failed.*ZeroDivisionError"):
        pages.run(path, cache)
    assert cache.list_cache_records() == []


def test_where_the_data_comes_from_is_part_of_a_run(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "")
    online = pages.course()
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert pages.course() != online


def output(**data):
    return nbformat.v4.new_output("display_data", data={name.replace("_", "/", 1): text for name, text in data.items()})


def test_a_picture_becomes_a_file_and_keeps_its_words(tmp_path):
    code = base64.b64encode(PNG).decode()
    figure = f'<figure><img alt="Two curves." src="data:image/png;base64,{code}"></figure>'
    shown = pages.shown(output(text_html=figure, image_png=code, text_plain="Two curves."), tmp_path / "pictures")
    (file,) = (tmp_path / "pictures").iterdir()
    assert file.read_bytes() == PNG
    assert list(shown.data) == ["text/html"]
    assert f'alt="Two curves." src="pictures/{file.name}" width="3" height="2"' in shown.data["text/html"]


def test_a_sharp_picture_is_as_wide_as_it_says(tmp_path):
    code = base64.b64encode(PNG).decode()
    figure = f'<figure><img alt="Two curves." src="data:image/png;base64,{code}" width="60"></figure>'
    shown = pages.shown(output(text_html=figure), tmp_path / "pictures").data["text/html"]
    assert shown.count("width=") == 1 and ' width="60" height="40"' in shown


def test_a_picture_without_words_is_refused(tmp_path):
    with pytest.raises(pages.PagesError, match="no words"):
        pages.shown(output(image_png=base64.b64encode(PNG).decode(), text_plain="<Figure>"), tmp_path)


def test_a_page_says_where_the_lesson_runs_instead_of_setting_up_colab(tmp_path):
    lesson = nbformat.read(catalog.notebook("02_linear_regression.ipynb"), as_version=4)
    assert any(cell.id == form.COLAB for cell in lesson.cells)
    page = pages.lesson_page(lesson, was_run=False, folder=tmp_path)
    assert all(cell.id != form.COLAB for cell in page.cells)
    assert "Read it here, run it live" in page.cells[0].source


def test_folders_of_the_machine_are_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    stream = nbformat.v4.new_output("stream", text=f"found in {tmp_path}; {pages.ROOT / '.venv' / 'bin' / 'python'}")
    assert pages.shown(stream, tmp_path).text == "found in the data folder; .venv/bin/python"


def test_the_front_page_is_the_readme_with_links_of_the_site():
    readme = """# Course

![A picture.](docs/picture.png) and [values](tests/results.md), [terms](notebooks/docs/glossary.md),
[elsewhere](https://example.org), [below](#lessons)

| 01 | [First](notebooks/01_first.ipynb) | [![Open](notebooks/images/badge.svg)](https://example.org/x) |
| 01b | [More](notebooks/deeper/01b_more.ipynb) | |

## Where things are

Not for readers.
"""
    names = ["01_first", "deeper/01b_more", "docs/glossary"]
    text, pictures = pages.front_page(readme, "owner/course", "main", names)
    assert pictures == ["docs/picture.png", "notebooks/images/badge.svg"]
    assert "[First](01_first.ipynb)" in text and "[More](deeper/01b_more.ipynb)" in text
    assert "[values](https://github.com/owner/course/blob/main/tests/results.md)" in text
    assert "[terms](docs/glossary.md),\n[elsewhere](https://example.org), [below](#lessons)" in text
    assert "Not for readers" not in text
    assert text.endswith("```{toctree}\n:hidden:\n\n01_first\ndeeper/01b_more\ndocs/glossary\n```\n")
