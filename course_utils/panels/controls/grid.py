"""A control for a small square of numbers, such as a convolution's kernel: typed one by one, or chosen from presets."""

import html
import math

import ipywidgets as widgets
import traitlets

OWN = "your own"


class NumberGrid(widgets.VBox):
    """Boxes to type numbers into, in rows, and a dropdown that fills them.

        NumberGrid({"edge": [[1, 0, -1]] * 3, "blur": [[1 / 9] * 3] * 3})

    What is typed but can't be is named in a sentence below; the value stays what it was.

    Attributes:
        value: a tuple of rows, each a tuple of floats.
        presets: name -> such a value, in the order given.
        name: of the preset that the value is, or "your own".
        message: the sentence in sight, or "".
        least, greatest: each number's limits.
    """

    value = traitlets.Any()

    def __init__(self, presets, label="", least=-10.0, greatest=10.0):
        """Start with the first of `presets`: name -> rows of numbers, all of one shape."""
        self.least, self.greatest = least, greatest
        self.message = ""
        self._showing = False  # while the boxes are set to the value, they are not to set it in turn
        self.presets = {name: _rows(numbers) for name, numbers in presets.items()}
        first = next(iter(self.presets.values()))
        self._shape = len(first), len(first[0])
        style = {"description_width": "initial"}
        self._choice = widgets.Dropdown(options=[*self.presets, OWN], style=style, layout=widgets.Layout(width="auto"))
        self._boxes = [
            [widgets.Text(continuous_update=False, layout=widgets.Layout(width="4.5em")) for _ in row] for row in first
        ]
        for number, row in enumerate(self._boxes, 1):
            for column, box in enumerate(row, 1):
                if box.has_trait("tooltip"):  # ipywidgets 8; there is nowhere to put it in 7
                    box.tooltip = f"row {number}, column {column}"
                box.observe(self._on_box, "value")
        self._flag = widgets.HTML(layout=widgets.Layout(display="none"))
        super().__init__([self._choice, *(widgets.HBox(row) for row in self._boxes), self._flag])
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

    @traitlets.validate("value")
    def _validate(self, proposal):
        rows = _rows(proposal["value"])
        if (len(rows), *{len(row) for row in rows}) != self._shape:
            raise ValueError(
                f"{self.label} has {[len(row) for row in rows]} numbers in its rows: it must be {self._shape}."
            )
        for row in rows:
            for number in row:
                if not self.least <= number <= self.greatest:  # so written, NaN is refused too
                    raise ValueError(
                        f"{self.label} has {number:g}: each must be a number from {self.least:g} to {self.greatest:g}."
                    )
        return rows

    @traitlets.observe("value")
    def _on_value(self, change):
        self._say("")
        self._show()

    def _show(self):
        self._showing = True
        try:
            self._choice.value = self.name
            for row, boxes in zip(self.value, self._boxes, strict=True):
                for number, box in zip(row, boxes, strict=True):
                    box.value = f"{number:.3g}"
        finally:
            self._showing = False

    def _on_choice(self, change):
        if not self._showing and change["new"] in self.presets:
            self.value = self.presets[change["new"]]

    def _on_box(self, change):
        if self._showing:
            return
        try:
            # A box that shows what it did keeps the number's other digits.
            self.value = [
                [old if box.value == f"{old:.3g}" else _parse(box.value) for old, box in zip(olds, boxes, strict=True)]
                for olds, boxes in zip(self.value, self._boxes, strict=True)
            ]
        except ValueError as error:
            self._show()
            self._say(str(error))

    def _say(self, sentence):
        self.message = sentence
        self._flag.value = f'<span role="alert" style="color:#d55e00">{html.escape(sentence)}</span>'
        self._flag.layout.display = "" if sentence else "none"


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
