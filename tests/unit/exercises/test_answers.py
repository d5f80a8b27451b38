"""Every exercise: its stub is not attempted, right answers pass, each known mistake gets its own name."""

import functools
import inspect
import itertools
import math
import random
import re

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from course_utils import exercises
from course_utils.exercises import diagnose
from course_utils.exercises.feedback import NOT_ATTEMPTED, RAISED, RIGHT, WRONG
from tests.lessons import exercise_answers

MODULES = {name: module for group in exercises.groups() for name, module in exercises.modules(group).items()}
ALL = {name: exercises.find(name) for name in MODULES}
ANSWERS = {name: exercise_answers.to(module) for name, module in MODULES.items()}
pytestmark = pytest.mark.usefixtures("in_threads")  # thousands of forks would take minutes
MISTAKES = [(name, mistake) for name in ALL for mistake in ALL[name].mistakes]


def case(name, *more):
    """An exercise's case for parametrize. The check of a goal trains, some for seconds; a MobileNet takes as long."""
    long = ALL[name].kind == "goal" or name in ("clinic-6", "clinic-17")
    return pytest.param(name, *more, marks=pytest.mark.trains if long else ())


each = pytest.mark.parametrize("name", [case(name) for name in ALL])


def judged(name, answer, **options):
    return diagnose.diagnose(ALL[name], answer, **options)


def of_the_course(name, variant):
    """What a learner would pass to check, from one of the course's own variants."""
    return variant.program() if ALL[name].value else variant.program


@each
def test_the_untouched_cell_is_not_attempted(name):
    cell = dict(vars(torch.nn), torch=torch, nn=torch.nn, F=torch.nn.functional, models=torchvision.models)
    exec(compile(ALL[name].stub.source, "cell", "exec"), cell)
    outcome = judged(name, cell[ALL[name].answer])
    assert outcome.status == NOT_ATTEMPTED, str(outcome)
    assert ALL[name].stub.sentence in repr(outcome)
    assert outcome.picture is None  # of nothing that the learner has done


@each
def test_the_solution_and_other_answers_are_right(name):
    assert ANSWERS[name].right_ones
    for program in [of_the_course(name, ALL[name].right), *ANSWERS[name].right_ones]:
        outcome = judged(name, program)
        assert outcome.status == RIGHT, f"{program}: {outcome}"


@each
def test_right_answers_are_right_on_another_draw(name):
    """Whose sizes are larger: what the probe expects follows them."""
    for program in [of_the_course(name, ALL[name].right), *ANSWERS[name].right_ones]:
        outcome = judged(name, program, seed=1)
        assert outcome.status == RIGHT, f"{program}: {outcome}"


def after_drawing(program):
    """An answer that draws and seeds, of every stream there is, before it does what it should."""
    seeds = itertools.count(1)

    def draw():
        torch.rand(1)
        seed = next(seeds)
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)

    if inspect.isclass(program):

        def begin(self, *given):
            draw()
            program.__init__(self, *given)

        return type(program.__name__, (program,), {"__init__": begin})

    @functools.wraps(program)
    def drawing(*given):
        draw()
        return program(*given)

    return drawing


@pytest.mark.parametrize("name", [case(name) for name in ALL if not ALL[name].value])
def test_right_answers_stay_right_whatever_they_draw(name):
    for program in [ALL[name].right.program, *ANSWERS[name].right_ones]:
        outcome = judged(name, after_drawing(program))
        assert outcome.status == RIGHT, f"{program}: {outcome}"


@pytest.mark.parametrize("name, mistake", [case(*pair) for pair in MISTAKES])
def test_each_mistake_gets_exactly_its_own_diagnosis(name, mistake):
    """However it is written: the course's own way, and another."""
    others = ANSWERS[name].wrong_ones[mistake]
    for program in [of_the_course(name, ALL[name].mistakes[mistake]), *others]:
        outcome = judged(name, program)
        assert (outcome.status, outcome.diagnosis) == (WRONG, mistake), f"{program}: {outcome}"
        assert ALL[name].mistakes[mistake].sentence in repr(outcome)


@pytest.mark.trains  # some of the hundred slips that each is held against
@pytest.mark.parametrize("name", [case(name) for name in ALL if ANSWERS[name].unknown_ones])
def test_a_wrong_answer_without_a_name_is_told_what_differs(name):
    for program, text in ANSWERS[name].unknown_ones:
        outcome = judged(name, program)
        assert (outcome.status, outcome.diagnosis) == (WRONG, None), f"{program}: {outcome}"
        assert text in repr(outcome)


def test_all_answers_belong_to_a_mistake():
    here = {(name, mistake) for name, answers in ANSWERS.items() for mistake in answers.wrong_ones}
    assert here == set(MISTAKES)


def test_all_answers_belong_to_an_exercise():
    assert set(exercise_answers.files()) == set(MODULES.values())


@each
def test_a_file_is_called_like_the_answer(name):
    answer = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", ALL[name].answer).lower()
    assert MODULES[name].rpartition(".")[2] == f"ex{name.rpartition('-')[2]}_{answer}"


def for_ever(*_):
    while True:
        pass


def bad_answers(exercise):
    """{what it does: (answer, the status it deserves)}"""
    returned = {
        "None": None,
        "an array": np.ones((2, 3)),
        "integers": torch.tensor([1, 2]),
        "NaN": torch.tensor(math.nan),
    }
    if exercise.value:
        return {what: (value, WRONG) for what, value in returned.items()} | {"a function": (for_ever, WRONG)}
    bad = {what: (lambda *_, value=value: value, WRONG) for what, value in returned.items()}
    bad["prints"] = (lambda *_: print(3), WRONG)
    bad["raises"] = (lambda *_: [][0], RAISED)
    bad["loops"] = (for_ever, RAISED)
    if inspect.isclass(exercise.right.program):
        bad = {
            what: (network_of(answer, ANSWERS[exercise.name].layers), status) for what, (answer, status) in bad.items()
        }
        bad["a function"] = (for_ever, WRONG)
        bad["an object"] = (nn.Linear(4, 3), WRONG)
    else:
        bad["a result"] = (0.5, WRONG)
        bad["a network"] = (nn.Linear(4, 3), WRONG)
    return bad


def network_of(function, layers):
    """A class with the right layers, whose forward is `function`."""

    class Net(nn.Module):
        def __init__(self, *_):
            super().__init__()
            self.layers = nn.ModuleList(layers)

        def forward(self, X):
            return function()

    return Net


@pytest.mark.trains  # some of the slips
@each
def test_bad_answers_get_a_helpful_outcome(name):
    exercise = ALL[name]
    for what, (answer, status) in bad_answers(exercise).items():
        outcome = judged(name, answer, limit=0.3 if what == "loops" else diagnose.LIMIT)
        assert outcome.status == status, f"{what}: {outcome}"
        assert outcome.diagnosis is None or exercise.mistakes[outcome.diagnosis].idle, f"{what}: {outcome}"
        assert len(outcome.sentences) >= 1
        if status == RAISED:
            assert outcome.line, what


@each
def test_programs_fit_a_cell(name):
    exercise = ALL[name]
    assert len(exercise.stub.source.splitlines()) <= 15
    for variant in (exercise.stub, exercise.right):
        assert max(map(len, variant.source.splitlines())) < 80
    assert len(exercise.hints) >= 2
    assert len(exercise.mistakes) >= (1 if exercise.kind == "goal" else 2)
