"""lessons/*/built.py: what the lesson's notebooks write and others of them need, line for line."""

import ast

import nbformat
import pytest

from course_utils import catalog

CELLS = (
    "import torch\n\n\ndef step(w, lr):\n    return w - lr * w.grad",
    "class Value:\n    def __init__(self, data):\n        self.data = data  # a number\n\n\nv = Value(3.0)",
    "@torch.no_grad()\ndef step(w, lr):\n    w -= lr * w.grad",
    "%timeit step(w, 0.1)",
)
BUILT = f'"""What lesson 01 builds."""\n\nimport torch\n\n\n{CELLS[2]}\n\n\n{CELLS[1].removesuffix("v = Value(3.0)")}'


def definitions(source):
    """{name: its lines} of the functions and classes at the top of a program."""
    lines, found = source.splitlines(), {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found[node.name] = lines[first - 1 : node.end_lineno]
    return found


def differences(built, cells):
    """What in the text of a built.py is otherwise than in the cells of its notebook, as sentences."""
    written = {}  # the last definition is what a name stands for in the end
    for source in cells:
        python = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
        written.update(definitions(python))
    nodes = ast.parse(built).body[1:]  # its docstring
    found = [
        f"Line {node.lineno} is no import, function or class."
        for node in nodes
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
    ]
    for name, lines in definitions(built).items():
        if name not in written:
            found.append(f"The notebook writes no {name}.")
        elif lines != written[name]:
            found.append(f"{name} is written otherwise in the notebook.")
    return found


def test_what_is_built_is_what_the_notebooks_write():
    for path in sorted(catalog.ROOT.glob("course_utils/lessons/*/built.py")):
        lesson = catalog.find(path.parent.name.removeprefix("lesson_"))
        read = [nbformat.read(catalog.notebook(row.file), as_version=4) for row in (*lesson.deeper, lesson)]
        code = [cell for notebook in read for cell in notebook.cells if cell.cell_type == "code"]
        cells = [cell.source for cell in code if cell.id != "colab"]
        assert differences(path.read_text(encoding="utf-8"), cells) == [], path


def test_equal_lines_are_equal():
    assert differences(BUILT, CELLS) == []


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        ("  # a number", "", "Value is written otherwise in the notebook."),
        ("@torch.no_grad()\n", "", "step is written otherwise in the notebook."),
        ("w -= lr * w.grad", "return w - lr * w.grad", "step is written otherwise in the notebook."),
        ("class Value", "class Number", "The notebook writes no Number."),
        ("import torch\n", "import torch\n\ntorch.manual_seed(0)\n", "Line 5 is no import, function or class."),
        (
            "import torch\n",
            "import torch\n\nmodel = Net()\n",
            "Line 5 is no import, function or class.",
        ),
    ],
)
def test_what_differs_is_named(old, new, sentence):
    assert old in BUILT
    assert differences(BUILT.replace(old, new, 1), CELLS) == [sentence]
