"""Where the parts of a TrainingPanel stand: controls, buttons below them, pictures beside each other."""

import ipywidgets as widgets

from course_utils.panels.controls import controls
from course_utils.panels.training import settings

TEXTS = {"play": "▶ Play", "step": "Step", "epoch": "Epoch", "reset": "Reset"}


def buttons():
    """name -> button."""
    return {name: widgets.Button(description=text, layout={"width": "auto"}) for name, text in TEXTS.items()}


def arrange(shown, buttons, pictures):
    """The widget of `shown` controls (name -> widget), of buttons, and of one picture or two."""
    more = [name for name in shown if name == "budget" or not settings.CONTROLS[name].first]
    for picture, flex in zip(pictures, ("2 1 34em", "1 1 18em"), strict=False):
        picture.layout.flex, picture.layout.min_width = flex, "0"
    below = widgets.HBox(buttons, layout={"flex_flow": "row wrap"})
    beside = widgets.HBox(pictures, layout={"flex_flow": "row wrap", "grid_gap": "4px 16px"})
    return widgets.VBox([controls.arrange(shown, more), below, beside])
