"""Which panels are replaced when a cell is run again, in a real kernel."""

import queue

import pytest
from jupyter_client.manager import start_new_kernel

PREPARE = """
from course_utils import panels
def draw(axes, x): return "Nothing."
def panel(): return panels.Explorer(draw, x=[1, 2])
"""


class Kernel:
    """A kernel and its client; `run` sends a cell as a front end does and returns the text it printed."""

    def __init__(self, client):
        self._client = client

    def run(self, code, cell_id=None):
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        message = self._client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
        self._client.shell_channel.send(message)
        printed = ""
        while True:
            try:
                answer = self._client.get_iopub_msg(timeout=60)
            except queue.Empty:
                pytest.fail(f"the kernel does not answer: {code}")
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if answer["msg_type"] == "stream":
                printed += answer["content"]["text"]
            if answer["msg_type"] == "error":
                pytest.fail("\n".join(answer["content"]["traceback"]))
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return printed.strip()


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel()
    try:
        running = Kernel(client)
        running.run(PREPARE)
        yield running
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


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
