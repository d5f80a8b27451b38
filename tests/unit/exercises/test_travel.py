"""Progress that goes from one computer to another, and an exercise begun once more."""

import pathlib
import re
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from IPython.testing.globalipapp import get_ipython

from course_utils import exercises
from course_utils.exercises import store
from course_utils.exercises.store import Entry

NAMES = st.sampled_from(["01-1", "01-2", "05-8", "clinic-3"])
TIMES = st.dates().map(lambda day: f"{day.isoformat()}T10:00")
MISTAKES = st.sets(st.sampled_from("abc")).map(lambda names: tuple(sorted(names)))
RECORDS = st.dictionaries(NAMES, st.builds(Entry, st.booleans(), st.integers(1, 99), TIMES, MISTAKES))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where progress is kept in this test."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(store, "_told", set())
    monkeypatch.chdir(tmp_path)
    return tmp_path / "progress.json"


def line():
    """The line of text of an export."""
    return re.search(r'import_progress\("(.*)"\)', repr(exercises.export_progress(as_text=True)))[1]


def merged(*records):
    """What a new record holds after all of these were taken over, each by its line."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROGRESS", str(pathlib.Path(folder) / "progress.json"))
        for record in records:
            exercises.import_progress(store.packed(record))
        return store.read()[0]


@pytest.mark.parametrize("way", ["file", "line"])
def test_progress_comes_over_whole(place, way):
    store.note("01-1", True)
    store.note("05-8", False)
    here, text = store.read()[0], line()
    assert "1 exercise done, 1 tried" in repr(exercises.export_progress())
    place.unlink()
    told = repr(exercises.import_progress() if way == "file" else exercises.import_progress(text))
    assert "1 of them done here, too, now" in told
    assert store.read()[0] == here


@settings(max_examples=50, deadline=None, derandomize=True)
@given(RECORDS, RECORDS, RECORDS)
def test_nothing_is_lost_in_whatever_order_and_however_often(a, b, c):
    found = merged(a, b, c)
    assert found == merged(c, b, a) == merged(b, b, a, c, a)
    for name in a.keys() | b.keys() | c.keys():
        entries = [record[name] for record in (a, b, c) if name in record]
        *columns, mistakes = zip(*entries, strict=True)
        assert found[name] == Entry(*map(max, columns), tuple(sorted({*sum(mistakes, ())})))


def test_where_no_file_can_be_written_the_line_is_shown(place, monkeypatch):
    store.note("01-1", True)
    (place.parent / store.EXPORT).mkdir()
    told = repr(exercises.export_progress())
    assert "No file was written" in told
    assert line() in told


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text[:-5],
        lambda text: text[:40],
        lambda text: f"{text}x",
        lambda text: f"{text[:30]} {text[30:]}",
        lambda text: text.partition(":")[0] + ":",
        lambda text: text.upper(),
        lambda text: "nothing.txt",
        lambda text: "",
        lambda text: ".",
        lambda text: "a\0b",
        lambda text: 3,
    ],
)
def test_what_is_foreign_or_damaged_is_refused_in_a_sentence_and_changes_nothing(place, spoilt):
    store.note("01-1", True)
    before = place.read_bytes()
    with pytest.raises(ValueError, match=r"^given is .*\.$") as refused:
        exercises.import_progress(spoilt(line()))
    assert "\n" not in str(refused.value)
    assert place.read_bytes() == before


def test_reset_shows_the_cell_as_it_was_handed_out_and_puts_it_below(monkeypatch):
    shell, given_to = get_ipython(), []
    monkeypatch.setattr(shell, "set_next_input", given_to.append)
    exercise = exercises.find("03-5")
    assert exercise.cell in repr(exercises.reset("03-5"))
    assert given_to == [exercise.cell]
    assert exercise.cell.endswith('check("03-5", build_mlp)')
    with pytest.raises(ValueError, match=r"Did you mean '03-5'\?"):
        exercises.reset("03-55")


@pytest.mark.parametrize("show", [exercises.solution, exercises.reset])
def test_a_notebook_shows_the_code(show):
    """A front end prefers HTML to Markdown, and IPython adds the HTML that a class inherits."""
    data, _ = DisplayFormatter().format(show("03-5"))
    assert "def " in data["text/markdown"]
    assert "text/html" not in data
