"""My progress: what was tried and done is written down, whatever happens to the file; a table and a page show it."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils import catalog, exercises, own_files
from course_utils.exercises import report, store
from course_utils.exercises.store import Entry

RIGHT = "lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h)"
WRONG = "lambda f, x, h: (f(x + h) - f(x - h)) / h"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where progress is kept in this test."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(store, "_told", set())
    return path


def check(answer):
    return exercises.check("01-1", eval(answer))


def untouched(f, x, h):
    raise NotImplementedError


def test_a_try_is_written_down_and_done_stays_done(place):
    assert store.read() == ({}, None)
    check("lambda f, x, h: h[3]")  # raises
    assert store.read()[0]["01-1"][:2] == (False, 1)
    check(WRONG)
    check(RIGHT)
    assert store.read()[0]["01-1"][:2] == (True, 3)
    check(WRONG)
    check(RIGHT)
    entry = store.read()[0]["01-1"]
    assert entry[:2] == (True, 3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", entry.last)


def test_what_is_not_attempted_leaves_no_trace(place):
    exercises.check("01-1", untouched)
    exercises.check("01-1")
    exercises.my_progress()
    exercises.my_progress("01")
    assert list(place.parent.iterdir()) == []


WRITER = f"""
import sys, types
package = types.ModuleType("course_utils.exercises")  # without torch, which takes seconds and has no part in this
package.__path__ = {list(exercises.__path__)}
sys.modules[package.__name__] = package
from course_utils.exercises import store
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    wrong = store.note(f"{{sys.argv[1]}}-{{number}}", True) or store.note("both-1", False)
    assert wrong is None, wrong
"""


@pytest.mark.rest
@pytest.mark.process
def test_two_kernels_that_write_at_once_lose_nothing(place):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], **pipes) for name in ("a", "b")]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(60) for writer in writers] == [0, 0]
    for writer in writers:
        writer.stdin.close()
        writer.stdout.close()
    entries, wrong = store.read()
    assert wrong is None
    assert {name for name in entries if name != "both-1"} == {f"{name}-{i}" for name in "ab" for i in range(40)}
    assert entries["both-1"][:2] == (False, 80)
    assert [path.name for path in place.parent.glob("*.new")] == []


DAMAGED = {
    "empty": b"",
    "broken off": b'{"format": 1, "exercises": {"01-1": [tr',
    "a list": b"[]",
    "from the future": b'{"format": 2, "exercises": {}}',
    "other entries": b'{"format": 1, "exercises": {"01-1": [true, "three", "2026"]}}',
    "fewer values": b'{"format": 1, "exercises": {"01-1": [true]}}',
    "mistakes that are none": b'{"format": 1, "exercises": {"01-1": [true, 1, ""]}, "mistakes": {"01-1": [2]}}',
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_put_aside(place, name):
    place.write_bytes(DAMAGED[name])
    outcome = check(RIGHT)
    assert outcome.status == "right"
    assert "was damaged. It is called progress.json.damaged-1 now" in outcome.sentences[-1]
    assert place.with_name("progress.json.damaged-1").read_bytes() == DAMAGED[name]
    assert store.read()[0]["01-1"].done


def test_a_second_damaged_file_does_not_replace_the_first(place):
    for text in (b"one", b"two"):
        place.write_bytes(text)
        assert "was damaged" in repr(exercises.my_progress())
    asides = sorted(place.parent.glob("*.damaged-*"))
    assert [path.read_bytes() for path in asides] == [b"one", b"two"]


CHECKER = f"""
import os, resource, sys
from course_utils.exercises import check, hand_in, my_progress

def work(path):
    os.environ["COURSE_PROGRESS"] = path
    print("=" * 10)
    for answer in ({WRONG}, {RIGHT}):
        print(check("01-1", answer))
    print(my_progress("01"))
    print(hand_in("Ada"))

