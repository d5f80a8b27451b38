"""What check, hint and solution give back: texts that show themselves, in a notebook with colour and a picture."""

import html
import re

import numpy as np

from course_utils import plots
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

    _repr_html_ = None  # front ends would prefer it, and it has no code

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


def side_by_side(right, yours, wrong):
    """Two tables of numbers as colours on one scale; where they have the same shape, wrong cells are framed.

    Two rows of numbers are drawn as points instead, at heights of their values.

    Args:
        right, yours: float arrays [N] or [rows, columns].
        wrong: bool tensor of their shape, True where they differ; None if they have different shapes.
    """
    if right.ndim == yours.ndim == 1:
        return _rows(right, yours, wrong)
    tables = [np.atleast_2d(table) for table in (right, yours)]
    finite = np.concatenate([table[np.isfinite(table)] for table in tables])
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    figure, axes = plots.new_figure(columns=2, width=3.2, height=2.6)
    for ax, table, title, shape in zip(axes, tables, ("right", "yours"), (right.shape, yours.shape), strict=True):
        drawn = ax.imshow(table, cmap="cividis", vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        ax.set(title=f"{title}: {list(shape)}", xlabel="column", ylabel="row")
        ax.locator_params(integer=True)
    figure.colorbar(drawn, ax=list(axes), label="value")
    if wrong is None:
        return plots.Picture(figure, _shapes(right, yours))
    cells = wrong.nonzero().tolist()
    for row, column in cells[:200]:
        axes[1].add_patch(_frame(column, row))
    return plots.Picture(figure, f"{len(cells)} of {right.size} numbers are wrong; they are framed.")


def _rows(right, yours, wrong):
    figure, ax = plots.new_figure(width=6.4, height=2.6)
    ax.plot(right, "o", color=plots.BLUE, markersize=7, label="right")
    ax.plot(yours, "x", color=plots.ORANGE, markersize=7, markeredgewidth=2, label="yours")
    ax.set(xlabel="place", ylabel="value")
    ax.locator_params(axis="x", integer=True)
    ax.grid(alpha=0.3)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    if wrong is None:
        return plots.Picture(figure, _shapes(right, yours))
    count = f"{int(wrong.sum())} of {right.size}"
    return plots.Picture(figure, f"{count} numbers are wrong: there the cross is not on the point.")


def _shapes(right, yours):
    return f"The right result has the shape {list(right.shape)}, yours {list(yours.shape)}."


def _frame(column, row):
    """The frame around one cell."""
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=plots.RED, linewidth=1.5)
