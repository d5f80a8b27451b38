"""What controls have in common: dropdowns, tooltips, and boxes to type into that say what can't be."""

import html

import ipywidgets as widgets
import traitlets

WHOLE_LABEL = {"description_width": "initial"}  # as wide as its text, so that it is never clipped


def dropdown(options, label="", value=None, text=str):
    """A dropdown of `options`, shown as `text(option)`, at `value` (added where it is none of them) or at the first."""
    options = list(options)
    value = options[0] if value is None else value
    shown = [(text(option), option) for option in (options if value in options else [*options, value])]
    width = widgets.Layout(width="auto")
    return widgets.Dropdown(options=shown, value=value, description=label, style=WHOLE_LABEL, layout=width)


def set_tooltip(widget, text):
    """Name a widget that has no label of its own. ipywidgets 7 has no place for it."""
    if widget.has_trait("tooltip"):
        widget.tooltip = text


class Flagged(traitlets.HasTraits):
    """Mixin of boxes to type into. What can't be is named in a sentence beside them, and the value stays.

    A subclass has `_checked(value)`, which returns the value or raises, `_typed()`, the value in the boxes, and
    `_display()`, which sets them to the value.

    Attributes:
        value: what is chosen.
        message: the sentence in sight, or "".
    """

    value = traitlets.Any()

    def __init__(self, children, **more):
        self.message = ""
        self._displaying = False  # True while the boxes are set to the value: then they don't set it in turn
        self._flag = widgets.HTML(layout=widgets.Layout(display="none"))
        super().__init__([*children, self._flag], **more)

    @traitlets.validate("value")
    def _validate(self, proposal):
        return self._checked(proposal["value"])

    @traitlets.observe("value")
    def _on_value(self, change):
        self._say("")
        self._show()

    def _show(self):
        self._displaying = True
        try:
            self._display()
        finally:
            self._displaying = False

    def _on_box(self, change):
        if self._displaying:
            return
        try:
            self.value = self._typed()
            self._say("")  # also where it was typed back to what it had been
        except (ValueError, TypeError) as error:
            self._say(str(error))

    def _say(self, sentence):
        self.message = sentence
        self._flag.value = f'<span role="alert" style="color:#d55e00">{html.escape(sentence)}</span>'
        self._flag.layout.display = "" if sentence else "none"
