"""A picture and the sentence under it, as one widget."""

import pathlib

import anywidget
import traitlets

from course_utils.panels.base.blit import DRAWING
from course_utils.panels.base.screen import Screen

_HERE = pathlib.Path(__file__).parent


class PictureView(anywidget.AnyWidget):
    """Shows a PNG, the sentence that says what to see (also the picture's text alternative), and an error.

    The front end tells of its colours, its width and its pixels, and the picture follows. While a control moves the
    picture has one pixel for each CSS pixel; once it rests the front end asks for a sharp one.

    Attributes:
        png: the picture, bytes of a PNG file.
        sentence, error: texts.
        width: of the picture, in CSS pixels.
        ratio: its pixels for each of these.
        columns: what part of the width each of its columns has; where there is little room they stand in a pile.
    """

    # Texts: of a path anywidget watches the file, and the watcher keeps every view that was ever made alive.
    _esm = (_HERE / "picture.js").read_text(encoding="utf-8")
    _css = (_HERE / "picture.css").read_text(encoding="utf-8")
    png = traitlets.Bytes(b"").tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    width = traitlets.Float(0.0).tag(sync=True)
    ratio = traitlets.Float(1.0).tag(sync=True)
    columns = traitlets.List().tag(sync=True)

    usual = Screen()  # what the last front end told: a view begins with its colours and pixels

    def __init__(self):
        super().__init__()
        self.screen = PictureView.usual._replace(room=None)
        self._figure = None  # the BlittedFigure in sight; None while another drawing has begun
        self._moving = False
        self.on_msg(self._on_message)

    def show(self, figure, draw, resting=False):
        """Show what `draw()` puts on the upper layer of a `BlittedFigure`, and the sentence that it returns.

        Args:
            figure, draw: as above.
            resting: True if no other picture follows at once: it is sharp.

        Raises:
            TypeError: it returns no text.
        """
        with DRAWING:
            self._figure = None
            figure.clear()
            sentence = draw()
            if not isinstance(sentence, str):
                raise TypeError(f"draw returned {sentence!r}: it must return the sentence that says what to see.")
            self._figure, self._moving = figure, not resting
            self._picture(sentence)

    def _picture(self, sentence):
        ratio = min(1.0, self.screen.ratio) if self._moving else self.screen.ratio
        png = self._figure.png(self.screen, ratio)
        with self.hold_sync():
            self.png, self.sentence = png, sentence
            self.width, self.ratio, self.columns = self._figure.width, ratio, self._figure.columns

    def _on_message(self, _, content, buffers):
        """{"screen": …}: where the picture is shown; {"rest": true}: for a moment nothing has moved."""
        with DRAWING:
            if "screen" in content:
                screen = Screen.told(content["screen"])
                PictureView.usual = screen
                changed, self.screen = screen != self.screen, screen
            else:
                changed, self._moving = self._moving, False
            if changed and self._figure:
                self._picture(self.sentence)
