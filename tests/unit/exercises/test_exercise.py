"""How an exercise is written down: mistakes as edits of the solution, and what learners are shown."""

import re

import pytest

from course_utils.exercises import diagnose
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.feedback import WRONG

FACTOR = 3


def new(answer="total", value=False, kind="write"):
    """An exercise without mistakes: to add two numbers and multiply."""
    exercise = Exercise(answer, kind=kind, title="t", minutes=1, text="t", hints=("h",), remember="r", value=value)
    exercise.name = "test-1"
    return exercise


@pytest.fixture
def added():
    exercise = new()

    @exercise.probe
    def probe(total, draw):
        yield "the sum of 1 and 2", total(1, 2)

    @exercise.solution
    def solution(a, b):
        result = a + b
        # same: as good as result
        result = 1 * result  # same: 1 times a number
        return FACTOR * result  # tripled

    return exercise


def test_an_edit_is_the_solution_with_new_text_in_the_place_of_old(added):
    added.edit("differs", "a + b", "a - b").says("That is the difference.")
    added.edit("swaps", "+ b\n", "- a\n", "= a", "= b").says("The other way round.")
    differs, swaps = added.mistakes.values()
    assert differs.source == (
        "def total(a, b):\n    result = a - b\n    result = 1 * result\n    return FACTOR * result  # tripled"
    )
    assert differs.program(5, 3) == 6 and differs.program.__name__ == "total"
    assert swaps.program(5, 3) == -6  # old texts are looked for in the solution, not in what another left of it
    assert (differs.name, differs.sentence, differs.idle) == ("differs", "That is the difference.", False)
    outcome = diagnose.diagnose(added, lambda a, b: 3 * (a - b))
    assert (outcome.status, outcome.diagnosis) == (WRONG, "differs")


def test_idle_is_said_of_edits_and_of_other_mistakes(added):
    added.edit("does_nothing", "FACTOR * result", "None", idle=True).says("…")

    @added.mistake("…", idle=True)
    def returns_nothing(a, b):
        pass

    @added.mistake("…")
    def takes_the_first(a, b):
        return a

    assert {name: mistake.idle for name, mistake in added.mistakes.items()} == {
        "does_nothing": True,
        "returns_nothing": True,
        "takes_the_first": False,
    }


def test_an_edited_class_and_function_may_call_themselves():
    exercise = new("fall")

    @exercise.solution
    def solution(n):
        return 1 if n < 1 else n * solution(n - 1)

    exercise.edit("adds", "n *", "n +").says("…")
    exercise.edit("stops_late", "1 if n < 1", "2 if n < 0").says("…")
    assert exercise.mistakes["adds"].program(4) == 11
    assert exercise.mistakes["stops_late"].program(2) == 0
    assert "fall" not in globals()

    exercise = new("Pair")

    @exercise.solution
    class Solution:
        def twin(self):
            return type(self) is Solution, 1

    exercise.edit("other", "1", "2").says("…")
    assert exercise.mistakes["other"].program().twin() == (True, 2)


def test_an_edited_value_is_made_anew_each_time():
    exercise = new("numbers", value=True, kind="predict")

    @exercise.solution
    def solution():
        one = 1  # same: …
        return [FACTOR, one]

    exercise.edit("three", "FACTOR", "4").says("…")
    assert exercise.right.source == "one = 1\nnumbers = [FACTOR, one]"
    program = exercise.mistakes["three"].program
    assert program() == [4, 1]
    assert program() is not program()


@pytest.mark.parametrize(
    "texts, said",
    [
        (("a * b", "a - b"), "'a * b' has to stand once in the solution, and stands there 0 times."),
        (("result", "a - b"), "'result' has to stand once in the solution, and stands there 4 times."),
        (("same", "other"), "'same' has to stand once in the solution, and stands there 0 times."),
        (("a + b", "b", "+ b\n", "- a\n"), "'+ b' stands in two of the old texts. Make one of them."),
        (("a + b", "a", "a + b", "b"), "'a + b' stands in two of the old texts. Make one of them."),
        (("a + b",), "texts come in pairs, old and new, and here are 1."),
        ((), "texts come in pairs, old and new, and here are 0."),
    ],
)
def test_an_edit_that_does_not_fit_is_an_error_that_says_where(added, texts, said):
    with pytest.raises(ValueError, match=re.escape(f"{__name__}: edit differs: {said}")):
        added.edit("differs", *texts).says("…")
    assert not added.mistakes


def test_an_edit_that_is_no_python_is_an_error(added):
    with pytest.raises(SyntaxError, match="edit differs"):
        added.edit("differs", "a + b", "a +").says("…")


def test_two_mistakes_of_one_name_are_an_error(added):
    added.edit("differs", "a + b", "a - b").says("…")
    with pytest.raises(ValueError, match=f"{re.escape(__name__)}: there are two mistakes called differs"):
        added.edit("differs", "a + b", "b - a").says("…")


def test_a_stub_is_the_solutions_first_line_or_an_edit_of_it(added):
    added.starter("with torch.no_grad():\n    raise NotImplementedError  # the sum")
    assert added.stub.source == (
        "def total(a, b):\n    with torch.no_grad():\n        raise NotImplementedError  # the sum"
    )
    added.starter("a + b\n", "...\n", "    result = 1 * result\n", "")
    assert added.stub.source == "def total(a, b):\n    result = ...\n    return FACTOR * result  # tripled"


def test_the_stub_of_a_value_is_a_value():
    exercise = new("numbers", value=True, kind="predict")

    @exercise.solution
    def solution():
        one = 1
        return [FACTOR, one]

    exercise.starter("[..., ...]  # three, one")
    assert exercise.stub.source == "numbers = [..., ...]  # three, one"
    assert exercise.stub.program() == [..., ...]


def test_what_is_to_be_repaired_says_how_it_fails(added):
    added.broken("a + b", "a - b").says("It still subtracts.")
    assert (added.stub.program(5, 3), added.stub.sentence) == (6, "It still subtracts.")
    assert not added.mistakes


def test_marks_are_not_shown_to_learners(added):
    assert "# same" not in added.right.source
    assert added.right.source.count("\n") == 3 and added.right.source.endswith("# tripled")


def test_an_exercise_is_of_one_of_four_kinds():
    with pytest.raises(
        ValueError, match=r"^kind is 'guess': an exercise is one of 'write', 'repair', 'predict', 'goal'"
    ):
        new(kind="guess")
