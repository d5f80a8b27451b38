"""Exercises that name your mistake: `check` an answer, ask for a `hint`, look at the `solution`.

`reset` gives an exercise back as it was handed out. `my_progress` shows what is done, `hand_in` writes a page about
it; `export_progress` and `import_progress` take it elsewhere.

This is the engine. An exercise is a file in its lesson's folder: course_utils/lessons/lesson_04/ex1_sizes_along.py is
"04-1", clinic/ex3_accuracy.py is "clinic-3". It is found by its place, and loaded when it is first asked for. To add
one, see `exercise.Exercise`.
"""

import difflib
import importlib
import os
import pkgutil
import re

from course_utils import order
from course_utils.exercises import diagnose, store
from course_utils.exercises.feedback import NOT_ATTEMPTED, RAISED, RIGHT, WRONG, Note, Program

CHECK = re.compile(r"\bcheck\(\s*[\"'](\w+-\d+)[\"']")  # in the source of the cell in which an exercise is solved
_FILE = re.compile(r"ex(\d+)_\w+")

_hints_given = {}


def check(name, answer=...):
    """Say whether `answer` is right and, if it is not, which mistake it makes.

    Args:
        name: of the exercise, for example "clinic-3".
        answer: the learner's function, class, tensor or number. Functions and classes themselves, not their results.

    Returns:
        An `Outcome`, which a notebook shows. Whatever the answer does, nothing is raised, and an answer that doesn't
        come to an end is stopped after `diagnose.LIMIT` seconds; what else it can't do on Linux, and may elsewhere,
        says `sandbox.observe`. What was attempted is written down for `my_progress`.

    Raises:
        ValueError: there is no exercise of this name.
    """
    exercise = find(name)
    outcome = diagnose.diagnose(exercise, answer)
    if outcome.status in (WRONG, RAISED) and (leftovers := order.leftovers()):
        outcome.sentences.append(leftovers)
    if outcome.status != NOT_ATTEMPTED:
        wrong = store.note(exercise.name, outcome.status == RIGHT, outcome.diagnosis)
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


def reset(name):
    """The cell of an exercise as it was handed out, to begin once more; your own cell stays as it is.

    It is shown, to copy. JupyterLab and Notebook also put it into a new cell below, as other front ends do for which
    IPython's `set_next_input` does something; IPython in a terminal puts it at the next prompt.

    Raises:
        ValueError: there is no exercise of this name.
    """
    from IPython import get_ipython

    cell = find(name).cell
    shell = get_ipython()
    if shell is not None:
        shell.set_next_input(cell)
    return Program(f"{name} · as it was handed out", cell, "If no new cell appeared below this one, copy it into one.")


def my_progress(lesson=None):
    """What you have done, tried and left open: a row for each lesson, or for each exercise of one.

    A lesson is done when the exercises in its own notebook are; those of the notebooks that go deeper come after them.

    Args:
        lesson: for example "03", or "clinic".

    Raises:
        ValueError: there is no such lesson, or it has no exercises.
    """
    from course_utils.exercises import report

    chapters = report.chapters(_names())
    if lesson is None:
        return report.of_all(chapters)
    number = str(lesson).zfill(2)
    if number == "clinic":
        return report.of_each(report.chapters(list(modules(number))))
    chosen = [chapter for chapter in chapters if chapter.key == number]
    if not chosen:
        known = ", ".join(repr(chapter.key) for chapter in chapters)
        raise ValueError(f"lesson is {lesson!r}: exercises have {known}.")
    return report.of_each(chosen)


def hand_in(name):
    """Write a page about your exercises, to give to somebody; nothing is sent.

    Args:
        name: your name, as the page will have it.

    Raises:
        ValueError: `name` is no text.
    """
    from course_utils.exercises import report

    if not isinstance(name, str) or not name.strip():
        raise ValueError(f'name is {name!r}: your name is wanted, as in hand_in("Ada Lovelace").')
    return report.hand_in(name.strip(), report.chapters(_names()))


def export_progress(as_text=False):
    """Write your progress into a small file beside the record, for another computer or another day on Colab.

    Args:
        as_text: True for a line of code to paste instead. It is shown, too, where no file can be written.

    Returns:
        A `Note`, which a notebook shows.
    """
    from course_utils.exercises import report

    return report.export_progress(as_text)


def import_progress(given=store.EXPORT):
    """Add what `export_progress` gave to your progress here; nothing of either gets lost, however often it is done.

    An exercise is done if it is in one of the two; its tries are the larger number, its last try is the later one.

    Args:
        given: path of the file, or the line of text itself.

    Returns:
        A `Note`, which a notebook shows.

    Raises:
        ValueError: it is neither, or damaged; nothing is taken over.
    """
    from course_utils.exercises import report

    return report.import_progress(given)


def _names():
    return [name for group in groups() for name in modules(group)]


def find(name):
    """The `Exercise` of this name.

    Raises:
        ValueError: there is none; the sentence names the nearest.
    """
    places = {known: place for group, folder in _folders() for known, place in _modules(group, *folder).items()}
    if str(name) not in places:
        nearest = difflib.get_close_matches(str(name).lower(), places, n=1, cutoff=0.5)
        meant = f"Did you mean {nearest[0]!r}?" if nearest else f"Their names are like {next(iter(places))!r}."
        raise ValueError(f"exercise is {name!r}: there is none of this name. {meant}")
    return _loaded(name, places[name])


def load(group):
    """{name: `Exercise`} of a group, in the order of their numbers."""
    return {name: _loaded(name, module) for name, module in modules(group).items()}


def _loaded(name, module):
    exercise = importlib.import_module(module).exercise
    exercise.name = name
    return exercise


def groups():
    """The groups of exercises, in order: "01" and so on, and "clinic"."""
    return [group for group, folder in _folders() if _modules(group, *folder)]


def modules(group):
    """{name of an exercise: full name of its module} of a group, in the order of their numbers. Loads none of them."""
    return _modules(group, *dict(_folders())[group])


def _modules(group, package, path):
    """`modules` of a group whose files stand in the folder `path`."""
    found = {}
    for one in pkgutil.iter_modules([path]):
        match = _FILE.fullmatch(one.name)
        if match:
            found.setdefault(int(match[1]), []).append(f"{package}.{one.name}")
    for number, (module, *others) in found.items():
        if others:
            raise ValueError(f"{group}-{number} is {module} and {', '.join(others)}: each must have its own number.")
    return {f"{group}-{number}": found[number][0] for number in sorted(found)}


def _folders():
    """[(group, (its package, the package's path)), …], in order of the groups."""
    lessons = importlib.import_module("course_utils.lessons")  # by its name: this is the one look upwards
    found = [(one.name, one.module_finder.path) for one in pkgutil.iter_modules(lessons.__path__)]
    return sorted(
        (name.removeprefix("lesson_"), (f"{lessons.__name__}.{name}", os.path.join(path, name))) for name, path in found
    )
