"""Which panels are replaced when a cell is run again, in a real kernel."""

import pytest

from tests.kernels import Kernel

PREPARE = """
from course_utils import panels
def draw(axes, x): return "Nothing."
def panel(): return panels.Explorer(draw, x=[1, 2])
"""


@pytest.fixture(scope="module")
def kernel():
    with Kernel() as running:
        running.run(PREPARE)
        yield running


@pytest.mark.process
def test_a_cell_run_again_replaces_its_panels_and_no_others(kernel):
    kernel.run("other = panel()", "cell-1")
    kernel.run("a = panel(); b = panel(); old = a, b", "cell-2")
    kernel.run("a = panel(); print('edited')", "cell-2")
    assert kernel.run("print([p.closed for p in (other, *old, a)], len(panels.live))") == "[False, True, True, False] 2"


@pytest.mark.process
def test_a_front_end_that_sends_no_cell_id_is_told_by_the_cells_text(kernel):
    kernel.run("for p in list(panels.live): p.close()")
    kernel.run("c = panel()")
    kernel.run("d = panel(); old = d")
    kernel.run("d = panel(); old = d", None)
    assert kernel.run("print(c.closed, d.closed, len(panels.live))") == "False False 2"


@pytest.mark.process
def test_a_cell_that_makes_no_panel_any_more_still_closes_the_old_one(kernel):
    kernel.run("for p in list(panels.live): p.close()\ne = panel()", "cell-3")
    kernel.run("pass", "cell-3")
    assert kernel.run("print(e.closed, panels.live)") == "True []"


@pytest.mark.process
def test_a_closed_panel_is_held_by_nothing_of_ipythons(kernel):
    kernel.run("import gc, weakref\nfor p in list(panels.live): p.close()\ndel p")
    kernel.run("f = panel(); freed = weakref.ref(f); f", "cell-4")
    kernel.run("f", "cell-5")
    assert kernel.run("print(f is _, f is Out[max(Out)])") == "True True"
    kernel.run("f = None", "cell-4")
    kernel.run("gc.collect();")
    assert kernel.run("print(freed(), [value for value in Out.values() if hasattr(value, 'closed')])") == "None []"
