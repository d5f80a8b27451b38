"""Breaks each exercise's check in one small way after the other; some recorded answer has to notice every break.

python -m tools.mutants              all exercises (make mutants)
python -m tools.mutants 01 clinic-3  those of some groups, or single ones

`tools/breaks.py` says what is broken and how. A break is caught if a test of tests/unit/exercises/test_answers.py then
fails, or does not end. Where a line is marked `# same: why`, breaks may pass unnoticed; if all of its breaks are
noticed, the mark is stale, which is an error. Breaks are made in memory: nothing is written.
"""

import ast
import contextlib
import functools
import importlib
import io
import os
import signal
import sys
import tempfile
import time
import types
from unittest import mock

from course_utils import exercises, sweep
from course_utils.exercises import diagnose, feedback, forked
from tools import breaks

LIMIT = 60  # seconds for the answers that one test judges


@contextlib.contextmanager
def executed(*modules):
    """Rebuild modules, in this order, from their ASTs as they are now; imports inside the block give these."""
    with contextlib.ExitStack() as stack:
        for module in modules:
            known, fresh = importlib.import_module(module), types.ModuleType(module)
            fresh.__file__ = breaks.origin(module)  # whose lines are still the right ones
            parent, _, name = module.rpartition(".")
            stack.enter_context(mock.patch.object(sys.modules[parent], name, fresh))
            stack.callback(sys.modules.update, {module: known})
            sys.modules[module] = fresh
            exec(compile(ast.fix_missing_locations(breaks.tree(module)), fresh.__file__, "exec"), vars(fresh))
        yield fresh


def once(*given, known={}, **axes):  # noqa: B006 - what it is for
    """`sweep`, which trains the same Experiments once, since the results are the same each time."""
    key = repr((given, axes))
    if key not in known:
        known[key] = sweep.sweep(*given, **axes)
    return known[key]


def remembering(run):
    """`diagnose._run`, which runs each program of the course once: it does the same for every answer."""
    known = {}

    def again(exercise, program, right, limit, seed):
        if limit is not None:  # a learner's, whom a busy machine must not make late
            return run(exercise, program, right, LIMIT / 3 if limit == diagnose.LIMIT else limit, seed)
        key = id(program) if callable(program) else repr(program), right is None, seed
        if key not in known:
            known[key] = run(exercise, program, right, limit, seed)
        return known[key]

    return again


@contextlib.contextmanager
def limited(seconds):
    """Raise a TimeoutError in a block that takes longer than that; no limit on Windows."""

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
        if not self.exercise().value:
            self.tests.append((tests.test_right_answers_stay_right_whatever_they_draw, name))
        if tests.ANSWERS[name].unknown_ones:
            self.tests.append((tests.test_a_wrong_answer_without_a_name_is_told_what_differs, name))
        for mistake in self.exercise().mistakes:
            self.tests.append((tests.test_each_mistake_gets_exactly_its_own_diagnosis, name, mistake))
        self.tests.append((tests.test_the_untouched_cell_is_not_attempted, name))
        self.tests.append((tests.test_bad_answers_get_a_helpful_outcome, name))

    def exercise(self):
        """The exercise, rebuilt from the ASTs of its module and its helpers' modules as these are now."""
        with executed(*breaks.helpers(self.module), self.module) as fresh:
            if hasattr(fresh, "sweep"):
                fresh.sweep = once
            fresh.exercise.name = self.name
            return fresh.exercise

    def objection(self):
        """What the first test that fails says, or None."""
        try:
            self.exercises[self.name] = self.exercise()
        except Exception as error:
            return error
        patches = (
            mock.patch.object(diagnose, "_run", remembering(diagnose._run)),
            mock.patch.object(diagnose, "_slips", return_value=()),  # words for wrong answers that have no name
            mock.patch.object(diagnose, "_mended", return_value=""),  # the same
            mock.patch.object(feedback, "side_by_side", return_value=None),  # no pictures
            mock.patch.object(forked, "possible", return_value=False),  # threads are made sooner than processes
        )
        for test in self.tests:
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.ExitStack() as stack, limited(LIMIT):
                    for patch in patches:
                        stack.enter_context(patch)
                    test[0](*test[1:])
            except Exception as error:  # a broken program may raise anything
                self.tests.remove(test)
                self.tests.insert(0, test)  # the next break is likely to be seen there, too
                return error
        return None


def misjudged(answers):
    """True if an answer is misjudged though nothing is broken; prints which."""
    error = answers.objection()
    if error is not None:
        print(f"{answers.name}: an answer is misjudged though nothing is broken: {error}")
    return error is not None


def stale(mutations, noticed):
    """The places of the marks among some mutations of which all are noticed."""
    needed = {one.place for one, seen in zip(mutations, noticed, strict=True) if one.marked and not seen}
    return sorted({one.place for one in mutations if one.marked} - needed)


def main(wanted):
    """Try the breaks of some exercises or groups, of all if none is named. Returns the exit status."""
    began = time.monotonic()
    groups = exercises.groups()
    homes = {name: module for group in groups for name, module in exercises.modules(group).items()}
    for one in set(wanted) - set(groups) - set(homes):
        sys.exit(f"{one} is neither a group of exercises ({', '.join(groups)}) nor an exercise (01-1, …).")
    every, idle = breaks.all_breaks(homes)
    for place in idle:
        print(f"MARKED FOR NOTHING {place}: no break is made there")
    chosen = [name for name in homes if not wanted or {name, name.rpartition("-")[0]} & set(wanted)]
    answers = functools.cache(lambda name: Answers(name, homes[name]))
    tried, same, wrong = 0, 0, len(idle)
    for name in chosen:
        since = time.monotonic()
        mine = [one for one in every if next(filter(chosen.__contains__, one.names), None) == name]
        if misjudged(answers(name)):
            return 1
        noticed = []
        for one in mine:
            with one.made():
                # Exercises that share the broken code judge it as well, chosen or not.
                judges = sorted(one.names, key=lambda other: other != name)
                noticed.append(any(answers(other).objection() is not None for other in judges))
            if not noticed[-1] and not one.marked:
                wrong += 1
                print(f"NOT CAUGHT {one}", flush=True)
        if misjudged(answers(name)):  # something that a break has left behind
            return 1
        for place in stale(mine, noticed):
            wrong += 1
            print(f"MARKED FOR NOTHING {place}: every break there is noticed", flush=True)
        alike = sum(one.marked and not seen for one, seen in zip(mine, noticed, strict=True))
        same += alike
        tried += len(mine) - alike
        print(f"{name}: {len(mine) - alike} breaks, {time.monotonic() - since:.1f} s", flush=True)
    ending = f"{wrong} NOT as it should be" if wrong else "all caught"
    equal = f"{same} more change{'s' if same == 1 else ''} nothing"
    print(f"{tried} breaks, {ending}, {time.monotonic() - began:.0f} s. ({equal}.)")
    return int(bool(wrong))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        os.environ.update(COURSE_OFFLINE="1", COURSE_DATA=empty, COURSE_THREADS="1", OMP_NUM_THREADS="1")
        status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # without waiting for threads that do not end
