"""Knobs and pictures of lesson 05 show the numbers they are given."""

import numpy as np
import pytest
import torch

from course_utils import plots
from course_utils.lessons.lesson_05 import built, drawing, knobs, sweeps

GRID = np.linspace(-1, 1, 11), np.linspace(-2, 2, 9), np.add.outer(np.linspace(-2, 2, 9) ** 2, np.linspace(-1, 1, 11))


@pytest.fixture
def shown():
    """Makes a knob, and closes it afterwards."""
    made = []

    def make(knob):
        made.append(knob)
        return knob

    yield make
    for knob in made:
        knob.close()
        assert knob.errors == []


def test_racers_keep_their_looks_and_can_be_told_apart():
    eight = drawing.looks("abcdefgh")
    assert len({look["color"] for look in eight.values()}) == len({look["marker"] for look in eight.values()}) == 8
    assert drawing.looks("ab")["b"] == eight["b"]
    with pytest.raises(ValueError, match="names has 9 names: at most 8"):
        drawing.looks("abcdefghi")


def test_a_race_shows_paths_and_heights():
    _, axes = plots.new_figure(columns=2)
    paths = {"SGD": [[1, 1], [0.5, 0.25]], "Adam": [[1, 1], [0.9, 0.9]]}
    heights = {"SGD": [2.0, 0.0], "Adam": [2.0, 1.5]}
    drawing.race(axes, GRID, paths, heights)
    drawn = [line.get_xydata().tolist() for line in axes[0].lines]
    assert drawn == [paths["SGD"], [[0.5, 0.25]], paths["Adam"], [[0.9, 0.9]], [[1, 1]]]
    assert axes[1].lines[0].get_ydata().tolist() == [2.0, drawing.FLOOR]
    assert [text.get_text() for text in axes[1].get_legend().texts] == ["SGD", "Adam"]
    assert axes[0].get_xlim() == (-1, 1) and axes[0].get_ylim() == (-2, 2)


def test_a_racer_that_flew_off_does_not_break_the_picture():
    figure, axes = plots.new_figure(columns=2)
    drawing.race(axes, GRID, {"SGD": [[1, 1], [np.inf, np.nan], [np.nan, np.nan]]}, {"SGD": [2.0, np.inf, np.nan]})
    assert np.isnan(axes[0].lines[0].get_xydata()[1:]).all()
    assert plots.Picture(figure, "").png().startswith(b"\x89PNG")


def test_a_racer_on_its_way_to_infinity_does_not_overflow_the_axis(recwarn):
    figure, axes = plots.new_figure(columns=2)
    drawing.race(axes, GRID, {"SGD": [[1, 1]] * 3}, {"SGD": [2.0, 1e200, 1e308]})
    plots.Picture(figure, "").png()
    assert [str(warning.message) for warning in recwarn] == []


def test_a_flat_surface_can_be_drawn():
    figure, ax = plots.new_figure()
    drawing.rings(ax, *GRID[:2], np.ones((9, 11)))
    assert plots.Picture(figure, "").png().startswith(b"\x89PNG")


def test_a_grid_has_a_surfaces_heights():
    xs, ys, heights = drawing.grid(lambda x, y: x + 10 * y)
    assert heights == pytest.approx(np.add.outer(10 * ys, xs))


def test_rows_of_seeds():
    _, ax = plots.new_figure()
    names = ["SGD", "Adam", "none"]
    drawing.seed_rows(ax, [[0.9, 0.8], [0.7, np.nan], [np.nan, np.nan]], names, "accuracy")
    assert [label.get_text() for label in ax.get_yticklabels()] == names
    assert [text.get_text() for text in ax.texts] == ["1 lost", "2 lost"]
    means = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_ydata())) == 2]
    assert means == pytest.approx([0.85, 0.7])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first name is on top


def test_a_good_range_ends_where_a_rate_is_not_good():
    rates = [0.001, 0.01, 0.1, 1.0, 10.0]
    assert drawing.good_range([0.5, 0.96, 0.97, 0.94, 0.2], rates, 0.02) == (0.01, 0.1, 0.1)
    assert drawing.good_range([0.97, 0.5, 0.98, 0.97, 0.97], rates, 0.02) == (0.1, 0.1, 10.0)


