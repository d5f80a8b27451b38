"""Writes all exercises as data, for teachers and for programs that tutor: what exercises_schema.json describes.

python -m tools.exercises_json           into build/exercises.json (make exercises-json)
python -m tools.exercises_json FILE      into FILE
"""

import argparse
import json
import pathlib

import jsonschema
import nbformat

from course_utils import catalog
from tools.exercises import checked

ROOT = pathlib.Path(__file__).resolve().parents[1]
SCHEMA = json.loads(pathlib.Path(__file__).with_name("exercises_schema.json").read_text(encoding="utf-8"))


def export(root):
    """The exercises of the project in the folder `root` in the order of its notebooks, as the schema has it."""
    found = []
    for path in catalog.notebooks(root):
        notebook = nbformat.read(path, as_version=4)
        found += [data(exercise, catalog.place_of(path)) for _, exercise in checked(notebook)]
    return {"format": 1, "exercises": found}


def data(exercise, place):
    """One exercise; `place` is its notebook's, below notebooks/."""
    known = exercise.mistakes.values()
    return {
        "name": exercise.name,
        "notebook": place,
        "title": exercise.title,
        "kind": exercise.kind,
        "minutes": exercise.minutes,
        "answer": exercise.answer,
        "text": exercise.text,
        "stub": exercise.cell,
        "symptom": exercise.stub.sentence,
        "hints": list(exercise.hints),
        "solution": exercise.right.source,
        "remember": exercise.remember,
        "mistakes": [{"name": one.name, "sentence": one.sentence, "program": one.source} for one in known],
    }


def write(target, root=ROOT):
    """Write the file `target`.

    Raises:
        jsonschema.ValidationError: the exercises don't fit the schema; nothing is written then.
    """
    found = export(root)
    jsonschema.validate(found, SCHEMA)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(found['exercises'])} exercises in {target}")


def main():
    parser = argparse.ArgumentParser(description="Writes all exercises as data, as exercises_schema.json describes.")
    default = ROOT / "build" / "exercises.json"
    parser.add_argument("file", nargs="?", type=pathlib.Path, default=default, help="default: build/exercises.json")
    write(parser.parse_args().file)


if __name__ == "__main__":
    main()
