"""What a picture cuts off of its texts, as the turning of every control looks for it."""

from course_utils import plots
from tests.lessons.controls import cut_off


def test_a_text_that_is_cut_off_is_found():
    figure, axes = plots.new_figure(height=1.0)
    axes.set(ylabel="far too long for so low a figure", xlabel="x", ylim=(0, 10))
    axes.text(0, 5, "a text within")
    assert cut_off(figure) == ["far too long for so low a figure"]
