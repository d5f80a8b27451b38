"""A picture follows the place where it is shown: its colours, its width, its pixels; quick while a control moves."""

import io

import numpy as np
import pytest
from PIL import Image

from course_utils.panels import Explorer
from course_utils.panels.base.picture_view import PictureView
from course_utils.panels.base.screen import Screen
from tests.lessons.controls import cut_off


def draw(axes, n):
    for ax in np.atleast_1d(axes):
        ax.plot([0, n], [0, 1])
    return f"Up to {n}."


@pytest.fixture(autouse=True)
def _untold(monkeypatch):
    monkeypatch.setattr(PictureView, "usual", Screen())


@pytest.fixture
def knob():
    return Explorer(draw, columns=2, width=4.0, height=3.0, n=(1, 9))


def tell(knob, **screen):
    """What a front end reports."""
    knob.main._handle_custom_msg({"screen": screen}, [])


def rest(knob):
    knob.main._handle_custom_msg({"rest": True}, [])


def size(knob):
    return Image.open(io.BytesIO(knob.main.png)).size


def corner(knob):
    return Image.open(io.BytesIO(knob.main.png)).getpixel((0, 0))


def test_before_anything_is_told_a_resting_picture_has_two_pixels_for_one(knob):
    assert (size(knob), knob.main.width, knob.main.ratio) == ((1600, 600), 800, 2)
    tell(knob, room=800, across=2)  # a front end that knows of no ratio
    assert size(knob) == (1600, 600)


def test_a_moving_picture_is_quick_and_the_resting_one_sharp_with_the_same_to_see(knob):
    tell(knob, ratio=3, room=800, across=2)
    knob.controls["n"].value = 5
    assert (size(knob), knob.main.ratio) == ((800, 300), 1)
    small = Image.open(io.BytesIO(knob.main.png)).convert("L").reduce(4)  # letters are set on whole pixels
    rest(knob)
    assert (size(knob), knob.main.ratio, knob.sentence) == ((2400, 900), 3, "Up to 5.")
    large = Image.open(io.BytesIO(knob.main.png)).convert("L").reduce(12)
    assert np.corrcoef(np.ravel(small), np.ravel(large))[0, 1] > 0.98
    before = knob.main.png
    rest(knob)
    assert knob.main.png is before  # nothing is drawn for a second view that asks too


@pytest.mark.parametrize(
    ("room", "across", "width", "height"),
    [
        (1100, 3, 1100, 375),  # two side by side, in the whole of the column
        (700, 1, 1400, 375),  # in a pile, each as wide as the column
        (2500, 6, 1440, 375),  # no wider than does it good
        (600, 2, 600, 225),  # less room than it was made for: smaller, letters and all
        (300, 1, 600, 225),
    ],
)
def test_it_takes_the_room_that_there_is(knob, room, across, width, height):
    tell(knob, ratio=2, room=room, across=across)
    assert (size(knob), knob.main.width) == ((2 * width, 2 * height), width)


def test_it_has_the_pages_colours_while_the_figure_stays_black_on_white(knob):
    plain = knob.png
    tell(knob, ratio=1, ground="#111111", text="#e0e0e0")
    assert corner(knob) == (17, 17, 17)
    knob.controls["n"].value = 5
    assert corner(knob) == (17, 17, 17)
    tell(knob, ratio=1)
    assert corner(knob) == (255, 255, 255)
    knob.controls["n"].value = 1
    assert knob.png == plain


def test_the_next_knob_begins_with_what_the_last_front_end_told(knob):
    tell(knob, ratio=1.5, ground="#111111", text="#e0e0e0", room=1100, across=3)
    other = Explorer(draw, n=(1, 9))
    assert (corner(other), other.main.ratio, other.main.width) == ((17, 17, 17), 1.5, 600)


@pytest.mark.parametrize("wrong", [{"ratio": 0}, {"ratio": None}, {"ground": "nothing"}, {"room": "wide"}, {}])
def test_what_cannot_be_counts_as_untold(wrong):
    assert Screen.told(wrong) == Screen()


def test_a_picture_that_failed_is_not_drawn_again(knob, monkeypatch):
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    before = knob.main.png
    knob._draw = lambda axes, n: 1 / 0
    knob.controls["n"].value = 5
    tell(knob, ratio=3)
    assert knob.main.png is before and "ZeroDivisionError" in knob.error


def labelled(ax, long):
    ax.set_yticks([0, 1], ["a label much longer than the others", "b"] if long else ["a", "b"])
    if long:
        ax.set(title="two\nlines", xlabel="one\nand another")
    return "Labels."


@pytest.mark.parametrize("columns", [1, 2])
def test_labels_that_come_later_have_their_room_and_leave_it_again(columns):
    def label(axes, long):
        return [labelled(ax, long) for ax in np.atleast_1d(axes)][-1]

    knob = Explorer(label, columns=columns, width=4.0, height=3.0, long=False)
    first = knob.png
    for screen in ({}, {"room": 1100, "across": 3}, {"room": 500, "across": 1}):
        tell(knob, ratio=1, **screen)
        knob.controls["long"].value = True
        assert cut_off(knob.figure) == []
        knob.controls["long"].value = False
        assert cut_off(knob.figure) == []
    assert knob.png == first


def test_columns_are_cut_between_their_labels():
    def background(axes):
        axes[0].set(ylim=(0, 123456), ylabel="first")
        axes[1].set(ylabel="second", title="title")

    knob = Explorer(draw, background, columns=2, width=4.0, height=3.0, n=(1, 9), subplots={"width_ratios": [1, 3]})
    assert knob.main.columns == [0.25, 0.75]
    tell(knob, ratio=1, ground="#ffffff", text="#000000")
    pixels = np.asarray(Image.open(io.BytesIO(knob.main.png)))
    assert (pixels[:, 198:203] == 255).all()
    tops = [ax.get_position().y1 for ax in knob.axes]
    assert tops[0] == tops[1]  # in one line, though only one has a title
