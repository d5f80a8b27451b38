"""What lesson 03 says of depth."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.sweep import sweep

LESSON = "03_mlp.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_starting_weights(lesson):
    torch.manual_seed(0)
    layer, gradients = nn.Linear(1000, 1000), torch.randn(100, 1000)
    assert layer.weight.var().item() == pytest.approx(1 / 3000, rel=0.01)
    kept = (gradients @ layer.weight.detach()).norm() / gradients.norm()
    assert kept.item() == pytest.approx(1 / math.sqrt(3), rel=0.01)
    lesson.says(r"variance $1/(3 n_\text{in})$ in a layer with")
    lesson.says(r"a gradient keeps about $1/\sqrt3 = 0.58$ of its length, before the slope")
    assert nn.init.calculate_gain("sigmoid") == 1
    lesson.says("(chosen here, not by PyTorch)")


def test_gradients_vanish_with_depth(lesson, shift, claim):
    torch.manual_seed(100 + shift)
    norms = lesson.gradient_norms(lesson.deep(8, nn.Sigmoid), lesson.X8, lesson.y8)
    claim("8 sigmoid layers: last layer's gradient over the first's", norms[-1] / norms[0], least=1e6)
    claim("8 sigmoid layers: factor a layer", (norms[-1] / norms[0]) ** (1 / 8), 5, 9)
    if lesson.own:
        assert lesson.ratio > 1e6 and lesson.deep_norms[0] == pytest.approx(1e-7, rel=0.5)
    lesson.says("More than six powers of ten are lost on the way, on average a factor of six or seven a layer")
    for name, activation, start, least, most in (
        ("8 sigmoid layers, gain 4", nn.Sigmoid, "Xavier, gain 4", 3e-3, 0.1),
        ("8 ReLU layers, He", nn.ReLU, "He", 0.2, 5),
    ):
        norms = lesson.gradient_norms(lesson.deep(8, activation, start), lesson.X8, lesson.y8)
        claim(f"{name}: first layer's gradient over the last's", norms[0] / norms[-1], least, most)
    lesson.says("He's rule keeps 8 ReLU layers about level. With gain 4 the sigmoid comes near: hundredths are left")


def test_depth(lesson, shift, claim):
    seeds = range(2 * shift, 2 * shift + 2)
    runs = sweep([
        lesson.small.but(model=model, lr=lr, seed=seed, epochs=20)
        for model in lesson.combos.values() for lr in lesson.deep_rates for seed in seeds
    ])  # fmt: skip
    valid = lesson.table(runs, "valid_accuracy", len(lesson.combos), len(lesson.deep_rates), 2)
    best = dict(zip(lesson.combos, np.nan_to_num(valid.mean(axis=2)).max(axis=1).tolist(), strict=True))
    for name, least, most in (
        ("2 sigmoid", 0.9, 1), ("2 ReLU", 0.94, 1), ("4 sigmoid", 0, 0.3), ("4 ReLU", 0.88, 1),
        ("8 sigmoid", 0, 0.2), ("8 ReLU", 0, 0.2), ("8 sigmoid, gain 4", 0.6, 1), ("8 ReLU, He", 0.7, 1),
    ):  # fmt: skip
        claim(f"{name}: best validation accuracy over learning rates", best[name], least, most)
