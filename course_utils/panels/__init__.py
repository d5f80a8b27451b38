"""Panels: controls in, pictures out. The only place that knows ipywidgets.

`live` lists the panels alive in this kernel.
"""

from course_utils.panels.base.panel import show, turn_every_control
from course_utils.panels.base.registry import live
from course_utils.panels.controls.controls import LogSlider, Slider
from course_utils.panels.controls.grid import NumberGrid
from course_utils.panels.draw_pad.draw_pad import DrawPad
from course_utils.panels.explorer import Explorer
from course_utils.panels.guess import ask
from course_utils.panels.sign_pad.sign_pad import SignPad
from course_utils.panels.training.training_panel import TrainingPanel

__all__ = [
    "DrawPad",
    "Explorer",
    "LogSlider",
    "NumberGrid",
    "SignPad",
    "Slider",
    "TrainingPanel",
    "ask",
    "live",
    "show",
    "turn_every_control",
]
