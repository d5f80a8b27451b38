"""A control for a small square of numbers, such as a convolution's kernel: typed one by one, or chosen from presets."""

import math

import ipywidgets as widgets

from course_utils.panels.controls.parts import Flagged, dropdown, set_tooltip

OWN = "your own"


class NumberGrid(Flagged, widgets.VBox):
    """Boxes to type numbers into, in rows, and a dropdown that fills them.

        NumberGrid({"edge": [[1, 0, -1]] * 3, "blur": [[1 / 9] * 3] * 3})

    Attributes:
        value: a tuple of rows, each a tuple of floats.
        presets: name -> such a value, in the order given.
        name: of the preset that the value is, or "your own".
        min, max: each number's limits.
    """

    def __init__(self, presets, label="", min=-10.0, max=10.0):
        """Start with the first of `presets`: name -> rows of numbers, all of one shape."""
        self.min, self.max = min, max
        self.presets = {name: _rows(numbers) for name, numbers in presets.items()}
        first = next(iter(self.presets.values()))
        self._shape = len(first), len(first[0])
        self._choice = dropdown([*self.presets, OWN])
        self._boxes = [
            [widgets.Text(continuous_update=False, layout=widgets.Layout(width="4.5em")) for _ in row] for row in first
        ]
        for number, row in enumerate(self._boxes, 1):
            for column, box in enumerate(row, 1):
                set_tooltip(box, f"row {number}, column {column}")
                box.observe(self._on_box, "value")
        super().__init__([self._choice, *(widgets.HBox(row) for row in self._boxes)])
        self.label = label
        self.value = first
        self._choice.observe(self._on_choice, "value")

    @property
    def label(self):
        """The text in front of the dropdown."""
        return self._choice.description

    @label.setter
    def label(self, text):
        self._choice.description = text

    @property
    def name(self):
        return next((name for name, numbers in self.presets.items() if numbers == self.value), OWN)

    def _checked(self, value):
        rows = _rows(value)
        if (len(rows), *{len(row) for row in rows}) != self._shape:
            raise ValueError(
                f"{self.label} has {[len(row) for row in rows]} numbers in its rows: it must be {self._shape}."
            )
        for row in rows:
            for number in row:
                if not self.min <= number <= self.max:  # so written, NaN is refused too
                    raise ValueError(
                        f"{self.label} has {number:g}: each must be a number from {self.min:g} to {self.max:g}."
                    )
        return rows

    def _display(self):
        self._choice.value = self.name
        for row, boxes in zip(self.value, self._boxes, strict=True):
            for number, box in zip(row, boxes, strict=True):
                box.value = f"{number:.3g}"

    def _typed(self):
        # A box that shows what it did keeps the number's other digits.
        return [
            [old if box.value == f"{old:.3g}" else _parse(box.value) for old, box in zip(olds, boxes, strict=True)]
            for olds, boxes in zip(self.value, self._boxes, strict=True)
        ]

    def _say(self, sentence):
        super()._say(sentence)
        if sentence:
            self._show()  # the next number typed has all boxes read: none may hold nonsense

    def _on_choice(self, change):
        if not self._displaying and change["new"] in self.presets:
            self.value = self.presets[change["new"]]


def _rows(numbers):
    return tuple(tuple(float(number) for number in row) for row in numbers)


def _parse(text):
    """A number as a person types it: 0.5, 0,5 or 1/9."""
    over, _, under = text.strip().replace(",", ".").partition("/")
    try:
        number = float(over) / float(under or 1)
    except (ValueError, ZeroDivisionError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is no number: type one like 0.5, -1 or 1/9.")
    return number
