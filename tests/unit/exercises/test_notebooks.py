"""The exercises in the notebooks: each is there once, and every lesson has some.

What their cells say, tests/unit/tools/test_exercises.py looks at.
"""

import re
import symtable
import sys

import nbformat
import pytest

from course_utils import catalog, exercises
from course_utils.exercises import diagnose
from course_utils.exercises.exercise import KINDS
from course_utils.exercises.feedback import RIGHT
from tools.exercises import checked

NOTEBOOKS = {path.name: nbformat.read(path, as_version=4) for path in catalog.notebooks()}
FOUND = {name: [exercise for _, exercise in checked(notebook)] for name, notebook in NOTEBOOKS.items()}
ALL = [exercise for found in FOUND.values() for exercise in found]
each_notebook = pytest.mark.parametrize("name", [name for name in FOUND if FOUND[name]])
each_exercise = pytest.mark.parametrize("exercise", ALL, ids=[exercise.name for exercise in ALL])


def group_of(exercise):
    return exercise.name.rpartition("-")[0]


def test_every_exercise_is_in_one_notebook():
    known = [name for group in exercises.groups() for name in exercises.modules(group)]
    assert sorted(exercise.name for exercise in ALL) == sorted(known)


@each_notebook
def test_they_are_those_of_the_lesson(name):
    for group in set(map(group_of, FOUND[name])):
        assert group == name[:2] or not group.isdigit()


@pytest.mark.parametrize("name", [lesson.file for lesson in catalog.LESSONS if lesson.file])
def test_a_lesson_has_at_least_two(name):
    assert len(FOUND[name]) >= 2


def test_there_are_all_kinds_of_them():
    assert {exercise.kind for exercise in ALL} == set(KINDS)


@each_exercise
def test_a_lessons_heading_says_the_kind(exercise):
    """In the clinic all is to be repaired."""
    for kind in ("repair", "predict", "goal") if group_of(exercise).isdigit() else ():
        assert (kind in exercise.title.lower()) == (exercise.kind == kind)
    assert not exercise.value or exercise.kind in ("predict", "goal")


@each_notebook
def test_the_three_words_are_there_before_they_are_needed_and_the_recap_comes_after(name):
    cells = NOTEBOOKS[name].cells
    places = [cells.index(cell) for cell, _ in checked(NOTEBOOKS[name])]
    words = re.compile(r"^from course_utils.exercises import .*?check,.*?hint,.*?solution\b", re.MULTILINE | re.DOTALL)
    imported = next(i for i, cell in enumerate(cells) if words.search(cell.source))
    recap = next(i for i, cell in enumerate(cells) if "## Recap" in cell.source)
    assert imported < places[0] and places[-1] < recap


def read_inside(table):
    """The names of the notebook that functions and classes read."""
    read = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return read.union(*map(read_inside, table.get_children())) if table.get_type() != "module" else read


@each_notebook
def test_an_answer_takes_no_name_that_the_lesson_goes_on_using(name):
    """The functions behind the knobs read the lesson's variables at each turn."""
    solved = {cell.id: exercise.answer for cell, exercise in checked(NOTEBOOKS[name])}
    read = set()
    for cell in NOTEBOOKS[name].cells:
        if cell.cell_type == "code" and cell.id not in solved and "find_spec" not in cell.source:
            read |= set().union(*map(read_inside, symtable.symtable(cell.source, "cell", "exec").get_children()))
    assert not read & set(solved.values())


@each_exercise
def test_the_solution_as_it_is_shown_is_right(exercise, in_threads):
    known = dict(vars(sys.modules[exercise.right.program.__module__]))
    exec(compile(exercise.right.source, "solution", "exec"), known)
    outcome = diagnose.diagnose(exercise, known[exercise.answer])
    assert outcome.status == RIGHT, repr(outcome)
