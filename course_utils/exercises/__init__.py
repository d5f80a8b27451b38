"""Exercises that name your mistake: `check` an answer, ask for a `hint`, look at the `solution`.

`my_progress` shows what is done, `hand_in` writes a page about it.

This is the engine. The exercises of a group stand with its lesson, in `course_utils.lessons`; they load when one of
them is first asked for. To add an exercise, see `exercise.Exercise`.
"""

import difflib
import importlib

from course_utils.exercises import diagnose, store
from course_utils.exercises.feedback import NOT_ATTEMPTED, RIGHT, Note, Program

# The part of an exercise's name before its number, and the modules of its lesson that hold the exercises.
GROUPS = {
    "01": ("autograd", "autograd_values"),
    "02": ("linear_regression", "linear_regression_values"),
    "03": ("mlp", "mlp_evaluation", "mlp_values"),
    "04": ("cnn", "cnn_counting", "cnn_values"),
    "05": ("optimizer_rules", "optimizer_schedules", "optimizer_values"),
    "06": ("building_values", "building", "building_runs", "building_table"),
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
        come to an end is stopped after `diagnose.LIMIT` seconds. What was attempted is written down for `my_progress`.

    Raises:
        ValueError: there is no exercise of this name.
    """
    exercise = find(name)
    outcome = diagnose.diagnose(exercise, answer)
    if outcome.status != NOT_ATTEMPTED:
        wrong = store.note(exercise.name, outcome.status == RIGHT)
        if wrong:
            outcome.sentences.append(wrong)
    return outcome


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


def my_progress(lesson=None):
    """What you have done, tried and left open: a row for each lesson, or for each exercise of one.

    Args:
        lesson: for example "03".

    Raises:
        ValueError: there is no such lesson, or it has no exercises.
    """
    from course_utils.exercises import report

    if lesson is None:
        return report.of_all(_of(GROUPS))
    number = str(lesson).zfill(2)
    if number not in GROUPS:
        raise ValueError(f"lesson is {lesson!r}: exercises have {', '.join(map(repr, GROUPS))}.")
    # Lesson 06 has the clinic, too.
    return report.of_each(_of(["06", "clinic"] if number == "06" else [number]))


def hand_in(name):
    """Write a page about your exercises, to give to somebody; nothing is sent.

    Args:
        name: yours, as it is to stand on the page.

    Raises:
        ValueError: `name` is no text.
    """
    from course_utils.exercises import report

    if not isinstance(name, str) or not name.strip():
        raise ValueError(f'name is {name!r}: your name is wanted, as in hand_in("Ada Lovelace").')
    return report.hand_in(name.strip(), _of(GROUPS))


def _of(groups):
    """{group: {name: Exercise}}, each group in the order of its numbers."""
    return {group: dict(sorted(load(group).items(), key=lambda pair: _number(pair[0]))) for group in groups}


def _number(name):
    return int(name.rpartition("-")[2])


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
    found = [importlib.import_module(module) for module in modules(group)]
    return {exercise.name: exercise for module in found for exercise in module.EXERCISES}


def modules(group):
    """The full names of the modules with a group's exercises."""
    lesson = f"lesson_{group}" if group.isdigit() else group
    return [f"course_utils.lessons.{lesson}.{module}" for module in GROUPS[group]]
