"""The exercises as data: all of them, as their schema says; and the schema notices what is missing."""

import copy
import json

import jsonschema
import pytest

from course_utils import exercises
from tools import exercises_json


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    target = tmp_path_factory.mktemp("exported") / "folder" / "exercises.json"
    exercises_json.write(target)
    return json.loads(target.read_text(encoding="utf-8"))


def test_all_exercises_are_there_as_the_schema_says(exported):
    jsonschema.Draft202012Validator.check_schema(exercises_json.SCHEMA)
    jsonschema.validate(exported, exercises_json.SCHEMA)
    names = [name for group in exercises.groups() for name in exercises.modules(group)]
    assert sorted(one["name"] for one in exported["exercises"]) == sorted(names)


def test_one_has_what_its_file_has(exported):
    found = next(one for one in exported["exercises"] if one["name"] == "clinic-4")
    exercise = exercises.find("clinic-4")
    assert found["hints"] == list(exercise.hints) and found["minutes"] == exercise.minutes
    assert found["stub"].startswith(exercise.stub.source) and 'check("clinic-4", ' in found["stub"]
    assert found["symptom"] == exercise.stub.sentence
    assert (exercises_json.ROOT / "notebooks" / found["notebook"]).is_file()
    for known, mistake in zip(found["mistakes"], exercise.mistakes.values(), strict=True):
        assert (known["sentence"], known["program"]) == (mistake.sentence, mistake.source)
        compile(known["program"], "program", "exec")


def test_help_writes_no_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["exercises_json", "--help"])
    with pytest.raises(SystemExit):
        exercises_json.main()
    assert "build/exercises.json" in capsys.readouterr().out and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", exercises_json.SCHEMA["$defs"]["exercise"]["required"])
def test_an_exercise_that_lacks_something_is_refused(exported, key):
    lacking = copy.deepcopy(exported)
    del lacking["exercises"][3][key]
    with pytest.raises(jsonschema.ValidationError, match=f"'{key}' is a required property"):
        jsonschema.validate(lacking, exercises_json.SCHEMA)


@pytest.mark.parametrize("change", [{"minutes": 0}, {"kind": "guess"}, {"hints": []}, {"more": 1}, {"text": ""}])
def test_other_values_are_refused(exported, change):
    changed = copy.deepcopy(exported)
    changed["exercises"][0].update(change)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed, exercises_json.SCHEMA)
