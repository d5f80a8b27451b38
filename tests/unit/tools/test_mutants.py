"""tools/mutants.py: a break that some answer notices is caught, one that none notices is reported."""

import sys

import pytest
import torch

from course_utils import exercises, lessons
from tests.lessons.exercise_answers import Answers
from tests.unit.exercises import test_answers
from tools import breaks, mutants

pytestmark = pytest.mark.rest
ADD = """
from course_utils.exercises.exercise import Exercise
from course_utils.lessons.tiny import probes
from course_utils.lessons.tiny.probes import number

exercise = Exercise("add", kind="write", title="…", minutes=1, text="…", hints=("…", "…"), remember="…")


@exercise.probe
def probe(add, draw):
    a, b = probes.both(draw)
    yield "the sum", add(a, b)
    yield "the sum of 4 and 1", add(number(), 1)


@exercise.solution
def solution(a, b):
    return a * 1 + b  # same: a number divided by 1 is what it was


exercise.starter("raise NotImplementedError")
exercise.edit("minus", "+ b", "- b").says("That is the difference.")
"""
SMALL = """
from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise
from course_utils.lessons.tiny.probes import number

exercise = Exercise(
    "small", kind="goal", title="…", minutes=1, text="…", hints=("…", "…"), remember="…", value=True
)


@exercise.probe
def probe(small, draw):
    yield "what it is", "a number" if isinstance(small, (int, float)) else type(small).__name__
    yield "the number", AtMost(small, number())


@exercise.solution
def solution():
    return 1.0


exercise.starter("...")


@exercise.mistake("That is a lot.")
def a_lot():
    return 100.0
"""
PROBES = """
def both(draw):
    n = 1 + draw.size(2)
    return draw.randn(n), draw.randn(n)


def number():
    return 4.0


def unused():
    return 3 + 4
"""
CACHES = [name for name in dir(breaks) if hasattr(getattr(breaks, name), "cache_clear")]
FOLDER = "course_utils.lessons.tiny"
HOMES = {"tiny-1": f"{FOLDER}.ex1_add", "tiny-2": f"{FOLDER}.ex2_small"}


def recorded():
    """Answers that notice every break."""
    add, small = Answers(), Answers()
    add.right(lambda a, b: b + a)
    add.wrong("minus")(lambda a, b: -b + a)
    add.unknown("The sum is")(lambda a, b: a)
    add.unknown("The sum of 4 and 1 is 3, and")(lambda a, b: a + b if torch.is_tensor(a) else 3)
    small.right(3.0)
    small.wrong("a_lot")(100)
    small.unknown("The number is 5, and 4 or less is the goal.")(5.0)
    return {"tiny-1": add, "tiny-2": small}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A folder with two exercises, for a time the only ones."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name, text in (("__init__", ""), ("ex1_add", ADD), ("ex2_small", SMALL), ("probes", PROBES)):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(lessons, "__path__", [str(tmp_path)])
    monkeypatch.setattr(test_answers, "ALL", {})
    monkeypatch.setattr(test_answers, "ANSWERS", recorded())
    monkeypatch.setattr(test_answers, "for_ever", lambda *_: [][0])  # waiting for its end takes the time
    forget()
    yield folder
    forget()


def forget():
    """What was read of the files."""
    for name in CACHES:
        getattr(breaks, name).cache_clear()
    for name in [name for name in sys.modules if name.startswith(FOLDER)]:
        del sys.modules[name]


