"""The machinery of the exercises: four outcomes, whatever the learner's code does; hints, solutions, displays."""

import sys
import threading

import numpy as np
import pytest
import torch

from course_utils import exercises
from course_utils.exercises import compare, diagnose, sandbox
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.feedback import NOT_ATTEMPTED, RAISED, RIGHT, WRONG
from course_utils.experiment import Experiment

double = Exercise(
    "double", kind="write", title="Twice", minutes=1, text="Double it.", hints=("1", "2"), remember="Twice is twice."
)
double.name = "test-1"


@double.probe
def probe(double, draw):
    yield "the result for [3, 2]", double(draw.randn(3, 2))
    yield "the result for [4]", double(draw.randn(4))


@double.solution
def doubles(X):
    return X * 2  # [...] -> [...]


double.edit("squares", "X * 2  # [...] -> [...]", "X**2").says("You squared it.")


def judged(answer, **options):
    return diagnose.diagnose(double, answer, **options)


def test_right():
    outcome = judged(lambda X: X + X)
    assert (outcome.status, outcome.diagnosis) == (RIGHT, None)
    assert "Twice is twice." in repr(outcome)


def test_a_wrong_answer_that_is_known_gets_its_name():
    outcome = judged(lambda X: X * X)
    assert (outcome.status, outcome.diagnosis) == (WRONG, "squares")
    assert "You squared it." in repr(outcome)


def test_a_wrong_answer_that_is_unknown_gets_the_first_wrong_number_and_where():
    def answer(X):
        X = X * 2
        X[-1] = 7
        return X

    outcome = judged(answer)
    assert (outcome.status, outcome.diagnosis) == (WRONG, None)
    assert "The result for [3, 2] is 7 at [2, 0], and" in repr(outcome)
    assert "(2 of 6 numbers are wrong.)" in repr(outcome)


def not_implemented(X):
    raise NotImplementedError


@pytest.mark.parametrize("stub", [..., not_implemented, lambda X: ..., lambda X: (X, ...)])
def test_stubs_are_not_attempted(stub):
    assert judged(stub).status == NOT_ATTEMPTED


def test_what_torch_has_not_implemented_is_an_attempt():
    assert judged(lambda X: torch.nn.Module()(X)).status == RAISED


def raises(X):
    rows = []
    return rows[3]


def prints(X):
    print(X * 2)


