"""Holds the checks against answers that their authors never saw: who is right, who is refused, and what is said.

python -m tests.lessons.judge FOLDER           a table by lesson
python -m tests.lessons.judge FOLDER --all     and each wrong answer, its writer's words beside the outcome's
python -m tests.lessons.judge FOLDER 03-5 ...  some exercises only

FOLDER has a file for each exercise, 03-5.txt. Its blocks begin with `# %% wrong: which mistake it makes` or
`# %% right: what is unusual about it`; each is what a learner's cell would hold, without the line that checks it. It
runs among the names that the notebook defines above the exercise. Those in tests/lessons/unseen were written from the
exercises' texts alone, and were committed before they were first judged. Whether a sentence states the
writer's mistake, a person has to judge.
"""

import argparse
import ast
import collections
import contextlib
import functools
import io
import linecache
import pathlib
import re

import nbformat
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import catalog, exercises
from course_utils.exercises import diagnose
from course_utils.exercises.feedback import RIGHT

BLOCK = re.compile(r"^# %% (right|wrong): *(.*)$", re.MULTILINE)
DEFINE = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
COLUMNS = ("right accepted", "right refused", "wrong refused", "wrong accepted", "a known mistake")


def blocks(path):
    """[(True if it is right, its writer's words, its source)] of the answers in a file."""
    parts = BLOCK.split(path.read_text(encoding="utf-8"))[1:]
    return [(kind == "right", words, source) for kind, words, source in zip(*[iter(parts)] * 3, strict=True)]


@functools.cache
def above():
    """{exercise: source of the imports, functions and classes that stand above it in its notebook}"""
    found = {}
    for path in catalog.notebooks():
        source = []
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            match = exercises.CHECK.search(cell.source)
            if match:
                found[match[1]] = "\n".join(source)
            with contextlib.suppress(SyntaxError):  # a magic
                source += [ast.unparse(one) for one in ast.parse(cell.source).body if isinstance(one, DEFINE)]
    return found


def answered(name, source, where):
    """What a cell with this source hands to the check."""
    names = {"__name__": "__main__", "torch": torch, "nn": nn, "F": F}
    exec(above()[name], names)
    linecache.cache[where] = len(source), None, source.splitlines(keepends=True), where
    exec(compile(source, where, "exec"), names)
    return names.get(exercises.find(name).answer, ...)


def outcome(name, source, where):
    """The `Outcome` for an answer, or the error that its cell raises before it is checked."""
    with contextlib.redirect_stdout(io.StringIO()), torch.random.fork_rng():
        try:
            return diagnose.diagnose(exercises.find(name), answered(name, source, where))
        except Exception as error:
            return error


def main():
    parser = argparse.ArgumentParser(description="Checks answers that their authors never saw.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true", help="list all wrong answers, not only what is misjudged")
    options = parser.parse_args()
    counts = collections.defaultdict(collections.Counter)
    for path in sorted(options.folder.glob("*.txt")):
        name = path.stem
        if options.names and name not in options.names:
            continue
        for number, (right, words, source) in enumerate(blocks(path), 1):
            found = outcome(name, source, f"/{name}, answer {number}")
            accepted = getattr(found, "status", None) == RIGHT
            column = f"{'right' if right else 'wrong'} {'accepted' if accepted else 'refused'}"
            known = getattr(found, "diagnosis", None) is not None
            counts[name.partition("-")[0]].update([column] + ["a known mistake"] * (known and not right))
            if right != accepted or (options.all and not right):
                mark = "" if right == accepted else "MISJUDGED "
                print(f"{mark}{name} {number}: {words}\n    " + str(found).replace("\n", "\n    "), flush=True)
    total = sum(counts.values(), collections.Counter())
    print("\n| | " + " | ".join(COLUMNS) + " |\n|" + "---|" * (len(COLUMNS) + 1))
    for group, row in [*sorted(counts.items()), ("all", total)]:
        print(f"| {group} | " + " | ".join(str(row[column]) for column in COLUMNS) + " |")


if __name__ == "__main__":
    main()
