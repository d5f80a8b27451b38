"""Writes the exercises into the notebooks: heading, text, what is handed out and the check, from each one's own file.

python -m tools.exercises           write them (make exercises)
python -m tools.exercises --check   say which cells differ, and write nothing

The cell of an exercise is the one that calls its check. For a new exercise put a code cell with check("04-7") where it
belongs: that cell is filled, and one with the heading comes above it.
"""

import argparse
import pathlib
import re
import sys

import nbformat

from course_utils import catalog, exercises

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEADING = re.compile(r"### \w+-\d+ · ")


def checked(notebook):
    """[(cell, its `Exercise`)] of the cells that check an answer, from top to bottom."""
    found = []
    for cell in notebook.cells:
        match = exercises.CHECK.search(cell.source) if cell.cell_type == "code" else None
        if match:
            found.append((cell, exercises.find(match[1])))
    return found


def task(exercise):
    """Markdown of the cell above: heading and text."""
    takes = ", ".join(filter(None, [exercise.size, f"{exercise.minutes} minutes"]))
    return f"### {exercise.name} · {exercise.title} ({takes})\n\n{exercise.text}"


def ids(exercise):
    """The ids of the two cells."""
    number = exercise.name.rpartition("-")[2]
    if in_a_lesson(exercise):
        return f"exercise-{number}-task", f"exercise-{number}"
    return f"{exercise.name}-symptom", f"{exercise.name}-program"


def in_a_lesson(exercise):
    """True for an exercise of a lesson, False for one of the clinic."""
    return exercise.name[0].isdigit()


def fill(notebook):
    """Write into each exercise's two cells what its file says; a missing first cell is added.

    Returns:
        Texts: which cells of which exercises have changed.
    """
    changed = []
    for cell, exercise in checked(notebook):
        place = notebook.cells.index(cell)
        if not place or not HEADING.match(notebook.cells[place - 1].source):
            notebook.cells.insert(place, nbformat.v4.new_markdown_cell())
            place += 1
        task_id, program_id = ids(exercise)
        for one, id, source, part in (
            (notebook.cells[place - 1], task_id, task(exercise), "heading and text"),
            (cell, program_id, exercise.cell, "what is handed out"),
        ):
            if (one.id, one.source) != (id, source):
                one.id, one.source = id, source
                changed.append(f"{exercise.name}, {part}")
                if one is cell:  # its outputs were those of another program
                    one.outputs, one.execution_count = [], None
    return changed


def differences(root, write=False):
    """What differs in the notebooks of the project in the folder `root`, as texts; mended if `write` is True."""
    found = []
    for path in catalog.notebooks(root):
        notebook = nbformat.read(path, as_version=4)
        changed = fill(notebook)
        if changed and write:
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
        found += [f"{path.name}: {one}" for one in changed]
    return found


def write(root):
    """Write all exercises of the project in the folder `root`; prints what changed."""
    for one in differences(root, write=True):
        print(one)


def main():
    parser = argparse.ArgumentParser(description="Writes the exercises into the notebooks; names what changed.")
    parser.add_argument("--check", action="store_true", help="only name what differs, and exit with 1 if anything does")
    if not parser.parse_args().check:
        write(ROOT)
        return
    found = differences(ROOT)
    if found:
        sys.exit("\n".join([*found, "The files of these exercises say otherwise: make exercises writes them."]))


if __name__ == "__main__":
    main()