spare, path = sys.argv[1:]
work(spare)  # nothing in the way; and everything is imported now
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))  # no file may grow, as on a full disk
work(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
os.chmod(os.path.dirname(path), 0o555)
if os.geteuid() == 0:  # the administrator may write anywhere
    os.setuid(65534)
work(path)
"""


@pytest.fixture
def folder():
    """A folder that other users can reach."""
    path = pathlib.Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


@pytest.mark.rest
@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="rights and limits of POSIX")
def test_a_full_disk_and_a_read_only_folder_cost_a_sentence(folder, place):
    before = json.dumps(store.written({"01-2": Entry(True, 4, "2026-01-01T10:00")}))
    (folder / "progress.json").write_text(before)
    command = [sys.executable, "-c", CHECKER, place, folder / "progress.json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    _, well, full, read_only = done.stdout.split("=" * 10)
    assert "not written down" not in well and "✓ 1 of" in well
    for told, said in ((full, "File too large"), (read_only, "Permission denied (")):
        assert "✗ 01-1 · wrong" in told and "✓ 01-1 · right" in told
        assert told.count("Your progress was not written down: ") == 1  # not with every check
        assert f"written down: {said}" in told
        assert re.search(r"^01-2 +01b +minus +5 +✓ done +4$", told, re.MULTILINE)  # it can still be read
        assert "○ No page was written" in told
    assert (folder / "progress.json").read_text() == before
    assert not any(path.name.endswith((".new", ".html")) for path in folder.iterdir())


def test_a_setting_that_is_no_path_costs_a_sentence(place, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "~nobody-of-this-name/progress.json")
    assert "Your progress was not written down: " in repr(check(RIGHT))
    assert "Your progress can't be read: " in repr(exercises.my_progress("01"))


def test_what_is_no_file_is_left_alone(tmp_path, monkeypatch):
    """A pipe stands for a device: if this test fails, /dev/null must not be what is renamed."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for given in (tmp_path / "folder", tmp_path / "pipe"):
        monkeypatch.setenv("COURSE_PROGRESS", str(given))
        check(RIGHT)
        assert "no file that can hold it" in repr(exercises.my_progress("01"))
        assert "No page was written" in repr(exercises.hand_in("Ada"))
        assert os.path.exists(given)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]


def test_the_table_of_all_lessons(place):
    core = report.chapters([name for group in exercises.groups() for name in exercises.modules(group)])[0].core
    check(RIGHT)
    for name in (core[0], "clinic-9"):
        exercises.check(name, lambda *given: 3)
    table = exercises.my_progress()
    assert [row[0] for row in table.rows] == [lesson.key for lesson in catalog.LESSONS]
    minutes = sum(exercises.find(name).minutes for name in core)
    assert table.rows[0][:5] == ["01", catalog.LESSONS[0].title, str(minutes), report.TRIED, f"0 of {len(core)}"]
    assert table.rows[1][3] == report.OPEN
    total = sum(len(exercises.modules(group)) for group in exercises.groups())
    assert f"0 of {len(table.rows)} lessons done. 1 of {total} exercises done, 2 tried." in repr(table)


@pytest.fixture
def deeper(tmp_path, monkeypatch):
    """A copy of the course in which lesson 01 has 01-3 and 01-5; 01c has 01-1; 01b has 01-2, 01-4 and clinic-1."""
    parts = [catalog.Part(f"01{letter}", letter, f"01{letter}_part.ipynb") for letter in "bcd"]
    lesson = catalog.Lesson(1, "First", "01_first.ipynb", deeper=tuple(parts))
    second = catalog.LESSONS[1]._replace(file="02_second.ipynb", deeper=())
    monkeypatch.setattr(catalog, "LESSONS", (lesson, second))
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    (tmp_path / "notebooks" / "deeper").mkdir(parents=True)
    checked = {
        "01_first.ipynb": ["01-5", "01-3", "02-1"],  # the last one in a cell of the learner's own
        "deeper/01b_part.ipynb": ["01-2", "01-4", "clinic-1"],
        "deeper/01c_part.ipynb": ["01-1", "01-3"],
    }
    for place, names in checked.items():
        cells = [nbformat.v4.new_code_cell(f'def x():\n    ...\n\n\ncheck("{name}", x)') for name in names]
        cells.append(nbformat.v4.new_markdown_cell('`check("01-1", slope)` is spoken of.'))
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / place)
    (tmp_path / "notebooks" / "deeper" / "01d_part.ipynb").write_text("not a notebook")
    return tmp_path


def test_a_lesson_is_done_at_its_core_and_what_lies_deeper_comes_after(place, deeper):
    names = ["01-1", "01-2", "01-3", "01-4", "01-5", "02-1", "clinic-1"]
    first, second = report.chapters(names)
    assert first.parts == {"01": ["01-3", "01-5"], "01b": ["01-2", "01-4", "clinic-1"], "01c": ["01-1"], "01d": []}
    assert second.parts == {"02": ["02-1"]}
    for name in ("01-3", "01-5", "01-2"):
        store.note(name, True)
    store.note("02-1", False)
    minutes = [str(sum(exercises.find(name).minutes for name in chapter.core)) for chapter in (first, second)]
    table = report.of_all([first, second])
    assert table.header == ["Lesson", "Title", "Minutes", "So far", "Exercises done", "Deeper"]
    assert table.rows == [
        ["01", "First", minutes[0], report.DONE, "2 of 2", "01b 1 of 3 · 01c 0 of 1"],
        ["02", second.title, minutes[1], report.TRIED, "0 of 1", ""],
    ]
    assert "1 of 2 lessons done. 3 of 7 exercises done, 1 tried." in repr(table)
    each = report.of_each([first])
    assert [row[:2] for row in each.rows] == [
        ["01-3", "01"],
        ["01-5", "01"],
        ["01-2", "01b"],
        ["01-4", "01b"],
        ["clinic-1", "01b"],
        ["01-1", "01c"],
    ]


