"""Makes what lessons store for pictures that need no training: course_utils/lessons/lesson_NN/stored/*.npz.

python -m tools.stored               of all lessons
python -m tools.stored lesson_04     of one

The file of a lesson beside this one, lesson_04.py, has a function `made()` that returns {file name: {name: array}}. It
trains anew with the lesson's own functions and seeds, on MNIST. Arrays alone are stored, so nothing needs pickle; where
the data come from is named in LICENSE.
"""

import importlib
import pathlib
import sys

import numpy as np

from course_utils import catalog

HERE = pathlib.Path(__file__).parent
LESSONS = sorted(path.stem for path in HERE.glob("lesson_*.py"))


def folder(lesson):
    """Where a lesson's arrays are stored."""
    return catalog.ROOT / "course_utils" / "lessons" / lesson / "stored"


def main(lessons):
    for lesson in lessons or LESSONS:
        folder(lesson).mkdir(exist_ok=True)
        for name, arrays in importlib.import_module(f"tools.stored.{lesson}").made().items():
            path = folder(lesson) / f"{name}.npz"
            np.savez_compressed(path, **arrays)
            print(f"{path.relative_to(catalog.ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
