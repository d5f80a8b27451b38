"""Exercises that name your mistake: `check` an answer, ask for a `hint`, look at the `solution`.

One module or a few for each group of exercises; they load when one of their exercises is first asked for. To add an
exercise, see `exercise.Exercise`.
"""

import difflib
import importlib

from course_utils.exercises import judge
from course_utils.exercises.outcome import Note, Program

# The part of an exercise's name before its number, and the modules that hold the exercises.
GROUPS = {
    "01": ("autograd", "autograd_values"),
    "02": ("linear_regression", "linear_regression_values"),
    "clinic": ("clinic_classes", "clinic_training", "clinic_networks", "clinic_evaluation"),
}


_hints_given = {}


def check(name, answer=...):
    """Say whether `answer` is right and, if it is not, which mistake it makes.

    Args:
        name: of the exercise, for example "clinic-3".
        answer: the learner's function, class, tensor or number. Functions and classes themselves, not their results.

    Returns:
        An `Outcome`, which a notebook shows. Whatever the answer does, nothing is raised, and an answer that doesn't
        come to an end is stopped after `judge.LIMIT` seconds.

    Raises:
        ValueError: there is no exercise of this name.
    """
    return judge.judge(find(name), answer)


def hint(name):
    """The next hint for an exercise; one more at each call, then the last again.

    Raises:
        ValueError: there is no exercise of this name.
    """
    hints = find(name).hints
    given = min(_hints_given.get(name, 0) + 1, len(hints))
    _hints_given[name] = given
    more = f'`hint("{name}")` gives one more.' if given < len(hints) else f'`solution("{name}")` shows one way.'
    return Note(f"{name} · hint {given} of {len(hints)}", hints[given - 1], more)


def solution(name):
    """One right answer, as code.

    Raises:
        ValueError: there is no exercise of this name.
    """
    exercise = find(name)
    return Program(f"{name} · one way", exercise.right.source, exercise.remember)


def find(name):
    """The `Exercise` of this name.

    Raises:
        ValueError: there is none; the sentence names the nearest.
    """
    group = str(name).rpartition("-")[0]
    found = load(group).get(name) if group in GROUPS else None
    if found is None:
        names = [known for group in GROUPS for known in load(group)]
        nearest = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0.5)
        meant = f"Did you mean {nearest[0]!r}?" if nearest else f"Their names are like {names[0]!r}."
        raise ValueError(f"exercise is {name!r}: there is none of this name. {meant}")
    return found


def load(group):
    """{name: Exercise} of a group, in the order of its modules."""
    modules = [importlib.import_module(f"{__name__}.{module}") for module in GROUPS[group]]
    return {exercise.name: exercise for module in modules for exercise in module.EXERCISES}
