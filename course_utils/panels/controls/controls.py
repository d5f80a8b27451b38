"""The controls that arguments of an Explorer become, and sliders with a box to type a number into."""

import math
import numbers

import ipywidgets as widgets

from course_utils.panels.controls.grid import NumberGrid
from course_utils.panels.controls.parts import WHOLE_LABEL, Flagged, dropdown, set_tooltip

DECADE_STEPS = 20


class _NumberSlider(Flagged, widgets.HBox):
    """A slider with a linked box to type a number into.

    Attributes:
        value: the number.
        min, max: its limits.
    """

    def __init__(self, slider, min, max, value, label):
        self.min, self.max = min, max
        self._turning = False  # True while the slider sets the value
        # One by one: a layout put in the place of the slider's own would leave that one behind.
        slider.layout.width, slider.layout.min_width, slider.layout.flex = "auto", "14em", "1 1 14em"
        slider.style.description_width = WHOLE_LABEL["description_width"]
        self._slider = slider
        self._box = widgets.Text(continuous_update=False, layout=widgets.Layout(width="5.5em"))
        row = widgets.Layout(flex="1 1 20em", max_width="34em", flex_flow="row wrap", align_items="center")
        super().__init__([slider, self._box], layout=row)
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
        set_tooltip(self._box, f"{text}, as a number")

    @property
    def disabled(self):
        return self._slider.disabled

    @disabled.setter
    def disabled(self, disabled):
        self._slider.disabled = self._box.disabled = disabled

    def _checked(self, value):
        limits = f"it must be a number from {self.min:g} to {self.max:g}."
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"{self.label} is {value!r}: {limits}")
        # Written so that NaN, which is not within anything, is refused too.
        if not self.min <= value <= self.max:
            raise ValueError(f"{self.label} is {value:g}: {limits}")
        return value

    def _display(self):
        if not self._turning:
            self._slider.value = self.value
        self._box.value = self._text

    @property
    def _text(self):
        return f"{self.value:.6g}"

    def _typed(self):
        text = self._box.value.strip()
        if text == self._text:
            return self.value  # with all its digits
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text  # no number at all: the check names it

    def _on_slider(self, change):
        # A value between two stops shows at the nearer one, and the front end reports that stop as if it were turned.
        stop = self._stop(self.value)
        if self._displaying or math.isclose(change["new"], stop, rel_tol=1e-6, abs_tol=1e-12):
            return
        # The slider is not set back to the rounded value: by the time that reached the browser, the hand would have
        # moved on, and the slider would jump.
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

    def stops(self):
        """The values at which the slider stops, from `min` to `max`."""
        slider = self._slider
        count = math.floor((slider.max - slider.min) / slider.step + 1e-6)
        return [self._at(slider.min + number * slider.step) for number in range(count + 1)]

    def _at(self, place):
        """The value at a place on the slider's own scale."""
        return self._from_slider(place)


class LogSlider(_NumberSlider):
    """A slider whose steps multiply, for learning rates, with a box to type any number between its limits.

    Args:
        min, max: limits, above 0.
        value: where it starts; by default the middle (geometric mean) of both.
        label: the text in front; by default the name of the argument it stands for.

    Raises:
        ValueError: the limits are not 0 < min < max, or `value` lies outside.
    """

    def __init__(self, min, max, value=None, label=""):
        if not 0 < min < max:
            raise ValueError(f"LogSlider goes from {min} to {max}: it must be 0 < min < max.")
        value = _rounded(math.sqrt(min * max)) if value is None else value
        slider = widgets.FloatLogSlider(
            value=value, base=10, min=math.log10(min), max=math.log10(max), step=1 / DECADE_STEPS, readout=False
        )
        super().__init__(slider, min, max, value, label)

    def _stop(self, value):
        slider = self._slider
        exponent = slider.min + round((math.log10(value) - slider.min) / slider.step) * slider.step
        return 10 ** min(exponent, slider.max)

    def _at(self, place):
        return self._from_slider(10**place)

    def _from_slider(self, position):
        # 10**-1.5 is shown, and goes into an Experiment's text, as 0.0316.
        return min(max(_rounded(position), self.min), self.max)


class Slider(_NumberSlider):
    """A slider whose steps add; whole numbers if `min` and `max` and `step` are.

    Args:
        min, max: limits.
        value: where it starts; by default at `min`.
        step: by default 1, or a hundredth of the way for floats.
        label: the text in front; by default the name of the argument it stands for.

    Raises:
        ValueError: the limits are not min < max, or `value` lies outside.
    """

    def __init__(self, min, max, value=None, step=None, label=""):
        if not min < max:
            raise ValueError(f"Slider goes from {min} to {max}: it must be min < max.")
        self._whole = all(isinstance(limit, int) for limit in (min, max)) and isinstance(step, int | None)
        kind = widgets.IntSlider if self._whole else widgets.FloatSlider
        step = step or (1 if self._whole else (max - min) / 100)
        value = min if value is None else value
        slider = kind(value=value, min=min, max=max, step=step, readout=False)
        super().__init__(slider, min, max, value, label)

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
            (min, max[, step]): a slider.

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
        return widgets.Checkbox(value=given, description=label, indent=False, layout=widgets.Layout(width="auto"))
    if isinstance(given, list) and given:
        return dropdown(given, label)
    if isinstance(given, tuple) and len(given) in (2, 3) and all(isinstance(n, int | float) for n in given):
        return Slider(given[0], given[1], step=given[2] if len(given) == 3 else None, label=label)
    raise TypeError(
        f"{name} is {given!r}: it must be a list of options, True or False, (min, max), "
        "(min, max, step), a LogSlider or a NumberGrid."
    )


def arrange(controls, more=()):
    """A box of `controls` (name -> widget), those named in `more` behind a button of that name."""
    row = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "2px 16px"}
    shown = [control for name, control in controls.items() if name not in more]
    first = widgets.HBox(shown, layout=widgets.Layout(**row))
    if not more:
        return first
    rest = widgets.HBox([controls[name] for name in more], layout=widgets.Layout(display="none", **row))
    button = widgets.ToggleButton(value=False, description="More", layout=widgets.Layout(width="auto"))

    def turn(change):
        rest.layout.display = "" if change["new"] else "none"
        button.description = "Less" if change["new"] else "More"

    button.observe(turn, "value")
    first.children = (*shown, button)
    return widgets.VBox([first, rest])


def choices(control):
    """Values worth trying on `control`: each option, both states, or the limits."""
    if isinstance(control, _NumberSlider):
        return [control.min, control.max]
    if isinstance(control, NumberGrid):
        limits = [[[limit for _ in row] for row in control.value] for limit in (control.min, control.max)]
        return [*control.presets.values(), *limits]
    if isinstance(control, widgets.RadioButtons):
        return list(control.options)
    if isinstance(control, widgets.Dropdown):
        return [value for _, value in control.options]
    return [False, True]


def _rounded(number, digits=3):
    return float(f"{number:.{digits}g}")
