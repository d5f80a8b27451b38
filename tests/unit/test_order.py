"""Cells in the wrong order: whatever fails by it names the cell to run."""

import nbformat
import pytest

from course_utils import catalog, order
from tests.kernels import Kernel

CELLS = {
    cell.id: cell.source
    for cell in nbformat.read(catalog.notebook("01_autograd.ipynb"), as_version=4).cells
    if cell.cell_type == "code"
}
ELSEWHERE = "If a cell above makes it, run the cells above first"


def test_the_names_that_a_cell_makes_and_takes():
    source = "import a.b as c\nfor i in d: pass\ndef f(x):\n    return x + g\nclass K(B): y = 1\nh = f(i)\nh += z"
    makes, takes = order._names(source)
    assert makes == {"c", "i", "f", "K", "h"}
    assert takes >= {"d", "g", "B", "z"} and not takes & (makes | {"x", "y"})
    assert order._names("![ -d here ]") == (frozenset(), frozenset())


def test_only_an_unknown_name_is_explained():
    assert order.explained("name 'nobody' is not defined").startswith(f"name 'nobody' is not defined. {ELSEWHERE}")
    unbound = "cannot access local variable 'a' where it is not associated with a value"
    for message in (unbound, "local variable 'a' referenced before assignment", "", "division by zero"):
        assert order.explained(message) == message
    assert order.leftovers() == ""


@pytest.fixture(scope="module")
def kernel():
    with Kernel(COURSE_OFFLINE="1", COURSE_HEADLESS="0") as running:
        running.run(CELLS["opening"], "opening")  # imports the course, and is all that has been run
        yield running


@pytest.mark.process
def test_from_the_first_import_on_a_name_error_ends_with_advice(kernel):
    assert kernel.attempt("y.backward()").error.startswith(f"NameError: name 'y' is not defined. {ELSEWHERE}")
    unbound = kernel.attempt("def f():\n    print(a)\n    a = 1\nf()").error
    assert unbound.startswith("UnboundLocalError") and "cell" not in unbound


@pytest.mark.process
def test_in_a_lesson_it_names_the_cell(kernel):
    kernel.run(CELLS["setup"], "setup")
    assert kernel.attempt(CELLS["bowl-knob"], "bowl-knob").error == (
        "NameError: name 'descend' is not defined. The cell that begins with "
        "`def bowl(w): return 0.5 * ((w[0] - 2) ** 2 + 4 * (w[1] + …`, under “3 · Forget to clear it”, makes it: "
        "run that first."
    )
    used = "def gradient_at(f, x):\n    return descend(x)\n\n\ncheck('01-5', gradient_at)"
    assert "`def bowl(w):" in kernel.attempt(used, "exercise-5").shown[0]
    used = "from course_utils.panels import Explorer\nknob = Explorer(lambda axes, k: descend(k), k=[1, 2])"
    kernel.run(used)
    assert "`def bowl(w):" in kernel.run("print(knob.error)")


@pytest.mark.process
def test_what_met_the_leftovers_of_another_cell_names_both(kernel):
    for cell in ("leaf", "none-guess"):
        kernel.run(CELLS[cell], cell)
    met = kernel.attempt(CELLS["adds"], "adds")
    assert met.error == "ValueError: Run the cell that asks 'twice' first: this guess answers 'nothing yet'."
    assert met.printed.splitlines()[-1].startswith(
        '`guess` was made last by the cell that begins with `guess = ask( "nothing yet"'
    )
    assert 'The cell that begins with `guess = ask( "twice",' in met.printed
    kernel.run("program = 3")
    met = kernel.attempt(CELLS["grow"], "grow")
    assert met.error.startswith("AttributeError") and "`program` was made last by a cell of your own." in met.printed
    kernel.run(CELLS["grow-program"], "grow-program")
    assert "made last" not in kernel.attempt(CELLS["grow"] + ".nothing", "grow").printed


@pytest.mark.process
def test_in_order_nothing_is_said_of_an_error(kernel):
    kernel.run(CELLS["adds-guess"], "adds-guess")
    for cell in ("leaf", "backward"):
        kernel.run(CELLS[cell], cell)
    failed = kernel.attempt(CELLS["nudge"] + "\n1 / 0", "nudge")
    assert failed.error == "ZeroDivisionError: division by zero" and "made last" not in failed.printed
