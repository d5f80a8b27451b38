"""panels/recording.py: an Explorer turned to every position, for pages without a kernel."""

import base64
import io
import itertools

import pytest
from PIL import Image

from course_utils.panels import Explorer, LogSlider, Slider
from course_utils.panels.recording import record


def draw(axes, **values):
    axes.plot([0, 1], [0, len(values)])
    return " ".join(f"{name}={value}" for name, value in values.items())


def made(**controls):
    return Explorer(draw, width=2, height=1, **controls)


def told(recorded):
    """The sentence of each position, in order."""
    return [recorded["sentences"][sentence] for _, sentence in recorded["shown"]]


def test_every_position_is_there_the_last_control_changes_fastest_and_the_panel_is_as_before():
    explorer = made(on=True, way=["a", "b"], n=(0, 2))
    recorded = record(explorer)
    assert told(recorded) == [
        f"on={on} way={way} n={n}" for on, way, n in itertools.product([False, True], "ab", [0, 1, 2])
    ]
    assert recorded["controls"] == [
        {"label": "on", "kind": "checkbox", "stops": ["no", "yes"], "start": 1},
        {"label": "way", "kind": "select", "stops": ["a", "b"], "start": 0},
        {"label": "n", "kind": "range", "stops": ["0", "1", "2"], "start": 0},
    ]
    assert recorded["left"] == []
    assert explorer.sentence == "on=True way=a n=0"


def test_equal_pictures_are_kept_once_and_can_be_read():
    recorded = record(made(n=(0, 9)))
    (picture,) = recorded["pictures"]
    assert {picture for picture, _ in recorded["shown"]} == {0}
    assert Image.open(io.BytesIO(base64.b64decode(picture))).size == (200, 100)


def test_a_slider_with_too_many_stops_keeps_some_with_both_ends_and_its_start():
    recorded = record(made(lr=LogSlider(0.001, 10.0, value=0.0303), way=["a", "b"]), most=20)
    lr, way = recorded["controls"]
    assert len(recorded["shown"]) == 20
    assert (len(lr["stops"]), len(way["stops"])) == (10, 2)
    assert (lr["stops"][0], lr["stops"][-1], lr["stops"][lr["start"]]) == ("0.001", "10", "0.0303")
    assert [float(stop) for stop in lr["stops"]] == sorted(float(stop) for stop in lr["stops"])


def test_a_control_that_would_make_too_many_positions_stays_where_it_is_and_is_named():
    recorded = record(made(a=(0, 99), b=(0, 99), way=["x", "y"], the_rest=Slider(0.0, 1.0, value=0.5)), most=60)
    assert [control["label"] for control in recorded["controls"]] == ["a", "b", "way"]
    assert recorded["left"] == ["the rest"]
    assert len(recorded["shown"]) <= 60
    assert all("the_rest=0.5" in sentence for sentence in recorded["sentences"])


@pytest.mark.parametrize("size", [8_000, 1])
def test_pictures_that_are_too_large_together_are_fewer(size):
    def noisy(axes, n):
        axes.plot(range(50), [(n * place * place) % 23 for place in range(50)])
        return f"{n}"

    explorer = Explorer(noisy, width=2, height=1, n=(1, 20))
    everything, fewer = record(explorer), record(explorer, size=size)
    assert 1 <= len(fewer["pictures"]) < len(everything["pictures"]) == 20
    assert len(fewer["pictures"]) == 1 or sum(len(picture) * 3 // 4 for picture in fewer["pictures"]) <= size
