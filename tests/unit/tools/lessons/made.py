"""A small lesson in the form of 45 minutes, made up; tests change it."""

import nbformat

from tests.notebooks import KERNEL

TITLE = "# 01 · Doubling\n\nWhat does doubling do? About 20 minutes. Builds on: Python."
OPENING = """\
from course_utils.panels import Explorer
Explorer(lambda axes, k: axes.plot([0, k]) and f"A line up to {k}.", k=[1, 2, 4])"""
SETUP = "import course_utils as cu\nfrom course_utils.panels import Explorer, ask\n\ncu.setup(seed=0, lesson=1)"
RECALL = """\
ask("recall-def", "What begins a function?", ["def", "function"])
ask("recall-slope", "The slope of 3x?", ["3", "x"])
ask("recall-list", "Where does a list begin?", ["at 0", "at 1"])"""
GUESS = 'guess = ask("twice", "What is twice(2)?", ["4", "22"])'
TWICE = """\
def twice(x):
    return 2 * x


four = twice(2)
print(four)
{more}
guess.reveal(str(four), of="twice")"""


def md(text, name=""):
    """A Markdown cell; `name` is its id."""
    return nbformat.v4.new_markdown_cell(text, **({"id": name} if name else {}))


def py(source, *tags, name=""):
    """A code cell."""
    metadata = {"tags": list(tags)} if tags else {}
    return nbformat.v4.new_code_cell(source, metadata=metadata, **({"id": name} if name else {}))


def notebook(*cells):
    """A notebook of these cells."""
    return nbformat.v4.new_notebook(cells=list(cells), metadata=KERNEL)


def lesson():
    """One that keeps all limits, once its cells are folded."""
    more = "\n".join(f"print(twice({number}))" for number in range(18))
    return notebook(
        md(TITLE, "title"),
        py("!true", name="colab"),
        py(OPENING, name="opening"),
        md("Choose another number. What happened?"),
        py(SETUP, name="setup"),
        py("from course_utils.exercises import check", name="words"),
        py(RECALL, name="recall"),
        md("## 1 · Twice\n\nTo **double** a number is to add it to itself."),
        py(GUESS, name="guess"),
        py(TWICE.format(more=more), name="twice"),
        md("> **Heard online:** *doubling is hard.*"),
        md("### 01-1 · A slope"),
        py('def slope(f, x, h):\n    raise NotImplementedError\n\n\ncheck("01-1", slope)', name="exercise-1"),
        md("## 2 · Four times"),
        py("eight = twice(twice(2))\nprint(eight)", "cheatsheet", name="four"),
        py('check("01-3", four)', name="exercise-3"),
        md("## Recap\n\n- You can double."),
    )


def cell(notebook, name):
    """Its cell with this id."""
    return next(cell for cell in notebook.cells if cell.id == name)
