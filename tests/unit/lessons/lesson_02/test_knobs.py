"""Pictures of lesson 02: labelled axes, and sentences that are computed."""

import numpy as np
import pytest
import torch

from course_utils import data, plots
from course_utils.lessons.lesson_02 import built, knobs


def pictures():
    """{name: function that draws it}"""
    train, _ = data.regression()
    return {
        "features": lambda: knobs.features(train.X, train.y.flatten()),
        "one_layer": lambda: knobs.one_layer([0.5, -1.0], 2.0),
        "estimates": lambda: knobs.estimates(["w"], [1.0], {"mine": [1.5], "yours": [0.9]}, noise=0.1),
        "three_rates": lambda: knobs.three_rates(built.descend),
        "seeded": lambda: knobs.seeded(built.start),
        "in_place_and_anew": lambda: knobs.in_place_and_anew(built.roll),
    }


@pytest.mark.parametrize("name", ["features", "one_layer", "estimates", "three_rates", "seeded", "in_place_and_anew"])
def test_a_picture_is_a_png_and_a_sentence(name):
    picture = pictures()[name]()
    assert picture.png().startswith(b"\x89PNG") and picture.sentence.endswith(".")
    for ax in picture.figure.axes:
        assert not ax.axison or ax.get_xlabel()


def test_the_sentences_are_computed():
    X = torch.tensor([[0.0, 0.0], [1.0, -1.0], [2.0, -2.0]])
    assert knobs.features(X, X[:, 0]).sentence == (
        "3 examples: the target rises with feature 1 and falls with feature 2."
    )
    assert "in thousandths: mine 500.00, yours 100.00." in pictures()["estimates"]().sentence


def test_losses_that_blew_up_are_drawn_at_the_ceiling():
    _, ax = plots.new_figure()
    knobs.rate_axes(ax, [0.1, 10])
    knobs.rate_curve(ax, [0.1, 1, 10], [1.0, 1e9, float("nan")], 10, float("nan"), 0.5)
    by_label = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert list(by_label["blown up"]) == [1e4, 1e4, 1e4] and list(by_label["your lr"]) == [1e4]
    assert list(by_label["2/λmax (plain SGD)"]) == list(ax.get_ylim())
    assert [text.get_text() for text in ax.get_legend().texts] == ["blown up", "2/λmax (plain SGD)", "your lr"]


def test_the_surface_shows_the_learners_path_and_where_it_ends():
    asked = []

    def descend(X, y, lr, steps=30, optimizer=torch.optim.SGD):
        asked.append((X[:, 1].std().item(), lr, optimizer))
        return torch.tensor([[0.0, 0.0, 0.0], [1.0, -1.0, 0.0]]), [9.0, lr / 1e3]

    knob = knobs.surface(descend)
    assert knob.axes[0].lines[-1].get_xydata().tolist() == [[0, 0], [1, -1]]
    assert knob.sentence == "SGD, lr 0.03: loss 3e-05 after 1 steps, below 0.001 after 1. 2/λmax is 0.888."
    plain = asked[0][0]
    del asked[:]
    knob.controls["stretch"].value = 5
    assert [std for std, *_ in asked] == pytest.approx([5 * plain] * (1 + len(knobs.RATES)))
    knob.controls["optimizer"].value = "Adam"
    assert asked[-1][2] is torch.optim.Adam
    assert "2/λmax is 0.0356." in knob.sentence
    before = len(asked)
    knob.controls["stretch"].value = 1  # a curve for each optimizer and stretch is computed once
    knob.controls["stretch"].value = 5
    assert len(asked) == before + 1 + len(knobs.RATES) + 1


def test_the_opening_keeps_the_limit_to_itself():
    knob = knobs.cliff(built.descend)
    assert knob.sentence.startswith("lr 0.03: loss 0.666 after 30 steps")
    assert knobs.LIMIT not in [text.get_text() for text in knob.axes[1].get_legend().texts]
    line = next(line for line in knob.axes[1].lines if line.get_label() == knobs.LIMIT)
    assert len(line.get_xdata()) == 0


def test_each_batch_and_each_epochs_mean_are_drawn_and_what_blew_up_at_the_ceiling():
    losses = [1.0, 3.0, 0.5, 0.5, 1e9, float("nan")]
    knob = knobs.by_hand(lambda lr: (None, None, losses))
    dots, *means = knob.axes.lines[1:]
    assert dots.get_ydata().tolist() == [1, 3, 0.5, 0.5, 1e4, 1e4]
    assert [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in means] == [
        ([0, 1], [2, 2]),
        ([2, 3], [0.5, 0.5]),
        ([4, 5], [1e4, 1e4]),
    ]
    assert knob.sentence.endswith("the mean losses of the three epochs are 2, 0.5, above 10,000.")


def test_a_start_is_compared_with_that_of_run_1_and_leaves_the_generators_alone():
    knob = knobs.starts(built.start)
    assert knob.sentence == "torch.manual_seed(1), run 2: weights are as in run 1."
    knob.controls["seed"].value = "neither"
    assert knob.sentence == "neither, run 2: neither features nor weights are as in run 1."
    torch.manual_seed(3)
    np.random.seed(3)
    expected = torch.rand(1), np.random.rand()
    torch.manual_seed(3)
    np.random.seed(3)
    knob.controls["run"].value = 5
    assert (torch.rand(1), np.random.rand()) == expected


def test_two_ways_to_halve_a_rate_are_two_lines():
    knob = knobs.halved(lambda X, y, momentum, anew: [momentum + anew] * 30)
    assert knob.sentence == "Momentum 0.90: loss at step 20: lr changed in place 0.90, new optimizer 1.90."
    knob.controls["momentum"].value = 0.5
    assert [line.get_ydata()[0] for line in knob.axes.lines[1:]] == [0.5, 1.5]
