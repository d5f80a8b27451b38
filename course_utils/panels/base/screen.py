"""What a front end tells of the place where a picture will be: its colours, its width, its pixels."""

from typing import NamedTuple

from matplotlib.colors import is_color_like

UNTOLD_RATIO = 2.0  # pixels of the screen for a CSS pixel, where the front end doesn't say
LEAST_RATIO, MOST_RATIO = 0.5, 4.0


class Screen(NamedTuple):
    """Where a picture is shown.

    Attributes:
        ratio: pixels of the screen for one CSS pixel.
        ground, text: the colours of the page, as matplotlib takes them.
        room: width that the picture may take, in CSS pixels; None: as wide as it was made.
        across: how many columns of it stand side by side there; the others stand below them.
    """

    ratio: float = UNTOLD_RATIO
    ground: str = "#ffffff"
    text: str = "#000000"
    room: float | None = None
    across: int = 1

    @property
    def light(self):
        """Are these the colours in which a figure is made?"""
        return (self.ground, self.text) == (Screen().ground, Screen().text)

    @classmethod
    def told(cls, content):
        """The Screen of a message: a dict with some of the attributes. What can't be is as if it had not been told."""
        numbers = {
            name: content[name]
            for name in ("ratio", "room", "across")
            if isinstance(content.get(name), int | float) and content[name] > 0
        }
        colors = {name: content[name] for name in ("ground", "text") if is_color_like(content.get(name))}
        screen = cls(**numbers, **colors)
        return screen._replace(ratio=min(max(screen.ratio, LEAST_RATIO), MOST_RATIO))