BAD = {
    "returns None": (
        lambda X: None,
        WRONG,
        "is `None`, and a tensor of shape [3, 2] is needed. Is a `return` missing?",
    ),
    "a wrong shape": (lambda X: (X * 2).T, WRONG, "has the shape [2, 3], and [3, 2] is right."),
    "a NumPy array": (
        lambda X: (X * 2).numpy(),
        WRONG,
        "is a NumPy array of shape [3, 2], and a torch tensor is needed",
    ),
    "a list": (lambda X: (X * 2).tolist(), WRONG, "is a list of 3, and a tensor of shape [3, 2] is needed."),
    "integers": (lambda X: (X * 2).long(), WRONG, "is of dtype `torch.int64`, and `torch.float32` is right."),
    "NaN": (lambda X: X * float("nan"), WRONG, "is NaN, not a number at [0, 0], and"),
    "prints": (prints, WRONG, "`return` hands it to the one who calls."),
    "raises": (raises, RAISED, "`IndexError`: list index out of range"),
    "exits": (lambda X: sys.exit(3), RAISED, "`SystemExit`: 3"),
    "wrong arguments": (lambda: 3, RAISED, "takes 0 positional arguments but 1 was given"),
    "a number": (3.0, WRONG, "not its result: the check calls it."),
    "nothing": (None, WRONG, 'Pass the function itself, `check("test-1", double)`'),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_answers_get_a_helpful_outcome(name):
    answer, status, text = BAD[name]
    outcome = judged(answer)
    assert outcome.status == status
    assert outcome.diagnosis is None
    assert text in repr(outcome)


def test_the_line_is_the_learners_own():
    """Not the line inside torch that raised, and not the one in the probe that called."""

    def answer(X):
        X = X * 2
        return X @ torch.ones(17, 3)

    outcome = judged(answer)
    assert outcome.status == RAISED
    assert outcome.line == (answer.__code__.co_firstlineno + 2, "return X @ torch.ones(17, 3)")
    assert f"Line {outcome.line[0]}: `return X @ torch.ones(17, 3)`" in repr(outcome)


def for_ever(X):
    while True:
        X = X + 0


def for_ever_catching_exceptions(X):
    while True:
        try:
            X = X + 0
        except Exception:
            X = X - 0


@pytest.mark.parametrize("answer", [for_ever, for_ever_catching_exceptions])
def test_a_loop_without_end_is_stopped_in_time(answer):
    threads = threading.active_count()
    outcome = judged(answer)  # with the limit that learners get
    assert outcome.status == RAISED
    assert "had not come to an end, and was stopped." in repr(outcome)
    assert outcome.line[0] > answer.__code__.co_firstlineno
    assert threading.active_count() == threads
    assert judged(doubles).status == RIGHT  # and life goes on


def test_what_cannot_be_stopped_is_left_behind_and_told(in_threads):
    release = threading.Event()

    def answer(X):
        while not release.is_set():
            try:
                release.wait(0.001)
            except:  # noqa: E722 - this is what it is about
                X = X + 0

    outcome = judged(answer, limit=0.2)
    assert "bare `except:`" in repr(outcome)
    assert judged(doubles).status == RIGHT
    release.set()


def test_one_long_call_does_not_hold_the_kernel(in_threads):
    release = threading.Event()
    outcome = judged(lambda X: release.wait(60), limit=0.2)
    assert (outcome.status, outcome.title) == (RAISED, "! test-1 · your code does not come to an end")
    release.set()


def test_a_check_leaves_the_notebooks_random_numbers_and_grad_mode_alone():
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    with torch.no_grad():
        assert judged(lambda X: X * 2 if torch.is_grad_enabled() else X).status == RIGHT
        judged(lambda X: torch.randn(7))
        assert not torch.is_grad_enabled()
    assert torch.randn(3).equal(expected)


def test_random_numbers_are_back_also_after_what_cannot_be_stopped(in_threads):
    release, before = threading.Event(), set(threading.enumerate())
    torch.manual_seed(5)
    expected = torch.randn(6)
    torch.manual_seed(5)
    judged(lambda X: release.wait(60), limit=0.2)
    found = torch.randn(3)
    release.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert torch.cat([found, torch.randn(3)]).equal(expected)


def test_an_answer_may_train_an_experiment():
    def answer(X):
        Experiment(data="digits", model="linear", epochs=1).run()
        return X * 2

    answer(torch.zeros(1))  # what loads at the first time does so before the check
    assert judged(answer).status == RIGHT


def test_what_the_learner_prints_is_shown(capsys):
    def answer(X):
        print("shape", list(X.shape))
        return X * 2

    assert judged(answer).status == RIGHT
    assert capsys.readouterr().out == "shape [3, 2]\nshape [4]\n"


def test_a_warning_is_told():
    import warnings

    def answer(X):
        warnings.warn("mind the shapes\nand more", stacklevel=1)
        return X + 1

    assert "It warned: mind the shapes" in repr(judged(answer))


def test_an_odd_object_is_no_match_for_the_check():
    class Odd:
        def __getattr__(self, name):
            raise ValueError(name)

        def __eq__(self, other):
            raise ValueError("no")

    outcome = judged(lambda X: Odd())
    assert outcome.status == WRONG
    assert "is of type `Odd`" in repr(outcome)


def test_a_solution_that_fails_is_the_courses_mistake():
    broken = Exercise("f", kind="write", title="t", minutes=1, text="t", hints=("h",), remember="r")
    broken.name = "test-2"
    broken.probe(lambda f, draw: iter([("it", f())]))
    broken.solution(not_implemented)
    with pytest.raises(RuntimeError, match="the solution of test-2 fails"):
        diagnose.diagnose(broken, lambda: 3)


def test_the_shown_source_has_the_learners_name_and_no_decorator():
    assert double.right.source == "def double(X):\n    return X * 2  # [...] -> [...]"
    assert double.mistakes["squares"].source == "def double(X):\n    return X**2"


@pytest.mark.parametrize(
    "right, yours",
    [
        (1.5, torch.tensor(1.5)),
        (1.5, np.float64(1.5)),
        (2.0, 2),
        ([1.0, 2.0], (1, torch.tensor(2.0))),
        ([1.0, 2.0], torch.tensor([1.0, 2.0])),
        ([True, False], [True, False]),
        (torch.ones(2), torch.ones(2, requires_grad=True)),
        (torch.tensor([1, 2]), torch.tensor([1, 2])),
        (None, None),
        (float("nan"), float("nan")),
        (torch.tensor([1.0, float("nan")]), torch.tensor([1.0, float("nan")])),
    ],
)
def test_no_difference(right, yours):
    assert compare.difference(right, yours) is None


@pytest.mark.parametrize(
    "right, yours, sentence",
    [
        (1.5, 1.6, "is 1.6, and 1.5 is right."),
        (1.5, True, "is True, and a number is needed."),
        (1.5, float("nan"), "is NaN, not a number, and 1.5 is right."),
        (1.5, torch.ones(2), "is a tensor of shape [2], and one number is needed."),
        ([1.0, 2.0], [1.0], "has 1 entries, and 2 are right."),
        ([1.0, 2.0], [1.0, 3.0], "at [1] is 3, and 2 is right."),
        ([1.0, 2.0], 1.0, "is a number, and a list of 2 is needed."),
        (True, 1, "is 1, and True is right."),
        ("SGD", "Adam", "is 'Adam', and 'SGD' is right."),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "is 3 at [1], and 2 is right. (1 of 2 numbers are wrong.)"),
        (torch.tensor(1.0), torch.tensor(2.0), "is 2, and 1 is right."),
        (None, 3, "is a number."),
    ],
)
def test_differences(right, yours, sentence):
    assert compare.difference(right, yours).sentence == sentence


