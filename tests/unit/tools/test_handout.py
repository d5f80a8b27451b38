"""Copies for a class: nothing of a solution for learners; for teachers every exercise solved, and right."""

import ast
import builtins
import functools
import pathlib
import re
import shutil
import symtable

import nbformat
import pytest
import torch

from course_utils import catalog, exercises
from course_utils.exercises.feedback import RIGHT
from tests import notebooks
from tools import handout

pytestmark = pytest.mark.rest
FOLDER = pathlib.Path(__file__).resolve().parents[3] / "notebooks"
NOTEBOOKS = {catalog.place_of(path): nbformat.read(path, as_version=4) for path in catalog.notebooks()}
WITH_EXERCISES = [name for name, notebook in NOTEBOOKS.items() if handout.checked(notebook)]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    target = tmp_path_factory.mktemp("handout")
    handout.write(FOLDER, target)
    return target


def texts(folder, name):
    return [cell.source for cell in nbformat.read(folder / name, as_version=4).cells]


def test_learners_get_the_notebooks_without_a_solution(written):
    for name, notebook in NOTEBOOKS.items():
        copied = "\n".join(texts(written / "learner", name))
        assert copied == "\n".join(cell.source for cell in notebook.cells)
        for _, exercise in handout.checked(notebook):
            assert exercise.stub.source in copied
            assert exercise.right.source not in copied
            assert not any(variant.sentence in copied for variant in exercise.mistakes.values())
    assert (written / "learner" / "images" / "colab.svg").is_file()


def test_the_plans_are_for_teachers_alone(written):
    assert (written / "teacher" / "docs" / "teaching.md").is_file()
    assert not (written / "learner" / "docs" / "teaching.md").exists()
    assert (written / "learner" / "docs" / "glossary.md").is_file()


def test_teachers_get_all_that_an_exercise_knows(written):
    solved = 0
    for name, notebook in NOTEBOOKS.items():
        cells = texts(written / "teacher", name)
        for _, exercise in handout.checked(notebook):
            cell = next(i for i, text in enumerate(cells) if f'check("{exercise.name}"' in text)
            assert exercise.right.source in cells[cell] and exercise.stub.source not in cells[cell]
            note = cells[cell + 1]
            assert f"exercise {exercise.name}** · about {exercise.minutes} minutes" in note
            for variant in exercise.mistakes.values():
                assert variant.sentence in note and variant.source in note
            assert all(hint in note for hint in exercise.hints)
            solved += 1
    assert solved > 20
    for place in NOTEBOOKS:
        nbformat.validate(nbformat.read(written / "teacher" / place, as_version=4))


def test_a_copy_carries_no_outputs():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1", execution_count=3)])
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="2")]
    cell = handout.untouched(notebook).cells[0]
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert notebook.cells[0].outputs


def test_an_exercise_that_has_been_worked_on_is_not_handed_out(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    answered = 'def slope(f, x, h):\n    return 1\n\n\noutcome = check("01-1", slope)'
    notebooks.write(folder / "01_autograd.ipynb", ("mine", answered))
    with pytest.raises(ValueError, match=r"^01_autograd.ipynb: exercise 01-1 in cell mine has been worked on"):
        handout.write(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_stub_in_another_layout_is_handed_out_as_it_was(tmp_path):
    notebook = NOTEBOOKS["01_autograd.ipynb"]
    (cell, exercise), *_ = handout.checked(notebook)
    changed = nbformat.from_dict(notebook)
    mine = next(one for one in changed.cells if one.id == cell.id)
    mine.source = "# mine\n" + "\n".join(line for line in ast.unparse(ast.parse(cell.source)).splitlines())
    assert exercise.stub.source not in mine.source
    assert [one.source for one in handout.untouched(changed).cells] == [one.source for one in notebook.cells]
    solved = next(one for one in handout.with_solutions(changed).cells if one.id == cell.id)
    assert exercise.right.source in solved.source


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "it is no notebook that can be read"),
        ("[]", "it is no notebook that can be read"),
        ("\0", "it is no notebook that can be read"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}', "of format 4.2, whose cells have no"),
        (
            '{"worksheets": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}',
            "of format 3.0, whose cells have no",
        ),
        ('{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "can be read"),
    ],
)
def test_a_notebook_that_cannot_be_read_is_named(tmp_path, content, why):
    folder = shutil.copytree(FOLDER, tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (folder / "05_optimizers.ipynb").write_text(content)
    with pytest.raises(ValueError, match=f"^05_optimizers.ipynb: .*{why}") as caught:
        handout.write(folder, tmp_path / "out")
    assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()


def test_help_makes_no_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["handout", "--help"])
    with pytest.raises(SystemExit):
        handout.main()
    assert "teachers" in capsys.readouterr().out and list(tmp_path.iterdir()) == []


def names(table):
    """(bound at the top, read at the top, read inside functions and classes) by a cell."""
    symbols = table.get_symbols()
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    read = {s.get_name() for s in symbols if s.is_referenced()}
    inside = set()
    for child in table.get_children():
        own = {s.get_name() for s in child.get_symbols() if s.is_global() and s.is_referenced()}
        inside |= own | names(child)[2]
    return bound, read, inside


def needed(cells, wanted):
    """The cells that the cells at the places `wanted` need to run, and those themselves, in order.

    A name comes from the last cell above that binds it. What is read inside a function may also be bound below it,
    as long as that is above the exercise that calls it.
    """
    known = [names(symtable.symtable(cell.source, cell.id, "exec")) for cell in cells]

    def binder(name, places):
        return next((place for place in reversed(places) if name in known[place][0]), None)

    todo, kept = [(place, place) for place in wanted], set(wanted)
    while todo:
        place, end = todo.pop()
        _, read, inside = known[place]
        for name in read | inside - set(dir(builtins)):
            found = binder(name, range(place))
            if found is None and name in inside and name not in known[place][0]:
                found = binder(name, range(place + 1, end))
            if found is not None and found not in kept:
                kept.add(found)
                todo.append((found, end))
    return [cells[place] for place in sorted(kept)]


@pytest.mark.process  # lesson 02 loads data with workers
@pytest.mark.parametrize("name", WITH_EXERCISES)
def test_every_solution_is_right_in_its_notebook(name, monkeypatch, empty_data_dir, offline):
    """Runs the exercises with their solutions, and of the lesson above them what they need."""
    outcomes = {}

    @functools.wraps(exercises.check)
    def check(name, answer, check=exercises.check):
        outcomes[name] = check(name, answer)
        return outcomes[name]

    monkeypatch.setattr(exercises, "check", check)
    notebook = handout.with_solutions(NOTEBOOKS[name])
    solved = {cell.id: exercise.name for cell, exercise in handout.checked(notebook)}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "colab"]
    wanted = [place for place, cell in enumerate(cells) if cell.id in solved]
    lesson = {"__name__": "__main__"}
    with torch.random.fork_rng():
        for cell in needed(cells, wanted):
            exec(compile(cell.source, f"{name}: cell {cell.id}", "exec"), lesson)
    assert {name: outcome.status for name, outcome in outcomes.items()} == dict.fromkeys(solved.values(), RIGHT), (
        "\n".join(map(repr, outcomes.values()))
    )


def test_needed_cells_are_found():
    sources = ["import os", "a = 1", "def f():\n    return a + b", "b = os", "c = 2", "x = f()", "c = x", "x = 3"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    found = [cells.index(cell) for cell in needed(cells, [5])]
    assert found == [0, 1, 2, 3, 5]
    assert re.findall(r"\w", "".join(cell.source for cell in needed(cells, [1]))) == ["a", "1"]
