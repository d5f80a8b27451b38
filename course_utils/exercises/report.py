"""My progress: a table of what is done, tried and open, a page to hand in, and what takes it elsewhere."""

import datetime
import hashlib
import html
import json
import re
from typing import NamedTuple

from course_utils import catalog, exercises, own_files, runtime
from course_utils.exercises import store
from course_utils.exercises.feedback import Note, Program, paragraphs
from course_utils.tables import Table

DONE, TRIED, OPEN = "✓ done", "◐ tried", "○ open"
_ON_COLAB = (
    "On Colab each notebook has a record of its own, which ends with the runtime: `export_progress()` gives a file to "
    "download, which `import_progress()` takes another day."
)
_DOWNLOAD = "Download it from the Files panel on the left before the runtime ends."
HAND_IN = "Gradient Steps: the exercises of "  # begins the title of a page to hand in
DATA = "gradient-steps"  # the id of the script element that holds what a page to hand in says
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
{data}</body>
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


class Chapter(NamedTuple):
    """A lesson with its exercises.

    Attributes:
        key: its number in two digits, or a group of exercises that no lesson has.
        title: in words.
        parts: {key of a notebook: names of the exercises in it}, its own first.
    """

    key: str
    title: str
    parts: dict

    @property
    def core(self):
        """The names of the exercises in the lesson's own notebook."""
        return self.parts[self.key]

    @property
    def names(self):
        """Those of all its exercises, the lesson's own first."""
        return [name for names in self.parts.values() for name in names]


def chapters(names):
    """A `Chapter` for each lesson that has some of these exercises, in teaching order.

    An exercise belongs where a notebook checks it. One that none does, because a cell was deleted or the notebooks are
    not here, belongs to the lesson itself; where there is no such lesson, to a chapter of its group.
    """
    found = {}
    for lesson in catalog.LESSONS:
        found[lesson.key] = Chapter(lesson.key, lesson.title, {row.key: [] for row in (lesson, *lesson.deeper)})
    places = _places()
    for name in names:
        group = name.rpartition("-")[0]
        key = places.get(name, group)
        chapter = found.setdefault(key[:2] if key[0].isdigit() else key, Chapter(group, "Bug clinic", {group: []}))
        chapter.parts[key].append(name)
    return [chapter for chapter in found.values() if chapter.names]


def _places():
    """{name of an exercise: key of the notebook that checks it}; a lesson's exercises are looked for in no other."""
    found = {}
    for row in catalog.rows()[1:]:
        try:
            text = (catalog.ROOT / catalog.FOLDER / row.place).read_text(encoding="utf-8")
            sources = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        except (OSError, ValueError, KeyError, TypeError):  # not here, being written, or damaged by its learner
            continue
        for name in exercises.CHECK.findall("\n".join(sources)):
            if name[:2] == row.key[:2] or not name[0].isdigit():
                found.setdefault(name, row.key)
    return found


def of_all(chapters):
    """One row for each `Chapter`. It is done when its core is."""
    entries, wrong = store.read()
    rows, lessons = [], []
    for chapter in chapters:
        states = {_state(entries.get(name)) for name in chapter.core}
        lessons.append(states.pop() if len(states) == 1 else TRIED if states else "")
        minutes = sum(exercises.find(name).minutes for name in chapter.core)
        shares = {key: _share(names, entries) for key, names in chapter.parts.items() if names}
        rows.append([chapter.key, chapter.title, str(minutes), lessons[-1], shares.pop(chapter.key, "")])
        rows[-1].append(" · ".join(f"{key} {share}" for key, share in shares.items()))
    sentence = f"{lessons.count(DONE)} of {len(lessons)} lessons done. {_sum_up(entries, chapters)}"
    more = f'`my_progress("{chapters[0].key}")` shows each exercise.'
    header = ["Lesson", "Title", "Minutes", "So far", "Exercises done", "Deeper"]
    if not any(row[-1] for row in rows):
        header, rows = header[:-1], [row[:-1] for row in rows]
    return Overview(header, rows, f"{sentence} {more}", wrong, _colab())


def of_each(chapters):
    """One row for each exercise of some `Chapter`s."""
    entries, wrong = store.read()
    rows = [row for chapter in chapters for row in _rows(chapter, entries)]
    header = ["Exercise", "Notebook", "Answer", "Minutes", "So far", "Tries"]
    return Overview(header, rows, _sum_up(entries, chapters), wrong, _colab())


