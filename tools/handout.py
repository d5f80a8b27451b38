"""Writes the notebooks for a class: copies for learners, and copies for teachers with solutions and wrong answers.

python -m tools.handout            into build/handout/learner and build/handout/teacher (make handout)
python -m tools.handout FOLDER     into FOLDER/learner and FOLDER/teacher

Both are made from the notebooks as they are; the exercises have what the teacher's copy adds.
"""

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
    """A copy without outputs.

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
            raise ValueError(f"exercise {exercise.name} in cell {cell.id} has been worked on: put its start back.")
    return notebook


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


def write(source, target):
    """Write both copies of every notebook of the course, in the folder `source`, and its pictures into `target`.

    Raises:
        ValueError: as `untouched`, with the notebook's name in front; nothing is written then.
    """
    made = {}
    for path in catalog.notebooks(source.parent):
        notebook = nbformat.read(path, as_version=4)
        try:
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


def main():
    target = pathlib.Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "handout"
    try:
        write(ROOT / "notebooks", target)
    except ValueError as error:
        sys.exit(f"{error} (git restore notebooks does, and forgets your own work in them.)")


if __name__ == "__main__":
    main()
