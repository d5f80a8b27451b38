"""What lesson 05 says."""

import numpy as np
import pytest
import torch

from course_utils.lessons.lesson_05 import knobs, sweeps
from tests.lessons.lesson_05.runs import MOMENTUM, NAMES, RATES, SGD, swept

LESSON = "05_optimizers.ipynb"


def column(images, lr):
    """{name: validation accuracy in % after the last epoch} of the stored sweep, all at one rate."""
    means = 100 * sweeps.stored(images).valid[:, sweeps.RATES.index(lr), :, -1].mean(axis=1)
    return dict(zip(NAMES, means.round(1).tolist(), strict=True))


def test_the_opening_picture(lesson):
    assert sum(sweeps.stored(images).valid[..., 0].size for images in sweeps.IMAGES) == 816
    low, high, highest = (column("MNIST", lr) for lr in (0.001, 0.3, 2.0))
    assert (low["Adam"], low[SGD], low["Adadelta"]) == (95.0, 75.5, 52.3) and low["Adam"] == max(low.values())
    assert (high[SGD], high["Adam"]) == (95.9, 12.2) and max(high, key=high.get) == SGD
    assert max(highest, key=highest.get) == "Adadelta"
    digits = column("8×8 digits", 0.001)
    assert (digits["Adam"], digits[SGD]) == (96.3, 10.3)
    lesson.says("At 0.001 Adam is first with 95 %, plain SGD has 75 %, Adadelta 52 %.")
    lesson.says("At 0.3 plain SGD is first with 96 %, and Adam has 12 %. At 2 it is Adadelta.")
    lesson.says("at 0.001 Adam has 96 % and plain SGD 10 %")
    panel = knobs.one_rate()
    assert panel.sentence == "All with lr 0.001, the nearest that was run: first Adam, 95.0%; last Adadelta, 52.3%."
    panel.close()


def test_what_is_stored_is_what_the_lesson_trains(lesson, claim):
    at = [sweeps.RATES.index(rate) for rate in lesson.rates]
    stored = sweeps.stored("8×8 digits").valid[..., -1][:, at]
    apart = np.abs(np.nan_to_num(stored).mean(axis=2) - np.nan_to_num(lesson.valid).mean(axis=2))
    claim("digits, 72 cells of the sweep against the stored one: median difference, in points",
          100 * np.median(apart), most=0.2)  # fmt: skip


# 1 · Where loss and optimizer meet


def test_they_meet_in_the_gradient(lesson):
    assert lesson.held is lesson.model.weight and lesson.kept


def test_each_rule_is_torchs(lesson, shift, claim):
    for name, rule, kind, arguments in (
        (SGD, lesson.sgd, torch.optim.SGD, {}),
        (MOMENTUM, lesson.momentum, torch.optim.SGD, {"momentum": 0.9}),
        ("Adam", lesson.adam, torch.optim.Adam, {}),
    ):
        gap = lesson.prove(rule, kind, lr=0.05, seed=shift, **arguments)
        claim(f"{name} by hand against torch.optim, 50 gradients, largest difference", gap, most=1e-14)


# 2 · Momentum, 3 · Adam


def test_the_lengths_of_steps(lesson):
    def last(name, **how):
        rule, lr = lesson.RULES[name]
        return lesson.step_lengths(rule, lr=lr, **how)[-1] / lr

    assert last(MOMENTUM) == pytest.approx(10, rel=1e-3)
    assert [last(SGD), last("Adam")] == pytest.approx([1, 1], rel=1e-3)
    assert last(SGD, gradient=1e-4) == pytest.approx(1e-4) and last("Adam", gradient=1e-4) == pytest.approx(1, rel=1e-3)
    assert last(MOMENTUM, gradient=1e-4) == pytest.approx(1e-3, rel=1e-3)
    assert last(SGD, flip=True) == pytest.approx(1) and last(MOMENTUM, flip=True) == pytest.approx(0.526, abs=0.001)
    assert last("Adam", flip=True) == pytest.approx(1 / 19, rel=1e-2)


# 4 · Eight optimizers, nine rates


def test_copied_rates(seed, claim):
    means, _, _ = swept(seed)
    lead = means[NAMES.index("Adam"), RATES.index(0.001)] - means[0, RATES.index(0.01)]
    claim("digits, at their tutorials' rates: Adam minus plain SGD, in points", lead, 22, 35)
    claim("digits: plain SGD at its best rate", means[0].max(), least=96.5)


def test_the_headline(lesson):
    assert lesson.copied["Adam"] - lesson.copied[SGD] == pytest.approx(26.7, abs=1)
    lesson.says('"Adam beats SGD by 27 points." But SGD\'s row reaches 97 % too')


def test_at_one_rate_they_lie_far_apart(seed, claim):
    means, _, _ = swept(seed)
    at = dict(zip(RATES, means.T, strict=True))
    low = dict(zip(NAMES, at[0.001], strict=True))
    high = dict(zip(NAMES, at[0.3], strict=True))
    claim("digits, lr 0.001: plain SGD, validation accuracy in %", low[SGD], most=20)
    claim("digits, lr 0.001: the lesser of RMSprop and Adam", min(low["RMSprop"], low["Adam"]), least=95)
    claim("digits, lr 0.3: Adam, validation accuracy in %", high["Adam"], most=80)
    claim("digits, lr 0.3: momentum, validation accuracy in %", high[MOMENTUM], least=95.5)
    claim("digits, lr 0.3: plain SGD minus Adam, in points", high[SGD] - high["Adam"], least=20)
    winners = {NAMES[row] for row in means.argmax(axis=0)}
    claim("digits: different winners over nine shared rates", len(winners), least=5)


