"""glossary.md and cheatsheet.md in notebooks/docs/, written from the notebooks (make badges).

A *term* is what stands in bold in a notebook's prose, in the sentence that says what it is: once on each way through
the course. A label is no term: it ends in a stop or a colon, or begins its paragraph and a colon follows it, as in
"**Try it:**" and "**Line 7**: …". The title cell and the texts of exercises are left out. An *idiom* is a code cell
tagged `cheatsheet`, under the heading that it stands below; idioms below one heading share it.
"""

import itertools
import re
from typing import NamedTuple

import nbformat

from course_utils import catalog

BOLD = re.compile(r"\*\*([^*]+)\*\*")
LABEL = re.compile(r"\*\*([^*]+[.:?!])\*\*|\A\*\*([^*]+)\*\*(?=:)")
BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*>|]|\d+\.) )")
SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[^a-z\s])")
BULLET = re.compile(r"\A(?:[-*>|]|\d+\.)\s+")
HEADING = re.compile(r"^#{2,} +(?:\d+ · )?(.*)", re.MULTILINE)
NOT_PROSE = re.compile(r"^ *```(?s:.*?)^ *```$|^#.*$", re.MULTILINE)
NEAR = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)]*\)")  # a link that leads elsewhere from another folder
EXERCISE = re.compile(r"### \w+-\d+ · ")
GLOSSARY = """\
# Glossary

Each term in the sentence that introduces it, and where. Written from the notebooks by `make badges`.
"""
CHEATSHEET = """\
# Cheat sheet

The lines to know by heart, and where they are explained. Written from the notebooks by `make badges`.
"""


class Entry(NamedTuple):
    """A term with its sentence, or an idiom's heading with its code; `row` is the catalog's."""

    name: str
    text: str
    row: tuple


def terms(row, notebook):
    """The `Entry`s of a notebook's terms, from top to bottom."""
    found = []
    for cell in notebook.cells[1:]:
        if cell.cell_type == "markdown" and not EXERCISE.match(cell.source):
            for block in BLOCK.split(NOT_PROSE.sub("", cell.source)):
                for sentence in SENTENCE.split(LABEL.sub(r"\1\2", BULLET.sub("", " ".join(block.split())))):
                    found += [Entry(name, BOLD.sub(r"\1", sentence), row) for name in BOLD.findall(sentence)]
    return found


def idioms(row, notebook):
    """The `Entry`s of a notebook's idioms, from top to bottom."""
    found, heading = [], row.title
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = (HEADING.findall(cell.source) or [heading])[-1]
        elif "cheatsheet" in cell.metadata.get("tags", []):
            found.append(Entry(heading, cell.source, row))
    return found


def ways():
    """The ways through the course, as tuples of rows: all lessons; and to each deeper notebook the lessons up to it."""
    rows = [row for row in (catalog.START, *catalog.LESSONS) if row.file]
    parts = [part for lesson in catalog.LESSONS for part in lesson.deeper]
    return [tuple(rows), *((*(row for row in rows if row.key <= part.key), part) for part in parts)]


def repeated(entries):
    """{term: keys of the notebooks} of those that are in bold more than once, upper and lower case being the same."""
    places = {}
    for entry in entries:
        places.setdefault(entry.name.lower(), []).append(entry.row.key)
    return {name: keys for name, keys in places.items() if len(keys) > 1}


def collected(root, of):
    """What `terms` or `idioms` finds in all notebooks."""
    rows = [row for row in catalog.rows() if row.file]
    notebooks = [(row, root / catalog.FOLDER / row.place) for row in rows]
    return [entry for row, path in notebooks for entry in of(row, nbformat.read(path, as_version=4))]


def pages(root):
    """{file name in notebooks/docs/: its text}; a page of which nothing is known yet is left out."""
    found = {}
    if entries := collected(root, terms):
        once = {}  # the lesson's sentence, where a deeper notebook has one as well
        for entry in sorted(entries, key=lambda entry: len(entry.row.key)):
            once.setdefault(entry.name.lower(), entry)
        texts = {name: NEAR.sub(r"\1", entry.text) for name, entry in once.items()}
        lines = [f"- **{one.name}** · {where(one)} · {texts[name]}" for name, one in sorted(once.items())]
        found["glossary.md"] = "\n".join([GLOSSARY, *lines, ""])
    if entries := collected(root, idioms):
        parts = [CHEATSHEET]
        for (name, place), group in itertools.groupby(entries, lambda entry: (entry.name, where(entry))):
            parts += [f"## {name}\n\n{place}\n", *(f"```python\n{entry.text}\n```\n" for entry in group)]
        found["cheatsheet.md"] = "\n".join(parts)
    return found


def where(entry):
    """A link from notebooks/docs/ to the notebook."""
    return f"[{entry.row.key}](../{entry.row.place})"
