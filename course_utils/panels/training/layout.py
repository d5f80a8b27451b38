"""How a TrainingPanel is laid out: Play first, settings on a grid, what differs from the start marked."""

import html

import ipywidgets as widgets

from course_utils.panels.training import settings

BUTTONS = {"play": "▶ Play", "step": "Step", "epoch": "Epoch", "reset": "Reset"}
_COLUMNS = "repeat(auto-fit, minmax(min(100%, 23em), 1fr))"
_LABEL = "9.5em"  # as wide as the longest, with its mark


def buttons():
    """{name: the button}; the first is the one to press."""
    made = {name: widgets.Button(description=text, layout={"width": "auto"}) for name, text in BUTTONS.items()}
    made["play"].button_style = "primary"
    made["play"].add_class("cu-play")
    return made


def toggle(closed, opened, shown):
    """A button that shows and hides `shown`, at first hidden; it says `closed` or `opened`."""
    button = widgets.ToggleButton(value=False, description=closed, layout={"width": "auto", "align_self": "center"})
    shown.layout.display = "none"

    def turn(change):
        shown.layout.display = "" if change["new"] else "none"
        button.description = opened if change["new"] else closed

    button.observe(turn, "value")
    return button


def grid(shown):
    """The controls in columns, their labels as wide as each other."""
    for control in shown:
        labelled = getattr(control, "children", [control])[0]  # a slider stands in a row with its box
        labelled.style.description_width = _LABEL
        control.layout.width, control.layout.max_width = "auto", "100%"
    return widgets.GridBox(shown, layout={"grid_template_columns": _COLUMNS, "grid_gap": "2px 20px", "width": "100%"})


class Settings:
    """The controls of a panel as one widget.

    Attributes:
        widget: it.
    """

    def __init__(self, made, hide):
        """For the controls `made`, without those named in `hide`; some wait behind a button."""
        self._made = made
        shown = [name for name in made if name not in hide]
        first = [name for name in shown if name != "budget" and settings.CONTROLS[name].first]
        self._note = widgets.HTML(layout={"display": "none"})
        self._note.add_class("cu-note")
        parts = [grid([made[name] for name in first])]
        if more := [name for name in shown if name not in first]:
            rest = grid([made[name] for name in more])
            parts += [rest, toggle("More settings", "Fewer settings", rest)]
            parts[-1].layout.align_self = "flex-start"
        self.widget = widgets.VBox([*parts, self._note], layout={"width": "100%"})

    def mark(self, start, now):
        """Mark the controls in which Experiment `now` differs from `start`, and say how."""
        told = []
        for name in self._made.keys() & settings.CONTROLS.keys():
            before, after = (settings.CONTROLS[name].get(one) for one in (start, now))
            (self._made[name].add_class if before != after else self._made[name].remove_class)("cu-changed")
        for name, control in settings.CONTROLS.items():
            before, after = control.get(start), control.get(now)
            if name in self._made and before != after:
                told.append(f"{name.replace('_', ' ')} {settings.short(before)} → {settings.short(after)}")
        self._note.value = html.escape(f"Changed since the start: {', '.join(told)}.") if told else ""
        self._note.layout.display = "" if told else "none"


def assemble(panel_buttons, made_settings, pictures, inside, hide):
    """All of a panel as one widget.

    Args:
        panel_buttons: as `buttons` makes them.
        made_settings: a `Settings`.
        pictures: the curves, and perhaps a second view.
        inside: the widget that waits behind *Look inside*.
        hide: names of buttons to leave out, *Look inside* too.
    """
    bar = [button for name, button in panel_buttons.items() if name not in hide]
    if "inside" not in hide:
        bar.append(toggle("Look inside", "Close the inside", inside))
    row = widgets.HBox(bar, layout={"flex_flow": "row wrap", "align_items": "center", "grid_gap": "4px"})
    for picture, flex in zip(pictures, ("2 1 34em", "1 1 18em"), strict=False):
        picture.layout.flex, picture.layout.min_width = flex, "0"
    beside = widgets.HBox(pictures, layout={"flex_flow": "row wrap", "grid_gap": "4px 16px"})
    whole = widgets.VBox([row, made_settings.widget, beside, inside])
    whole.add_class("cu-training")
    return whole
