"""Makes one table of a class from the pages that `hand_in` wrote, and a page on where it stands.

python -m classroom.collect FOLDER                       into build/collect (make collect FOLDER=…)
python -m classroom.collect FOLDER --roster class.csv    with the ids of the roster (make collect FOLDER=… ROSTER=…)

FOLDER is looked through with all its folders, as learning platforms pack them. grades.csv has the columns that Moodle
or Canvas import, class.html who is stuck where, which mistakes were common, and every file that could not be counted.
"""

import argparse
import collections
import csv
import html
import io
import itertools
import json
import pathlib
import re
import sys
import unicodedata
from typing import NamedTuple

from course_utils import exercises, own_files
from course_utils.exercises import report, store
from course_utils.tables import Table

ROOT = pathlib.Path(__file__).resolve().parents[1]
LARGEST = 2**22  # bytes of a page; one with all exercises has some ten thousand
SAID = 30  # names of one kind that a terminal shows
ELEMENT = re.compile(rf'<script [^>]*id="{report.DATA}"[^>]*>(.*?)</script>', re.DOTALL)
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
CANVAS_MORE = ("Integration ID", "Root Account")  # between login and section, where a school has them
MOODLE = ("First name", "Last name", "Surname", "ID number", "Institution", "Department", "Email address", "Username")
DAMAGED = "Damaged: ask for a new one"
OLD = "Written by an older course, without data: ask for a new one, by hand_in of the course as it is now"
FOREIGN = "No hand-ins, left alone"


class NotCountedError(Exception):
    """A file that can't be counted: `kind` says why."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


class HandIn(NamedTuple):
    """What one person handed in.

    Attributes:
        name: as the page has it.
        entries: {name of an exercise: `store.Entry`}, of all the person's pages together.
        files: their paths in the folder.
    """

    name: str
    entries: dict
    files: list


class Roster(NamedTuple):
    """Who is in the class.

    Attributes:
        header: the columns that a learning platform knows a person by.
        rows: [(`key` of the name, texts under `header`)].
    """

    header: tuple
    rows: list


def key(name):
    """What two spellings of a name have in common: its words, in whatever order and case."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return tuple(sorted(re.findall(r"\w+", plain) or plain.split()))


def read_page(path):
    """(name, {name of an exercise: `store.Entry`}) of the page at `path`.

    Raises:
        NotCountedError: it is foreign, damaged, or of an older course.
        OSError: it can't be read.
    """
    if not path.is_file():  # a pipe, say, from which reading would never end
        raise NotCountedError(FOREIGN)
    with path.open("rb") as file:
        text = file.read(LARGEST + 1).decode(errors="replace")
    if f"<title>{report.HAND_IN}" not in text and not re.search(r"hand-in-.*\.html?$", path.name):
        raise NotCountedError(FOREIGN)
    found = ELEMENT.search(text)
    if not found:
        whole = text.rstrip().endswith("</html>") and report.DATA not in text
        raise NotCountedError(OLD if whole else DAMAGED)
    try:
        data = json.loads(found[1])
        if not key(data["name"]):
            raise ValueError("no name")
        return data["name"], store.unwritten(data)
    except store.NONSENSE as error:
        raise NotCountedError(DAMAGED) from error


def gather(folder):
    """([`HandIn`], {why not: paths}) from all files below `folder`; several pages of one name are taken together.

    Hidden files and folders are passed over: homes are full of them, and macOS packs one beside each page.
    """
    people, left = {}, collections.defaultdict(list)
    for path in sorted(one for one in folder.rglob("*") if not one.is_dir()):
        place = path.relative_to(folder).as_posix()
        if re.search(r"(^|/)\.", place):
            continue
        try:
            name, entries = read_page(path)
        except NotCountedError as why:
            left[why.kind].append(place)
            continue
        except OSError as error:
            left[f"Can't be read: {error.strerror}"].append(place)
            continue
        one = people.setdefault(key(name), HandIn(name, {}, []))
        one.files.append(place)
        for exercise, entry in entries.items():
            one.entries[exercise] = entry.joined(one.entries.get(exercise, entry))
    return sorted(people.values()), dict(left)


