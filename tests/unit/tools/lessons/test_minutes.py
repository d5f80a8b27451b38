"""tools/lessons/minutes.py: what counts as what, and that the catalog has its minutes."""

import pathlib

import nbformat
import pytest

from course_utils import catalog
from tests.unit.tools.lessons import made
from tools.lessons import form, minutes
from tools.lessons.minutes import Count

ROOT = pathlib.Path(__file__).resolve().parents[4]


def count(*cells):
    """The sum over a small notebook, folded as `make badges` does it."""
    notebook = made.notebook(*cells)
    form.fold(notebook)
    return minutes.total(minutes.Lesson("01", notebook).counts)


@pytest.mark.parametrize(
    "markdown, number",
    [
        ("Two words", 2),
        ("**Bold**, *slanted* and `x.grad`: 4 words — and one more", 9),
        ("3,072 well-known numbers; it's 1.5", 5),
        ("and/or, one—two", 4),
        ("[a link](https://example.org/with/many/words)", 2),
        ("[![Open this](images/colab.svg)](https://example.org/some/thing)", 0),
        ("![A long description of a picture](images/x.png) and <img alt='many more words'> end", 2),
        ("where $\\eta = 3 + 4$ (`lr`) is", 4),
        ("$$x = y \\quad\\text{for each weight}$$", 4),
        ("it costs <b>little</b> <!-- and nobody reads this -->", 3),
        ("if a < b and c > d", 6),
        ("| one | two |\n|---|---|\n| 3 | 4 |", 4),
        ("# 1 · Heading", 2),
    ],
)
def test_words_are_those_that_are_read(markdown, number):
    assert count(made.md(markdown)).words == number


def test_a_folded_answer_counts_as_such():
    text = "Try it.\n\n<details><summary><b>What you saw</b></summary>\n\nA line.\n</details>\n\nGo on."
    assert count(made.md(text))[:2] == (4, 5)
    assert count(made.md("<details><summary>Open"))[:2] == (0, 1)  # it is never closed


def test_code_in_prose_is_code_and_a_raw_cell_is_prose():
    assert count(made.md("Like this:\n\n```python\nx = 1\n\ny = 2\n```\n\nAnd on.")) == Count(words=4, shown=2)
    assert count(nbformat.v4.new_raw_cell("Five words in a cell")) == Count(words=5)


def test_lines_in_sight_and_folded_are_told_apart():
    assert count(made.py("# a comment\n\nx = 1\ny = [\n    2,\n]")) == Count(shown=5)
    setup = made.py("import course_utils as cu\n\ncu.setup()")
    assert count(setup) == Count(folded=2)  # its title is of the tool's making


def test_hiding_a_cell_by_hand_takes_nothing_off():
    hidden = made.py("x = 1", "hide-input")
    hidden.metadata["jupyter"] = {"source_hidden": True}
    assert count(hidden) == Count(shown=1)


def test_a_guess_takes_twenty_seconds_or_as_long_as_it_is():
    imported, key = made.py("from course_utils.panels import ask"), "word " * 90
    assert count(imported, made.py(f'g = ask("{key}", "How many?", ["1", "2"])')).asking == 20
    assert count(imported, made.py(f'g = ask("k", "{key}", ["1", "2"])')).asking == pytest.approx(60 * 92 / 130)


def test_a_cell_shows_a_drawing_or_a_knob_and_an_image_is_a_drawing():
    imported = made.py("from course_utils import plots\nfrom course_utils.panels import Explorer\nimport torch")
    drawn = made.py("figure, ax = plots.new_figure()\nax.plot([1])\nplots.Picture(figure, 'A line.')")
    assert count(imported, drawn) == Count(shown=6, plumbing=5, drawings=1)
    assert count(imported, made.py("Explorer(print)")) == Count(shown=4, plumbing=3, knobs=1)
    badge = "[![Open this lesson in Colab](images/colab.svg)](https://colab.research.google.com/x)"
    assert count(made.md(f"{badge}\n\n![A line.](images/line.png)")) == Count(drawings=1)


def test_what_matplotlib_draws_where_that_is_taught_is_no_plumbing():
    cell = "import matplotlib.pyplot as plt\nfrom course_utils import plots\nplt.imshow(X)\nplots.curves({})\nX.shape"
    assert count(made.py(cell)).plumbing == 4
    assert count(made.py(cell, "matplotlib")) == Count(shown=5, plumbing=3, drawings=1)


def test_an_exercise_brings_its_own_minutes_besides_its_lines():
    found = count(made.py('def slope(f, x, h):\n    return 1\n\n\ncheck("01-1", slope)'))
    assert found == Count(shown=3, exercises=3)


def test_the_model_of_minutes():
    parts = {"words": 130, "answers": 260, "shown": 15, "asking": 60.0, "drawings": 12, "exercises": 4.0}
    for name, number in parts.items():
        assert Count(**{name: number}).minutes == pytest.approx(4 if name == "exercises" else 1)
    assert Count(knobs=3, folded=100, plumbing=10).minutes == pytest.approx(6)
    whole = minutes.Lesson("01", made.notebook(made.md("word " * 131)))
    assert whole.minutes == 2  # rounded up


def test_the_table_says_where_the_first_knob_and_the_first_exercise_are():
    notebook = made.lesson()
    form.fold(notebook)
    lesson = minutes.Lesson("01", notebook)
    found = dict(zip(minutes.table({}).header, minutes.row("01_made.ipynb", lesson), strict=True))
    assert found["First knob"] == "cell 2, minute 0"
    assert found["First exercise"] == "71% of the cells"
    assert (found["Minutes"], found["Cells"]) == (str(lesson.minutes), "17")
    count = minutes.total(lesson.counts)
    assert (found["Lines"], found["Folded"]) == (str(count.shown), str(count.folded)) and count.folded == 9
    assert found["Plumbing"] == f"{count.plumbing / count.shown:.0%}" and count.plumbing == 3
    empty = minutes.Lesson("01", made.notebook(made.md("Nothing")))
    assert minutes.row("x.ipynb", empty)[-3:] == ["0%", "none", "none"]


def test_the_catalog_has_the_minutes_that_are_counted():
    lessons = minutes.read()
    found = {file: catalog.find(lesson.key).minutes for file, lesson in lessons.items()}
    assert found == {file: lesson.minutes for file, lesson in lessons.items()}, "mend it with: make minutes"


def test_the_minutes_are_written_into_the_rows(tmp_path, capsys):
    rows = tmp_path / "course_utils" / "catalog.py"
    rows.parent.mkdir()
    rows.write_text('Lesson(\n    1,\n    "One",\n    "01_one.ipynb",\n    minutes=5,\n)\n')
    lesson = minutes.Lesson("01", made.notebook(made.md("word " * 1000)))
    minutes.write_rows(tmp_path, {"01_one.ipynb": lesson})
    assert "minutes=8," in rows.read_text() and capsys.readouterr().out == "catalog.py\n"
    with pytest.raises(SystemExit, match=r"^02_two\.ipynb: in its row of the catalog no minutes"):
        minutes.write_rows(tmp_path, {"02_two.ipynb": lesson})
