"""tools/stored: what lessons store is small, needs no pickle, is named in LICENSE, and has a program that makes it."""

import importlib

import numpy as np
import pytest

from course_utils import catalog
from tools.stored import __main__ as tool

MOST = 600_000  # bytes, of all together
STORED = sorted((catalog.ROOT / "course_utils" / "lessons").glob("*/stored/*"))


def test_all_together_is_small():
    assert STORED and {path.suffix for path in STORED} == {".npz"}
    assert sum(path.stat().st_size for path in STORED) <= MOST


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.name)
def test_it_is_read_without_pickle_and_its_source_is_named(path):
    with np.load(path, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays)
    assert "/".join(path.parts[-3:]) in (catalog.ROOT / "LICENSE").read_text(encoding="utf-8")


def test_each_lesson_that_stores_something_has_a_program_for_it():
    assert {path.parts[-3] for path in STORED} == set(tool.LESSONS)
    assert all(callable(importlib.import_module(f"tools.stored.{lesson}").made) for lesson in tool.LESSONS)


def test_what_is_made_is_stored(tmp_path, monkeypatch, capsys):
    made = importlib.import_module("tools.stored.lesson_04")
    monkeypatch.setattr(made, "made", lambda: {"small": {"one": np.arange(3)}})
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    (tmp_path / "course_utils" / "lessons" / "lesson_04").mkdir(parents=True)
    tool.main(["lesson_04"])
    with np.load(tool.folder("lesson_04") / "small.npz") as arrays:
        assert arrays["one"].tolist() == [0, 1, 2]
    assert capsys.readouterr().out.startswith("course_utils/lessons/lesson_04/stored/small.npz: ")
