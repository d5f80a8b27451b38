"""A knob follows the learner's function: who edits its cell and runs it sees the picture change."""

import sys

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils.panels import Explorer
from course_utils.panels.base import follow

MAIN = sys.modules["__main__"]
KNOBS = """
from course_utils.panels import Explorer


def bowl(descend):
    def draw(axes, descend, k):
        axes.plot([0, descend(k)])
        return f"Down to {descend(k)}."

    return Explorer(draw, of=[descend], k=[1, 2])
"""


def define(monkeypatch, source):
    """Run `source` as a cell of the notebook does; returns the function that it defines."""
    names = {"__name__": "__main__"}
    exec(source, names)
    (function,) = (value for name, value in names.items() if name not in ("__name__", "__builtins__"))
    monkeypatch.setattr(MAIN, function.__name__, function, raising=False)
    return function


def draw(axes, descend, k):
    axes.plot([0, descend(k)])
    return f"Down to {descend(k)}."


def test_a_function_is_looked_up_by_its_name(monkeypatch):
    first = define(monkeypatch, "def descend(k): return -k")
    assert follow.current(first) is first
    second = define(monkeypatch, "def descend(k): return -2 * k")
    assert follow.current(first) is second
    monkeypatch.setattr(MAIN, "descend", 3)  # the name stands for something else now
    assert follow.current(first) is first
    monkeypatch.delattr(MAIN, "descend")
    assert follow.current(first) is first


def test_what_has_no_name_in_the_notebook_stays_as_it_was_given(monkeypatch):
    define(monkeypatch, "def inner(k): return 3")

    def inner(k):
        return 4

    assert follow.current(inner) is inner
    nameless = lambda k: k  # noqa: E731
    assert follow.current(nameless) is nameless
    assert follow.current(len) is len


def test_the_next_turn_of_a_control_draws_the_function_as_it_is(monkeypatch):
    panel = Explorer(draw, of=[define(monkeypatch, "def descend(k): return -k")], k=[1, 2])
    assert panel.sentence == "Down to -1."
    define(monkeypatch, "def descend(k): return -5 * k")
    panel.controls["k"].value = 2
    assert panel.sentence == "Down to -10."


def test_an_error_in_the_edited_function_is_shown_once_and_heals(monkeypatch):
    panel = Explorer(draw, of=[define(monkeypatch, "def descend(k): return -k")], k=[1, 2])
    define(monkeypatch, "def descend(k): return k / 0")
    panel.follow()
    panel.follow()  # another cell was run
    assert [type(error) for error in panel.errors] == [ZeroDivisionError] and "ZeroDivisionError" in panel.error
    define(monkeypatch, "def descend(k): return -3")
    panel.follow()
    assert (panel.error, panel.sentence) == ("", "Down to -3.")


@pytest.mark.process
def test_in_a_notebook_the_picture_follows_when_the_cell_is_run_again(tmp_path):
    (tmp_path / "knobs.py").write_text(KNOBS)
    sources = (
        "import knobs\n\n\ndef descend(k):\n    return -k",
        "panel = knobs.bowl(descend)\npanel",
        "print(panel.sentence)",
        "def descend(k):\n    return -7 * k",
        "print(panel.sentence, panel.errors)",
        'print(get_ipython().object_inspect("knobs.bowl", detail_level=1)["source"])',  # what knobs.bowl?? shows
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    before, after, shown = (notebook.cells[number].outputs[0].text for number in (2, 4, 5))
    assert (before, after) == ("Down to -1.\n", "Down to -7. []\n")
    assert "axes.plot([0, descend(k)])" in shown
