"""What tests of the training panel share: `panel_of` makes one, `press` and `until` wait for what it does."""

import threading
import time

import pytest

from course_utils.panels import TrainingPanel

LONG = 10_000  # epochs: more than any test waits for


@pytest.fixture
def panel_of():
    """Function that makes a panel over the digits, closed at the end of the test."""
    made = []

    def make(**arguments):
        options = {"data": "digits", "hidden": (16,), "lr": 0.1, "epochs": 3, "threads": 1}
        made.append(TrainingPanel(**{**options, **arguments}))
        return made[-1]

    yield make
    for panel in made:
        panel.close()


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        threading.Event().wait(0.002)


def press(panel, button):
    """Press a button, and wait for the end of what it trains."""
    panel.buttons[button].click()
    assert panel.wait(60)