def page(title, sentence, sections, data=None):
    """A page of HTML.

    Args:
        title, sentence: plain texts.
        sections: of HTML.
        data: what JSON can hold, for programs that read the page; it can't be seen.
    """
    element = ""
    if data is not None:
        safe = json.dumps(data).replace("<", "\\u003c")  # whatever a text says, the element ends where it ends
        element = f'<script type="application/json" id="{DATA}">{safe}</script>\n'
    texts = html.escape(title), html.escape(sentence)
    return _PAGE.format(title=texts[0], sentence=texts[1], sections="\n".join(sections), data=element)


def hand_in(name, chapters):
    """Write the page for `name` beside the record; a `Note` says where it is, or why it could not be written."""
    entries, wrong = store.read()
    now = datetime.datetime.now().isoformat(sep=" ", timespec="minutes")
    sections = []
    for chapter in chapters:
        rows = [[*row, _when(entries.get(row[0]))] for row in _rows(chapter, entries)]
        table = Table(["Exercise", "Notebook", "Answer", "Minutes", "Outcome", "Tries", "Last try"], rows)
        sections.append(f"<h2>{html.escape(f'{chapter.key} · {chapter.title}')}</h2>\n{table._repr_html_()}")
    text = page(
        f"{HAND_IN}{name}",
        f"Written on {now}. {_sum_up(entries, chapters)} {wrong or ''}".rstrip(),
        sections,
        {"name": name, "written": now, **store.written(entries)},
    )
    try:
        path = store.place().with_name(f"hand-in-{_file_name(name)}.html")
        own_files.write(path, text.encode())
    except (OSError, ValueError, RuntimeError) as error:
        return Note("○ No page was written", f"{own_files.why(error)}.")
    where = f"`{path.name}` lies in {path.parent}. Nothing was sent: that is up to you."
    return Note(f"✓ {_sum_up(entries, chapters)}", where, _DOWNLOAD if runtime.on_colab() else "")


def export_progress(as_text):
    """A `Note`: where the file with the progress lies, or the line of code that takes it elsewhere."""
    entries, wrong = store.read()
    line, cant = store.packed(entries), None
    if not as_text:
        try:
            path = store.place().with_name(store.EXPORT)
            own_files.write(path, f"{line}\n".encode())
            where = f"`{path.name}` lies in {path.parent}: put it beside a notebook, and run `import_progress()` there."
            return Note(f"✓ {_count(entries)}", where, _DOWNLOAD if runtime.on_colab() else "", wrong)
        except (OSError, ValueError, RuntimeError) as error:
            cant = f"No file was written: {own_files.why(error)}."
    paste = "This line, pasted into a cell of another notebook, takes it over."
    source = f'from course_utils.exercises import import_progress\n\nimport_progress("{line}")'
    return Program(_count(entries), source, paste, cant, wrong)


def import_progress(given):
    """A `Note` about the progress that was added. Raises as `store.unpacked`."""
    others = store.unpacked(given)
    before, _ = store.read()
    try:
        aside = store.add(others)
    except (OSError, ValueError, RuntimeError) as error:
        return Note("○ Nothing was taken over", f"Your progress can't be written down: {own_files.why(error)}.")
    new = {name for name, entry in others.items() if entry.done} - {
        name for name, entry in before.items() if entry.done
    }
    done = f"{len(new)} of them done here, too, now" if new else "none of them new here"
    return Note(f"✓ {_count(others)} taken over", f"{done.capitalize()}. `my_progress()` shows all.", aside)


def _count(entries):
    done = sum(entry.done for entry in entries.values())
    return f"{done} exercise{'' if done == 1 else 's'} done, {len(entries) - done} tried"


def _file_name(name):
    """A part of a file's name for the person `name`; where it can't say all of it, a checksum tells it apart."""
    plain = re.sub(r"[^\w-]+", "-", name).strip("-")[:100]
    if plain.replace("-", " ") == name:
        return plain
    return "-".join(filter(None, [plain, hashlib.sha256(name.encode(errors="replace")).hexdigest()[:6]]))


def _rows(chapter, entries):
    for key, names in chapter.parts.items():
        for name in names:
            exercise, entry = exercises.find(name), entries.get(name)
            tries = str(entry.tries) if entry else ""
            yield [name, key, exercise.answer, str(exercise.minutes), _state(entry), tries]


def _state(entry):
    return OPEN if entry is None else DONE if entry.done else TRIED


def _when(entry):
    return entry.last.replace("T", " ") if entry else ""


def _share(names, entries):
    return f"{[_state(entries.get(name)) for name in names].count(DONE)} of {len(names)}"


def _sum_up(entries, chapters):
    states = [_state(entries.get(name)) for chapter in chapters for name in chapter.names]
    return f"{states.count(DONE)} of {len(states)} exercises done, {states.count(TRIED)} tried."


def _colab():
    return _ON_COLAB if runtime.on_colab() else None
