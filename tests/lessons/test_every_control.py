"""Every control of every panel in every notebook, turned to its least, its greatest and each option."""

import os
import pathlib

import pytest

from tests.lessons import controls

NOTEBOOKS = sorted((pathlib.Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_control_raises(path):
    controls.run_and_turn(path, path.parent, os.environ)