def read_roster(path):
    """The `Roster` in a CSV file: a grade export of Moodle or Canvas, or one with the columns name and id.

    Raises:
        ValueError: it has none of these columns.
        OSError: it can't be read.
    """
    given = path.read_bytes()
    try:
        text = given.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = given.decode("cp1252", errors="replace")  # as Excel writes it in Western Europe
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    columns, *lines = list(csv.reader(io.StringIO(text), delimiter=delimiter)) or [[]]
    columns = [name.strip() for name in columns]
    rows = [dict(itertools.zip_longest(columns, line[: len(columns)], fillvalue="")) for line in lines]
    plain = {name.casefold(): name for name in columns}
    last = "Last name" if "Last name" in columns else "Surname"
    if {"Student", "ID"} <= {*columns}:
        header = [name for name in (*CANVAS[:-1], *CANVAS_MORE, CANVAS[-1]) if name in columns]
        names = [row["Student"] for row in rows]
    elif {"First name", last} <= {*columns}:
        header = [name for name in MOODLE if name in columns]
        names = [f"{row['First name']} {row[last]}" for row in rows]
    elif {"name", "id"} <= {*plain}:
        header = CANVAS
        names = [row[plain["name"]] for row in rows]
        taken = dict(zip(CANVAS, ("name", "", "id", "email", "section"), strict=True))
        rows = [{new: row.get(plain.get(old), "") for new, old in taken.items()} for row in rows]
    else:
        raise ValueError(
            f"the roster {path} has the columns {', '.join(columns)}: wanted are name and id, or an export of grades "
            "from Moodle (First name, Last name, …) or Canvas (Student, ID, …)."
        )
    pairs = zip(names, rows, strict=True)  # below its header, Canvas has a row with the points of each assignment
    people = [(key(name), tuple(row[one] for one in header)) for name, row in pairs if "Points Possible" not in name]
    return Roster(tuple(header), [(one, row) for one, row in people if one])


def by_lesson(chapters):
    """{heading of a column: names of its exercises}: a column for each lesson, one for all that goes deeper."""
    columns = {f"Gradient Steps {chapter.key}": chapter.core for chapter in chapters}
    columns["Gradient Steps deeper"] = [name for one in chapters for name in one.names if name not in one.core]
    return {f"{title} (of {len(names)})": names for title, names in columns.items() if names}


def grades(people, roster, columns):
    """([header, *rows] of the table that is imported, {why: names} of whom it can't have)."""
    handed_in = {key(one.name): one for one in people}
    if roster is None:
        header, rows = CANVAS, [(key(one.name), (one.name, "", "", "", "")) for one in people]
    else:
        header, rows = roster
    times = collections.Counter(one for one, _ in rows)
    table = [[*header, *columns]]
    for one, row in rows:
        page = handed_in.get(one) if times[one] == 1 else None
        table.append([*row, *(_done(page, names) for names in columns.values())])
    lists = {
        "Not in the roster": [one.name for one in people if key(one.name) not in times],
        "In the roster more than once, so to be entered by hand": [
            one.name for one in people if times[key(one.name)] > 1
        ],
        "Not handed in": [_said(header, row) for one, row in rows if one not in handed_in],
    }
    return table, {why: names for why, names in lists.items() if names}


def _done(page, names):
    return "" if page is None else str(sum(page.entries[name].done for name in names if name in page.entries))


def _said(header, row):
    """A person of the roster in words."""
    return row[0] if header[0] == "Student" else " ".join(row[:2])


def stuck(people):
    """Rows (exercise, how many, who): those who tried it and have not got it right, most tries first."""
    found = collections.defaultdict(list)
    for one in people:
        for name, entry in one.entries.items():
            if not entry.done:
                found[name].append((-entry.tries, one.name))
    rows = [(name, len(who), [f"{one} ({-tries})" for tries, one in sorted(who)]) for name, who in found.items()]
    return [[name, str(n), ", ".join(who)] for name, n, who in sorted(rows, key=lambda row: (-row[1], row[0]))]


