"""What is said of a wrong answer that has no name: a slip, an argument that is never used, an error's meaning."""

import itertools
import linecache

import pytest
import torch

from course_utils import exercises
from course_utils.exercises import diagnose, errors
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.feedback import NOT_ATTEMPTED, RAISED, RIGHT, WRONG
from course_utils.exercises.programs import slips

CELLS = itertools.count()
SOURCE = """
def share(model, batches):
    right = images = 0
    for X, y in batches:
        right += (model(X) == y).sum()
        images += len(y)
    return (right - 1) / images
"""


@pytest.fixture
def scaled():
    """An exercise of which the usual draw can't tell a mistake from an answer that is not it."""
    exercise = Exercise("scaled", kind="write", title="t", minutes=1, text="t", hints=("h",), remember="r")
    exercise.name = "test-1"

    @exercise.probe
    def probe(scaled, draw):
        numbers = draw.randn(draw.size(4))
        yield "the result", scaled(numbers, 0.5)

    @exercise.solution
    def solution(numbers, factor):
        return factor * numbers.mean()

    exercise.edit("sums", "mean", "sum").says("You took the sum.")
    return exercise


def written(source, names):
    """`names` after a cell with this source has run among them; its lines can be read, as in a notebook."""
    where = f"/cell {next(CELLS)}"
    linecache.cache[where] = len(source), None, source.splitlines(keepends=True), where
    exec(compile(source, where, "exec"), names)
    return names


def judged(exercise, answer):
    return diagnose.diagnose(exercise, answer)


def test_a_mistake_is_named_if_the_answer_makes_it_on_a_second_draw_of_other_sizes(scaled):
    assert judged(scaled, lambda numbers, factor: factor * numbers.sum()).diagnosis == "sums"
    four = judged(scaled, lambda numbers, factor: factor * 4 * numbers.mean())  # of four numbers that is the sum
    assert (four.status, four.diagnosis) == (WRONG, None)
    assert "You took the sum." not in repr(four)


def test_a_slip_is_told_if_the_answer_behaves_like_it_on_both_draws(scaled):
    said = repr(judged(scaled, lambda numbers, factor: factor * (numbers.mean() * 2)))
    assert "It does the same as a right answer in which `factor *` is missing, or the result is doubled." in said
    said = repr(judged(scaled, lambda numbers, factor: 2 * factor * numbers.mean() if len(numbers) == 4 else 0))
    assert "It does the same" not in said


@pytest.mark.parametrize(
    "words, changed",
    [
        ("`right += …` is missing", "images += len(y)\n    return"),
        ("`=` stands in place of `+=`, so that only the last round counts", "right = (model(X) == y).sum()"),
        ("`!=` stands in place of `==`", "model(X) != y"),
        ("`mean` stands in place of `sum`", ".mean()"),
        ("parentheses are missing, so that only the last part meets the `/`", "return right - 1 / images"),
        ("the loop ends in its first round, by a `return` or `break` inside it", "break"),
        ("the loop leaves its last round out", "in list(batches)[:-1]:"),
        ("`images += …` runs once, after the loop", "    images += len(y)\n    return"),
        ("`right = …` runs anew in each round of the loop", "        right = images = 0"),
        ("`batches` stands where `model` belongs", "batches(X)"),
    ],
)
def test_slips_change_one_place_and_say_which(words, changed):
    assert any(said == words and changed in source for said, source in slips.slips(SOURCE))


def test_no_slip_is_the_solution_itself_and_none_comes_twice():
    sources = [source for _, source in slips.slips(SOURCE)]
    assert len(sources) == len(set(sources))
    assert "right - 1) / images" in SOURCE and not any(source.strip() == SOURCE.strip() for source in sources)


def test_an_argument_that_is_never_used_is_told(scaled):
    assert "Your code never uses its argument `by`." in repr(judged(scaled, lambda numbers, by: 0.3 * numbers.mean()))

    def overwrites(numbers, by):
        by = 0.3
        return by * numbers.mean()

    assert "Your code never uses its argument `by`." in repr(judged(scaled, overwrites))
    assert "never uses" not in repr(judged(scaled, lambda numbers, by: (lambda: by + numbers.mean())()))


def test_a_missing_return_is_guessed_only_where_there_is_none(scaled):
    assert "Is a `return` missing?" in repr(judged(scaled, lambda numbers, factor: None))
    outcome = repr(judged(scaled, lambda numbers, factor: numbers.grad))
    assert "Your `return` gives `None`, or what is `None` by then" in outcome and "missing?" not in outcome


