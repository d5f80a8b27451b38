"""Writes the notebooks for a class: copies for learners, and copies for teachers with solutions and wrong answers.

python -m tools.handout            into build/handout/learner and build/handout/teacher (make handout)
python -m tools.handout FOLDER     into FOLDER/learner and FOLDER/teacher

Both are made from the notebooks as they are; the exercises have what the teacher's copy adds.
"""

import argparse
import ast
import copy
import pathlib
import shutil
import sys

import nbformat

from course_utils import catalog
from tools.exercises import checked

ROOT = pathlib.Path(__file__).resolve().parents[1]
TEACHER = """\
> **Teacher's copy.** Every exercise holds a solution. The cell below it has its minutes, its hints, and the wrong \
answers that the check knows by name, each with what it says to the learner."""
NOTE = """\
**For teachers: exercise {name}** · about {minutes} minutes

{remember}

<details><summary><b>Hints, in this order</b></summary>

{hints}
</details>

<details><summary><b>{count} wrong answers that the check knows</b></summary>

{mistakes}
</details>"""


def untouched(notebook):
    """A copy without outputs, in which the exercises stand as they are handed out, to the letter.

    Raises:
        ValueError: an exercise has been worked on.
    """
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    for cell, exercise in checked(notebook):
        if exercise.stub.source not in cell.source:
            if _code(cell.source) != _code(exercise.cell):
                raise ValueError(f"exercise {exercise.name} in cell {cell.id} has been worked on: put its start back.")
            cell.source = exercise.cell
    return notebook


def _code(source):
    """What a program says, without its layout and comments; itself if Python can't read it."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return source


def with_solutions(notebook):
    """A copy without outputs in which each exercise holds its solution. Raises as `untouched`."""
    notebook = untouched(notebook)
    for cell, exercise in checked(notebook):
        cell.source = cell.source.replace(exercise.stub.source, exercise.right.source)
    return notebook


def for_teachers(notebook):
    """A copy with solutions, and a note below each exercise. Raises as `untouched`."""
    notebook = with_solutions(notebook)
    solved = {cell.id: exercise for cell, exercise in checked(notebook)}
    first, *rest = notebook.cells
    notebook.cells = [first]
    if solved:
        notebook.cells.append(nbformat.v4.new_markdown_cell(TEACHER, id="teacher"))
    for cell in rest:
        notebook.cells.append(cell)
        if cell.id in solved:
            exercise = solved[cell.id]
            notebook.cells.append(nbformat.v4.new_markdown_cell(note(exercise), id=f"teacher-{exercise.name}"))
    return notebook


def note(exercise):
    """What a teacher needs to know about an exercise, as Markdown."""
    known = [f"{variant.sentence}\n\n```python\n{variant.source}\n```" for variant in exercise.mistakes.values()]
    if exercise.kind == "repair":
        known.insert(0, f"As it is handed out: {exercise.stub.sentence}\n\n```python\n{exercise.stub.source}\n```")
    return NOTE.format(
        name=exercise.name,
        minutes=exercise.minutes,
        remember=exercise.remember,
        hints="\n".join(f"{number}. {hint}" for number, hint in enumerate(exercise.hints, 1)),
        count=len(exercise.mistakes) or "No",
        mistakes="\n\n".join(known),
    )


def read(path):
    """The notebook at `path`.

    Raises:
        ValueError: there is none that can be read, or it is of an old format, whose cells have no ids.
    """
    try:
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
    except (OSError, ValueError, KeyError, AttributeError, nbformat.ValidationError) as error:
        why = " ".join(str(error).split())[:150]
        raise ValueError(f"it is no notebook that can be read ({type(error).__name__}: {why}).") from error
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        raise ValueError(f"it is of format {notebook.nbformat}.{notebook.nbformat_minor}, whose cells have no ids.")
    return notebook


def write(source, target):
    """Write both copies of every notebook of the course, in the folder `source`, and its pictures into `target`.

    Raises:
        ValueError: as `read` and `untouched`, with the notebook's name in front; nothing is written then.
    """
    made = {}
    for path in catalog.notebooks(source.parent):
        try:
            notebook = read(path)
            made[catalog.place_of(path)] = untouched(notebook), for_teachers(notebook)
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
    for number, folder in enumerate((target / "learner", target / "teacher")):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("images", "docs"):
            shutil.copytree(source / name, folder / name, dirs_exist_ok=True)
        for name, copies in made.items():
            (folder / name).parent.mkdir(exist_ok=True)
            nbformat.write(copies[number], folder / name)
        print(f"{len(made)} notebooks in {folder}")
    # Its plans say which guesses go wrong, and why.
    (target / "learner" / "docs" / "teaching.md").unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description="Writes the notebooks for a class: for learners, and for teachers.")
    default = ROOT / "build" / "handout"
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=default, help="where they go")
    try:
        write(ROOT / "notebooks", parser.parse_args().folder)
    except ValueError as error:
        sys.exit(f"{error} (git restore notebooks mends it, and forgets your own work in them.)")
    except OSError as error:
        sys.exit(f"The copies can't be written: {error.strerror or error} ({error.filename}).")


if __name__ == "__main__":
    main()
