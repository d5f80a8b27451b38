"""A guess before a run, held against the outcome after it."""

import bisect
import html
import math
import numbers

import ipywidgets as widgets

from course_utils import checks, runtime
from course_utils.panels.base.panel import Panel, show


class Guess(Panel):
    """A question with options, one of which the learner chooses before running the next cell.

    Attributes:
        key: names the question within its notebook.
        question, options: texts.
        value: the option chosen, or None.
    """

    def __init__(self, key, question, options):
        super().__init__()
        self.key, self.question, self.options = key, question, list(options)
        choice = widgets.RadioButtons(options=self.options, value=None, layout=widgets.Layout(width="max-content"))
        if choice.has_trait("tooltip"):
            choice.tooltip = question
        self.controls = {"guess": choice}
        self._answer = widgets.HTML()
        text = widgets.HTML(f"<b>Your guess first:</b> {html.escape(question)}")
        self._root = widgets.VBox([text, choice, self._answer])

    @property
    def value(self):
        return self.controls["guess"].value

    def reveal(self, value, bounds=None, *, of):
        """Hold the guess against what came out; from now on it can't be changed.

            guess.reveal("an error", of="twice")
            guess.reveal(0.98, bounds=[0.75], of="twice")

        Args:
            value: one of the options. With `bounds`, a number: the outcome is the option it falls into. A value
                equal to a bound falls into the option below it, an infinite one into the first or the last.
            bounds: rising numbers, one between each two options, which then go from small to large.
            of: the key of the question that is answered here.

        Returns:
            The sentence that says so.

        Raises:
            ValueError: the guess answers another question than `of`, because cells were run out of order; the
                value is none of the options, or NaN; there are too few or too many bounds, or they don't rise.
            TypeError: with bounds, the value is no number.
        """
        if of != self.key:
            raise ValueError(f"Run the cell that asks {of!r} first: this guess answers {self.key!r}.")
        outcome = checks.one_of("value", value, self.options) if bounds is None else self._option(value, bounds)
        if self.value is None:
            sentence = f"The outcome: {outcome}."
        elif self.value == outcome:
            sentence = f"The outcome: {outcome}, as you guessed."
        else:
            sentence = f"You guessed: {self.value}. The outcome: {outcome}."
        self.controls["guess"].disabled = True
        self._answer.value = f'<span role="status">{html.escape(sentence)}</span>'
        return _Text(sentence)

    def _option(self, value, bounds):
        """The option that the number `value` falls into; `bounds` lie between the options."""
        if len(bounds) != len(self.options) - 1:
            raise ValueError(f"bounds is {bounds}: {len(self.options)} options need {len(self.options) - 1}.")
        if list(bounds) != sorted(set(bounds)):
            raise ValueError(f"bounds is {bounds}: each must be larger than the one before.")
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"value is {value!r} ({type(value).__name__}): with bounds it must be a number.")
        if math.isnan(value):
            raise ValueError("value is nan: only a number falls between bounds.")
        return self.options[bisect.bisect_left(bounds, value)]

    def picture(self):
        return _Text(f"{self.question} ({' · '.join(self.options)})")

    def _tell(self, sentence):
        self._answer.value = html.escape(sentence)


class _Text(str):
    """A sentence that displays itself, where there is no figure."""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": str(self), "text/html": f"<p>{html.escape(self)}</p>"}


def ask(key, question, options):
    """Ask for a guess and show the question at once.

        guess = ask("twice", "What does x.grad hold after a second backward()?", ["0.5", "1.0", "an error"])
        ...
        guess.reveal(str(x.grad.item()), of="twice")

    Args:
        key: a text that no other question of the notebook has; `reveal` names it, and refuses another question's guess.
        question: one sentence.
        options: at least two different texts.

    Returns:
        A `Guess`. Headless, nothing is recorded: the question is printed.

    Raises:
        TypeError: the key, the question or an option is no text.
        ValueError: fewer than two options, or two that are equal.
    """
    options = list(options)
    for argument, text in {"key": key, "question": question}.items():
        if not isinstance(text, str):
            raise TypeError(f"{argument} is {text!r}: it must be a text.")
    for option in options:
        if not isinstance(option, str):
            raise TypeError(f"options holds {option!r}: each must be a text.")
    if len(set(options)) < 2 or len(set(options)) < len(options):
        raise ValueError(f"options is {options}: there must be two or more, all different.")
    guess = Guess(key, question, options)
    if runtime.headless():
        print(guess.picture())
    else:
        show(guess)
    return guess
