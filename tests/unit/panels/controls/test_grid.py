"""The square of numbers with presets."""

import html

import pytest

from course_utils.panels import Explorer, NumberGrid, turn_every_control
from course_utils.panels.controls.grid import OWN

BLUR = [[1 / 9] * 3] * 3


def grid():
    return NumberGrid({"edge": [[1, 0, -1]] * 3, "blur": BLUR}, label="kernel")


def boxes(control):
    return [row.children for row in control.children[1:-1]]


def choose(control, name):
    control.children[0].value = name


def texts(control):
    return [[box.value for box in row] for row in boxes(control)]


def test_a_preset_fills_the_boxes():
    control = grid()
    assert control.value == ((1.0, 0.0, -1.0),) * 3 and control.name == "edge"
    choose(control, "blur")
    assert control.value == ((1 / 9,) * 3,) * 3
    assert texts(control) == [["0.111"] * 3] * 3


def test_a_typed_number_becomes_part_of_the_value_and_leaves_the_others_exact():
    control = grid()
    choose(control, "blur")
    boxes(control)[1][2].value = "0,5"
    assert control.value == ((1 / 9,) * 3, (1 / 9, 1 / 9, 0.5), (1 / 9,) * 3)
    assert control.name == control.children[0].value == OWN
    boxes(control)[1][2].value = "1/9"
    assert control.name == control.children[0].value == "blur"


@pytest.mark.parametrize("text", ["abc", "", "nan", "inf", "1/0", "11", "-1e9"])
def test_what_cannot_be_is_flagged_and_changes_nothing(text):
    control = grid()
    before = control.value
    boxes(control)[0][0].value = text
    assert control.value == before and texts(control)[0][0] == "1"
    flag = control.children[-1]
    assert "number" in control.message and html.escape(control.message) in flag.value
    assert flag.layout.display == ""
    boxes(control)[0][0].value = "2"
    assert control.message == "" and flag.layout.display == "none"
    assert control.value[0] == (2.0, 0.0, -1.0)


def test_a_value_of_another_shape_is_refused():
    control = grid()
    with pytest.raises(ValueError, match="kernel has"):
        control.value = [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="each must be a number from -10 to 10"):
        control.value = [[11, 0, 0]] * 3


def test_an_explorer_hands_it_to_its_drawing():
    seen = []

    def draw(axes, kernel):
        seen.append(kernel)
        return f"The sum is {sum(map(sum, kernel)):g}."

    panel = Explorer(draw, kernel=NumberGrid({"edge": [[1, 0, -1]] * 3, "blur": BLUR}))
    assert panel.controls["kernel"].label == "kernel"
    boxes(panel.controls["kernel"])[0][0].value = "4"
    assert panel.sentence == "The sum is 3."
    turn_every_control(panel)
    assert {"The sum is -90.", "The sum is 90."} <= {f"The sum is {sum(map(sum, kernel)):g}." for kernel in seen}
    assert panel.errors == [] and panel.sentence == "The sum is 3."
