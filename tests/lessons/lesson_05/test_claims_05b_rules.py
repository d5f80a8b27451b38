"""What notebook 05b says of the eight rules, written by hand."""

import functools
import inspect
import warnings

import numpy as np
import pytest
import torch

from tests.lessons.lesson_05.runs import MOMENTUM, NESTEROV, SGD

LESSON = "05b_rules.ipynb"


RULES = {
    SGD: ("sgd", torch.optim.SGD, {}),
    MOMENTUM: ("momentum", torch.optim.SGD, {"momentum": 0.9}),
    NESTEROV: ("nesterov", torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "RMSprop": ("rmsprop", torch.optim.RMSprop, {}),
    "Adagrad": ("adagrad", torch.optim.Adagrad, {}),
    "Adadelta": ("adadelta", torch.optim.Adadelta, {}),
    "Adam": ("adam", torch.optim.Adam, {}),
    "AdamW": ("adamw", torch.optim.AdamW, {}),
}


def test_each_rule_is_torchs(lesson, shift, claim):
    for name, (rule, kind, arguments) in RULES.items():
        gap = lesson.prove(getattr(lesson, rule), kind, lr=0.05, seed=shift, **arguments)
        claim(f"{name} by hand against torch.optim, 50 gradients, largest difference", gap, most=1e-13)


def test_arguments_other_than_the_defaults(lesson, shift, claim):
    for name, settings, arguments in (
        ("RMSprop", {"alpha": 0.9, "eps": 1e-4}, {"alpha": 0.9, "eps": 1e-4}),
        ("Adagrad", {"eps": 1e-3}, {"eps": 1e-3}),
        ("Adadelta", {"rho": 0.8, "eps": 1e-3}, {"rho": 0.8, "eps": 1e-3}),
        ("Adam", {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, {"betas": (0.5, 0.9), "eps": 1e-3}),
        ("AdamW", {"weight_decay": 0.1}, {"weight_decay": 0.1}),
    ):
        rule, kind, _ = RULES[name]
        mine = functools.partial(getattr(lesson, rule), **settings)
        gap = lesson.prove(mine, kind, lr=0.05, seed=shift, **arguments)
        claim(f"{name}, other arguments, by hand against torch.optim, largest difference", gap, most=1e-13)


def test_the_defaults_are_those_that_are_named(lesson):
    named = {
        torch.optim.SGD: {"lr": 0.001, "momentum": 0, "dampening": 0, "nesterov": False, "weight_decay": 0},
        torch.optim.Adagrad: {"lr": 0.01, "lr_decay": 0, "weight_decay": 0, "initial_accumulator_value": 0},
        torch.optim.RMSprop: {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "momentum": 0, "centered": False},
        torch.optim.Adadelta: {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0},
        torch.optim.Adam: {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False},
        torch.optim.AdamW: {"weight_decay": 0.01},
    }
    for kind, defaults in named.items():
        parameters = inspect.signature(kind).parameters
        assert {name: parameters[name].default for name in defaults} == defaults
    mechanics = {"foreach", "fused", "capturable", "differentiable"}
    told = set(inspect.signature(torch.optim.Adam).parameters) - mechanics - {"params"}
    assert all(f"| `{name}` |" in lesson.prose for name in told)


def test_seen_elsewhere(lesson):
    p, d_p = torch.nn.Parameter(torch.ones(2)), torch.ones(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns only once in a process
        p.data.add_(-0.1, d_p)
    assert p.tolist() == pytest.approx([0.9, 0.9])
    with torch.no_grad():
        p.add_(d_p, alpha=-0.1)
    assert p.tolist() == pytest.approx([0.8, 0.8])
    lesson.says("p.add_(d_p, alpha=-lr)")


def test_sparse_gradients(lesson, claim):
    for kind, lr, seldom in ((torch.optim.SGD, 0.01, 0.10), (torch.optim.Adagrad, 0.05, 0.24),
                             (torch.optim.Adam, 0.005, 0.30)):  # fmt: skip
        common, rare = lesson.rare(kind, lr)
        assert common == pytest.approx(0.99, abs=0.006) and rare == pytest.approx(seldom, abs=0.006)
    table = torch.nn.Embedding(10, 3, sparse=True)
    table(torch.tensor([1])).sum().backward()
    assert table.weight.grad.is_sparse and table.weight.grad._nnz() == 1
    for kind in (torch.optim.SGD, torch.optim.Adagrad, torch.optim.SparseAdam):
        kind(table.parameters(), lr=0.1).step()
    with pytest.raises(RuntimeError, match="please consider SparseAdam"):
        torch.optim.Adam(table.parameters()).step()


def test_two_steps_of_adam(lesson):
    assert lesson.theirs.tolist() == pytest.approx(lesson.moved[-1], rel=1e-5)
    assert [abs(moved) for moved in lesson.moved[0]] == pytest.approx([0.01, 0.01], rel=1e-4)
    assert "-0.0099999" in str(lesson.moved[0])


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
    rules = lesson.seven_rules()
    flipped = {name: lengths(rule, lr=lr, flip=True)[-1] / lr for name, (rule, lr) in rules.items()}
    assert flipped[MOMENTUM] == pytest.approx(1 / 1.9, rel=1e-3) and flipped["Adam"] == pytest.approx(1 / 19, rel=1e-2)
    assert flipped[NESTEROV] == pytest.approx(1.5, abs=0.05) and flipped["RMSprop"] > 1  # that one without flip, too
    lesson.says("which of momentum, Nesterov and Adam makes longer steps than SGD?")
    for name in ("RMSprop", "Adagrad", "Adadelta"):
        rule, lr = rules[name]
        assert flipped[name] == pytest.approx(lengths(rule, lr=lr)[-1] / lr)
    shorter = [name for name, (rule, lr) in rules.items() if lengths(rule, lr=lr, gradient=1e-4)[-1] < lr / 20]
    assert shorter == [SGD, MOMENTUM, NESTEROV, "Adadelta"]
    every = [length for rule, lr in rules.values() for length in lengths(rule, lr=lr)]
    assert max(every) / min(every) == pytest.approx(100, rel=0.01)


def test_adadelta_falls_behind_where_the_gradient_is_small(lesson):
    after = {g: lesson.step_lengths(lesson.adadelta, gradient=g)[-1] for g in (1.0, 0.01, 0.001)}
    assert after[0.01] == pytest.approx(after[1.0], rel=0.1) and after[0.001] < 0.75 * after[1.0]
    lesson.says("Adadelta's sink once the gradient is below 0.01.")


def test_a_large_eps_makes_adam_sgd_with_momentum(lesson):
    for gradient in (1.0, 3.0):
        adam = lesson.step_lengths(lesson.adam, gradient=gradient, lr=1e4, eps=1e6)
        ball = lesson.step_lengths(lesson.momentum, gradient=gradient, lr=1e-3)
        assert adam[-1] == pytest.approx(ball[-1], rel=1e-3)


def test_amsgrad(lesson, shift, claim):
    def amsgrad_rule(p, g, s, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        t = s["t"] = s.get("t", 0) + 1
        m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
        v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
        v = s["largest"] = torch.maximum(s.get("largest", v), v)
        m, v = m / (1 - beta1**t), v / (1 - beta2**t)
        return p - lr * m / (v.sqrt() + eps)

    gap = lesson.prove(amsgrad_rule, torch.optim.Adam, lr=0.01, seed=shift, amsgrad=True)
    claim("AMSGrad by hand against torch.optim, 50 gradients, largest difference", gap, most=1e-13)
    assert lesson.adam_end > 0.5 and lesson.amsgrad_end < -0.3
    assert all(lesson.cycle(3.0, beta2, amsgrad=False)[-1] < -0.4 for beta2 in (0.9, 0.99, 0.999))


def test_a_larger_loss(lesson):
    """To explore: gradients a thousand times as large."""
    by = {}
    for name, (rule, lr) in lesson.seven_rules().items():
        one, thousand = (lesson.step_lengths(rule, gradient=gradient, lr=lr) for gradient in (0.01, 10.0))
        by[name] = max(thousand) / max(one)
    for name in ("RMSprop", "Adagrad", "Adam"):
        assert by[name] == pytest.approx(1, rel=1e-3)
    for name in (SGD, MOMENTUM, NESTEROV):
        assert by[name] == pytest.approx(1000)
    one, thousand = (lesson.step_lengths(lesson.adadelta, gradient=gradient) for gradient in (0.001, 1.0))
    assert thousand[-1] > 1.3 * one[-1]


def test_memory(lesson):
    size = lesson.size
    assert size == 4 * 136_074
    numbers = {name: round(kept / size, 2) for name, kept in lesson.keeps.items()}
    assert list(numbers.values()) == [0, 1, 1, 1, 2, 2, 2, 3]
    assert lesson.keeps["Adam"] - 2 * size == 24
    assert (7e9 * 4, 7e9 * 8, 7e9 * 16) == (28e9, 56e9, 112e9)
    lesson.says("takes 28 GB, its gradients another 28, and Adam's memory 56: 112 GB")
