"""Runs a notebook as it stands, and then turns every control of every panel in it."""

import nbformat
from nbclient import NotebookClient

from tools.lessons import form

TURN = """
from course_utils import panels as _panels
for _panel in list(_panels.live):
    _panels.turn_every_control(_panel)
    if isinstance(_panel, _panels.TrainingPanel):
        _panel.step()
        _panel.wait()
    assert _panel.errors == [], _panel.errors
print(len(_panels.live), "panels of", _panels.__file__)
"""


def run_and_turn(path, folder, environment):
    """Run the notebook at `path` in the working directory `folder`, and turn its controls; the first error is raised.

    Args:
        environment: the kernel's environment variables; errors in panels are raised in any case.

    Returns:
        The file of `course_utils.panels` that the notebook had.
    """
    notebook = nbformat.read(path, as_version=4)
    expected = form.has_panels(notebook)
    notebook.cells.append(nbformat.v4.new_code_cell(TURN))
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources)
    client.execute(env={**environment, "COURSE_STRICT": "1", "COURSE_THREADS": "1"})
    count, _, _, file = "".join(output.get("text", "") for output in notebook.cells[-1].outputs).split(maxsplit=3)
    assert int(count) >= expected
    return file.strip()
