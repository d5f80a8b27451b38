"""Breaks each exercise's check in one small way after the other; some recorded answer has to notice every break.

python tools/mutants.py              all exercises (make mutants)
python tools/mutants.py 01 clinic-3  those of some groups, or single ones

`tools/breaks.py` says what is broken and how, `tools/equivalent.py` lists what changes nothing. A break is caught if an
answer is then judged otherwise than tests/unit/exercises/test_answers.py wants, or if judging it comes to no end. A
broken module lives in memory alone: nothing is written.
"""

import ast
import contextlib
import importlib
import io
import os
import pathlib
import signal
import sys
import tempfile
import time
import types
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a script has its own folder on the path, not the one above

from course_utils import exercises, sweep  # noqa: E402
from course_utils.exercises import diagnose, feedback  # noqa: E402
from tools import breaks  # noqa: E402
from tools.equivalent import EQUIVALENT  # noqa: E402

LIMIT = 60  # seconds for the answers that one test judges


def executed(module):
    """A module as its tree is now."""
    fresh = types.ModuleType(module)
    fresh.__file__ = breaks.origin(module)  # whose lines are still the right ones
    code = compile(ast.fix_missing_locations(breaks.tree(module)), fresh.__file__, "exec")
    exec(code, vars(fresh))
    return fresh


def once(experiments, known={}):  # noqa: B006 - what it is for
    """`sweep`, which trains the same Experiments only once, since they learn the same each time."""
    key = repr(experiments)
    if key not in known:
        known[key] = sweep.sweep(experiments)
    return known[key]


def remembering(run):
    """`diagnose._run`, which runs each program of the course only once: it does the same for every answer."""
    known = {}

    def again(exercise, program, right, limit, seed):
        if limit is not None:  # a learner's, whom a busy machine must not make late
            return run(exercise, program, right, LIMIT / 3 if limit == diagnose.LIMIT else limit, seed)
        key = id(program) if callable(program) else repr(program), right is None
        if key not in known:
            known[key] = run(exercise, program, right, limit, seed)
        return known[key]

    return again


@contextlib.contextmanager
def limited(seconds):
    """Inside, what takes longer is ended by a TimeoutError; not on Windows."""

    def stop(*_):
        raise TimeoutError(f"no end after {seconds} seconds")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Answers:
    """The recorded answers to one exercise, and the tests of what is said about them."""

    def __init__(self, name, module):
        self.name, self.module = name, module
        tests = importlib.import_module("tests.unit.exercises.test_answers")
        self.exercises = tests.ALL
        self.tests = [(tests.test_the_solution_and_other_answers_are_right, name)]
        if name in tests.answers.UNKNOWN:
            self.tests.append((tests.test_a_wrong_answer_without_a_name_is_told_what_differs, name))
        for mistake in self.exercise().mistakes:
            self.tests.append((tests.test_each_mistake_gets_exactly_its_own_diagnosis, name, mistake))
        self.tests.append((tests.test_the_untouched_cell_is_not_attempted, name))
        self.tests.append((tests.test_bad_answers_get_a_helpful_outcome, name))

    def exercise(self, broken=None):
        """The exercise made anew, with what the trees of its module and of a helpers' module say now."""
        fresh = executed(self.module)
        if broken not in (None, self.module):
            setattr(fresh, broken.rpartition(".")[2], executed(broken))
        if hasattr(fresh, "sweep"):
            fresh.sweep = once
        return next(exercise for exercise in fresh.EXERCISES if exercise.name == self.name)

    def object(self, broken=None):
        """What the first test that fails says, or None."""
        try:
            self.exercises[self.name] = self.exercise(broken)
        except Exception as error:
            return error
        quick = mock.patch.object(diagnose, "_run", remembering(diagnose._run))
        without_pictures = mock.patch.object(feedback, "side_by_side", return_value=None)
        for test in self.tests:
            try:
                with contextlib.redirect_stdout(io.StringIO()), quick, without_pictures, limited(LIMIT):
                    test[0](*test[1:])
            except Exception as error:  # a broken program may raise anything
                self.tests.remove(test)
                self.tests.insert(0, test)  # the next break is likely to be seen there, too
                return error
        return None


def misjudged(answers):
    """Is some answer misjudged though nothing is broken? Says which."""
    error = answers.object()
    if error is not None:
        print(f"{answers.name}: an answer is misjudged though nothing is broken: {error}")
    return error is not None


def main(wanted):
    """Try the breaks of some exercises or groups, of all if none is named. Returns the exit status."""
    began = time.monotonic()
    every, homes = breaks.all_breaks(exercises.GROUPS)
    for one in set(wanted) - set(exercises.GROUPS) - set(homes):
        sys.exit(f"{one} is neither a group of exercises ({', '.join(exercises.GROUPS)}) nor an exercise (01-1, …).")
    stale = set(EQUIVALENT) - {one.key for one in every}
    if stale:
        print("EQUIVALENT lists what is no break (any more):", *sorted(stale), sep="\n  ")
        return 1
    chosen = [name for name in homes if not wanted or {name, name.rpartition("-")[0]} & set(wanted)]
    answers = {name: Answers(name, homes[name]) for name in chosen}
    tried, same, survivors = 0, 0, 0
    for name in chosen:
        since = time.monotonic()
        mine = [one for one in every if next(filter(answers.get, one.names), None) == name]
        same += sum(one.key in EQUIVALENT for one in mine)
        mine = [one for one in mine if one.key not in EQUIVALENT]
        tried += len(mine)
        if misjudged(answers[name]):
            return 1
        for one in mine:
            with one.made():
                if all(answers[other].object(one.module) is None for other in one.names if other in answers):
                    survivors += 1
                    print(f"NOT CAUGHT {one}", flush=True)
        if misjudged(answers[name]):  # something that a break has left behind
            return 1
        print(f"{name}: {len(mine)} breaks, {time.monotonic() - since:.1f} s", flush=True)
    ending = f"{survivors} NOT caught" if survivors else "all caught"
    equal = f"{same} more change{'s' if same == 1 else ''} nothing"
    print(f"{tried} breaks, {ending}, {time.monotonic() - began:.0f} s. ({equal}.)")
    return int(bool(survivors))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        os.environ.update(COURSE_OFFLINE="1", COURSE_DATA=empty, COURSE_THREADS="1", OMP_NUM_THREADS="1")
        status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # not held up by what comes to no end
