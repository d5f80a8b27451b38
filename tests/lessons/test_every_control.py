"""Every control of every panel in every notebook, turned to its least, its greatest and each option."""

import pytest

from course_utils import catalog, panels
from tests.lessons.conftest import run
from tests.lessons.controls import cut_off


@pytest.mark.control
@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_no_control_raises_and_no_text_is_cut_off(path, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    lesson = run(path, 0)
    assert bool(panels.live) == lesson.has_panels
    for panel in list(panels.live):
        found = []
        if isinstance(panel, panels.Explorer):
            look = lambda change=None, panel=panel, found=found: found.extend(cut_off(panel.figure))  # noqa: E731
            look()
            for control in panel.controls.values():
                control.observe(look, "value")
        panels.turn_every_control(panel)
        if isinstance(panel, panels.TrainingPanel):
            panel.step()
            panel.wait()
        assert panel.errors == [], panel.errors
        assert found == []