def test_a_method_that_is_named_and_not_called_is_told(scaled):
    def answer(numbers, factor):
        numbers.mean  # noqa: B018 - what it is about
        return factor

    assert "`mean` stands there without parentheses" in repr(judged(scaled, answer))


def test_a_program_that_was_changed_and_fails_as_before_was_attempted():
    train, cell = exercises.find("clinic-7"), {"torch": torch, "F": torch.nn.functional}
    source = train.stub.source.replace("loss.backward()", "optimizer.zero_grad\n            loss.backward()")
    outcome = judged(train, written(source, cell)["train"])
    assert outcome.status == WRONG
    assert "is as it was before" in repr(outcome) and "`zero_grad` stands there without" in repr(outcome)
    assert judged(train, train.stub.program).status == NOT_ATTEMPTED


def test_inputs_that_come_back_changed_are_told(scaled):
    def answer(numbers, factor):
        numbers *= factor
        return numbers.mean()

    outcome = judged(scaled, answer)
    assert outcome.status == WRONG
    assert "What your code changes in place is `numbers`, which the caller still needs" in repr(outcome)
    scaled.in_place = True
    assert judged(scaled, answer).status == RIGHT


def raises(numbers, factor):
    raise NotImplementedError


@pytest.mark.parametrize("answer, status", [(raises, NOT_ATTEMPTED), (lambda a, b: (a > 0).mean(), RAISED)])
def test_the_stub_is_known_by_its_own_raise(scaled, answer, status):
    """Torch raises NotImplementedError as well, or RuntimeError, as its version is."""
    outcome = judged(scaled, answer)
    assert outcome.status == status
    assert status == NOT_ATTEMPTED or "make them floats first" in repr(outcome)


def block(thing):
    with thing:
        pass


def learned(action):
    with pytest.raises(Exception) as caught:
        action()
    return errors.meaning(str(caught.value))


@pytest.mark.parametrize(
    "action, words",
    [
        (lambda: torch.ones(2).sum().item().backward(), "`.item()` takes the number out"),
        (lambda: torch.ones(2).sum().backward(), "Nothing was recorded on the way"),
        (lambda: torch.ones(2, requires_grad=True).backward(), "starts from *one* number"),
        (lambda: torch.ones(2, 3) @ torch.ones(4, 5), "gets rows of 3 numbers and was made for 4"),
        (lambda: torch.ones(2) + torch.ones(3), "2 numbers on one side, 3 on the other"),
        (lambda: torch.nn.Sequential([torch.nn.ReLU()]), "unpacked with a star"),
        (lambda: torch.nn.Sequential(torch.nn.ReLU), "a class is called first"),
        (lambda: len(zip([1], [2], strict=True)), "make a list of it"),
        (lambda: [].grad, "A list has no `grad`. Is it another object that you mean"),
        (lambda: block(torch.no_grad(torch.nn.ReLU())), "a function"),
        (lambda: block(torch.no_grad), " class"),
        (lambda: nowhere, "`nowhere` is neither an argument"),  # noqa: F821
        (lambda: torch.nn.Linear.parameters(), "call the class first"),
        (lambda: ... + 1, "A blank is still empty"),
    ],
)
def test_the_usual_errors_get_their_meaning(action, words):
    assert words in learned(action)


def test_an_error_that_nobody_knows_gets_none():
    assert errors.meaning("the moon is full") == ""


def test_no_guess_is_answered_with_a_right_number():
    """A prediction that is wrong in one place, or in all, is never told what would be right."""
    for exercise in (one for group in exercises.groups() for one in exercises.load(group).values()):
        if exercise.kind != "predict":
            continue
        right = exercise.right.program()
        wrong = [-1.5 for _ in right]
        for guess in [wrong, *([*right[:i], wrong[i], *right[i + 1 :]] for i in range(len(right)))]:
            outcome = judged(exercise, guess)
            said = " ".join(outcome.sentences)
            untold = [number for number, mine in zip(right, guess, strict=True) if number != mine and number > 4]
            assert outcome.status == WRONG and not any(f"{number:g}" in said for number in untold), said
        for mistake in exercise.mistakes.values():
            assert not any(f"{number:g}" in mistake.sentence for number in right if number > 32), mistake.sentence
