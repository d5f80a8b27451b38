"""How an exercise is written down."""

import contextlib
import inspect
import re
import textwrap
from typing import Any, NamedTuple


class Variant(NamedTuple):
    """A program, right or wrong, and what is said of an answer that behaves like it.

    Attributes:
        name: of the mistake it makes.
        program: a function or a class.
        source: its code under the name that the learner uses, as shown by `solution`.
        sentence: the diagnosis.
    """

    name: str
    program: Any
    source: str
    sentence: str


class Exercise:
    """One exercise: a probe, one right answer and the wrong ones that people really give.

    The probe, a generator, calls the answer on inputs and yields what is worth seeing as (label, value), the telling
    things first; values are tensors, numbers, texts, or lists of them. `diagnose` compares what it yields for the
    learner's answer with what it yields for the right one, and stops at the first difference. Then it looks whether
    the answer deviates in the same way as one of the known mistakes: *a diagnosis is a wrong program*, and whatever
    behaves like it makes that mistake. So nothing is looked up in the learner's source, and the sentence for the
    learner, the note for the teacher and the test come from one place.

        sums = Exercise("07-1", "add_up", minutes=3, hints=("…", "…"), remember="…")

        @sums.probe
        def look(add_up):
            yield "`add_up` of three numbers", add_up(torch.randn(3))

        @sums.solution
        def right(numbers):
            return numbers.sum()

        @sums.mistake("You took the mean.")
        def means(numbers):
            return numbers.mean()

    The random numbers the probe draws are the same for every program it is used on.
    """

    def __init__(self, name, answer, minutes, hints, remember, within=contextlib.nullcontext, value=False):
        """
        Args:
            name: group and number, for example "clinic-3".
            answer: what the learner's function or class is called.
            minutes: that it takes.
            hints: texts, from a nudge to nearly everything.
            remember: a sentence, said when the answer is right.
            within: a function that gives a context manager; the answer runs inside it.
            value: is the answer a value, a prediction for example? The programs then return it, and take nothing.
        """
        self.name, self.answer, self.minutes, self.hints = name, answer, minutes, hints
        self.remember, self.within, self.value = remember, within, value
        self.look = self.right = self.stub = None
        self.repair = False
        self.mistakes = {}

    def probe(self, look):
        """Decorator: `look(answer)` yields what there is to see of an answer."""
        self.look = look
        return look

    def solution(self, program):
        """Decorator: a right answer."""
        self.right = self._variant(program, self.remember)
        return program

    def start(self, program):
        """Decorator of the stub that is handed out; it raises NotImplementedError where the learner's code goes."""
        self.stub = self._variant(program, "")
        return program

    def broken(self, sentence):
        """Decorator of the program that a *repair this* exercise hands out; `sentence` says how it fails, not why.

        An answer that behaves like it counts as not attempted: nothing has been repaired yet.
        """

        def keep(program):
            self.stub, self.repair = self._variant(program, sentence), True
            return program

        return keep

    def mistake(self, sentence):
        """Decorator of a wrong answer that people give; `sentence` says which mistake that is and what it does."""

        def keep(program):
            variant = self._variant(program, sentence)
            self.mistakes[variant.name] = variant
            return program

        return keep

    def _variant(self, program, sentence):
        name = program.__name__
        lines = textwrap.dedent(inspect.getsource(program)).splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith(("def ", "class ")))
        source = re.sub(rf"\b{name}\b", self.answer, "\n".join(lines[first:]))
        if self.value:
            source = re.sub(r"(?m)^return\b", f"{self.answer} =", textwrap.dedent("\n".join(lines[first + 1 :])))
        # Error messages name functions and classes; they have to read like the learner's to be compared with them.
        program.__name__ = program.__qualname__ = self.answer
        return Variant(name, program, source, sentence)
