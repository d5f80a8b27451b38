"""A class's hand-ins as a table: thirty made-up ones, five of them damaged, and whatever else lies in the folder."""

import csv
import os
import random
import shutil

import pytest

from classroom import collect
from course_utils import exercises
from course_utils.exercises import report, store
from course_utils.exercises.store import Entry

NAMES = [f"{first} {last}" for first in ("Ada", "李", "Zoë", "Jean-Luc", "<b>") for last in "ABCDEF"]
ALL = [name for group in exercises.groups() for name in exercises.modules(group)]
CORE = len(report.chapters(ALL)[0].core)
MISTAKE = "forgets_the_two"
DAMAGES = [
    lambda text: text[: text.index(report.DATA) + 60],  # cut off while it was sent
    lambda text: text[:200],
    lambda text: "",
    lambda text: text.replace('"exercises": {', '"exercises": [', 1),
    lambda text: text.replace('"format": 1', '"format": 7'),
]


def record(number):
    """What learner `number` of the thirty has done: made up, and everybody stuck at 02-2."""
    draw = random.Random(number)
    entries = {name: Entry(draw.random() < 0.6, draw.randint(1, 9), "2026-03-01T14:05") for name in ALL[::3]}
    entries["01-1"] = Entry(number % 2 == 0, 2, "2026-03-01T14:05", (MISTAKE,) if number < 20 else ())
    return entries | {"02-2": Entry(False, number + 1, "2026-03-02T09:00")}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A folder with the pages of `NAMES`, as `hand_in` writes them, in folders as a learning platform packs them."""
    pages = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        for number, name in enumerate(NAMES):
            patch.setenv("COURSE_PROGRESS", str(pages / "progress.json"))
            (pages / "progress.json").unlink(missing_ok=True)
            store.add(record(number))
            exercises.hand_in(name)
            (page,) = pages.glob("hand-in-*.html")
            (pages / f"{number:02d}_assignsubmission_file").mkdir()
            page.rename(pages / f"{number:02d}_assignsubmission_file" / page.name)
    for left in pages.glob("progress*"):
        left.unlink()
    return pages


@pytest.fixture
def folder(handed_in, tmp_path):
    return shutil.copytree(handed_in, tmp_path / "pages")


def page_of(folder, number):
    (page,) = folder.glob(f"{number:02d}_*/hand-in-*.html")
    return page


def collected(folder, roster=None):
    """(rows of the table, text of the page)"""
    target = folder.parent / "collect"
    collect.write(folder, roster, target)
    with (target / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file)), (target / "class.html").read_text(encoding="utf-8")


@pytest.mark.rest
def test_thirty_hand_ins_of_which_five_are_damaged(folder, capsys):
    for number, damage in enumerate(DAMAGES):
        page = page_of(folder, number)
        text = page.read_text(encoding="utf-8")
        assert damage(text) != text
        page.write_text(damage(text), encoding="utf-8")
    (header, *rows), page = collected(folder)
    assert header[:5] == list(collect.CANVAS)
    assert [row[0] for row in rows] == sorted(NAMES[5:])
    done = {one: sum(entry.done for entry in record(number).values()) for number, one in enumerate(NAMES)}
    assert {row[0]: sum(map(int, row[5:])) for row in rows} == {one: done[one] for one in NAMES[5:]}
    said = capsys.readouterr().out
    assert "25 handed in; 30 files, 5 of them not counted." in said and collect.DAMAGED in said
    for number in range(5):
        place = page_of(folder, number).relative_to(folder).as_posix()
        assert place in said and place in page


@pytest.mark.rest
def test_who_is_stuck_and_which_mistakes_are_common(folder):
    people, left = collect.gather(folder)
    assert len(people) == 30 and left == {}
    name, many, who = collect.stuck(people)[0]
    assert (name, many) == ("02-2", "30") and who.startswith(f"{NAMES[29]} (30), {NAMES[28]} (29)")
    (row,) = collect.common(people, ALL)
    assert row[:3] == ["01-1", exercises.find("01-1").mistakes[MISTAKE].sentence, "20"]
    assert NAMES[19] in row[3] and NAMES[20] not in row[3]
    page = collected(folder)[1]
    assert "02-2" in page and "&lt;b&gt; A" in page and "<b>" not in page and "<script" not in page


def test_what_else_lies_there_is_named_and_nothing_lost(folder, capsys):
    page = page_of(folder, 3)
    text = page.read_text(encoding="utf-8")
    a, b = text.index("<script"), text.index("</script>") + len("</script>")
    page.write_text(text[:a] + text[b:], encoding="utf-8")  # as it was before pages held data
    (folder / "notes.txt").write_text("Sick: 4")
    (folder / "picture.html").write_bytes(b"\xff\xd8\xff")
    os.mkfifo(folder / "pipe")
    (folder / "._hand-in-Ada-A.html").write_bytes(b"\0\5\x16\7")  # macOS packs such beside each file
    (folder / ".cache").mkdir()
    (folder / ".cache" / "one").touch()
    page_of(folder, 7).rename(folder / "hand-in-again (1).html")
    more = {"01-1": Entry(True, 9, "2026-04-01T10:00"), "99-1": Entry(True, 1, "2026-04-01T10:00")}
    data = {"name": NAMES[7].upper(), "written": "", **store.written(more)}
    (folder / "second.html").write_text(report.page(f"{report.HAND_IN}{NAMES[7]}", "", [], data))
    people, left = collect.gather(folder)
    assert left == {
        collect.OLD: [page.relative_to(folder).as_posix()],
        collect.FOREIGN: ["notes.txt", "picture.html", "pipe"],
    }
    (twice,) = [one for one in people if one.files[1:]]
    assert sorted(twice.files) == ["hand-in-again (1).html", "second.html"]
    assert twice.entries["01-1"] == Entry(True, 9, "2026-04-01T10:00", (MISTAKE,))
    assert twice.entries["02-2"] == record(7)["02-2"]
    collected(folder)
    said = capsys.readouterr().out
    assert "Exercises that this course doesn't have: 99-1." in said and "taken together: " in said


ROSTERS = {
    "own": ("name;ID;E-mail\n{0};17;\nNo Body;18;\n{1};19;\n", ["", "17", "", ""]),
    "moodle": (
        "First name,Last name,ID number,Email address,Quiz 1\n"
        "{first},{last},17,a@b.c,3\nNo,Body,18,n@b.c,\n{first1},{last1},19,c@b.c,\n",
        ["17", "a@b.c"],
    ),
    "canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Homework (99)\n    Points Possible,,,,,10\n"
        '"{last}, {first}",4001,17,ada,S1,7\n"Body, No",4002,18,no,S1,\n"{last1}, {first1}",4003,19,li,S1,\n',
        ["4001", "17", "ada", "S1"],
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("kind", ROSTERS)
def test_a_roster_gives_the_columns_that_its_platform_imports(folder, kind, encoding, capsys):
    text, ids = ROSTERS[kind]
    (first, last), (first1, last1) = NAMES[0].split(), NAMES[6].split()
    roster = folder.parent / "class.csv"
    filled = text.format(NAMES[0], NAMES[6], first=first, last=last, first1=first1, last1=last1)
    roster.write_text(filled, encoding=encoding)
    (header, *rows), page = collected(folder, roster)
    wanted = collect.CANVAS if kind != "moodle" else ("First name", "Last name", "ID number", "Email address")
    assert header[: len(wanted)] == list(wanted) and header[len(wanted)] == f"Gradient Steps 01 (of {CORE})"
    assert len(rows) == 3 and rows[0][len(wanted) - len(ids) : len(wanted)] == ids
    assert sum(map(int, rows[0][len(wanted) :])) == sum(entry.done for entry in record(0).values())
    assert {*rows[1][len(wanted) :]} == {""}  # who has not handed in gets no zero
    said = capsys.readouterr().out
    assert f"Not in the roster: {', '.join(sorted({*NAMES} - {NAMES[0], NAMES[6]}))}." in said
    assert "Not handed in: No Body." in said or "Not handed in: Body, No." in said
    assert NAMES[1] in page


def test_a_name_is_no_formula(folder):
    page = page_of(folder, 3)
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(NAMES[3], "=1+2"), encoding="utf-8")
    rows = collected(folder)[0]
    assert "'=1+2" in [row[0] for row in rows] and "=1+2" not in [row[0] for row in rows]


def test_a_terminal_shows_some_names_and_the_page_all(folder, capsys):
    for number in range(100, 140):
        (folder / f"notes-{number}.txt").touch()
    page = collected(folder)[1]
    said = capsys.readouterr().out
    assert "notes-129.txt and 10 more, which the page names." in said and "notes-130" not in said
    assert all(f"notes-{number}.txt" in page for number in range(100, 140))


def test_only_who_collects_can_read_it(folder):
    """On a machine that the class shares, names and grades are nobody else's business."""
    target = folder.parent / "collect"
    target.mkdir(mode=0o755)  # by an earlier course, say
    collected(folder)
    assert (target / "grades.csv").is_file() and target.stat().st_mode & 0o077 == 0


def test_two_of_one_name_are_left_to_the_teacher(folder, capsys):
    roster = folder.parent / "class.csv"
    roster.write_text(f"name,id\n{NAMES[0]},1\n{NAMES[0]},2\n", encoding="utf-8")
    _, *rows = collected(folder, roster)[0]
    assert [row[2] for row in rows] == ["1", "2"] and all(set(row[5:]) == {""} for row in rows)
    assert f"entered by hand: {NAMES[0]}." in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "Vorname,Nachname\nAda,A\n", "a\x00b"])
def test_a_roster_without_names_and_ids_is_refused(folder, text):
    roster = folder.parent / "class.csv"
    roster.write_text(text)
    with pytest.raises(ValueError, match=r"^the roster .*: wanted are name and id, or an export of grades from Moodle"):
        collected(folder, roster)


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"^FOLDER is .*/nowhere: there is no such folder\."):
        collect.write(tmp_path / "nowhere", None, tmp_path)