def test_a_wrong_tensor_is_drawn_beside_the_right_one():
    picture = judged(lambda X: X * 2 + (X[0, 0] == X) if X.dim() == 2 else X).picture
    assert picture.sentence == "1 of 6 numbers are wrong; they are framed."
    assert len(picture.figure.axes[1].patches) == 1
    row = judged(lambda X: X * 2 + (X.dim() == 1) * (X[0] == X)).picture
    assert row.sentence == "1 of 4 numbers are wrong: there the cross is not on the point."
    points = {line.get_label(): line.get_ydata().tolist() for line in row.figure.axes[0].lines}
    off = [a - b for a, b in zip(points["yours"], points["right"], strict=True)]
    assert off == pytest.approx([1, 0, 0, 0], abs=1e-5)
    shapes = judged(lambda X: (X * 2).T).picture
    assert shapes.sentence == "The right result has the shape [3, 2], yours [2, 3]."


def test_outcomes_show_themselves():
    outcome = judged(lambda X: X.view(17) if X.dim() == 1 else X * 2)
    page = outcome._repr_html_()
    assert "<code>RuntimeError</code>" in page
    assert "&#x27;[17]&#x27;" in page  # what torch says is text, not HTML
    assert "color:" not in page.replace("border-left", "").replace(outcome.color, "")  # the theme's
    assert "data:image/png" in judged(lambda X: X + 1)._repr_html_()


def test_hints_come_one_at_a_time(monkeypatch):
    monkeypatch.setattr(exercises, "_hints_given", {})
    first, *_ = hints = exercises.find("clinic-1").hints
    shown = [exercises.hint("clinic-1") for _ in range(len(hints) + 2)]
    assert [note.sentences[0] for note in shown] == [*hints, hints[-1], hints[-1]]
    assert 'hint("clinic-1")' in repr(shown[0])
    assert 'solution("clinic-1")' in repr(shown[-1])
    assert first in shown[0]._repr_html_() or "<code>" in shown[0]._repr_html_()


def test_a_solution_is_code_that_a_notebook_colours():
    shown = exercises.solution("clinic-4")
    assert shown._repr_mimebundle_()["text/markdown"].count("```python\ndef train(") == 1
    assert "def train(" in repr(shown)


@pytest.mark.parametrize("call", [exercises.check, exercises.hint, exercises.solution])
def test_an_unknown_exercise_is_one_sentence_with_the_nearest_name(call):
    with pytest.raises(ValueError, match=r"^exercise is 'clinc-3': .* Did you mean 'clinic-3'\?$"):
        call("clinc-3")


@pytest.mark.parametrize("name", ["clinic-99", 3, "", "moon"])
def test_other_unknown_names(name):
    with pytest.raises(ValueError, match="exercise is"):
        exercises.check(name, 1)


def test_runs_are_compared_by_what_fails_and_not_by_where():
    def ran(error):
        def answer(X):
            raise error

        return sandbox.observe(probe, answer)

    odd = ran(TypeError("<object at 0x7f01>: 'float' * 'NoneType'"))
    assert sandbox.same(odd, ran(TypeError("<object at 0x7f99>: 'NoneType' * 'float'")))
    assert not sandbox.same(odd, ran(ValueError("<object at 0x7f01>: 'float' * 'NoneType'")))
    assert not sandbox.same(odd, ran(TypeError("<object at 0x7f01>: 'float' * 'str'")))
    assert not sandbox.same(odd, sandbox.observe(probe, doubles))


def test_the_program_as_it_was_handed_out_needs_no_second_draw(monkeypatch):
    """On a crowded machine that one may be given up."""
    run, gone = diagnose._run, sandbox.Observation([], late=True)
    monkeypatch.setattr(diagnose, "_run", lambda *given: gone if given[-2] and given[-1] else run(*given))
    exercise = exercises.find("03-3")
    assert diagnose.diagnose(exercise, exercise.stub.program).status == NOT_ATTEMPTED
