"""Controls: legal values, what is typed, what can't be."""

import math

import pytest

from course_utils.panels import LogSlider, Slider
from course_utils.panels.controls import controls


def typed(control, text):
    """Type `text` into the control's number box and leave it; returns what is said beside it."""
    _, box, _ = control.children
    box.value = text
    return control.message


def slide(control, position):
    """Move the slider itself to a position."""
    control.children[0].value = position


@pytest.mark.parametrize("text", ["abc", "0", "1e9", "nan", "-0.1", ""])
def test_what_cannot_be_is_named_and_the_value_stays(text):
    slider = LogSlider(0.003, 3, value=0.03, label="lr")
    assert "it must be a number from 0.003 to 3." in typed(slider, text)
    assert slider.value == 0.03


def test_a_legal_value_clears_the_flag_and_moves_the_slider():
    slider = LogSlider(0.003, 3, value=0.03, label="lr")
    typed(slider, "abc")
    assert typed(slider, "0,5") == ""
    assert slider.value == 0.5
    assert slider.children[0].value == 0.5


def test_typing_back_the_old_value_clears_the_flag():
    slider = LogSlider(0.003, 3, value=0.03, label="lr")
    typed(slider, "abc")
    assert typed(slider, "0.03") == ""


def test_a_value_set_from_code_is_refused_not_clipped():
    slider = LogSlider(0.003, 3, value=0.03, label="lr")
    for wrong in (0, 4, math.nan):
        with pytest.raises(ValueError, match=r"it must be a number from"):
            slider.value = wrong
    with pytest.raises(TypeError, match=r"lr is '0.1'"):
        slider.value = "0.1"
    assert slider.value == 0.03


def test_positions_of_a_log_slider_are_numbers_a_person_would_write():
    slider = LogSlider(0.001, 1, value=0.01)
    slide(slider, 10**-1.5)
    assert slider.value == 0.0316
    slide(slider, 1.0)
    assert slider.value == 1.0


def test_a_slider_never_leaves_its_limits():
    slider = LogSlider(0.0012345, 1, value=0.01)
    slide(slider, 10 ** slider.children[0].min)
    assert slider.value == slider.min


def test_whole_numbers_stay_whole():
    slider = Slider(1, 10, label="n")
    assert typed(slider, "7") == ""
    assert (slider.value, type(slider.value)) == (7, int)
    assert "it must be a whole number" in typed(slider, "7.5")
    slide(slider, 3)
    assert (slider.value, type(slider.value)) == (3, int)


@pytest.mark.parametrize("make", [lambda: LogSlider(0, 1), lambda: LogSlider(2, 1), lambda: Slider(3, 3)])
def test_limits_that_cannot_be(make):
    with pytest.raises(ValueError, match=r"it must be .*min < max"):
        make()


def test_a_start_outside_the_limits():
    with pytest.raises(ValueError, match=r"5: it must be a number from 0.1 to 1"):
        LogSlider(0.1, 1, value=5)


@pytest.mark.parametrize("form", [None, "SGD", [], (1,), (1, 2, 3, 4), {"a": 1}])
def test_a_form_that_is_no_control(form):
    with pytest.raises(TypeError, match=r"lr is .*it must be a list of options"):
        controls.make("lr", form)
