"""A picture and the sentence under it, as one widget."""

import pathlib

import anywidget
import traitlets

from course_utils.panels.base.blit import DRAWING

_HERE = pathlib.Path(__file__).parent


class PictureView(anywidget.AnyWidget):
    """Shows a PNG, the sentence that says what to see (also the picture's text alternative), and an error."""

    # Texts: of a path anywidget watches the file, and the watcher keeps every view that was ever made alive.
    _esm = (_HERE / "picture.js").read_text(encoding="utf-8")
    _css = (_HERE / "picture.css").read_text(encoding="utf-8")
    png = traitlets.Bytes(b"").tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def show(self, figure, draw):
        """Show what `draw()` puts on the upper layer of a `BlittedFigure`, and the sentence that it returns.

        Raises:
            TypeError: it returns no text.
        """
        with DRAWING:
            figure.clear()
            sentence = draw()
            if not isinstance(sentence, str):
                raise TypeError(f"draw returned {sentence!r}: it must return the sentence that says what to see.")
            png = figure.png()
            with self.hold_sync():
                self.png, self.sentence = png, sentence
