"""The exercises in the notebooks: each is there once and in order, under a heading of its own, as it is handed out."""

import json
import pathlib
import re
import symtable
import sys

import pytest

from course_utils import exercises
from course_utils.exercises import diagnose
from course_utils.exercises.exercise import KINDS
from course_utils.exercises.feedback import RIGHT

NOTEBOOKS = sorted((pathlib.Path(__file__).resolve().parents[3] / "notebooks").glob("*.ipynb"))
CHECK = re.compile(rf'^check\("((?:{"|".join(exercises.groups())})-\d+)",', re.MULTILINE)
HEADING = re.compile(r"### (\d+) · (.+) \((?:([^()]+), )?(\d+) minutes\)")


def cells_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]


def checked(path):
    """[(the exercise, the heading above its cell, the cell)] of a notebook, from top to bottom."""
    found, above = [], ""
    for kind, source in cells_of(path):
        if kind == "markdown":
            above = source
        else:
            found += [(exercises.find(name), above.split("\n")[0], source) for name in CHECK.findall(source)]
    return found


FOUND = {path: checked(path) for path in NOTEBOOKS}
CELLS = [found for path in NOTEBOOKS for found in FOUND[path]]
WITH_EXERCISES = [path for path in NOTEBOOKS if FOUND[path]]
each_cell = pytest.mark.parametrize("exercise, heading, source", CELLS, ids=[found[0].name for found in CELLS])


def place(exercise):
    return int(exercise.name.rpartition("-")[2])


def groups_in(path):
    """{group: its exercises} of a notebook, as they come."""
    groups = {}
    for exercise, _, _ in FOUND[path]:
        groups.setdefault(exercise.name.rpartition("-")[0], []).append(exercise)
    return groups


@each_cell
def test_a_cell_holds_the_stub_and_checks_it_under_its_name(exercise, heading, source):
    assert source.startswith(exercise.stub.source)
    rest = source.removeprefix(exercise.stub.source)
    call = re.escape(f'check("{exercise.name}", {exercise.answer})')
    assert re.fullmatch(rf'\s+(# Stuck\? hint\("{exercise.name}"\)\n)?{call}\s*', rest), rest


@each_cell
def test_a_heading_has_the_number_the_kind_and_the_minutes(exercise, heading, source):
    found = HEADING.fullmatch(heading)
    assert found, heading
    number, title, kind, minutes = found.groups()
    assert (int(number), title, int(minutes)) == (place(exercise), exercise.title, exercise.minutes)
    assert (kind or "") == exercise.size
    said = f"{title} {kind or ''}".lower()
    in_a_lesson = exercise.name[:2].isdigit()  # in the clinic all is to be repaired
    assert ("repair" in said) == (exercise.kind == "repair" and in_a_lesson)
    assert not exercise.value or exercise.kind in ("predict", "goal")


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.name)
def test_every_exercise_of_a_group_is_there_once_and_in_order(path):
    for group, found in groups_in(path).items():
        assert found == list(exercises.load(group).values())
        assert group not in [other for elsewhere in set(WITH_EXERCISES) - {path} for other in groups_in(elsewhere)]
        assert group == path.name[:2] or not group.isdigit()


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.name)
def test_a_lesson_has_about_six_and_all_kinds(path):
    for group, found in groups_in(path).items():
        if group.isdigit():
            assert 5 <= len(found) <= 8
            assert {exercise.kind for exercise in found} == set(KINDS)


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.name)
def test_the_three_words_are_there_before_they_are_needed_and_the_recap_comes_after(path):
    sources = [source for _, source in cells_of(path)]
    places = [i for i, source in enumerate(sources) if CHECK.search(source)]
    imported = next(i for i, source in enumerate(sources) if "import check, hint, solution" in source)
    recap = next(i for i, source in enumerate(sources) if source.startswith("## Recap"))
    assert imported < places[0] and places[-1] < recap


def read_inside(table):
    """The names of the notebook that functions and classes read."""
    read = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return read.union(*map(read_inside, table.get_children())) if table.get_type() != "module" else read


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.name)
def test_an_answer_takes_no_name_that_the_lesson_goes_on_using(path):
    """The functions behind the knobs read the lesson's variables at each turn."""
    read, answers = set(), set()
    for kind, source in cells_of(path):
        if kind == "code" and CHECK.search(source):
            answers |= {exercises.find(name).answer for name in CHECK.findall(source)}
        elif kind == "code" and "find_spec" not in source:
            read |= set().union(*map(read_inside, symtable.symtable(source, "cell", "exec").get_children()))
    assert not read & answers


@each_cell
def test_the_solution_as_it_is_shown_is_right(exercise, heading, source):
    known = dict(vars(sys.modules[exercise.right.program.__module__]))
    exec(compile(exercise.right.source, "solution", "exec"), known)
    assert diagnose.diagnose(exercise, known[exercise.answer]).status == RIGHT
