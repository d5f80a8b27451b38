"""The limits of a lesson: the notebooks keep them, and each is held."""

import re

import nbformat
import pytest

from course_utils import catalog
from tests.unit.tools.lessons import made
from tools.lessons import form, minutes


def broken(notebook, key="01"):
    form.fold(notebook)
    return minutes.broken(minutes.Lesson(key, notebook))


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.name)
def test_a_notebook_keeps_the_limits(path):
    notebook = nbformat.read(path, as_version=4)
    assert minutes.broken(minutes.Lesson(catalog.key_of(path.name), notebook)) == []


def test_the_made_up_lesson_keeps_them_all():
    assert broken(made.lesson()) == []


def without(*names):
    def change(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.id not in names]

    return change


def add(source, after, **more):
    def change(notebook):
        place = notebook.cells.index(made.cell(notebook, after)) + 1
        new = made.md(source) if source.startswith(("#", "Text")) else made.py(source, **more)
        notebook.cells.insert(place, new)

    return change


def edit(name, old, new):
    def change(notebook):
        cell = made.cell(notebook, name)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def all_at_the_end(notebook):
    last = made.cell(notebook, "exercise-1")
    notebook.cells.remove(last)
    notebook.cells.insert(-1, last)


def without_sections(notebook):
    for cell in notebook.cells:
        cell.source = re.sub(r"^## (?!Recap)", "", cell.source, flags=re.MULTILINE)


def without_heard(notebook):
    notebook.cells = [cell for cell in notebook.cells if "Heard" not in cell.source]


def without_recap(notebook):
    notebook.cells.pop()


BREAKS = {
    "too long": (add("Text " * 6000, after="twice"), r"It takes 6\d minutes: at most 45\."),
    "plumbing": (
        edit("twice", "print(four)", "\n".join(["display(four)"] * 20)),
        r"23 of \d+ lines of code in sight are plumbing: at most a tenth\.",
    ),
    "a long cell": (edit("four", "eight =", "\n" * 24 + "eight ="), r"Cell four has 26 lines: at most 25\."),
    "a long title": (
        edit("title", "Builds", "word " * 150 + "Builds"),
        r"The title cell has 16\d words: at most 120\.",
    ),
    "no knob": (edit("opening", "Explorer(lambda", "print(lambda"), "The first code cell in sight is no knob"),
    "a long knob": (
        edit("opening", "\nExplorer", "\nx = y = 1\nx = 2\nExplorer"),
        "The first code cell in sight is no",
    ),
    "code before the knob": (add("x = 1", after="title"), "The first code cell in sight is no knob"),
    "text before the knob": (add("Text.", after="title"), "Between the title and the first knob stands more text"),
    "one exercise": (without("exercise-1"), "It has 1 exercises: at least two"),
    "two questions": (
        edit("recall", 'ask("recall-list"', 'ask("list"'),
        r'2 questions, ask\("recall-…"\), stand above the first lines of code',
    ),
    "late questions": (add("x = 1", after="setup"), r"0 questions, .* stand above the first lines of code"),
    "nothing heard": (without_heard, r"It has no box > \*\*Heard online:\*\*"),
    "no recap": (without_recap, "It has no section ## Recap"),
    "exercises at the end": (all_at_the_end, "All exercises stand in the last section"),
    "no section": (without_sections, "All exercises stand in the last section"),
    "a section of exercises": (
        add("## 3 · Exercises", after="four"),
        "Above exercise 01-3 its section has no code: it belongs below what it practises",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_limit_is_held(name):
    change, sentence = BREAKS[name]
    notebook = made.lesson()
    change(notebook)
    found = broken(notebook)
    assert any(re.match(sentence, one) for one in found), found


def test_what_the_opening_cell_imports_and_sets_up_is_not_counted():
    notebook = made.lesson()
    edit("opening", "from", "import course_utils as cu\nfrom")(notebook)
    edit("opening", "\nExplorer", "\n\ncu.setup(lesson=1)\nx = 1\nExplorer")(notebook)
    form.fold(notebook)
    assert minutes.closed(minutes.Lesson("01", notebook)) == []


def test_what_goes_deeper_needs_no_knob_first_no_recall_and_no_second_exercise():
    notebook = made.lesson()
    without("recall", "exercise-3", "opening")(notebook)
    without_heard(notebook)
    assert broken(notebook, key="01b") == []
    without_recap(notebook)
    assert broken(notebook, key="01b") == ["It has no section ## Recap."]


def test_the_start_page_begins_with_a_knob_too_may_be_plumbing_and_needs_no_recap():
    notebook = made.lesson()
    without("recall", "exercise-1", "exercise-3")(notebook)
    without_recap(notebook)
    edit("four", "print(eight)", "\n".join(["display(eight)"] * 20))(notebook)
    assert broken(notebook, key=catalog.START.key) == []
    without("opening")(notebook)
    assert broken(notebook, key=catalog.START.key) == ["The first code cell in sight is no knob of one or two lines."]


def test_a_program_of_the_clinic_is_a_section_of_its_own():
    notebook = made.lesson()
    for number in (1, 2):
        add(f'check("clinic-{number}", net)', after="exercise-3")(notebook)
        add(f"## {number + 2} · A broken program", after="exercise-3")(notebook)
    assert broken(notebook) == []
