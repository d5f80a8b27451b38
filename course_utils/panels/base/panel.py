"""What all panels share: a place among the live ones, a guard, and how they are shown."""

import ipywidgets as widgets
from IPython.display import display

from course_utils import plots, runtime
from course_utils.panels.base import registry
from course_utils.panels.base.guard import Guard
from course_utils.panels.controls import controls

WIDGET = "application/vnd.jupyter.widget-view+json"


class Panel:
    """Controls and what they answer with. As the last expression of a cell it displays itself.

    Attributes:
        controls: name -> the control's widget; setting its `value` does what a learner's hand would do.
        errors: the exceptions its callbacks have raised, oldest first.
        closed: was it stopped, by hand or because its cell was run again?
    """

    def __init__(self):
        self.controls = {}
        self.closed = False
        self._root = None  # the widget that holds all others; made by the subclass
        self._guard = Guard(self._tell)
        registry.add(self)

    @property
    def errors(self):
        return self._guard.errors

    @property
    def values(self):
        """name -> value of each control."""
        return {name: control.value for name, control in self.controls.items()}

    def picture(self):
        """What a reader without a kernel sees: a `plots.Picture`."""
        raise NotImplementedError

    def follow(self):
        """Draw again if a function of the learner's that is drawn has changed."""

    def _tell(self, sentence):
        raise NotImplementedError

    def close(self):
        """Stop the panel and take it from the page. Safe to call twice."""
        if self.closed:
            return
        self.closed = True
        registry.remove(self)
        for widget in _descendants(self._root):
            widget.close()

    def _ipython_display_(self):
        # As the value of a cell it would be empty on Colab, which lets in no widgets but ipywidgets' own
        # until a hook marks the message, and that hook sees only what is sent by `display`.
        display(self._repr_mimebundle_(), raw=True)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = self.picture()._repr_mimebundle_()
        if not runtime.headless() and not self.closed:
            bundle[WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": self._root.model_id}
        return bundle


def show(panel):
    """Display a panel or a `plots.Picture`.

    Live where there is a kernel and somebody to look; elsewhere, and in a saved notebook, its first picture
    and the sentence that says what to see.

    Raises:
        TypeError: it is neither.
        RuntimeError: the panel is closed.
    """
    if not isinstance(panel, Panel | plots.Picture):
        raise TypeError(f"show was given a {type(panel).__name__}: it takes a panel or a Picture.")
    if isinstance(panel, Panel) and panel.closed:
        raise RuntimeError(
            "This panel was closed when its cell was run again: run that cell once more and show the new one."
        )
    display(panel._repr_mimebundle_(), raw=True)


def turn_every_control(panel):
    """Turn each control of `panel` to its least, greatest and each option, and back; for tests.

    A disabled one is left alone, as a hand would have to: the momentum of Adam, or a guess that is settled.

    Raises:
        Under `COURSE_STRICT` the first error of a callback; otherwise errors are in `panel.errors`.
    """
    for control in panel.controls.values():
        if getattr(control, "disabled", False):
            continue
        before = control.value
        for value in controls.choices(control):
            control.value = value
        control.value = before


def _descendants(widget):
    for child in getattr(widget, "children", ()):
        yield from _descendants(child)
    if isinstance(widget, widgets.Widget):
        yield widget
