"""What lesson 05 says of the eight rules, written by hand."""

import functools

import numpy as np
import pytest
import torch

from tests.lessons.lesson_05.runs import MOMENTUM, NESTEROV, SGD

LESSON = "05_optimizers.ipynb"


def test_each_rule_is_torchs(lesson, shift, claim):
    assert set(lesson.CHECKS) == {*lesson.RULES, "AdamW"}
    for name, needed in lesson.CHECKS.items():
        gap = lesson.largest_gap(*needed, seed=shift)
        claim(f"{name} by hand against torch.optim, 50 steps, largest difference", gap, most=1e-6)


def test_arguments_other_than_the_defaults(lesson, shift, claim):
    for name, settings, arguments in (
        ("RMSprop", {"alpha": 0.9, "eps": 1e-4}, {"alpha": 0.9, "eps": 1e-4}),
        ("Adagrad", {"eps": 1e-3}, {"eps": 1e-3}),
        ("Adadelta", {"rho": 0.8, "eps": 1e-3}, {"rho": 0.8, "eps": 1e-3}),
        ("Adam", {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, {"betas": (0.5, 0.9), "eps": 1e-3}),
        ("AdamW", {"weight_decay": 0.1}, {"weight_decay": 0.1}),
    ):
        rule, given, kind, theirs = lesson.CHECKS[name]
        gap = lesson.largest_gap(rule, given | settings, kind, theirs | arguments, seed=shift)
        claim(f"{name}, other arguments, by hand against torch.optim, 50 steps, largest difference", gap, most=1e-6)


def test_the_lengths_of_steps(lesson):
    def lengths(rule, **settings):
        return lesson.step_lengths(rule, **settings)

    assert lengths(lesson.momentum, lr=0.01)[-1] == pytest.approx(0.1, rel=1e-3)
    assert lengths(lesson.adagrad, lr=0.01, gradient=1000.0)[-1] == pytest.approx(0.001, rel=1e-6)
    assert lengths(lesson.rmsprop, lr=0.01)[0] == pytest.approx(0.1, rel=1e-6)
    assert lengths(lesson.adadelta)[0] == pytest.approx(0.00316, rel=1e-2)
    without, corrected = lesson.without, lesson.corrected
    assert without[0] / 0.01 == pytest.approx(3.16, abs=0.01) and 6 < max(without) / 0.01 < 7
    assert np.allclose(corrected, 0.01, rtol=1e-4)
    lesson.says(r"The first step is $(1-\beta_1)/\sqrt{1-\beta_2}$ times lr.")
    first = {}
    for beta1 in (0.9, 0.0, 0.5, 0.99):
        for beta2 in (0.999, 0.9, 0.99, 0.9999):
            uncorrected = lengths(lesson.adam, lr=1.0, beta1=beta1, beta2=beta2, correct=False)
            first[beta1, beta2] = uncorrected[0]
            assert uncorrected[0] == pytest.approx((1 - beta1) / (1 - beta2) ** 0.5, rel=1e-5)
    short = {pair for pair, length in first.items() if length < 0.99}
    assert short == {(0.99, 0.9), (0.99, 0.99), (0.99, 0.999), (0.9, 0.9)}
    assert min(first, key=first.get) == (0.99, 0.9) and first[0.99, 0.9] == pytest.approx(1 / 30, rel=0.1)
    longest = max(lengths(lesson.adam, lr=1.0, beta2=0.9999, correct=False))
    assert longest == pytest.approx(20, abs=1)
    flipped = {name: lengths(rule, lr=lr, flip=True)[-1] / lr for name, (rule, lr) in lesson.RULES.items()}
    assert flipped[MOMENTUM] == pytest.approx(1 / 1.9, rel=1e-3) and flipped["Adam"] == pytest.approx(1 / 19, rel=1e-2)
    assert flipped[NESTEROV] == pytest.approx(1.5, abs=0.05)
    for name in ("RMSprop", "Adagrad", "Adadelta"):
        rule, lr = lesson.RULES[name]
        assert flipped[name] == pytest.approx(lengths(rule, lr=lr)[-1] / lr)
    assert lesson.shorter == 4


def test_adadelta_falls_behind_where_the_gradient_is_small(lesson):
    after = {g: lesson.step_lengths(lesson.adadelta, gradient=g)[-1] for g in (1.0, 0.01, 0.001)}
    assert after[0.01] == pytest.approx(after[1.0], rel=0.1) and after[0.001] < 0.75 * after[1.0]


def test_a_large_eps_makes_adam_sgd_with_momentum(lesson):
    for gradient in (1.0, 3.0):
        adam = lesson.step_lengths(lesson.adam, gradient=gradient, lr=1e4, eps=1e6)
        ball = lesson.step_lengths(lesson.momentum, gradient=gradient, lr=1e-3)
        assert adam[-1] == pytest.approx(ball[-1], rel=1e-3)


def test_amsgrad_by_hand(lesson, shift, claim):
    def amsgrad_rule(p, g, s, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        t = s["t"] = s.get("t", 0) + 1
        m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
        v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
        largest = s["largest"] = torch.maximum(s.get("largest", v), v)
        m, v = m / (1 - beta1**t), largest / (1 - beta2**t)
        return p - lr * m / (v.sqrt() + eps)

    needed = amsgrad_rule, {"lr": 0.01}, torch.optim.Adam, {"lr": 0.01, "amsgrad": True}
    gap = lesson.largest_gap(*needed, seed=shift)
    claim("AMSGrad by hand against torch.optim, 50 steps, largest difference", gap, most=1e-6)


def test_a_larger_loss(lesson, shift, claim):
    """To explore, 2: gradients a thousand times as long."""
    gaps = {}
    for name in (SGD, "RMSprop", "Adagrad", "Adadelta", "Adam"):
        rule, lr = lesson.RULES[name]

        def scaled(p, g, s, rule=rule, **settings):
            return rule(p, 1000 * g, s, **settings)

        twin = functools.partial(lesson.ByHand, rule=rule, lr=lr)
        gaps[name] = lesson.largest_gap(scaled, {"lr": lr}, twin, {}, seed=shift)
    for name, least, most in (("Adagrad", 0, 0.01), ("Adam", 0, 0.01), ("RMSprop", 0.01, 1), ("Adadelta", 0.1, 1)):
        claim(f"{name}, loss a thousand times as large, 50 steps, largest difference", gaps[name], least, most)
    if lesson.own:
        assert gaps["RMSprop"] == pytest.approx(0.03, abs=0.02)
    claim("SGD, loss a thousand times as large, 50 steps, largest difference", gaps[SGD], least=1)
