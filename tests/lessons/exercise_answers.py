"""Where the answers to an exercise are collected: other right ones, and wrong ones as people write them.

Those to course_utils/lessons/lesson_04/ex1_sizes_along.py stand in tests/lessons/lesson_04/ex1_sizes_along.py, which
has an `answers = Answers()`.
"""

import importlib
import pathlib

HERE = pathlib.Path(__file__).parent


class Answers:
    """Recorded answers to one exercise.

    Attributes:
        right_ones: programs, or values.
        wrong_ones: {diagnosis: [program, …]}.
        unknown_ones: [(program, what the check says of it), …], wrong in ways that have no name.
        layers: where the answer is a network's class, layers for one that does nothing useful with them; or None.
    """

    def __init__(self):
        self.right_ones, self.wrong_ones, self.unknown_ones = [], {}, []
        self.layers = None

    def right(self, program):
        """Record a right answer; a decorator, as `wrong(diagnosis)` and `unknown(text)` are."""
        self.right_ones.append(program)
        return program

    def wrong(self, diagnosis):
        return lambda program: self.wrong_ones.setdefault(diagnosis, []).append(program) or program

    def unknown(self, text):
        return lambda program: self.unknown_ones.append((program, text)) or program


def to(module):
    """The `Answers` to the exercise of a module, given by its full name."""
    return importlib.import_module(f"tests{module.removeprefix('course_utils')}").answers


def files():
    """The modules of exercises to which there are answers."""
    paths = sorted(HERE.glob("*/ex*_*.py"))
    return [f"course_utils.lessons.{path.parent.name}.{path.stem}" for path in paths]
