"""notebooks/docs/teaching.md: its slots have 45 minutes, and what it names is in the lessons."""

import functools
import re
import symtable

import nbformat
import pytest

from course_utils import catalog, exercises
from tools.exercises import checked
from tools.lessons import form, minutes

PAGE = (catalog.ROOT / catalog.FOLDER / "docs" / "teaching.md").read_text(encoding="utf-8")
PLANS = dict(re.findall(r"^## (\d\d) · .*\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE))
LESSONS = {lesson.key: lesson for lesson in catalog.LESSONS if lesson.file}


@functools.cache
def read(key):
    return nbformat.read(catalog.notebook(LESSONS[key].file), as_version=4)


def test_every_lesson_has_its_plan():
    assert sorted(PLANS) == sorted(LESSONS)


@pytest.mark.parametrize("key", PLANS)
def test_a_slot_has_45_minutes(key):
    assert sum(map(int, re.findall(r"^\| (\d+) \|", PLANS[key], re.MULTILINE))) == 45


@pytest.mark.parametrize("key", [key for key in PLANS if key > "04"])
def test_the_exercises_of_a_slot_take_the_minutes_of_their_row(key):
    named = re.compile(r"\b(?:\d\d|clinic)-\d+")
    ((minutes, row),) = re.findall(r"^\| (\d+) \| (.*\b(?:\d\d|clinic)-\d.*) \|$", PLANS[key], re.MULTILINE)
    in_class, _, homework = row.partition("; ")
    assert not homework or homework.endswith("as homework")
    takes = sum(exercises.find(name).minutes for name in named.findall(in_class))
    assert int(minutes) - 1 <= takes <= int(minutes)


@pytest.mark.parametrize("key", PLANS)
def test_what_a_plan_names_is_in_its_lesson(key):
    notebook = read(key)
    headings = re.findall(r"^## (?:\d+ · )?(.*)$", "\n".join(cell.source for cell in notebook.cells), re.MULTILINE)
    plan, stop = re.search(r"^\|(?:.*\n)+?\n\*\*Where to stop:.*", PLANS[key], re.MULTILINE)[0].rsplit("\n", 1)
    assert set(re.findall('"([^"]+)"', plan + stop)) <= set(headings)
    named = set(re.findall(r"\b(?:\d\d|clinic)-\d+", plan))
    assert len(named) >= 2
    assert named <= {exercise.name for _, exercise in checked(notebook)}
    deeper = re.findall(r"\.\./deeper/(\S+?\.ipynb)", PLANS[key])
    assert set(deeper) <= {part.file for part in LESSONS[key].deeper}


class Slot:
    """A plan beside its lesson.

    Attributes:
        lesson: the `minutes.Lesson`.
        sections: {title: range of its cells}, the opening and the recap left out.
        rows: [(minutes, text)] of the table: opening, questions, sections, exercises, recap.
        done: the numbers of the cells of its sections, without the knobs that it leaves out and what stands below each.
        homework: the exercises' names that it leaves out.
    """

    def __init__(self, key):
        self.lesson = minutes.Lesson(key, read(key))
        starts = self.lesson.sections()
        ends = [start for start, _ in starts[1:]]
        self.sections = {
            title.partition(" · ")[2]: range(start, end) for (start, title), end in zip(starts, ends, strict=False)
        }
        self.rows = [(int(a), b) for a, b in re.findall(r"^\| (\d+) \| (.*) \|$", PLANS[key], re.MULTILINE)]
        named = re.findall('"([^"]+)"', self.rows[2][1])
        first, last = (list(self.sections).index(title) for title in (named[0], named[-1]))
        self.named = list(self.sections)[first : last + 1]
        left = re.search(r"without the knobs? of sections? (.*)", self.rows[2][1])
        quiet = [list(self.sections.values())[int(n) - 1] for n in re.findall(r"\d+", left[1])] if left else []
        knobs = [cell for cells in quiet for cell in cells if self.lesson.counts[cell].knobs]
        assert len(knobs) == len(quiet)  # one in each, so that the plan is plain
        self.out = {cell + below for cell in knobs for below in (0, 1)}
        self.done = [cell for title in self.named for cell in self.sections[title] if cell not in self.out]
        self.homework = re.findall(r"(\d\d-\d+) as homework", self.rows[3][1])
        self.stop = self.sections[re.search(r'Where to stop:\*\* after "(.*?)"', PLANS[key])[1]]


# The plans of lessons 05 to 08 are not yet held to this.
HELD = ["01", "02", "03", "04"]


@pytest.mark.parametrize("key", HELD)
def test_a_plan_takes_no_longer_than_its_rows_say(key):
    slot = Slot(key)
    assert slot.named == list(slot.sections)
    count = minutes.total([slot.lesson.counts[cell] for cell in slot.done])
    assert count.minutes - count.exercises <= slot.rows[2][0]
    before, after = next(iter(slot.sections.values()))[0], list(slot.sections.values())[-1][-1] + 1
    assert minutes.total(slot.lesson.counts[:before]).minutes <= slot.rows[0][0] + slot.rows[1][0]
    assert minutes.total(slot.lesson.counts[after:]).minutes <= slot.rows[4][0]


@pytest.mark.parametrize("key", HELD)
def test_a_plan_has_time_for_each_exercise_or_leaves_it_as_homework(key):
    slot = Slot(key)
    in_class = [(cell, one) for cell, one in slot.lesson.exercises if one.name not in slot.homework]
    assert sum(one.minutes for _, one in in_class) <= slot.rows[3][0]
    assert {one.name for _, one in slot.lesson.exercises} == set(re.findall(r"\d\d-\d+", slot.rows[3][1]))
    places = re.findall(r"section (\d)", slot.rows[3][1])
    sections = [n for cell, _ in in_class for n, cells in enumerate(slot.sections.values(), 1) if cell in cells]
    assert sorted(set(map(int, places))) == sorted(set(sections))


@pytest.mark.parametrize("key", HELD)
def test_the_guess_to_dwell_on_comes_before_the_stop(key):
    slot = Slot(key)
    guess = re.search(r'The guess to dwell on:\*\* "(.*?)"', PLANS[key])[1]
    asked = [call for cell, code in slot.lesson.code if cell < slot.stop.stop for call in code.asks]
    assert any(guess in getattr(call.args[1], "value", "") for call in asked)


def names(source):
    """(made, used): the names that a cell's code binds, and those that it looks up outside of functions' own."""
    cell = symtable.symtable(form.NOT_PYTHON.sub(r"\1pass", source), "cell", "exec")
    made = {one.get_name() for one in cell.get_symbols() if one.is_assigned() or one.is_imported()}
    used, tables = {one.get_name() for one in cell.get_symbols() if one.is_referenced()}, cell.get_children()
    while tables:
        table = tables.pop()
        used |= {one.get_name() for one in table.get_symbols() if one.is_referenced() and one.is_global()}
        tables += table.get_children()
    return made, used


@pytest.mark.parametrize("key", HELD)
def test_no_cell_of_a_plan_needs_one_that_it_leaves_out(key):
    slot = Slot(key)
    exercises = {cell for cell, one in slot.lesson.exercises if one.name in slot.homework}
    known, skipped = set(), set()
    for cell, _ in slot.lesson.code:
        made, used = names(slot.lesson.cells[cell].source)
        if cell in slot.out | exercises:
            skipped |= made
        else:
            assert not used & (skipped - known)
            known |= made
