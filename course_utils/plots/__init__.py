"""Numbers in, picture out. Knows nothing of widgets or training.

Each function returns a `Picture`: a matplotlib Figure and the sentence that says what to see.
"""

import base64
import html
import io
from typing import NamedTuple

from matplotlib.figure import Figure

from course_utils.plots import letters

# Okabe and Ito's palette: told apart by people with any kind of colour vision.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#6B6B6B",
)  # fmt: skip
COLORS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, "black", GREY)  # as many as the course has optimizers
MARKERS = "os^DvPX*"
DPI = 100  # dots in an inch of a figure, each a CSS pixel
SHARP = 2  # pixels of a saved picture for each of them
# On a dark page a light picture looks like a card that was laid there.
CARD = "max-width:100%;height:auto;border-radius:6px"


class Picture(NamedTuple):
    """A figure and the sentence under it, which is also its text alternative. A notebook shows both."""

    figure: Figure
    sentence: str

    def __repr__(self):
        return self.sentence

    def png(self):
        """The figure as bytes of a PNG file."""
        return self._drawn()[0]

    def _drawn(self):
        """(bytes of a PNG file, a sentence on letters that could not be drawn, or "")."""

        def draw():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="png", dpi=SHARP * DPI)
            return buffer.getvalue()

        image, missing = letters.drawn(self.figure, draw)
        return image, f" No font on this machine has the letters {missing}: the picture shows boxes." if missing else ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        image, boxes = self._drawn()
        return shown(image, self.sentence + boxes, round(self.figure.get_figwidth() * DPI))


def shown(image, sentence, width):
    """What a notebook shows of a picture, by MIME type.

    Args:
        image: bytes of a PNG file. Its ground is not transparent, so that it can be read on any page.
        sentence: under it.
        width: in CSS pixels; it is narrower where there is less room.
    """
    image, told = base64.b64encode(image).decode(), html.escape(sentence)
    page = (
        f'<figure style="margin:0"><img alt="{told}" src="data:image/png;base64,{image}" width="{width}" '
        f'style="{CARD}"><figcaption style="font-size:90%;opacity:0.8">{told}</figcaption></figure>'
    )
    return {"text/html": page, "image/png": image, "text/plain": sentence}


def new_figure(columns=1, width=6.0, height=4.0, **subplots):
    """A Figure without pyplot, which would keep it alive for ever, and its axes in a row.

    Args:
        columns: number of axes.
        width, height: of each, in inches at 100 dots.
        **subplots: as `Figure.subplots` takes them.

    Returns:
        (figure, axes): `axes` is one Axes, or an array of them where `columns` is above 1.
    """
    figure = Figure(figsize=(width * columns, height), dpi=DPI, layout="constrained")
    return figure, figure.subplots(1, columns, **subplots)


def curves(lines, xlabel, ylabel, sentence, log=False, first=0):
    """One line per label over 0, 1, 2, … (or from `first`), with a legend beside them.

    Args:
        lines: maps a label to a list of numbers.
        xlabel, ylabel: with units.
        sentence: what to see.
        log: True for a logarithmic vertical axis.
        first: the first number of the horizontal axis.
    """
    figure, axes = new_figure(width=7.5, height=3.6)
    for (label, values), color, style in zip(lines.items(), COLORS, ("-", "--", ":", "-.", "-", "--"), strict=False):
        steps = range(first, first + len(values))
        axes.plot(steps, values, label=label, color=color, linestyle=style, linewidth=2)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.locator_params(axis="x", integer=True)
    if log:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return Picture(figure, sentence)


def legend_above(ax, looks):
    """A legend above the axes, where it hides nothing; `looks` maps a label to the keyword arguments of its line."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=label, **look) for label, look in looks.items()]
    ax.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9, frameon=False,
        columnspacing=1.0,
    )  # fmt: skip
