"""Every control of every panel in every notebook, turned to its least, its greatest and each option."""

import os

import pytest

from course_utils import catalog
from tests.lessons import controls


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_no_control_raises(path):
    controls.run_and_turn(path, path.parent, os.environ)
