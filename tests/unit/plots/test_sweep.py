"""Pictures of many runs: their sentences and numbers are those of the values."""

import numpy as np
import pytest

from course_utils.plots import sweep

ROWS, RATES = ["SGD", "Adam"], [0.01, 0.1, 1.0]
# SGD is best at 0.1, Adam at 0.01; Adam at 1 lost a seed.
VALUES = np.array(
    [
        [[0.50, 0.52, 0.54], [0.90, 0.91, 0.92], [0.10, 0.90, 0.20]],
        [[0.95, 0.89, 0.93], [0.60, 0.61, 0.62], [0.99, np.nan, 0.99]],
    ]
)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_heat_map_writes_mean_and_spread_and_counts_the_lost():
    picture = sweep.heat_map(VALUES, ROWS, RATES, source="MNIST")
    ax = picture.figure.axes[0]
    assert texts(ax) == ["52 ± 2", "91 ± 1", "40 ± 44", "92 ± 3", "61 ± 1", "1 lost"]
    closer = sweep.heat_map(VALUES, ROWS, RATES, decimals=1)
    assert texts(closer.figure.axes[0])[:3] == ["52.0 ± 2.0", "91.0 ± 1.0", "40.0 ± 43.6"]
    alone = sweep.heat_map(VALUES[:, :, :1], ROWS, RATES)
    assert texts(alone.figure.axes[0])[0] == "50 ± 0"
    assert picture.sentence == "Best learning rate by validation accuracy: SGD at 0.1 (91.0%), Adam at 0.01 (92.3%)."
    assert "MNIST" in ax.get_title() and ax.get_xlabel() == "learning rate"
    assert picture.png().startswith(b"\x89PNG")


def test_a_row_that_diverged_everywhere_has_no_best():
    lost = np.full((1, 3, 2), np.nan)
    assert sweep.heat_map(lost, ["SGD"], RATES).sentence.endswith("SGD nowhere.")
    with pytest.raises(ValueError, match="SGD diverged at every learning rate"):
        sweep.tuned_bars(lost, lost, ["SGD"], RATES)


def test_tuned_bars_choose_on_one_set_and_show_another():
    test = VALUES - 0.05
    test[0, 2] = 0.999  # the best on the test set is not what was chosen
    picture = sweep.tuned_bars(VALUES, test, ROWS, RATES)
    half = sweep.interval([0.85, 0.86, 0.87])
    assert f"SGD 86.0% ± {half:.1%}" in picture.sentence
    assert picture.sentence.startswith("Test accuracy once tuned, mean and 95 % interval: SGD 86.0%")
    ax = picture.figure.axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["SGD\nlr 0.1", "Adam\nlr 0.01"]
    assert ax.get_ylim()[0] < 0.84 < 0.9 < ax.get_ylim()[1]


def test_the_interval_is_students():
    # n = 3, s = 0.01: t(0.975, 2) = 4.303
    assert sweep.interval([0.85, 0.86, 0.87]) == pytest.approx(4.3027 * 0.01 / 3**0.5, rel=1e-4)


def test_every_seed_counts_winners_and_a_lost_run_never_wins():
    picture = sweep.every_seed([[0.9, 0.8, 0.7, np.nan], [0.8, 0.9, 0.6, 0.1]], ROWS)
    assert picture.sentence == "Of 4 seeds, each looked at alone, the winner is: SGD with 2, Adam with 2."
    assert "SGD with 3, Adam with 1" in sweep.every_seed([[0.9, 0.8, 0.7, 0.2], [0.8, 0.9, 0.6, 0.1]], ROWS)[1]


def test_eight_settings_and_the_names_of_seeds():
    names = list("abcdefgh")
    picture = sweep.every_seed(np.random.default_rng(0).random((8, 2)), names, names=[10, 11])
    ax = picture.figure.axes[0]
    assert len({(line.get_color(), line.get_marker()) for line in ax.lines}) == 8
    assert len({line.get_color() for line in ax.lines}) == 8
    assert [label.get_text() for label in ax.get_xticklabels()] == ["10", "11"]


@pytest.mark.parametrize("shape", [(2, 3), (3, 2, 3), (2, 2, 3)])
def test_a_wrong_shape_is_a_sentence(shape):
    with pytest.raises(ValueError, match=r"values has the shape .* it must be \[2 rows, 3 rates, seeds\]"):
        sweep.heat_map(np.zeros(shape), ROWS, RATES)


@pytest.mark.parametrize("wrong", [2.3, -0.1, 91.0, np.inf])
def test_what_is_no_fraction_is_refused(wrong):
    values = VALUES.copy()
    values[1, 0, 2] = wrong
    for draw in (
        lambda: sweep.heat_map(values, ROWS, RATES),
        lambda: sweep.tuned_bars(VALUES, values, ROWS, RATES),
        lambda: sweep.every_seed(values[:, 0], ROWS),
    ):
        with pytest.raises(ValueError, match=f"values holds {wrong:g}: they must be fractions in 0..1"):
            draw()


def test_too_little_for_an_interval():
    with pytest.raises(ValueError, match="values has 1 seed: an interval needs at least 2"):
        sweep.tuned_bars(VALUES[:, :, :1], VALUES[:, :, :1], ROWS, RATES)
    with pytest.raises(ValueError, match=r"must be \[2 rows, seeds\]"):
        sweep.every_seed([[0.1, 0.2]], ROWS)


@pytest.mark.parametrize("draw", [sweep.heat_map, lambda *given, **more: sweep.tuned_bars(VALUES, *given, **more)])
def test_the_title_fits_over_few_rows_and_rates(draw):
    picture = draw(VALUES, ROWS, RATES, source="the embedded digits (not MNIST)")
    picture.figure.draw_without_rendering()
    title = picture.figure.axes[0].title.get_window_extent()
    assert title.x0 >= 0 and title.x1 <= picture.figure.bbox.x1
