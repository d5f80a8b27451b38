"""Within a notebook a name stands for one kind of thing: data, a function or module, a guess, or an exercise's answer.

Whoever edits a cell and runs it again must not break another one: an answer named `train` would take the place of the
data of that name.
"""

import re
import symtable

import nbformat
import pytest

from course_utils import catalog
from tests.unit.tools.lessons import made
from tools.lessons import form

FREE = {"X", "y", "logits", "model", "loss", "optimizer", "ax"}  # new in every other cell, as everywhere
GUESS = re.compile(r"^(\w+) = ask\(", re.MULTILINE)
ANSWER = re.compile(r"^check\(", re.MULTILINE)


def kinds(source):
    """{name: its kind} of what a cell binds outside of functions."""
    symbols = symtable.symtable(form.NOT_PYTHON.sub(r"\1pass", source), "cell", "exec").get_symbols()
    found = {one.get_name(): "data" for one in symbols if one.is_assigned()}
    found |= {one.get_name(): "code" for one in symbols if one.is_imported() or one.is_namespace()}
    found |= dict.fromkeys(GUESS.findall(source), "guess")
    return dict.fromkeys(found, "answer") if ANSWER.search(source) else found


def ambiguous(notebook):
    """{name: its kinds} of the names that have more than one."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.id != form.COLAB:
            for name, kind in kinds(cell.source).items():
                found.setdefault(name, set()).add(kind)
    return {name: several for name, several in found.items() if len(several) > 1 and name not in FREE}


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_a_name_stands_for_one_kind_of_thing(path):
    assert ambiguous(nbformat.read(path, as_version=4)) == {}


@pytest.mark.parametrize(
    "one, other, name",
    [
        ("train = 1", 'def train():\n    ...\n\n\ncheck("01-1", train)', "train"),
        ("import torch as t", "for t in range(3):\n    print(t)", "t"),
        ("def f():\n    ...", "if True:\n    with open('a') as f:\n        print(f)", "f"),
        ('guess = ask("a", "?", ["1", "2"])', "(guess, b), c = (1, 2), 3", "guess"),
        ('keep = ...\ncheck("01-6", keep)', "class keep:\n    ...", "keep"),
    ],
)
def test_a_name_of_two_kinds_is_found(one, other, name):
    assert list(ambiguous(made.notebook(made.py(one), made.py(other)))) == [name]


def test_what_is_bound_anew_in_every_cell_and_what_is_a_functions_own_is_free():
    cells = [
        "X = 1\nloss = [t for t in range(3)]",
        "class X:\n    t = 1",
        "def loss(t):\n    f = t\n    return f",
        "f = 1",
    ]
    assert ambiguous(made.notebook(*map(made.py, [*cells, "import t"]))) == {}