def rewrite(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_breaks_that_an_answer_notices_are_caught(tiny, capsys):
    assert mutants.main([]) == 0
    first, second, end = capsys.readouterr().out.splitlines()
    assert first.startswith("tiny-1: 12 breaks, ") and second.startswith("tiny-2: 5 breaks, ")
    assert "17 breaks, all caught, " in end and end.endswith("(1 more changes nothing.)")
    assert (tiny / "ex1_add.py").read_text(encoding="utf-8") == ADD
    assert sorted(path.name for path in tiny.glob("*.py")) == ["__init__.py", "ex1_add.py", "ex2_small.py", "probes.py"]


def test_what_is_broken(tiny):
    """The probe, what it calls, and the solution; no label, no starter, no mistake, and no number that is an input."""
    found, idle = breaks.all_breaks(HOMES)
    assert idle == []
    news = {}
    for one in found:
        news.setdefault((one.definition, *one.names), []).append(one.new)
    kind = "yield ('what it is', 'a number' if {} else type(small).__name__)"
    assert news == {
        ("both", "tiny-1"): ["pass", "pass"],
        ("number", "tiny-1", "tiny-2"): ["pass", "return 8.0", "return 2.0"],
        ("probe", "tiny-1"): ["pass", "pass", "pass"],
        ("solution", "tiny-1"): [
            "pass",
            *("return a / 1 + b", "return a * 2 + b", "return a * 0 + b", "return a * 1 - b"),
        ],
        ("probe", "tiny-2"): ["pass", kind.format("True"), kind.format("False"), "pass"],
        ("solution", "tiny-2"): ["pass"],  # which number reaches the goal is no matter
    }


def test_a_survivor_is_reported_with_its_line(tiny, capsys):
    del test_answers.ANSWERS["tiny-2"].unknown_ones[:]
    assert mutants.main([]) == 1
    line = PROBES.splitlines().index("    return 4.0") + 1
    assert capsys.readouterr().out.splitlines()[:3] == [
        f"NOT CAUGHT {tiny / 'probes.py'}:{line}: number (tiny-1, tiny-2)",
        "  - return 4.0",
        "  + return 8.0",
    ]


def test_a_helper_is_judged_by_all_that_call_it(tiny):
    """Also by those that were not asked for: to tiny-1 it is no matter which number that is."""
    assert mutants.main(["tiny-1"]) == 0
    del test_answers.ANSWERS["tiny-2"].unknown_ones[:]
    assert mutants.main(["tiny-1"]) == 1


@pytest.mark.parametrize("above", [True, False])
def test_what_survives_on_a_marked_line_is_no_matter(tiny, capsys, above):
    del test_answers.ANSWERS["tiny-2"].unknown_ones[:]
    line, mark = "    return 4.0", "# same: nobody comes near"
    rewrite(tiny / "probes.py", line, f"    {mark}\n    # as a comment says\n{line}" if above else f"{line}  {mark}")
    assert mutants.main(["tiny-1"]) == 0
    assert capsys.readouterr().out.endswith("(2 more change nothing.)\n")


def test_a_mark_where_every_break_is_noticed_is_an_error(tiny, capsys):
    line = rewrite(tiny / "probes.py", "return 4.0", "return 4.0  # same: it was once")
    assert mutants.main(["tiny-1"]) == 1
    first, *_, end = capsys.readouterr().out.splitlines()
    assert first == f"MARKED FOR NOTHING {tiny / 'probes.py'}:{line}: every break there is noticed"
    assert ", 1 NOT as it should be, " in end


@pytest.mark.parametrize("old", ["    return 3 + 4", "def both(draw):", "return 3 + 4\n"])
def test_a_mark_where_nothing_is_broken_is_an_error(tiny, capsys, old):
    line = rewrite(tiny / "probes.py", old, f"{old}  # same: it was once") + 2 * old.count("\n")
    assert mutants.main(["tiny-1"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(f"MARKED FOR NOTHING {tiny / 'probes.py'}:{line}: no break is made there\n")
    assert ", 1 NOT as it should be, " in printed


def test_an_answer_that_is_misjudged_anyway_is_an_error(tiny, capsys):
    test_answers.ANSWERS["tiny-2"].right(7.0)
    assert mutants.main([]) == 1
    printed = capsys.readouterr().out
    assert "tiny-2: an answer is misjudged though nothing is broken: 7.0: " in printed
    assert "tiny-2: 5 breaks" not in printed  # and none is tried


def test_what_comes_to_no_end_is_caught(tiny, monkeypatch):
    loop = "number = 3.0\n    while number > 1.0:\n        number -= 1.0\n    return number"
    rewrite(tiny / "ex2_small.py", "return 1.0", loop)
    monkeypatch.setattr(mutants, "LIMIT", 0.5)
    judged = mutants.Answers("tiny-2", HOMES["tiny-2"])
    assert judged.objection() is None
    endless = next(one for one in breaks.all_breaks(HOMES)[0] if one.old == "number -= 1.0")
    assert endless.new == "pass"
    with endless.made():
        assert isinstance(judged.objection(), TimeoutError)
    assert judged.objection() is None


def test_what_is_neither_group_nor_exercise(tiny):
    with pytest.raises(SystemExit, match=r"^tiny-3 is neither a group of exercises \(tiny\) nor an exercise"):
        mutants.main(["tiny", "tiny-3"])


def test_helpers_are_those_of_the_folder_and_the_shared_ones_after_what_they_need(tiny):
    (tiny / "more.py").write_text("from course_utils.exercises import probes as shared\n", encoding="utf-8")
    rewrite(tiny / "probes.py", "\ndef both", "from course_utils.lessons.tiny.more import shared\n\ndef both")
    assert breaks.helpers(HOMES["tiny-1"]) == ["course_utils.exercises.probes", f"{FOLDER}.more", f"{FOLDER}.probes"]
    with mutants.executed(*breaks.helpers(HOMES["tiny-1"]), HOMES["tiny-1"]) as fresh:
        inside = fresh.probes, sys.modules[f"{FOLDER}.probes"], fresh.probes.shared
        assert inside[0] is inside[1] and inside[2] is exercises.probes
    assert inside[0] is not sys.modules[f"{FOLDER}.probes"] and inside[2] is not exercises.probes
