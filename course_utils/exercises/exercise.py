"""How an exercise is written down."""

import contextlib
import functools
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

KINDS = ("write", "repair", "predict", "goal")


class Variant(NamedTuple):
    """A program, right or wrong, and what is said of an answer that behaves like it.

    Attributes:
        name: of the mistake it makes.
        program: a function or a class.
        source: its code under the name that the learner uses, as shown by `solution`.
        sentence: the diagnosis.
        idle: True if a function that does nothing at all makes this mistake, too.
    """

    name: str
    program: Any
    source: str
    sentence: str
    idle: bool = False


class _Unsaid(NamedTuple):
    """A program with mistakes that are still to be named; until then it is not kept."""

    variant: Variant
    keep: Callable

    def says(self, sentence):
        self.keep(self.variant._replace(sentence=sentence))


class Exercise:
    """One exercise: a probe, one right answer and the wrong ones that people really give.

    The probe, a generator, calls the answer on inputs and yields what is worth seeing as (label, value), the most
    telling first; values are tensors, numbers, texts, or lists of them. `diagnose` compares what it yields for the
    learner's answer with what it yields for the right one, and stops at the first difference. Then it looks whether
    the answer deviates in the same way as one of the known mistakes: *a diagnosis is a wrong program*, and whatever
    behaves like it makes that mistake. So nothing is looked up in the learner's source, and the sentence for the
    learner, the note for the teacher and the test come from one place.

    An exercise is a file in its lesson's folder, lesson_07/ex1_add_up.py, and its place gives its name, 07-1. Its
    heading, its text and its stub get into the notebook by `python -m tools.exercises`.

        exercise = Exercise(
            "add_up", kind="write", title="A sum", minutes=3, text="…", hints=("…", "…"), remember="…"
        )

        @exercise.probe
        def probe(add_up, draw):
            yield "`add_up` of some numbers", add_up(draw.randn(draw.size(3)))

        @exercise.solution
        def solution(numbers):
            return numbers.sum()

        exercise.starter("raise NotImplementedError  # their sum")
        exercise.edit("means", "sum", "mean").says("You took the mean.")

        @exercise.mistake("You took the first.")
        def first(numbers):
            return numbers[0]

    Diagnosis takes the first mistake that fits, in the order in which they stand in the file. A line of the probe or
    the solution that tools/breaks.py may change without anybody noticing says why, in a comment of its own or behind
    it, `# same: one wrong label is as wrong as another`; learners don't see it.

    Attributes:
        name: group and number, for example "clinic-3": set when it is loaded, from the place of its file.
        look: the probe.
        right, stub: `Variant`s, the solution and what is handed out.
        mistakes: {name: `Variant`}. The code that a sentence quotes belongs to the wrong program or to the solution:
            who has written otherwise hears the sentence only as far as it is true (`programs.reading.deserves`).
        reasons: of a value with several entries, for each {wrong number: what gives it}; see `because`.
    """

    def __init__(
        self,
        answer,
        *,
        kind,
        title,
        minutes,
        text,
        hints,
        remember,
        size="",
        within=contextlib.nullcontext,
        value=False,
        in_place=False,
    ):
        """
        Args:
            answer: what the learner's function, class or value is called.
            kind: "write", "repair" (a broken program is handed out), "predict" or "goal" (many answers reach it).
            title: of the heading in the notebook.
            minutes: that it takes.
            text: the task, as Markdown.
            hints: texts, from a nudge to nearly everything.
            remember: a sentence, said when the answer is right.
            size: what stands before the minutes in the heading, for example "one line".
            within: a function that gives a context manager; the answer runs inside it.
            value: True if the answer is a value, such as a prediction. The programs then take nothing and return it.
            in_place: True if the answer may change its arguments where the solution doesn't.
        """
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}: an exercise is one of {', '.join(map(repr, KINDS))}.")
        self.name = None
        self.answer, self.kind, self.title, self.size, self.minutes = answer, kind, title, size, minutes
        self.text, self.hints, self.remember, self.within = text, hints, remember, within
        self.value, self.in_place = value, in_place
        self.look = self.right = self.stub = None
        self.mistakes, self.reasons = {}, ()

    def probe(self, look):
        """Decorator: `look(answer, draw)` yields what there is to see of an answer; `draw` is a `draw.Draw`."""
        self.look = look
        return look

    def solution(self, program):
        """Decorator: a right answer."""
        self.right = self._variant(program, self.remember)
        return program

    def starter(self, *texts):
        """The stub that is handed out; it has `...` or raises NotImplementedError where the learner's code goes.

        Args:
            texts: one, for all that stands below the solution's first line, or for its value; or several, as of `edit`.
        """
        if len(texts) == 1:
            source, text = self.right.source, texts[0]
            below = source.partition("\n")[2], textwrap.indent(text, "    ")
            texts = (source, f"{self.answer} = {text}") if self.value else below
        self.stub = self._edited("starter", texts)

    def broken(self, *texts):
        """The program that is handed out to be repaired. Texts as of `edit`; it `says` how it fails, not why.

        An answer that behaves like it counts as not attempted: nothing has been repaired yet.
        """
        return _Unsaid(self._edited("broken", texts), functools.partial(setattr, self, "stub"))

    def mistake(self, sentence, idle=False):
        """Decorator of a wrong answer that people give; `sentence` says which mistake that is and what it does.

        Args:
            idle: True if a function that does nothing at all makes this mistake, too.
        """

        def keep(program):
            self._know(self._variant(program, sentence)._replace(idle=idle))
            return program

        return keep

    def edit(self, name, *texts, idle=False):
        """A wrong answer that is the solution with some of its text replaced; it `says` what `mistake` is told.

        Args:
            name: of the mistake.
            texts: old, new, old, new, …: each old one stands exactly once in the solution as it is shown to learners.
            idle: as of `mistake`.

        Raises:
            ValueError: an old text stands there not at all or more than once, or two of them overlap.
        """
        return _Unsaid(self._edited(name, texts)._replace(idle=idle), self._know)

    @property
    def cell(self):
        """The source of the cell in which it is solved, as it is handed out: the stub, and the check."""
        space = "\n" if self.value else "\n\n\n"
        hint = "" if self.name[0].isdigit() else f'# Stuck? hint("{self.name}")\n'  # as the clinic has it
        return f'{self.stub.source}{space}{hint}check("{self.name}", {self.answer})'

    def because(self, *reasons):
        """Say of wrong guesses what gives them.

        Args:
            reasons: for each entry of the value {wrong number: words for what gives it}.
        """
        self.reasons = reasons

    def _edited(self, name, texts):
        source = _edited(self.right.source, texts, f"{self.right.program.__module__}: edit {name}")
        code = compile(source, f"<edit {name}>", "exec")
        return Variant(name, functools.partial(self.made, code) if self.value else self.made(code), source, "")

    def made(self, code):
        """What a program's code leaves under the name of the answer, among the names of the exercise's file."""
        names = dict(vars(sys.modules[self.right.program.__module__]))  # a copy, as its name is the learner's
        exec(code, names)
        return names[self.answer]

    def _know(self, variant):
        if variant.name in self.mistakes:
            raise ValueError(f"{self.right.program.__module__}: there are two mistakes called {variant.name}.")
        self.mistakes[variant.name] = variant

    def _variant(self, program, sentence):
        name = program.__name__
        lines = textwrap.dedent(inspect.getsource(program)).splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith(("def ", "class ")))
        source = re.sub(rf"\b{name}\b", self.answer, _without_marks("\n".join(lines[first:])))
        if self.value:
            inside = source.partition("\n")[2]
            source = re.sub(r"(?m)^return\b", f"{self.answer} =", textwrap.dedent(inside))
        # Error messages name functions and classes; they have to read like the learner's to be compared with them.
        program.__name__ = program.__qualname__ = self.answer
        return Variant(name, program, source, sentence)


def _without_marks(source):
    return re.sub(r"(?m)^ *# same: .*\n| *# same: .*$", "", source)


def _edited(source, texts, where):
    """`source` with new texts in the places of old ones; `where` names them in an error."""
    if not texts or len(texts) % 2:
        raise ValueError(f"{where}: texts come in pairs, old and new, and here are {len(texts)}.")
    places = []
    for old, new in zip(texts[::2], texts[1::2], strict=True):
        count = source.count(old)
        if count != 1:
            raise ValueError(f"{where}: {old!r} has to stand once in the solution, and stands there {count} times.")
        start = source.index(old)
        places.append((start, start + len(old), new))
    places.sort()
    for (_, end, _), (start, _, _) in itertools.pairwise(places):
        if start < end:
            raise ValueError(f"{where}: {source[start:end]!r} stands in two of the old texts. Make one of them.")
    for start, end, new in reversed(places):
        source = source[:start] + new + source[end:]
    return source
