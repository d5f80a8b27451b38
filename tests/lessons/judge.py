"""Holds the checks against answers that their authors never saw: who is right, who is refused, and what is said.

python -m tests.lessons.judge FOLDER                a table by lesson, and what is misjudged
python -m tests.lessons.judge FOLDER --csv FILE     and FILE gets a row for each answer, the outcome beside its words
python -m tests.lessons.judge FOLDER --names 03-5   some exercises only

FOLDER has a file for each exercise, 03-5.txt. Its blocks begin with `# %% wrong: which mistake it makes` or
`# %% right: what is unusual about it`; each is what a learner's cell would hold, without the line that checks it. It
runs among the names that the notebook defines above the exercise. Those in tests/lessons/unseen were written from the
exercises' texts alone, and were committed before they were first judged.

Whether an outcome states the writer's mistake, a person has to judge: by "named", "vague" or "misleading" in FILE's
column `judged`, for each wrong answer that is refused. The same command then counts them; where an outcome has become
another one, its row is empty again.
"""

import argparse
import ast
import collections
import contextlib
import csv
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
JUDGED = ("named", "vague", "misleading")
FIELDS = ("exercise", "number", "kind", "words", "answer", "status", "diagnosis", "outcome", "judged", "reason")


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


def rows(folder, names):
    """A dict of `FIELDS` for each answer in a folder, to all exercises or to some."""
    for path in sorted(folder.glob("*.txt")):
        for number, (right, words, source) in enumerate(blocks(path), 1):
            if names and path.stem not in names:
                continue
            found = outcome(path.stem, source, f"/{path.stem}, answer {number}")
            status, diagnosis = getattr(found, "status", "raised before the check"), getattr(found, "diagnosis", None)
            kind, text = "right" if right else "wrong", str(found)
            row = path.stem, str(number), kind, words, source.strip(), status, diagnosis or "", text, "", ""
            yield dict(zip(FIELDS, row, strict=True))


def judgements(path):
    """{what identifies a row: (judged, reason)} of a file that was filled in."""
    if not path or not path.exists():
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        return {_key(row): (row["judged"], row["reason"]) for row in csv.DictReader(file)}


def _key(row):
    return row["exercise"], row["answer"], row["outcome"]


def table(rows):
    """Markdown: how many of each kind, by lesson; shares are of the wrong answers that are refused and judged."""
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row["exercise"].partition("-")[0]].append(row)
        groups["all"].append(row)
    lines = ["| | " + " | ".join([*COLUMNS, *JUDGED]) + " |", "|---" * (1 + len(COLUMNS) + len(JUDGED)) + "|"]
    for group in sorted(groups, key=lambda group: (group == "all", group)):
        counts = collections.Counter()
        for row in groups[group]:
            accepted = row["status"] == RIGHT
            counts[f"{row['kind']} {'accepted' if accepted else 'refused'}"] += 1
            counts["a known mistake"] += row["kind"] == "wrong" and row["diagnosis"] != ""
            counts[row["judged"]] += row["kind"] == "wrong" and not accepted
        judged = sum(counts[word] for word in JUDGED)
        shares = [f"{counts[word]} ({100 * counts[word] / judged:.0f} %)" if judged else "" for word in JUDGED]
        lines.append("| " + " | ".join([group, *(str(counts[column]) for column in COLUMNS), *shares]) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Checks answers that their authors never saw.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--csv", type=pathlib.Path, help="file of outcomes, to judge")
    parser.add_argument("--names", nargs="*", help="exercises, of which alone the answers are looked at")
    options = parser.parse_args()
    known, found = judgements(options.csv), []
    for row in rows(options.folder, options.names):
        row["judged"], row["reason"] = known.get(_key(row), ("", ""))
        found.append(row)
        if (row["kind"] == "right") != (row["status"] == RIGHT):
            print(f"MISJUDGED {row['exercise']} {row['number']}: {row['words']}\n{row['outcome']}", flush=True)
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, FIELDS)
            writer.writeheader()
            writer.writerows(found)
    print("\n" + table(found))


if __name__ == "__main__":
    main()
