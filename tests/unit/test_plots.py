"""Pictures: a figure with labelled axes, and a true sentence."""

import numpy as np
import pytest
import torch

from course_utils import data, plots


def pictures():
    train, _ = data.regression()
    return {
        "features": plots.features(train.X, train.y.flatten()),
        "curves": plots.curves({"a": [1.0, 2.0], "b": [2.0, 1.0]}, "step", "loss", "b falls.", log=True),
        "one_layer": plots.one_layer([0.5, -1.0], 2.0),
        "estimates": plots.estimates(["w"], [1.0], {"mine": [1.5], "yours": [0.9]}, noise=0.1),
    }


@pytest.mark.parametrize("name", ["features", "curves", "one_layer", "estimates"])
def test_a_picture_is_a_png_and_a_sentence(name):
    picture = pictures()[name]
    figure, sentence = picture
    assert picture.png().startswith(b"\x89PNG") and sentence.endswith(".")
    bundle = picture._repr_mimebundle_()
    assert f'alt="{sentence}"' in bundle["text/html"] and f">{sentence}</figcaption>" in bundle["text/html"]
    assert bundle["text/plain"] == repr(picture) == sentence
    for ax in figure.axes:
        assert not ax.axison or ax.get_xlabel()


def test_a_sentence_is_escaped_in_html():
    picture = plots.curves({"a": [1]}, "x", "y", 'if a < b & "so on".')
    assert "a &lt; b &amp; &quot;so on&quot;" in picture._repr_mimebundle_()["text/html"]


def test_the_sentences_are_computed():
    X = torch.tensor([[0.0, 0.0], [1.0, -1.0], [2.0, -2.0]])
    assert plots.features(X, X[:, 0]).sentence == (
        "3 examples: the target rises with feature 1 and falls with feature 2."
    )
    assert "in thousandths: mine 500.00, yours 100.00." in pictures()["estimates"].sentence


def test_rings_are_where_the_loss_is_equal():
    _, ax = plots.new_figure()
    hessian, best = np.array([[2.0, 0.5], [0.5, 8.0]]), np.array([1.0, -2.0])
    plots.bowl_axes(ax)
    plots.bowl(ax, hessian, best, np.zeros((3, 2)))
    rings = ax.collections[0].get_segments()
    assert len(rings) == 7
    for ring in rings:
        from_best = ring - best
        rise = 0.5 * np.einsum("ni,ij,nj->n", from_best, hessian, from_best)
        assert np.allclose(rise, rise[0])


def test_losses_that_blew_up_are_drawn_at_the_ceiling():
    _, ax = plots.new_figure()
    plots.rate_axes(ax, [0.1, 10])
    plots.rate_curve(ax, [0.1, 1, 10], [1.0, 1e9, float("nan")], 10, float("nan"), 0.5)
    by_label = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert list(by_label["blown up"]) == [1e4, 1e4, 1e4] and list(by_label["in use"]) == [1e4]
    assert list(by_label["2/λmax (plain SGD)"]) == list(ax.get_ylim())
    assert [text.get_text() for text in ax.get_legend().texts] == ["blown up", "2/λmax (plain SGD)", "in use"]
