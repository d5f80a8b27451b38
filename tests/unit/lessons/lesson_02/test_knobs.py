"""Pictures of lesson 02: labelled axes, and sentences that are computed."""

import pytest
import torch

from course_utils import data, plots
from course_utils.lessons.lesson_02 import knobs


def pictures():
    train, _ = data.regression()
    return {
        "features": knobs.features(train.X, train.y.flatten()),
        "one_layer": knobs.one_layer([0.5, -1.0], 2.0),
        "estimates": knobs.estimates(["w"], [1.0], {"mine": [1.5], "yours": [0.9]}, noise=0.1),
    }


@pytest.mark.parametrize("name", ["features", "one_layer", "estimates"])
def test_a_picture_is_a_png_and_a_sentence(name):
    picture = pictures()[name]
    figure, sentence = picture
    assert picture.png().startswith(b"\x89PNG") and sentence.endswith(".")
    for ax in figure.axes:
        assert not ax.axison or ax.get_xlabel()


def test_the_sentences_are_computed():
    X = torch.tensor([[0.0, 0.0], [1.0, -1.0], [2.0, -2.0]])
    assert knobs.features(X, X[:, 0]).sentence == (
        "3 examples: the target rises with feature 1 and falls with feature 2."
    )
    assert "in thousandths: mine 500.00, yours 100.00." in pictures()["estimates"].sentence


def test_losses_that_blew_up_are_drawn_at_the_ceiling():
    _, ax = plots.new_figure()
    knobs.rate_axes(ax, [0.1, 10])
    knobs.rate_curve(ax, [0.1, 1, 10], [1.0, 1e9, float("nan")], 10, float("nan"), 0.5)
    by_label = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert list(by_label["blown up"]) == [1e4, 1e4, 1e4] and list(by_label["in use"]) == [1e4]
    assert list(by_label["2/λmax (plain SGD)"]) == list(ax.get_ylim())
    assert [text.get_text() for text in ax.get_legend().texts] == ["blown up", "2/λmax (plain SGD)", "in use"]
