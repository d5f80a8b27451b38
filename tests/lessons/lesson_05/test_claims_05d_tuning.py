"""What lesson 05 says of Adam's arguments, weight decay, schedules, memory, and of the goal."""

import numpy as np
import pytest
import torch

from course_utils.experiment import Experiment
from course_utils.sweep import sweep
from tests.lessons.conftest import enlarged
from tests.lessons.lesson_05.runs import NAMES, RATES, SMALL, last, swept

LESSON = "05_optimizers.ipynb"


def test_adams_arguments(lesson, shift, claim):
    adam, seeds = SMALL.but(optimizer="Adam", epochs=20), range(100 * shift, 100 * shift + 3)
    runs = sweep(adam, optimizer_args=lesson.VARIANTS.values(), lr=lesson.adam_rates, seed=seeds)
    means = last(runs, "valid_accuracy").mean(axis=2)
    claim(
        "digits, Adam's arguments, each tuned: best minus worst variant, in points", np.ptp(means.max(axis=1)), most=2
    )
    large_eps, amsgrad = (list(lesson.VARIANTS).index(name) for name in ("eps = 0.1", "amsgrad"))
    claim("digits, eps = 0.1 at lr 0.003: validation accuracy in %", means[large_eps, 0], 76, 88)
    claim("digits, Adam's defaults at lr 0.003: validation accuracy in %", means[0, 0], least=95)
    claim("digits, AMSGrad minus Adam, each tuned, in points", means[amsgrad].max() - means[0].max(), -1, 1)


def test_adam_goes_the_wrong_way(lesson):
    assert lesson.adam_end > 0.5 and lesson.amsgrad_end < -0.3
    end = {(C, b): lesson.cycle(C, b, amsgrad=False)[-1] for C in (2.1, 3.0) for b in (0.1, 0.5, 0.9, 0.99, 0.999)}
    assert all(end[3.0, beta2] < -0.4 for beta2 in (0.9, 0.99, 0.999)) and abs(end[3.0, 0.5]) < 0.05
    assert min(end[2.1, 0.1], end[2.1, 0.5]) > 0.3 and abs(end[2.1, 0.9]) < 0.02


def test_weight_decay_inside_and_outside(lesson, claim):
    assert lesson.l2 == pytest.approx(lesson.decoupled, rel=1e-12)
    noisy, quiet = lesson.pulled(torch.optim.Adam, 0.1)[-1].tolist()
    claim("Adam, weight decay 0.1, 500 steps: the noisy weight", noisy, least=0.9)
    claim("Adam, weight decay 0.1, 500 steps: the quiet weight", quiet, most=0.1)
    for name, weight in zip(("noisy", "quiet"), lesson.pulled(torch.optim.AdamW, 0.1)[-1].tolist(), strict=True):
        claim(f"AdamW, weight decay 0.1, 500 steps: the {name} weight", weight, 0.56, 0.66)
    lesson.says(r"$(1-\eta\lambda)^{500} = 0.999^{500} = 0.61$")
    assert abs(0.999**500 - 0.61) < 0.005


def test_schedules(lesson, shift, claim):
    seeds = range(10 * shift, 10 * shift + 2)
    after = {
        (name, lr): 100 * np.mean([lesson.scored(name, lr, seed)[-1] for seed in seeds])
        for name in lesson.schedules for lr in lesson.schedule_rates
    }  # fmt: skip
    for name in lesson.schedules:
        bounds = (90, 100) if name == "warm-up" else (0, 75)
        claim(f"digits, Adam at lr 0.3, {name}: mean validation accuracy in %", after[name, 0.3], *bounds)
    others = max(after[name, 0.01] for name in lesson.schedules[1:])
    claim(
        "digits, Adam at lr 0.01: constant minus the best schedule, in points", after["constant", 0.01] - others, -0.6
    )
    gain = {name: after[name, 0.1] - after["constant", 0.1] for name in ("cosine", "warm-up")}
    claim("digits, Adam at lr 0.1: warm-up minus constant, in points", gain["warm-up"], least=0.1)
    claim("digits, Adam at lr 0.1: cosine minus constant, in points", gain["cosine"], -1.5, 3)
    if lesson.own:
        assert min(gain.values()) > 1
    slow = {name: lesson.scored(name, 0.003, seeds[0])[-1] for name in lesson.schedules}
    claim("digits, Adam at lr 0.003: constant minus the best schedule, in points",
          100 * (slow["constant"] - max(slow[name] for name in lesson.schedules[1:])), least=0)  # fmt: skip


def test_what_the_schedules_do_to_the_loss(lesson):
    """On the panel's seed: 0.3 kills the network at once, and at 0.1 cosine calms the end."""
    model, _, losses = lesson.scheduled("constant", 0.3)
    assert max(losses[:3]) > 5 and max(abs(loss - np.log(10)) for loss in losses[20:]) < 0.4
    assert not (model[:3](lesson.fit_part.images) > 0).any()
    jumpy, calm = (lesson.scheduled(name, 0.1)[2][-50:] for name in ("constant", "cosine"))
    assert max(calm) < 0.05 < max(jumpy)


def test_cosine_is_its_formula(lesson):
    used, _, _, _ = lesson.scored("cosine", 0.1)
    T = len(used)
    assert np.allclose(used, [0.05 * (1 + np.cos(np.pi * t / T)) for t in range(T)], atol=1e-9)
    warm, _, _, _ = lesson.scored("warm-up", 0.1)
    assert warm[0] == pytest.approx(0.001) and max(warm) == pytest.approx(0.1) and np.argmax(warm) == 60


def test_memory(lesson):
    per_parameter = {name: round(times, 2) for name, times in lesson.keeps.items()}
    assert list(per_parameter.values()) == [0, 1, 1, 1, 1, 2, 2, 2, 3]
    assert lesson.size == 4 * 136_074
    assert lesson.kept_bytes(torch.optim.Adam, {}) - 2 * lesson.size == 24


@pytest.mark.parametrize("source", ["MNIST", "the embedded digits"])
def test_the_goal_can_be_reached(seed, source, mnist, claim):
    goal = Experiment(
        data="mnist", activation="relu", optimizer="Adam", lr=0.003, batch_size=32, epochs=2, valid=0.1, seed=seed
    )
    target = 97.06
    if source != "MNIST":
        goal, target = goal.but(data=enlarged(), epochs=6, batch_size=16), 95
    steps = goal.start().history.steps_per_epoch
    half = steps * goal.epochs // 2
    changes = (half, "lr", 0.001), (round(0.8 * steps * goal.epochs), "lr", 0.0003)
    accuracy = 100 * goal.but(changes=changes).run().valid_accuracy[-1]
    claim(f"the goal on {source}: validation accuracy in %", accuracy, least=target)
    if source == "MNIST" and seed == 0:
        assert accuracy == pytest.approx(97.4, abs=0.3)


def test_three_epochs(seed, claim):
    """To explore, 3."""
    _, chosen, tested = swept(seed, epochs=3)
    _, calm, _ = swept(seed)
    for name, least in (("Adagrad", 1), ("Adadelta", 2)):  # Adagrad's stayed with one seed of five
        row = NAMES.index(name)
        moved = RATES[chosen[row]] / RATES[calm[row]]
        claim(f"digits, 3 epochs instead of 30: best rate of {name} over that of before", moved, least=least)
    after = tested.mean(axis=1)
    claim("digits, 3 epochs: first minus last of eight, in points of test accuracy", np.ptp(after), 4.5, 10)
    assert after.argmin() == 0
    assert NAMES[after.argmax()] in ("Nesterov", "Adam", "AdamW")
