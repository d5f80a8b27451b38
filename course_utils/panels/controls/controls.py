"""Controls: what an argument of a panel becomes, and a slider with a number box that flags what can't be."""

import html
import math
import numbers

import ipywidgets as widgets
import traitlets

from course_utils.panels.controls.grid import NumberGrid

_WHOLE_LABEL = {"description_width": "initial"}  # as wide as its text, so that it is never clipped
DECADE_STEPS = 20


class _NumberSlider(widgets.HBox):
    """A slider with a linked box to type a number into.

    What is typed but can't be is named in a sentence beside the box; the value stays what it was.

    Attributes:
        value: the number.
        least, greatest: its limits.
        message: the sentence in sight, or "".
    """

    value = traitlets.Any()

    def __init__(self, slider, least, greatest, value, label):
        self.least, self.greatest = least, greatest
        self.message = ""
        self._turning = False  # is the slider the one who sets the value?
        self._showing = False  # while slider and box are set to the value, they are not to set it in turn
        slider.layout = widgets.Layout(width="auto", min_width="14em", flex="1 1 14em")
        slider.style = _WHOLE_LABEL
        self._slider = slider
        self._box = widgets.Text(continuous_update=False, layout=widgets.Layout(width="5.5em"))
        self._flag = widgets.HTML(layout=widgets.Layout(display="none"))
        super().__init__(
            [slider, self._box, self._flag],
            layout=widgets.Layout(flex="1 1 20em", max_width="34em", flex_flow="row wrap", align_items="center"),
        )
        self.label = label
        self.value = value
        slider.observe(self._on_slider, "value")
        self._box.observe(self._on_box, "value")

    @property
    def label(self):
        """The text in front of the slider."""
        return self._slider.description

    @label.setter
    def label(self, text):
        self._slider.description = text
        if self._box.has_trait("tooltip"):  # ipywidgets 8; there is nowhere to put it in 7
            self._box.tooltip = f"{text}, as a number"

    @property
    def disabled(self):
        return self._slider.disabled

    @disabled.setter
    def disabled(self, disabled):
        self._slider.disabled = self._box.disabled = disabled

    @traitlets.validate("value")
    def _validate(self, proposal):
        return self._checked(proposal["value"])

    def _checked(self, value):
        limits = f"it must be a number from {self.least:g} to {self.greatest:g}."
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"{self.label} is {value!r}: {limits}")
        # Written so that NaN, which is not within anything, is refused too.
        if not self.least <= value <= self.greatest:
            raise ValueError(f"{self.label} is {value:g}: {limits}")
        return value

    @traitlets.observe("value")
    def _on_value(self, change):
        self._say("")
        self._showing = True
        try:
            if not self._turning:
                self._slider.value = change["new"]
            self._box.value = f"{change['new']:.6g}"
        finally:
            self._showing = False

    def _on_slider(self, change):
        # A value between two stops shows at the nearer one, and the front end reports that stop as if it were turned.
        if self._showing or math.isclose(change["new"], self._stop(self.value), rel_tol=1e-6, abs_tol=1e-12):
            return
        # The slider is not set to its own value, rounded: by the time that reached the browser, the hand
        # would have moved it on, and be thrown back.
        self._turning = True
        try:
            self.value = self._from_slider(change["new"])
        finally:
            self._turning = False

    def _stop(self, value):
        """The position of the slider that is nearest to `value`."""
        slider = self._slider
        return min(slider.min + round((value - slider.min) / slider.step) * slider.step, slider.max)

    def _from_slider(self, position):
        return position

    def _on_box(self, change):
        if self._showing:
            return
        text = change["new"].strip()
        if text == f"{self.value:.6g}":  # typed back what it was
            self._say("")
            return
        try:
            self.value = self._parse(text)
        except (ValueError, TypeError) as error:
            self._say(str(error))

    def _parse(self, text):
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text  # no number at all: the check names it

    def _say(self, sentence):
        self.message = sentence
        self._flag.value = f'<span role="alert" style="color:#d55e00">{html.escape(sentence)}</span>'
        self._flag.layout.display = "" if sentence else "none"