def test_ranges_are_drawn_as_bars():
    _, ax = plots.new_figure()
    drawing.ranges(ax, {"SGD": (0.1, 0.3, 1.0), "Adam": (0.001, 0.01, 0.1)})
    assert [line.get_xdata().tolist() for line in ax.lines[:3]] == [[0.1, 1.0], [0.1, 1.0], [0.3]]


def test_the_opening_knob_takes_the_nearest_rate(shown):
    knob = shown(knobs.one_rate())
    knob.controls["lr"].value = 0.27
    values = sweeps.stored("MNIST").valid[:, sweeps.RATES.index(0.3), :, -1]
    assert knob.axes.get_title() == "MNIST: all eight with lr 0.3"
    assert f"first SGD, {values[0].mean():.1%}" in knob.sentence


def test_lengths_follow_the_gradient(shown):
    knob = shown(knobs.lengths(built.step_lengths, built.seven_rules()))
    assert "SGD 0.01, momentum 0.1" in knob.sentence
    knob.controls["gradient"].value = 0.001
    assert "SGD 1e-05, momentum 0.0001" in knob.sentence and "Adam 0.01" in knob.sentence


def test_a_favourite_has_more_rates_than_the_others(shown):
    names, rates = list(sweeps.OPTIMIZERS), sorted(knobs.ORDER)
    valid = np.full((8, 9, 2), 0.5)
    valid[0, rates.index(0.03)] = 0.9  # SGD is good there alone

    def best(valid):
        return valid.mean(axis=2).argmax(axis=1)

    knob = shown(knobs.effort(best, valid, names, rates))
    assert knob.sentence == "AdamW tried nine rates, each of the others the rate 0.001: AdamW is number 1 of 8."
    knob.controls["favourite"].value = "SGD"
    assert [label.get_text() for label in knob.axes.get_yticklabels()[:2]] == ["SGD, lr 0.03", "momentum, lr 0.001"]
    knob.controls["favourite"].value = "AdamW"
    knob.controls["others_try"].value = 6  # 0.03 is the sixth
    assert knob.sentence == "AdamW tried nine rates, each of the others 6 rates: AdamW is number 2 of 8."
    assert knob.axes.get_yticklabels()[0].get_text() == "SGD, lr 0.03"


def test_bias_correction_is_measured_on_the_learners_rule(shown):
    knob = shown(knobs.bias(built.step_lengths, built.adam))
    assert knob.sentence == "Without: first step 3.2, longest 6.6 times lr."


def test_a_race_follows_the_learners_functions(shown):
    knob = shown(knobs.race(built.descend, built.four_surfaces(), built.seven_rules()))
    for surface in built.four_surfaces():
        knob.controls["surface"].value = surface
    assert knob.sentence.startswith("Height after 100 steps: ")
    places, heights = built.descend(built.four_surfaces()["bowl"], built.sgd, (-1.5, 1.0), 2, lr=0.5)
    assert (places[1], heights[0]) == ([-0.75, 0.5], 1.625)


def test_the_hills_end_with_the_epochs_that_were_run(shown):
    knob = shown(knobs.good_ranges())
    assert "8×8 digits, after epoch 30" in knob.sentence and "widest AdamW (a factor of 100)" in knob.sentence
    knob.controls["images"].value = "MNIST"
    assert "MNIST, after epoch 5" in knob.sentence and "widest Adam (a factor of 40)" in knob.sentence


def test_decay_and_schedules_show_what_they_are_given(shown):
    def pulled(kind, decay):
        return torch.tensor([[1.0, 1.0], [0.5, decay]])

    def scored(name, lr):
        return [lr, lr / 2], [2.0, 1.0], 0.25, 0.9

    assert "Adam 0.50 and 0.10" in shown(knobs.decay(pulled)).sentence
    assert shown(knobs.schedules(scored, ["step"])).sentence == "step, lr 0.3: validation loss 0.250, accuracy 90.0%."


def test_pictures_have_a_sentence_and_can_be_drawn():
    tested = np.full((8, 2), 0.9)
    pictures = [
        knobs.two_comparisons(tested - np.arange(8)[:, None] / 10, tested, list(sweeps.OPTIMIZERS), 0.001),
        knobs.seven(built.step_lengths, built.seven_rules()),
        knobs.hills(),
        knobs.plane(lambda x, y: x**2 + y**2, [(0.0, 1.0)]),
    ]
    assert pictures[0].sentence == "At one rate they lie 70 points apart, tuned 0.0."
    assert all(picture.png().startswith(b"\x89PNG") for picture in pictures)
