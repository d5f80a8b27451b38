"""Exercises are found by their places, in the order of their numbers, and loaded one by one when they are asked for."""

import os
import shutil
import subprocess
import sys

import pytest

import course_utils
from course_utils import exercises, lessons

FILE = """
from course_utils.exercises.exercise import Exercise

exercise = Exercise("{0}", kind="write", title="{0}", minutes=1, text="", hints=(), remember="")
"""


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders of lessons, for a time the only ones: 01 with ten exercises, 02 with none, 03 and the clinic with two."""
    numbers = {"lesson_01": range(1, 11), "lesson_02": (), "lesson_03": (1, 2), "clinic": (2, 7)}
    for folder, wanted in numbers.items():
        (tmp_path / folder).mkdir()
        for name in ("__init__", "knobs", "probes", "index1_sum", "example"):
            (tmp_path / folder / f"{name}.py").write_text("", encoding="utf-8")
        for number in wanted:
            text = FILE.format(f"{folder}_{number}")
            (tmp_path / folder / f"ex{number}_{folder}_{number}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(lessons, "__path__", [str(tmp_path)])
    before = set(sys.modules)
    for name in list(sys.modules):
        if name.startswith("course_utils.lessons."):
            monkeypatch.delitem(sys.modules, name)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def loaded():
    return sorted(name for name in sys.modules if name.startswith("course_utils.lessons.") and ".ex" in name)


def test_files_are_found_by_their_places_in_the_order_of_their_numbers(folders):
    assert exercises.groups() == ["01", "03", "clinic"]
    assert list(exercises.modules("01")) == [f"01-{number}" for number in range(1, 11)]
    assert exercises.modules("clinic") == {
        "clinic-2": "course_utils.lessons.clinic.ex2_clinic_2",
        "clinic-7": "course_utils.lessons.clinic.ex7_clinic_7",
    }
    assert exercises.modules("02") == {}
    assert loaded() == []


def test_an_exercise_has_its_name_from_its_place(folders):
    exercise = exercises.find("clinic-7")
    assert (exercise.name, exercise.answer) == ("clinic-7", "clinic_7")
    assert loaded() == ["course_utils.lessons.clinic.ex7_clinic_7"]  # and no other
    assert [exercise.name for exercise in exercises.load("03").values()] == ["03-1", "03-2"]
    with pytest.raises(ValueError, match=r"^exercise is '01-11': .* Did you mean '01-1'\?$"):
        exercises.find("01-11")


def test_two_files_of_one_number_are_an_error_that_names_both(folders):
    shutil.copy(folders / "lesson_03" / "ex2_lesson_03_2.py", folders / "lesson_03" / "ex2_again.py")
    with pytest.raises(ValueError, match=r"^03-2 is .*\.lesson_03\.ex2_again and .*\.lesson_03\.ex2_lesson_03_2"):
        exercises.find("03-1")


CODE = """
import sys, course_utils
print([name for name in sys.modules if "exercises" in name])
from course_utils import exercises
print([name for name in sys.modules if ".lessons." in name])
print([name for group in exercises.groups() for name in exercises.load(group)])
print([name for name in sys.modules if "ipywidgets" in name])
"""


@pytest.mark.rest
@pytest.mark.process
def test_the_package_loads_no_exercises_and_the_exercises_no_widgets(tmp_path):
    """Also where it is installed, away from the notebooks and the tests."""
    shutil.copytree(os.path.dirname(course_utils.__file__), tmp_path / "course_utils")
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    names = [name for group in exercises.groups() for name in exercises.modules(group)]
    assert done.stdout.splitlines() == ["[]", "[]", str(names), "[]"], done.stderr
