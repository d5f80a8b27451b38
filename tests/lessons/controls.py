"""Runs a notebook as it stands, and then turns every control of every panel in it; what a picture cuts off."""

import nbformat
from matplotlib.text import Text
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


def cut_off(figure):
    """The texts of a figure that reach beyond its edge by more than a pixel."""
    figure.draw_without_rendering()
    hidden = set()  # matplotlib keeps what it does not draw: ticks outside of the limits, and axes switched off
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        least, greatest = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not (axis.axes.axison and least <= tick.get_loc() <= greatest):
                hidden |= {tick.label1, tick.label2}
    texts = {text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()} - hidden
    inside = figure.bbox.padded(1)
    boxes = {text.get_text(): Text.get_window_extent(text) for text in texts}
    return [said for said, box in boxes.items() if not (inside.contains(*box.min) and inside.contains(*box.max))]
