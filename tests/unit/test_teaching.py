"""notebooks/docs/teaching.md: its slots have 45 minutes, and what it names is in the lessons."""

import re

import nbformat
import pytest

from course_utils import catalog
from tools.exercises import checked

PAGE = (catalog.ROOT / catalog.FOLDER / "docs" / "teaching.md").read_text(encoding="utf-8")
PLANS = dict(re.findall(r"^## (\d\d) · .*\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE))
LESSONS = {lesson.key: lesson for lesson in catalog.LESSONS if lesson.file}


def test_every_lesson_has_its_plan():
    assert sorted(PLANS) == sorted(LESSONS)


@pytest.mark.parametrize("key", PLANS)
def test_a_slot_has_45_minutes(key):
    assert sum(map(int, re.findall(r"^\| (\d+) \|", PLANS[key], re.MULTILINE))) == 45


@pytest.mark.parametrize("key", PLANS)
def test_what_a_plan_names_is_in_its_lesson(key):
    notebook = nbformat.read(catalog.notebook(LESSONS[key].file), as_version=4)
    headings = re.findall(r"^## (?:\d+ · )?(.*)$", "\n".join(cell.source for cell in notebook.cells), re.MULTILINE)
    plan, stop = re.search(r"^\|(?:.*\n)+?\n\*\*Where to stop:.*", PLANS[key], re.MULTILINE)[0].rsplit("\n", 1)
    assert set(re.findall('"([^"]+)"', plan + stop)) <= set(headings)
    named = set(re.findall(r"\b(?:\d\d|clinic)-\d+", plan))
    assert len(named) >= 2
    assert named <= {exercise.name for _, exercise in checked(notebook)}
    deeper = re.findall(r"\.\./deeper/(\S+?\.ipynb)", PLANS[key])
    assert set(deeper) <= {part.file for part in LESSONS[key].deeper}
