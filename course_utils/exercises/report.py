"""My progress: a table of what is done, tried and open, and a page to hand in."""

import datetime
import html
import re
import sys

from course_utils.catalog import LESSONS
from course_utils.exercises import store
from course_utils.exercises.feedback import Note, paragraphs
from course_utils.tables import Table

DONE, TRIED, OPEN = "✓ done", "◐ tried", "○ open"
_ON_COLAB = (
    "On Colab each notebook has a record of its own, which ends with the runtime: `hand_in(…)` writes a page that you "
    "can download."
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; }}
table {{ border-collapse: collapse; margin-bottom: 2em; }}
th, td {{ border-bottom: 1px solid #888; padding: 2px 1em 2px 0; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{sentence}</p>
{sections}
</body>
</html>
"""


class Overview(Table):
    """A table with a sentence below."""

    def __init__(self, header, rows, *sentences):
        super().__init__(header, rows)
        self.sentences = [sentence for sentence in sentences if sentence]

    def __repr__(self):
        return "\n".join([super().__repr__(), "", *self.sentences])

    def _repr_html_(self):
        return super()._repr_html_() + paragraphs(self.sentences)


def of_all(groups):
    """One row for each group of exercises.

    Args:
        groups: {name of the group: {name: `Exercise`}}.
    """
    entries, wrong = store.read()
    rows = []
    for group, exercises in groups.items():
        states = [_state(entries.get(name)) for name in exercises]
        minutes = sum(exercise.minutes for exercise in exercises.values())
        counts = [str(states.count(state)) if state in states else "" for state in (DONE, TRIED, OPEN)]
        rows.append([*_titled(group), str(minutes), *counts])
    sentence = f'{_sum_up(entries, groups)} `my_progress("{next(iter(groups))}")` shows each exercise.'
    return Overview(["Lesson", "Title", "Minutes", DONE, TRIED, OPEN], rows, sentence, wrong, _colab())


def of_each(groups):
    """One row for each exercise; `groups` as in `of_all`."""
    entries, wrong = store.read()
    rows = [row for exercises in groups.values() for row in _rows(exercises, entries)]
    sentence = _sum_up(entries, groups)
    return Overview(["Exercise", "Answer", "Minutes", "So far", "Tries"], rows, sentence, wrong, _colab())


def hand_in(name, groups):
    """Write the page for `name` beside the record; a `Note` says where it is, or why it could not be written."""
    entries, wrong = store.read()
    now = datetime.datetime.now().isoformat(sep=" ", timespec="minutes")
    sections = []
    for group, exercises in groups.items():
        rows = [[*row, _when(entries.get(row[0]))] for row in _rows(exercises, entries)]
        table = Table(["Exercise", "Answer", "Minutes", "Outcome", "Tries", "Last try"], rows)
        sections.append(f"<h2>{html.escape(' · '.join(filter(None, _titled(group))))}</h2>\n{table._repr_html_()}")
    page = _PAGE.format(
        title=html.escape(f"Gradient Steps: the exercises of {name}"),
        sentence=html.escape(f"Written on {now}. {_sum_up(entries, groups)} {wrong or ''}".rstrip()),
        sections="\n".join(sections),
    )
    file_name = re.sub(r"[^\w-]+", "-", name).strip("-") or "page"
    try:
        path = store.place().with_name(f"hand-in-{file_name}.html")
        store.write(path, page)
    except (OSError, ValueError, RuntimeError) as error:
        return Note("○ No page was written", f"{store.why(error)}.")
    where = f"`{path.name}` lies in {path.parent}. Nothing was sent: that is up to you."
    fetch = "Download it from the Files panel on the left before the runtime ends." if _on_colab() else ""
    return Note(f"✓ {_sum_up(entries, groups)}", where, fetch)


def _rows(exercises, entries):
    for name, exercise in exercises.items():
        entry = entries.get(name)
        tries = str(entry.tries) if entry else ""
        yield [name, exercise.answer, str(exercise.minutes), _state(entry), tries]


def _state(entry):
    return OPEN if entry is None else DONE if entry.done else TRIED


def _when(entry):
    return entry.last.replace("T", " ") if entry else ""


def _sum_up(entries, groups):
    names = [name for exercises in groups.values() for name in exercises]
    states = [_state(entries.get(name)) for name in names]
    return f"{states.count(DONE)} of {len(names)} exercises done, {states.count(TRIED)} tried."


def _titled(group):
    """[number, title] of a group of exercises."""
    for lesson in LESSONS:
        if group == f"{lesson.number:02d}":
            return [group, lesson.title]
    return [group, "Bug clinic, in lesson 06"]


def _on_colab():
    return "google.colab" in sys.modules


def _colab():
    return _ON_COLAB if _on_colab() else None
