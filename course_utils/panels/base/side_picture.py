"""A picture beside the curves, drawn while a run trains without making it wait for long."""

import time

from course_utils import plots
from course_utils.panels.base.blit import DRAWING, BlittedFigure
from course_utils.panels.base.guard import Guard
from course_utils.panels.base.picture_view import PictureView

SHARE = 0.05  # of the training time may go into this picture


class SidePicture:
    """Calls `draw(axes, run)` from the training thread, between two pieces of training.

    Attributes:
        widget: shows the picture and its sentence.
    """

    def __init__(self, draw, errors):
        """`errors` is the list that what `draw` raises is kept in."""
        self.widget = PictureView()
        self._guard = Guard(self._tell, errors)
        self._draw = draw
        self._figure, self._axes = plots.new_figure(width=4.6, height=3.2)
        self._layers = BlittedFigure(self._figure)
        self._next = 0.0

    def update(self, run, now=False):
        """Draw anew if enough time has passed since the last drawing, or if it is to be `now`."""
        start = time.perf_counter()
        if not now and start < self._next:
            return
        with self._guard(), DRAWING:
            self._layers.clear()
            sentence = self._draw(self._axes, run)
            png = self._layers.png()
            with self.widget.hold_sync():
                self.widget.png, self.widget.sentence = png, sentence
        end = time.perf_counter()
        self._next = 0.0 if now else end + (end - start) / SHARE

    def draw_on(self, axes, run):
        """Draw it on other `axes`, once. Returns its sentence, "" where `draw` raises."""
        with self._guard():
            return self._draw(axes, run)
        return ""

    def _tell(self, sentence):
        self.widget.error = sentence
