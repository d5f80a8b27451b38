"""A guess before a run, held against the outcome after it."""

import html

import ipywidgets as widgets

from course_utils import runtime
from course_utils.panels.base.panel import Panel, show


class Guess(Panel):
    """A question with options, one of which the learner chooses before running the next cell.

    Attributes:
        question, options: texts.
        value: the option chosen, or None.
    """

    def __init__(self, question, options):
        super().__init__()
        self.question, self.options = question, list(options)
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

    def reveal(self, outcome):
        """Hold the guess against what came out; from now on it can't be changed.

        Args:
            outcome: one of the options.

        Returns:
            The sentence that says so.

        Raises:
            ValueError: the outcome is none of the options.
        """
        if outcome not in self.options:
            raise ValueError(f"outcome is {outcome!r}: the options are {', '.join(map(repr, self.options))}.")
        if self.value is None:
            sentence = f"The outcome: {outcome}."
        elif self.value == outcome:
            sentence = f"The outcome: {outcome}, as you guessed."
        else:
            sentence = f"You guessed: {self.value}. The outcome: {outcome}."
        self.controls["guess"].disabled = True
        self._answer.value = f'<span role="status">{html.escape(sentence)}</span>'
        return _Text(sentence)

    def picture(self):
        return _Text(f"{self.question} ({' · '.join(self.options)})")

    def _tell(self, sentence):
        self._answer.value = html.escape(sentence)


class _Text(str):
    """A sentence that displays itself, where there is no figure."""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": str(self), "text/html": f"<p>{html.escape(self)}</p>"}


def predict(question, options):
    """Ask for a guess and show the question at once.

        guess = predict("What does x.grad hold after a second backward()?", ["0.5", "1.0", "an error"])
        ...
        guess.reveal(str(x.grad.item()))

    Args:
        question: one sentence.
        options: at least two different texts.

    Returns:
        A `Guess`. Headless, nothing is recorded: the question is printed.

    Raises:
        TypeError: an option is no text.
        ValueError: fewer than two options, or two that are equal.
    """
    options = list(options)
    for option in options:
        if not isinstance(option, str):
            raise TypeError(f"options holds {option!r}: each must be a text.")
    if len(set(options)) < 2 or len(set(options)) < len(options):
        raise ValueError(f"options is {options}: there must be two or more, all different.")
    guess = Guess(question, options)
    if runtime.headless():
        print(guess.picture())
    else:
        show(guess)
    return guess
