"""A picture beside the curves, drawn while a run trains without making it wait for long."""

import time

from course_utils import plots
from course_utils.panels.base.blit import BlittedFigure
from course_utils.panels.base.guard import Guard
from course_utils.panels.base.picture_view import PictureView

SHARE = 0.05  # of the training time, at most, goes into this picture


class SidePicture:
    """Calls `draw(axes, run)` from the training thread, between two pieces of training.

    Attributes:
        widget: shows the picture and its sentence.
    """

    def __init__(self, draw, errors):
        """What `draw` raises is added to the list `errors`."""
        self.widget = PictureView()
        self._guard = Guard(self._tell, errors)
        self._draw = draw
        self._figure, self._axes = plots.new_figure(width=4.6, height=3.2)
        self._blitted = BlittedFigure(self._figure)
        self._next = 0.0

    def update(self, run, now=False):
        """Draw again if enough time has passed since the last drawing, and in any case if `now` is True."""
        start = time.perf_counter()
        if not now and start < self._next:
            return
        with self._guard():
            # One that is wanted now may be followed by the next at once, as that of a pen that moves.
            self.widget.show(self._blitted, lambda: self._draw(self._axes, run), resting=not now)
        end = time.perf_counter()
        self._next = 0.0 if now else end + (end - start) / SHARE

    def draw_on(self, axes, run):
        """Draw it on other `axes`, once. Returns its sentence, "" where `draw` raises."""
        with self._guard():
            return self._draw(axes, run)
        return ""

    def _tell(self, sentence):
        self.widget.error = sentence
