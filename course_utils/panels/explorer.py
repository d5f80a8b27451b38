"""A picture that answers its controls."""

import ipywidgets as widgets

from course_utils import plots
from course_utils.panels.base import follow
from course_utils.panels.base.blit import DRAWING, BlittedFigure
from course_utils.panels.base.panel import Panel
from course_utils.panels.base.picture_view import PictureView
from course_utils.panels.controls import controls


class Explorer(Panel):
    """A picture drawn by a pure function of its controls' values, drawn again whenever one is turned.

        def draw(axes, lr, optimizer):
            axes.plot(...)
            return "With this learning rate the path ..."

        Explorer(draw, lr=LogSlider(0.003, 3.0), optimizer=["SGD", "Adam"])

    With `of`, it draws what functions of the learner's do, as `knobs.bowl(descend)` does. They are looked up by their
    names each time, so the picture follows as soon as the cell of one is edited and run:

        def bowl(descend):
            def draw(axes, descend, lr):
                axes.plot(*descend(lr).T)
                return "With this learning rate the path ..."

            return Explorer(draw, of=[descend], lr=LogSlider(0.003, 3.0))

    Attributes:
        figure, axes: matplotlib's; the same from the first picture to the last.
        png: the last picture, bytes of a PNG file: black on white, 100 pixels an inch, wherever it is shown.
    """

    def __init__(self, draw, background=None, columns=1, width=6.0, height=4.0, more=(), subplots=None, of=(), **given):
        """Draw the first picture.

        Args:
            draw: `draw(axes, *of, **values)` draws on top of the background and returns the sentence that says what
                to see. What it adds is removed before it is called again.
            background: None, or `background(axes)`, called once to draw what never changes.
            columns, width, height: of the figure, as in `plots.new_figure`.
            more: names of the controls that wait behind a button.
            subplots: None, or more arguments for `Figure.subplots`, for example `{"sharey": True}`.
            of: functions of the learner's; `draw` gets them as they are now.
            **given: one control for each value, in the forms `controls.make` takes.

        Raises:
            TypeError: a control in none of these forms.
            ValueError: `more` names no control.
        """
        super().__init__()
        for name, form in given.items():
            self.controls[name] = controls.make(name, form)
        for name in more:
            if name not in self.controls:
                raise ValueError(f"more names {name!r}: the controls are {', '.join(self.controls)}.")
        self.figure, self.axes = plots.new_figure(columns, width, height, **(subplots or {}))
        self._draw, self._of, self._drawn = draw, of, None
        self.main = PictureView()
        self.widget = widgets.VBox([controls.arrange(self.controls, more), self.main])
        with self._guard():
            if background is not None:
                background(self.axes)
        self._blitted = BlittedFigure(self.figure)
        self._answer(resting=True)
        for control in self.controls.values():
            control.observe(self._answer, "value")
        follow.watch()

    @property
    def png(self):
        with DRAWING:
            return self._blitted.png()

    def follow(self):
        if [follow.current(function) for function in self._of] != self._drawn:
            self._answer()

    def picture(self):
        return plots.Picture(self.figure, self.sentence)

    def _answer(self, change=None, resting=False):
        self._drawn = [follow.current(function) for function in self._of]
        with self._guard():
            self.main.show(self._blitted, lambda: self._draw(self.axes, *self._drawn, **self.values), resting)
