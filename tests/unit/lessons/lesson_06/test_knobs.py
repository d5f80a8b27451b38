"""Drawings of networks."""

import pytest

from course_utils.lessons.lesson_06 import knobs


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


@pytest.mark.parametrize("skip", [True, False])
def test_the_skip_is_drawn_where_there_is_one(skip):
    picture = knobs.residual_block(skip)
    (ax,) = picture.figure.axes
    assert ("+" in texts(ax)) is skip and len(ax.lines) == skip
    assert [text for text in texts(ax) if "conv" in text] == ["conv1 3×3", "conv2 3×3"]
    assert ("added" in picture.sentence) is skip


def test_arrows_lead_from_box_to_box():
    for skip, count in ((True, 7), (False, 5)):
        (ax,) = knobs.residual_block(skip).figure.axes
        arrows = [text for text in ax.texts if not text.get_text()]
        assert len(arrows) == count


def test_each_sequence_is_a_line_of_its_own():
    picture = knobs.reading_order({"one": [["a", "b", "c"]], "three": [["a"], ["b"], ["c"]]}, "What is read.")
    one, three = picture.figure.axes
    places = {text.get_text(): text.get_position() for text in one.texts if text.get_text()}
    assert places == {"a": (0, 0), "b": (1, 0), "c": (2, 0)}
    assert sum(not text.get_text() for text in one.texts) == 2  # arrows
    places = {text.get_text(): text.get_position() for text in three.texts}
    assert places == {"a": (0, 0), "b": (0, -1), "c": (0, -2)}
    assert picture.sentence == "What is read." and one.get_xlabel() == "step in time"
