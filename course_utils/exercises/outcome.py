"""What check, hint and solution give back: texts that show themselves, in a notebook with colour."""

import html
import re

from course_utils.plots import BLUE, GREEN, GREY, PURPLE, RED

RIGHT, WRONG, RAISED, NOT_ATTEMPTED = "right", "wrong", "your code raised", "not attempted"
_LOOKS = {RIGHT: ("✓", GREEN), WRONG: ("✗", RED), RAISED: ("!", PURPLE), NOT_ATTEMPTED: ("○", GREY)}


class Note:
    """A title and some sentences.

    Attributes:
        title: what it is about.
        sentences: texts, each a paragraph; code in them stands between backticks.
    """

    color = BLUE

    def __init__(self, title, *sentences):
        self.title = title
        self.sentences = [sentence for sentence in sentences if sentence]

    def __repr__(self):
        return "\n".join([self.title, *self.sentences])

    def _repr_html_(self):
        # No background and no colour of the text: both come from the theme, light or dark.
        return (
            f'<div style="border-left:4px solid {self.color};padding:4px 12px;max-width:75ch">'
            f"<b>{html.escape(self.title)}</b>{paragraphs(self.sentences)}{self._more_html()}</div>"
        )

    def _more_html(self):
        return ""


class Outcome(Note):
    """What a check found.

    Attributes:
        name: of the exercise.
        status: `RIGHT`, `WRONG`, `RAISED` or `NOT_ATTEMPTED`.
        diagnosis: the name of the mistake that was recognised, or None.
        line: the learner's own line at which it happened, as (number, text), or None.
        picture: a `plots.Picture` of the right result and the learner's, or None.
    """

    def __init__(self, name, status, *sentences, title=None, diagnosis=None, line=None, picture=None):
        mark, self.color = _LOOKS[status]
        where = f"Line {line[0]}: `{line[1]}`" if line else ""
        super().__init__(f"{mark} {name} · {title or status}", *sentences, where)
        self.name, self.status, self.diagnosis, self.line, self.picture = name, status, diagnosis, line, picture

    def _more_html(self):
        return self.picture._repr_mimebundle_()["text/html"] if self.picture else ""


class Program(Note):
    """Code to read, with a title above and a sentence below."""

    def __init__(self, title, source, *sentences):
        super().__init__(title, *sentences)
        self.source = source

    def __repr__(self):
        return "\n".join([self.title, "", self.source, "", *self.sentences])

    def _repr_mimebundle_(self, include=None, exclude=None):
        # Markdown, since that is what front ends colour as Python.
        parts = [f"**{self.title}**", f"```python\n{self.source}\n```", *self.sentences]
        return {"text/markdown": "\n\n".join(parts), "text/plain": repr(self)}


def paragraphs(sentences):
    """HTML of some texts, one below the other; what stands between backticks is code."""
    return "".join(f'<div style="margin-top:4px">{_marked(text)}</div>' for text in sentences)


def _marked(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
