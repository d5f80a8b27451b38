"""Every control of every panel in every notebook, turned to its least, its greatest and each option."""

import os
import pathlib

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((pathlib.Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
TURN = """
from course_utils import panels as _panels
for _panel in list(_panels.live):
    _panels.turn_every_control(_panel)
    if isinstance(_panel, _panels.TrainingPanel):
        _panel.step()
        _panel.wait()
    assert _panel.errors == [], _panel.errors
print(len(_panels.live), "panels")
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_control_raises(path):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(TURN))
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources)
    client.execute(env={**os.environ, "COURSE_STRICT": "1", "COURSE_THREADS": "1"})
    printed = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    expected = sum("Explorer(" in cell.source or "Panel(" in cell.source for cell in notebook.cells[:-1])
    assert int(printed.split()[0]) >= bool(expected)
