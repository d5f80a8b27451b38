"""Every exercise: its stub is not attempted, right answers pass, each known mistake gets its own name."""

import importlib
import inspect
import math
import pathlib

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from course_utils import exercises
from course_utils.exercises import diagnose
from course_utils.exercises.feedback import NOT_ATTEMPTED, RAISED, RIGHT, WRONG
from tests.lessons import exercise_answers as answers

ROOT = pathlib.Path(__file__).resolve().parents[3]
for path in (ROOT / "tests" / "lessons").rglob("*answers*.py"):
    importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))  # fills `answers`

ALL = {name: exercise for group in exercises.GROUPS for name, exercise in exercises.load(group).items()}
NAMES = sorted(ALL, key=lambda name: (name.split("-")[0], int(name.split("-")[1])))
MISTAKES = [(name, mistake) for name in NAMES for mistake in ALL[name].mistakes]


def judged(name, answer, **options):
    return diagnose.diagnose(ALL[name], answer, **options)


def of_the_course(name, variant):
    """What a learner would pass to check, from one of the course's own variants."""
    return variant.program() if ALL[name].value else variant.program


@pytest.mark.parametrize("name", NAMES)
def test_the_untouched_cell_is_not_attempted(name):
    cell = dict(vars(torch.nn), torch=torch, nn=torch.nn, F=torch.nn.functional, models=torchvision.models)
    exec(compile(ALL[name].stub.source, "cell", "exec"), cell)
    outcome = judged(name, cell[ALL[name].answer])
    assert outcome.status == NOT_ATTEMPTED, str(outcome)
    assert ALL[name].stub.sentence in repr(outcome)
    assert outcome.picture is None  # of nothing that the learner has done


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_and_other_answers_are_right(name):
    assert answers.RIGHT[name]
    for program in [of_the_course(name, ALL[name].right), *answers.RIGHT[name]]:
        outcome = judged(name, program)
        assert outcome.status == RIGHT, f"{program}: {outcome}"


@pytest.mark.parametrize("name, mistake", MISTAKES)
def test_each_mistake_gets_exactly_its_own_diagnosis(name, mistake):
    """However it is written: the course's own way, and another."""
    others = answers.WRONG[name][mistake]
    for program in [of_the_course(name, ALL[name].mistakes[mistake]), *others]:
        outcome = judged(name, program)
        assert (outcome.status, outcome.diagnosis) == (WRONG, mistake), f"{program}: {outcome}"
        assert ALL[name].mistakes[mistake].sentence in repr(outcome)


@pytest.mark.parametrize("name", answers.UNKNOWN)
def test_a_wrong_answer_without_a_name_is_told_what_differs(name):
    for program, text in answers.UNKNOWN[name]:
        outcome = judged(name, program)
        assert (outcome.status, outcome.diagnosis) == (WRONG, None), f"{program}: {outcome}"
        assert text in repr(outcome)


def test_all_answers_here_belong_to_a_mistake():
    here = {(name, mistake) for name, found in answers.WRONG.items() for mistake in found}
    assert here == set(MISTAKES)


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
        bad = {what: (network_of(answer, LAYERS[exercise.name]), status) for what, (answer, status) in bad.items()}
        bad["a function"] = (for_ever, WRONG)
        bad["an object"] = (nn.Linear(4, 3), WRONG)
    else:
        bad["a result"] = (0.5, WRONG)
        bad["a network"] = (nn.Linear(4, 3), WRONG)
    return bad


LAYERS = {
    "clinic-1": [nn.Linear(4, 8), nn.Linear(8, 3)],
    "clinic-10": [nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)],
    "06-2": [nn.Conv2d(3, 5, 3), nn.Conv2d(5, 5, 3), nn.Conv2d(3, 5, 1)],
}


def network_of(function, layers):
    """A class with the right layers, whose forward is `function`."""

    class Net(nn.Module):
        def __init__(self, *_):
            super().__init__()
            self.layers = nn.ModuleList(layers)

        def forward(self, X):
            return function()

    return Net


# Mistakes that a function makes as well that does nothing at all.
DIAGNOSED = ("ReturnsNothing", "moves_nothing", "renames", "returns_the_mean", "sets_an_attribute")


@pytest.mark.parametrize("name", NAMES)
def test_bad_answers_get_a_helpful_outcome(name):
    exercise = ALL[name]
    for what, (answer, status) in bad_answers(exercise).items():
        outcome = judged(name, answer, limit=0.3 if what == "loops" else diagnose.LIMIT)
        does_nothing = name == "02-2" and what not in ("raises", "loops", "a result", "a network")
        assert outcome.status == (NOT_ATTEMPTED if does_nothing else status), f"{what}: {outcome}"
        assert outcome.diagnosis in (None, *DIAGNOSED), f"{what}: {outcome}"
        assert len(outcome.sentences) >= 1
        if status == RAISED:
            assert outcome.line, what


@pytest.mark.parametrize("name", NAMES)
def test_programs_fit_a_cell(name):
    exercise = ALL[name]
    assert len(exercise.stub.source.splitlines()) <= 15
    for variant in (exercise.stub, exercise.right):
        assert max(map(len, variant.source.splitlines())) < 80
    assert len(exercise.hints) >= 2
    assert len(exercise.mistakes) >= 2 or name == "02-6"
