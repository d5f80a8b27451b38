"""tools/mutants.py: a break that some answer notices is caught, one that none notices is reported."""

import pytest
import torch

from course_utils import exercises, lessons
from tests.lessons import exercise_answers as answers
from tests.unit.exercises import test_answers
from tools import breaks, mutants

TINY = """
import torch

from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise

added = Exercise("tiny-1", "add", minutes=1, hints=("…", "…"), remember="…")


def both():
    return torch.randn(3), torch.randn(3)


@added.probe
def look_at_sum(add):
    a, b = both()
    yield "the sum", add(a, b)
    yield "the sum of 1 and 1", add(1, 1)


@added.start
def sum_to_write(a, b):
    raise NotImplementedError


@added.solution
def plus(a, b):
    return a * 1 + b


@added.mistake("That is the difference.")
def minus(a, b):
    return a - b


small = Exercise("tiny-2", "small", minutes=1, hints=("…", "…"), remember="…", value=True)


@small.probe
def look_at_small(small):
    yield "what it is", "a number" if isinstance(small, (int, float)) else type(small).__name__
    yield "the number", AtMost(small, 4.0)


@small.start
def small_to_find():
    return ...


@small.solution
def one():
    return 1.0


@small.mistake("That is a lot.")
def a_lot():
    return 100.0


EXERCISES = (added, small)
"""
MODULE = "course_utils.lessons.tiny.tiny"
SAME = {("plus", "return a * 1 + b", "return a / 1 + b"): "a number divided by 1 is what it was"}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The file of two exercises, for a time the only ones, whose answers catch every break."""
    monkeypatch.setattr(lessons, "__path__", [*lessons.__path__, str(tmp_path)])
    monkeypatch.setattr(exercises, "GROUPS", {"tiny": ("tiny",)})
    monkeypatch.setattr(test_answers, "ALL", {})
    monkeypatch.setattr(mutants, "EQUIVALENT", SAME)
    monkeypatch.setattr(answers, "RIGHT", {"tiny-1": [lambda a, b: b + a], "tiny-2": [3.0]})
    monkeypatch.setattr(answers, "WRONG", {"tiny-1": {"minus": [lambda a, b: -b + a]}, "tiny-2": {"a_lot": [100]}})
    unknown = {
        "tiny-1": [
            (lambda a, b: a, "The sum is"),
            (lambda a, b: a + b if torch.is_tensor(a) else 3, "The sum of 1 and 1 is 3, and 2 is right."),
        ],
        "tiny-2": [(5.0, "The number is 5, and 4 or less is the goal.")],
    }
    monkeypatch.setattr(answers, "UNKNOWN", unknown)
    path = tmp_path / "tiny" / "tiny.py"
    path.parent.mkdir()
    path.write_text(TINY, encoding="utf-8")
    caches = (breaks.tree, breaks.definitions)
    for cached in caches:
        cached.cache_clear()
    yield path
    for cached in caches:
        cached.cache_clear()


def test_breaks_that_an_answer_notices_are_caught(tiny, capsys):
    assert mutants.main([]) == 0
    first, second, end = capsys.readouterr().out.splitlines()
    assert first.startswith("tiny-1: ") and second.startswith("tiny-2: 7 breaks, ")
    assert "breaks, all caught, " in end and end.endswith("(1 more changes nothing.)")
    assert tiny.read_text(encoding="utf-8") == TINY
    assert [path.name for path in tiny.parent.iterdir()] == ["tiny.py"]


def test_what_is_broken(tiny):
    """The probe, what it calls, and the solution; no label, no stub, no mistake, and no number that is an input."""
    found, homes = breaks.all_breaks(exercises.GROUPS)
    assert homes == {"tiny-1": MODULE, "tiny-2": MODULE}
    news = {}
    for one in found:
        news.setdefault((one.definition, one.names[0]), []).append(one.new)
    number = "yield ('the number', AtMost(small, {}))"
    kind = "yield ('what it is', 'a number' if {} else type(small).__name__)"
    assert news == {
        ("both", "tiny-1"): ["pass"],
        ("look_at_sum", "tiny-1"): ["pass", "pass", "pass"],
        ("plus", "tiny-1"): [
            "pass",
            *("return a / 1 + b", "return a * 2 + b", "return a * 0 + b", "return a * 1 - b"),
        ],
        ("look_at_small", "tiny-2"): [
            *("pass", kind.format("True"), kind.format("False")),
            *("pass", number.format("8.0"), number.format("2.0")),
        ],
        ("one", "tiny-2"): ["pass"],  # which number reaches the goal is no matter
    }


def test_a_survivor_is_reported_with_its_line(tiny, capsys, monkeypatch):
    monkeypatch.setitem(answers.UNKNOWN, "tiny-2", [])
    assert mutants.main(["tiny-2"]) == 1
    line = TINY.splitlines().index('    yield "the number", AtMost(small, 4.0)') + 1
    assert capsys.readouterr().out.splitlines()[:-2] == [
        f"NOT CAUGHT {tiny}:{line}: look_at_small (tiny-2)",
        "  - yield ('the number', AtMost(small, 4.0))",
        "  + yield ('the number', AtMost(small, 8.0))",
    ]


def test_an_entry_for_what_is_no_break_is_an_error(tiny, capsys, monkeypatch):
    stale = ("plus", "return a + b", "return a - b")
    monkeypatch.setattr(mutants, "EQUIVALENT", {**SAME, stale: "it was written otherwise then"})
    assert mutants.main(["tiny-1"]) == 1
    assert capsys.readouterr().out.splitlines() == ["EQUIVALENT lists what is no break (any more):", f"  {stale}"]


def test_an_answer_that_is_misjudged_anyway_is_an_error(tiny, capsys, monkeypatch):
    monkeypatch.setitem(answers.RIGHT, "tiny-2", [3.0, 7.0])
    assert mutants.main([]) == 1
    printed = capsys.readouterr().out
    assert "tiny-2: an answer is misjudged though nothing is broken: 7.0: " in printed
    assert "tiny-2: 7 breaks" not in printed  # and none is tried


def test_what_comes_to_no_end_is_caught(tiny, monkeypatch):
    loop = "number = 3.0\n    while number > 1.0:\n        number -= 1.0\n    return number"
    tiny.write_text(TINY.replace("return 1.0", loop), encoding="utf-8")
    monkeypatch.setattr(mutants, "LIMIT", 0.5)
    judged = mutants.Answers("tiny-2", MODULE)
    assert judged.object() is None
    endless = next(one for one in breaks.all_breaks(exercises.GROUPS)[0] if one.old == "number -= 1.0")
    assert endless.new == "pass"
    with endless.made():
        assert isinstance(judged.object(MODULE), TimeoutError)
    assert judged.object() is None


def test_what_is_neither_group_nor_exercise(tiny):
    with pytest.raises(SystemExit, match=r"^tiny-3 is neither a group of exercises \(tiny\) nor an exercise"):
        mutants.main(["tiny", "tiny-3"])