def test_how_far_good_rates_reach(seed, claim):
    means, _, _ = swept(seed)
    width = {}
    for name, row in zip(NAMES, means, strict=True):
        least, _, greatest = knobs.drawing.good_range(row, RATES, 2)
        width[name] = greatest / least
    for name, least, most in (("Adam", 29, 101), ("RMSprop", 2, 35), (SGD, 2, 35)):
        claim(f"digits: greatest good rate over least good rate, {name}", width[name], least, most)
    adam = means[NAMES.index("Adam")]
    claim("digits: Adam's best minus its accuracy at 0.3, in points", adam.max() - adam[6], least=20)
    best = adam.max() - adam[[RATES.index(rate) for rate in (0.001, 0.003, 0.01, 0.03)]]
    claim("digits: Adam's best minus the worst of 0.001 to 0.03, in points", best.max(), most=2)


# 5 · Each at its best


def test_tuned_they_meet(seed, claim):
    means, _, tested = swept(seed)
    after = tested.mean(axis=1)
    claim("digits, each tuned: first minus last of eight, in points of test accuracy", np.ptp(after), most=6)
    claim("digits, each tuned: best of the SGD family minus best of the others, in points",
          after[:3].max() - after[3:].max(), 0, 3)  # fmt: skip
    claim("digits, each tuned: Adagrad's place from the end", int((after < after[4]).sum()), most=2)
    claim("digits, each tuned: RMSprop's place of eight", int((after > after[3]).sum()) + 1, least=3)
    claim("digits, each tuned: Adam's place of eight", int((after > after[6]).sum()) + 1, least=2)
    claim("digits, each tuned: plain SGD minus Adam, in points of test accuracy", after[0] - after[6], -0.5, 3)
    easier = means.max(axis=1) - after
    claim("digits, each tuned: validation minus test accuracy, least of eight, in points", easier.min(), least=5)
    claim("digits, each tuned: validation minus test accuracy, mean of eight, in points", easier.mean(), 6, 8.5)


def test_the_lessons_comparison_is_this_one(lesson):
    means, chosen, tested = swept(0)
    after = tested.mean(axis=1)
    figures = [round(float(after[NAMES.index(name)]), 1) for name in (MOMENTUM, SGD, "Adam")]
    assert after.argmax() == NAMES.index(MOMENTUM) and figures == [91.7, 91.0, 90.8]
    lesson.says("Momentum gets 91.7 %, plain SGD 91.0, Adam 90.8: one point is three or four of 360 images.")
    at_one = 100 * lesson.at_one.mean(axis=1)
    assert np.ptp(after) < 3
    if lesson.own:
        assert np.allclose(100 * np.nan_to_num(lesson.valid).mean(axis=2), means)
        assert lesson.chosen.tolist() == chosen.tolist() and np.allclose(100 * lesson.tested, tested)
        assert [round(value) for value in (at_one.min(), at_one.max(), np.ptp(at_one))] == [10, 88, 78]
    lesson.says("At one rate the eight lie 78 points apart, tuned less than three.")
    lesson.says("Accuracy on test images. Left, all at learning rate 0.001: from 10 to 88 %")
    assert after.min() > 89 and after.max() < 92
    fresh = 100 * sweeps.stored("MNIST").fresh.mean(axis=1)
    assert np.ptp(fresh) < 1


@pytest.mark.long
def test_who_is_first_with_other_seeds(prose):
    first = [NAMES[swept(seed)[2].mean(axis=1).argmax()] for seed in range(1, 5)]
    assert sorted(first) == [SGD, SGD, MOMENTUM, MOMENTUM]
    assert "Four other sets of seeds put plain SGD first twice, momentum twice, Adam never." in prose


def place(means, favourite, tried):
    """The place of a favourite that tries all rates among eight, the others `tried` of them."""
    columns = [RATES.index(rate) for rate in knobs.ORDER[:tried]]
    best = means[:, columns].max(axis=1)
    best[favourite] = means[favourite].max()
    return 1 + int((best > best[favourite]).sum())


def test_effort_wins(seed, claim):
    means, _, _ = swept(seed)
    worst = max(place(means, favourite, 1) for favourite in range(8))
    claim("digits, the others try one rate: worst place of the eight as favourites", worst, 1, 1)


def test_the_effort_knob(lesson):
    means, chosen, _ = swept(0)
    adagrad = NAMES.index("Adagrad")
    assert [place(means, adagrad, tried) for tried in (1, 5)] == [1, 1] and place(means, adagrad, 6) > 1
    best = {NAMES[row]: RATES[at] for row, at in enumerate(chosen)}
    assert best["Nesterov"] == best["Adam"] == knobs.ORDER[5] == 0.03
    lesson.says("Adagrad stays first until they try 0.03, the sixth: there Nesterov and Adam have their best rates.")
    knob = knobs.effort(lesson.best_columns, lesson.valid, lesson.rows, lesson.rates)
    assert knob.sentence == "AdamW tried nine rates, each of the others the rate 0.001: AdamW is number 1 of 8."
    knob.close()
