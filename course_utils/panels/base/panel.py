"""What all panels share: a place among the live ones, a guard, and how they are shown."""

import functools

import ipywidgets as widgets
from IPython.display import display

from course_utils import plots, runtime
from course_utils.panels.base import registry
from course_utils.panels.base.guard import Guard
from course_utils.panels.controls import controls

WIDGET = "application/vnd.jupyter.widget-view+json"


class Panel:
    """Controls and the pictures that answer them. As the last expression of a cell it displays itself.

    Attributes:
        controls: name -> the control's widget; setting its `value` does what a learner's hand would do.
        errors: the exceptions its callbacks have raised, oldest first.
        closed: True once it was stopped, by hand or because its cell was run again.
        widget: the ipywidgets widget that holds all of it.
        main: the widget in it that answers the controls and shows `sentence` and `error`.
        sentence: what to see.
        error: the error in sight, or "".
    """

    widget = main = None  # made by the subclass

    def __init__(self):
        self.controls = {}
        self.closed = False
        self._guard = Guard(self._tell)

    def __init_subclass__(cls):
        super().__init_subclass__()
        cls.__init__ = _whole_or_not(cls.__init__)

    @property
    def errors(self):
        return self._guard.errors

    @property
    def sentence(self):
        return self.main.sentence

    @property
    def error(self):
        return self.main.error

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
        self.main.error = sentence

    def close(self):
        """Stop the panel and take it from the page. Safe to call twice."""
        if self.closed:
            return
        self.closed = True
        registry.remove(self)
        _close_widgets(self)

    def _ipython_display_(self):
        # Colab shows widgets other than ipywidgets' own only where a hook has marked the message, and the hook sees
        # what `display` sends, but not the value of a cell.
        display(self._repr_mimebundle_(), raw=True)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = self.picture()._repr_mimebundle_()
        if not runtime.headless() and not self.closed:
            bundle[WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
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
    """For tests: turn each control of `panel` to its limits or to each of its options, and back.

    A disabled control, such as Adam's momentum, is left alone.

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


def family(*holders):
    """Every widget that `holders` are or hold, in lists, dictionaries and traits: children, their layouts and styles.

    The outermost come first.
    """
    found, waiting = {}, list(holders)
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, widgets.Widget) and id(one) not in found:
            found[id(one)] = one
            waiting += [getattr(one, name) for name in one.keys]
    return list(found.values())


def _close_widgets(panel, *given):
    # A widget that isn't closed stays for ever: in ipywidgets' list of all, in the kernel's of comms, and in the page.
    for widget in family(panel.widget, vars(panel), *given):
        widget.close()


def _whole_or_not(make):
    """`make`, an `__init__` of a panel: once whole it is among the live ones; if it fails, it leaves no widget."""

    @functools.wraps(make)
    def init(self, *args, **named):
        try:
            make(self, *args, **named)
        except BaseException:
            _close_widgets(self, named)  # controls that it was given, too, as `close` does
            raise
        registry.add(self)

    return init