def common(people, known):
    """Rows (exercise, what it is, how many, who) of the mistakes that checks recognised, the most frequent first."""
    found = collections.defaultdict(list)
    for one in people:
        for name, entry in one.entries.items():
            for mistake in entry.mistakes:
                found[name, mistake].append(one.name)
    rows = []
    for (name, mistake), who in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        variant = exercises.find(name).mistakes.get(mistake) if name in known else None
        rows.append([name, variant.sentence if variant else mistake, str(len(who)), ", ".join(who)])
    return rows


def as_text(cell):
    """A cell that a spreadsheet takes for text, not for a formula: names are the learners' own words."""
    return f"'{cell}" if str(cell).startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def write(folder, roster, target):
    """Write grades.csv and class.html into the folder `target`; prints what is in them and what is not.

    Raises:
        ValueError: as `read_roster`, or `folder` is none.
        OSError: they can't be written.
    """
    if not folder.is_dir():
        raise ValueError(f"FOLDER is {folder}: there is no such folder.")
    people, left = gather(folder)
    known = [name for group in exercises.groups() for name in exercises.modules(group)]
    columns = by_lesson(report.chapters(known))
    table, lists = grades(people, read_roster(roster) if roster else None, columns)
    lists |= {
        "Handed in more than once, taken together": [f"{p.name}: {', '.join(p.files)}" for p in people if p.files[1:]],
        "Exercises that this course doesn't have": sorted({name for one in people for name in one.entries} - {*known}),
    }
    lists = {why: names for why, names in (lists | left).items() if names}
    files = sum(len(one.files) for one in people) + sum(map(len, left.values()))
    counted = f"{len(people)} handed in; {files} files, {sum(map(len, left.values()))} of them not counted."

    everybody = [[one.name, *(_done(one, names) for names in columns.values())] for one in people]
    sections = [f"<h2>{html.escape(why)}</h2>{_items(names)}" for why, names in lists.items()]
    for title, header, rows in (
        ("Stuck: tried, and not right yet", ["Exercise", "Learners", "Who (tries)"], stuck(people)),
        ("Common mistakes", ["Exercise", "What the check said", "Learners", "Who"], common(people, known)),
        ("Exercises done", ["Name", *columns], everybody),
    ):
        sections.append(f"<h2>{title}</h2>{Table(header, rows)._repr_html_()}")
    print(counted)
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o700)  # names and grades, perhaps on a machine that the class shares
    page = report.page("Gradient Steps: where the class stands", counted, sections)
    own_files.write(target / "class.html", page.encode())
    with io.StringIO() as file:
        csv.writer(file, lineterminator="\n").writerows([[as_text(cell) for cell in row] for row in table])
        own_files.write(target / "grades.csv", file.getvalue().encode())
    for why, names in lists.items():
        more = f" and {len(names) - SAID} more, which the page names" if len(names) > SAID else ""
        print(f"{why}: {', '.join(names[:SAID])}{more}.")
    print(f"The table is {target / 'grades.csv'}, the page {target / 'class.html'}.")


def _items(names):
    return "<ul>" + "".join(f"<li>{html.escape(name)}</li>" for name in names) + "</ul>"


def main():
    parser = argparse.ArgumentParser(description="Makes one table of the pages that a class handed in.")
    parser.add_argument("folder", type=pathlib.Path, help="holds the pages; its folders are looked through, too")
    parser.add_argument("--roster", type=pathlib.Path, help="CSV file with the names and ids of the class")
    options = parser.parse_args()
    try:
        write(options.folder, options.roster, ROOT / "build" / "collect")
    except ValueError as error:
        sys.exit(f"Nothing was written: {error}")
    except OSError as error:
        sys.exit(f"Nothing was written: {error.strerror or error} ({error.filename}).")


if __name__ == "__main__":
    main()
