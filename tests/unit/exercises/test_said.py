"""What is said of an answer is true of it: code that it has, a place that is wrong, what gives its number."""

import itertools
import linecache

import pytest
import torch

from course_utils import exercises
from course_utils.exercises import compare, diagnose
from course_utils.exercises.feedback import NOT_ATTEMPTED, WRONG
from tests.lessons import judge

pytestmark = pytest.mark.usefixtures("in_threads")
ALL = {name: exercises.find(name) for group in exercises.groups() for name in exercises.modules(group)}
GUESSES = [name for name in ALL if ALL[name].kind == "predict"]
CELLS = itertools.count()


def said(name, source):
    """What a check says of a cell with this source."""
    where = f"/said {next(CELLS)}"
    linecache.cache[where] = len(source), None, source.splitlines(keepends=True), where
    return str(judge.outcome(name, source, where))


def test_a_mistake_that_quotes_a_line_is_not_told_to_who_has_none():
    copied = ALL["clinic-5"].right.source.replace("    for _ in", "    w = w.clone()\n    for _ in")
    outcome = said("clinic-5", copied)
    assert "w = w - …" not in outcome  # the error is the same
    assert "With one change it would be right: in line 2, at `w = w.clone()`." in outcome


def test_of_a_mistake_that_is_written_otherwise_what_was_seen_is_told():
    outcome = said("05-1", "def momentum_step(p, v, lr, mu):\n    v.mul(mu).add(p.grad)\n    p - lr * v\n")
    assert "Nothing has moved." in outcome and "`p = …`" not in outcome
    assert "The result of `v.mul(mu).add(p.grad)` is thrown away" in outcome


def test_a_line_that_stands_there_is_not_said_to_be_missing():
    source = ALL["clinic-16"].right.source.replace("    for X", "    dataloader = []\n    for X")
    outcome = said("clinic-16", source.replace("len(dataloader)", "1"))
    assert "total" not in outcome.replace("total / 1", "")


def test_the_place_of_a_mistake_is_told_in_a_repaired_program():
    source = "def squared_error(model, X, y):\n    prediction = model(X).squeeze(0)\n"
    outcome = said("clinic-9", source + "    return ((prediction - y) ** 2).mean()\n")
    assert "With one change it would be right: in line 2, at `model(X).squeeze(0)`." in outcome


def test_a_warning_is_passed_on_where_nothing_else_is_known():
    source = ALL["05-6"].right.source
    line = next(line for line in source.splitlines() if "optimizer = " in line)
    loop = next(line for line in source.splitlines() if line.strip().startswith("for"))
    outcome = said("05-6", source.replace(loop, f"{loop}\n    {line}"))
    assert "With one change it would be right" in outcome and "It warned" not in outcome


@pytest.mark.parametrize("name", GUESSES)
def test_a_known_wrong_number_is_told_what_gives_it_and_not_the_right_one(name):
    exercise = ALL[name]
    right = exercise.right.program()
    assert len(exercise.reasons) == len(right)
    for place, reasons in enumerate(exercise.reasons):
        for number, why in reasons.items():
            assert number != right[place], (place, number)
            guess = [*right[:place], number, *right[place + 1 :]]
            outcome = diagnose.diagnose(exercise, guess)
            assert outcome.status == WRONG
            told = outcome.diagnosis or sorted(guess) == sorted(right) or f"{number:g}"[:4] in repr(outcome)
            assert told and (outcome.diagnosis or why in repr(outcome) or sorted(guess) == sorted(right)), repr(outcome)
            if outcome.diagnosis is None and sorted(guess) != sorted(right):
                assert not compare.difference(right, guess) or f" {right[place]} " not in repr(outcome)


def test_the_blanks_that_are_left_are_told():
    outcome = diagnose.diagnose(ALL["04-2"], [1216, ..., ...])
    assert outcome.status == NOT_ATTEMPTED and "Still a blank: the second and the third." in repr(outcome)
    assert "blank" not in repr(diagnose.diagnose(ALL["04-2"], [..., ..., ...]))


def test_a_goal_that_is_missed_is_told_what_was_seen():
    outcome = diagnose.diagnose(ALL["05-7"], lambda p, g, s: p - 0.3 * torch.sign(g) / (1 + len(s)))
    assert outcome.status == WRONG
    assert "Halfway it was at" in repr(outcome) or outcome.diagnosis


@pytest.mark.trains
@pytest.mark.parametrize(
    "change, words",
    [
        (lambda X: X.flip(3), "come back mirrored"),
        (lambda X: X[torch.randperm(len(X))], "in another order"),
        (lambda X: X + torch.rand_like(X), "no shift of the image that was there"),
        (lambda X: X.roll(-int(torch.randint(0, 3, ())), 3), "never by more than 0"),
        (lambda X: X.roll(int(torch.randint(1, 3, ())), 2), "move up or down"),
    ],
)
def test_what_an_open_goal_does_to_its_batches_is_told(change, words):
    assert words in repr(diagnose.diagnose(ALL["04-6"], change, limit=20))


def test_lines_that_change_nothing_are_quoted_of_a_changed_program_and_not_of_one_written_anew():
    short = (
        "def read(rnn, maps):\n    X = maps.view(maps.size(0), -1)  # [B, C, H, W] -> [B, C*H*W]\n    first = None\n"
    )
    outcome = said("clinic-12", short + "    states, _ = rnn(X, first)\n    return states  # [B, hidden]\n")
    assert "`first = None` in line 3 and `states, _ = rnn(X, first)` in line 4 make no difference to it." in outcome
    anew = "def read(rnn, maps):\n    state, rows = None, []\n    for one in maps:\n"
    anew += "        out, state = rnn(one.reshape(1, 1, -1), state)\n"
    outcome = said("clinic-12", anew + "        rows.append(out[0, 0])\n    return torch.stack(rows)\n")
    assert "You have changed the program" in outcome and "difference" not in outcome
