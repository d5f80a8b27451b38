"""Pictures of lesson 05 show the numbers they are given."""

import numpy as np
import pytest

from course_utils import plots
from course_utils.lessons.lesson_05 import knobs

GRID = np.linspace(-1, 1, 11), np.linspace(-2, 2, 9), np.add.outer(np.linspace(-2, 2, 9) ** 2, np.linspace(-1, 1, 11))


def test_racers_keep_their_looks_and_can_be_told_apart():
    eight = knobs.looks("abcdefgh")
    assert len({look["color"] for look in eight.values()}) == len({look["marker"] for look in eight.values()}) == 8
    assert knobs.looks("ab")["b"] == eight["b"]
    with pytest.raises(ValueError, match="names has 9 names: at most 8"):
        knobs.looks("abcdefghi")


def test_a_race_shows_paths_and_heights():
    _, axes = plots.new_figure(columns=2)
    paths = {"SGD": [[1, 1], [0.5, 0.25]], "Adam": [[1, 1], [0.9, 0.9]]}
    heights = {"SGD": [2.0, 0.0], "Adam": [2.0, 1.5]}
    knobs.race(axes, GRID, paths, heights, knobs.looks(paths))
    drawn = [line.get_xydata().tolist() for line in axes[0].lines]
    assert drawn == [paths["SGD"], [[0.5, 0.25]], paths["Adam"], [[0.9, 0.9]], [[1, 1]]]
    assert axes[1].lines[0].get_ydata().tolist() == [2.0, knobs.FLOOR]
    assert [text.get_text() for text in axes[1].get_legend().texts] == ["SGD", "Adam"]
    assert axes[0].get_xlim() == (-1, 1) and axes[0].get_ylim() == (-2, 2)


def test_a_racer_that_flew_off_does_not_break_the_picture():
    figure, axes = plots.new_figure(columns=2)
    paths = {"SGD": [[1, 1], [np.inf, np.nan], [np.nan, np.nan]]}
    heights = {"SGD": [2.0, np.inf, np.nan]}
    knobs.race(axes, GRID, paths, heights, knobs.looks(paths))
    assert np.isnan(axes[0].lines[0].get_xydata()[1:]).all()
    assert plots.Picture(figure, "").png().startswith(b"\x89PNG")


def test_a_racer_on_its_way_to_infinity_does_not_overflow_the_axis(recwarn):
    figure, axes = plots.new_figure(columns=2)
    heights = {"SGD": [2.0, 1e200, 1e308]}
    knobs.race(axes, GRID, {"SGD": [[1, 1]] * 3}, heights, knobs.looks(heights))
    plots.Picture(figure, "").png()
    assert [str(warning.message) for warning in recwarn] == []


def test_a_flat_surface_can_be_drawn():
    figure, ax = plots.new_figure()
    knobs.surface(ax, *GRID[:2], np.ones((9, 11)))
    assert plots.Picture(figure, "").png().startswith(b"\x89PNG")


def test_rows_of_seeds():
    _, ax = plots.new_figure()
    names = ["SGD", "Adam", "none"]
    values = [[0.9, 0.8], [0.7, np.nan], [np.nan, np.nan]]
    knobs.seed_rows(ax, values, names, knobs.looks(names), "accuracy")
    assert [label.get_text() for label in ax.get_yticklabels()] == names
    assert [text.get_text() for text in ax.texts] == ["1 lost", "2 lost"]
    means = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_ydata())) == 2]
    assert means == pytest.approx([0.85, 0.7])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first name is on top


def test_ranges_name_the_widest_and_the_narrowest():
    picture = knobs.ranges({"SGD": (0.1, 0.3, 1.0), "Adam": (0.001, 0.01, 0.1)}, [0.001, 0.01, 0.1, 1.0])
    assert picture.sentence == "How far apart a good learning rate may lie: from Adam (a factor of 100) to SGD (10)."
    ax = picture.figure.axes[0]
    assert [line.get_xdata().tolist() for line in ax.lines[:3]] == [[0.1, 1.0], [0.1, 1.0], [0.3]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.001", "0.01", "0.1", "1"]
