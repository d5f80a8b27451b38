"""tools/colab.py, as the set-up cell runs it where the course has just been fetched. On Colab itself: tests/colab."""

import importlib.util
import pathlib
import runpy
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("lacking", [[], ["torchinfo"]])
def test_the_course_is_found_what_lacks_is_installed_and_no_name_is_left(monkeypatch, lacking):
    asked = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: asked.append(command))
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in lacking else there(name))
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(ROOT)])
    names = runpy.run_path(str(ROOT / "tools" / "colab.py"))
    assert sys.path.count(str(ROOT)) == 1 and sys.path[0] == str(ROOT)
    assert [name for name in names if not name.startswith("__")] == []
    assert len(asked) == len(lacking)
    for command in asked:
        *pip, requirement = command
        assert requirement.startswith("torchinfo>") and {"install", "--no-deps"} < set(pip)