class LogSlider(_NumberSlider):
    """A slider whose steps multiply, for learning rates, with a box to type any number between its limits.

    Args:
        least, greatest: limits, above 0.
        value: where it starts; by default the middle (geometric mean) of both.
        label: the text in front; by default the name of the argument it stands for.

    Raises:
        ValueError: the limits are not 0 < least < greatest, or `value` lies outside.
    """

    def __init__(self, least, greatest, value=None, label=""):
        if not 0 < least < greatest:
            raise ValueError(f"LogSlider goes from {least} to {greatest}: it must be 0 < least < greatest.")
        value = _rounded(math.sqrt(least * greatest)) if value is None else value
        slider = widgets.FloatLogSlider(
            value=value, base=10, min=math.log10(least), max=math.log10(greatest), step=1 / DECADE_STEPS, readout=False
        )
        super().__init__(slider, least, greatest, value, label)

    def _stop(self, value):
        slider = self._slider
        exponent = slider.min + round((math.log10(value) - slider.min) / slider.step) * slider.step
        return 10 ** min(exponent, slider.max)

    def _from_slider(self, position):
        # 10**-1.5 is shown, and goes into an Experiment's text, as 0.0316.
        return min(max(_rounded(position), self.least), self.greatest)


class Slider(_NumberSlider):
    """A slider whose steps add; whole numbers if `least` and `greatest` and `step` are.

    Args:
        least, greatest: limits.
        value: where it starts; by default at `least`.
        step: by default 1, or a hundredth of the way for floats.
        label: the text in front; by default the name of the argument it stands for.

    Raises:
        ValueError: the limits are not least < greatest, or `value` lies outside.
    """

    def __init__(self, least, greatest, value=None, step=None, label=""):
        if not least < greatest:
            raise ValueError(f"Slider goes from {least} to {greatest}: it must be least < greatest.")
        self._whole = all(isinstance(limit, int) for limit in (least, greatest)) and isinstance(step, int | None)
        kind = widgets.IntSlider if self._whole else widgets.FloatSlider
        step = step or (1 if self._whole else (greatest - least) / 100)
        value = least if value is None else value
        slider = kind(value=value, min=least, max=greatest, step=step, readout=False)
        super().__init__(slider, least, greatest, value, label)

    def _checked(self, value):
        if self._whole and isinstance(value, float) and not value.is_integer():
            raise ValueError(f"{self.label} is {value:g}: it must be a whole number.")
        value = super()._checked(value)
        return int(value) if self._whole else value

    def _from_slider(self, position):
        return position if self._whole else _rounded(position, digits=6)


def make(name, given):
    """The control that `given` stands for, labelled `name`.

    Args:
        name: of the argument, which becomes the label where the control has none of its own.
        given: a `LogSlider`, `Slider` or `NumberGrid`; a list: a dropdown; a bool: a checkbox;
            (least, greatest[, step]): a slider.

    Returns:
        A widget with a `value`.

    Raises:
        TypeError: `given` is none of these.
    """
    label = name.replace("_", " ")
    if isinstance(given, _NumberSlider | NumberGrid):
        given.label = given.label or label
        return given
    if isinstance(given, bool):
        return widgets.Checkbox(value=given, description=label, indent=False, layout=_natural_width())
    if isinstance(given, list) and given:
        options = [(str(option), option) for option in given]
        return widgets.Dropdown(options=options, description=label, style=_WHOLE_LABEL, layout=_natural_width())
    if isinstance(given, tuple) and len(given) in (2, 3) and all(isinstance(n, int | float) for n in given):
        return Slider(given[0], given[1], step=given[2] if len(given) == 3 else None, label=label)
    raise TypeError(
        f"{name} is {given!r}: it must be a list of options, True or False, (least, greatest), "
        "(least, greatest, step), a LogSlider or a NumberGrid."
    )


def arrange(controls, more=()):
    """A box of `controls` (name -> widget), those named in `more` behind a button of that name."""
    row = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 16px")
    first = widgets.HBox([control for name, control in controls.items() if name not in more], layout=row)
    if not more:
        return first
    row = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 16px", display="none")
    rest = widgets.HBox([controls[name] for name in more], layout=row)
    button = widgets.ToggleButton(value=False, description="More", layout=widgets.Layout(width="auto"))

    def turn(change):
        rest.layout.display = "" if change["new"] else "none"
        button.description = "Less" if change["new"] else "More"

    button.observe(turn, "value")
    first.children = (*first.children, button)
    return widgets.VBox([first, rest])


def choices(control):
    """Values worth trying on `control`: each option, both states, or the least and the greatest."""
    if isinstance(control, _NumberSlider):
        return [control.least, control.greatest]
    if isinstance(control, NumberGrid):
        limits = [[[limit for _ in row] for row in control.value] for limit in (control.least, control.greatest)]
        return [*control.presets.values(), *limits]
    if isinstance(control, widgets.RadioButtons):
        return list(control.options)
    if isinstance(control, widgets.Dropdown):
        return [value for _, value in control.options]
    return [False, True]


def _natural_width():
    return widgets.Layout(width="auto")


def _rounded(number, digits=3):
    return float(f"{number:.{digits}g}")
