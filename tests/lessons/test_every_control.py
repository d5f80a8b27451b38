"""Every control of every panel in every notebook, turned to its least, its greatest and each option."""

import pytest

from course_utils import catalog, panels
from tests.lessons.conftest import run


@pytest.mark.control
@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_no_control_raises(path, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    lesson = run(path, 0)
    assert bool(panels.live) == lesson.has_panels
    for panel in list(panels.live):
        panels.turn_every_control(panel)
        if isinstance(panel, panels.TrainingPanel):
            panel.step()
            panel.wait()
        assert panel.errors == [], panel.errors