def test_an_exercise_that_no_notebook_has_belongs_to_its_lesson(place, deeper):
    shutil.rmtree(deeper / "notebooks")
    first, clinic = report.chapters(["01-1", "01-6", "clinic-2"])
    assert (first.key, first.core) == ("01", ["01-1", "01-6"]) and first.names == first.core
    assert (clinic.key, clinic.title, clinic.core) == ("clinic", "Bug clinic", ["clinic-2"])
    assert report.of_all([first, clinic]).header[-1] == "Exercises done"  # no column for what lies deeper


def test_the_table_of_one_lesson(place):
    check(WRONG)
    table = exercises.my_progress("01")
    rows = {row[0]: row for row in table.rows}
    assert set(rows) == set(exercises.load("01"))
    assert rows["01-1"] == ["01-1", "01b", "slope", "3", report.TRIED, "1"]
    assert rows["01-3"] == ["01-3", "01", "train_in_fours", "5", report.OPEN, ""]
    check(RIGHT)
    assert ["01-1", "01b", "slope", "3", report.DONE, "2"] in exercises.my_progress(1).rows
    assert exercises.my_progress("07").rows[0][:2] == ["clinic-1", "07"]
    assert {row[0] for row in exercises.my_progress("clinic").rows} == set(exercises.load("clinic"))
    shown = table._repr_html_()
    assert "<td" in shown and "slope" in shown
    assert "color" not in shown and "background" not in shown  # the theme's
    with pytest.raises(ValueError, match=r"^lesson is '9': exercises have '01', "):
        exercises.my_progress("9")


def test_mistakes_are_kept_where_an_older_course_does_not_look(place):
    check(WRONG)
    check("lambda f, x, h: (f(x + h) - f(x)) / h")
    check(WRONG)
    check(RIGHT)
    made = store.read()[0]["01-1"]
    assert made[:2] == (True, 4) and len(made.mistakes) == 2
    assert set(made.mistakes) <= set(exercises.find("01-1").mistakes)
    record = json.loads(place.read_text())
    assert record["exercises"]["01-1"] == [True, 4, made.last]
    record.pop("mistakes")  # a record from before they were kept
    place.write_text(json.dumps(record))
    assert store.read()[0]["01-1"] == made._replace(mistakes=())


@pytest.mark.rest
@pytest.mark.process
def test_a_notebook_keeps_it_beside_itself(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    sources = (
        "from course_utils.exercises import check, hand_in, my_progress",
        f'check("01-1", {RIGHT})',
        "import os; os.chdir('/')",
        'my_progress("01")',
        'hand_in("Grace Hopper")',
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    assert (tmp_path / store.FILE).is_file() and (tmp_path / "hand-in-Grace-Hopper.html").is_file()
    shown = notebook.cells[3].outputs[0].data
    assert report.DONE in shown["text/html"] and report.DONE in shown["text/plain"]


def test_lessons_and_what_goes_deeper_share_one_record(tmp_path, monkeypatch):
    part = catalog.Part("01b", "More", "01b_more.ipynb")
    monkeypatch.setattr(catalog, "LESSONS", (catalog.LESSONS[0]._replace(deeper=(part,)),))
    monkeypatch.delenv("COURSE_PROGRESS")
    lessons = tmp_path / "notebooks"
    (lessons / "deeper").mkdir(parents=True)
    for name in ("01_autograd.ipynb", "deeper/01b_more.ipynb"):
        (lessons / name).touch()

    def begin(folder):
        """As if a kernel started in `folder`."""
        monkeypatch.chdir(folder)
        own_files.folder.cache_clear()

    try:
        begin(lessons)
        check(WRONG)
        begin(lessons / "deeper")
        assert store.read()[0]["01-1"][:2] == (False, 1)  # written before there was anything deeper
        check(RIGHT)
        exercises.hand_in("Ada")
        begin(lessons)
        assert store.read()[0]["01-1"][:2] == (True, 2)
        assert {path.name for path in lessons.glob("*.html")} == {"hand-in-Ada.html"}
        assert [path.name for path in (lessons / "deeper").iterdir()] == ["01b_more.ipynb"]
    finally:
        own_files.folder.cache_clear()
