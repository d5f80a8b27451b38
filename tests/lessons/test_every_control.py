"""Every control of every panel in every notebook, turned to its least, its greatest and each option."""

import pytest

from course_utils import catalog, panels
from course_utils.panels.controls import controls
from tests.lessons.controls import cut_off
from tests.lessons.shared import run


def alike(panel):
    """What panels have in common that draw the same of the same choices, be it with other functions of the learner's.

    The opening shows a knob with the course's own functions, which stands further down with those of the notebook.
    """
    if not isinstance(panel, panels.Explorer):
        return panel
    return panel._draw.__code__, repr({name: controls.choices(one) for name, one in panel.controls.items()})


@pytest.mark.control
@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_no_control_raises_and_no_text_is_cut_off(path, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    lesson = run(path, 0)
    assert bool(panels.live) == lesson.has_panels
    last = {alike(panel): panel for panel in panels.live}
    for panel in list(panels.live):
        found = []
        if isinstance(panel, panels.Explorer):
            look = lambda change=None, panel=panel, found=found: found.extend(cut_off(panel.figure))  # noqa: E731
            look()
            for control in panel.controls.values():
                control.observe(look, "value")
        if panel is last[alike(panel)]:
            panels.turn_every_control(panel)
        if isinstance(panel, panels.TrainingPanel):
            panel.step()
            panel.wait()
        assert panel.errors == [], panel.errors
        assert found == []
