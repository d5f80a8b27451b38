"""What notebook 03b says of datasets, habits and silent traps."""

import math
import os

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from course_utils.data import load
from course_utils.lessons.lesson_03 import knobs
from course_utils.training import fit

LESSON = "03b_habits.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


# 1 · A Dataset, by hand


def test_datasets(lesson):
    image, label = lesson.theirs[0]
    assert len(lesson.theirs) == len(lesson.train_set) == 60_000
    assert image.equal(lesson.train_set[0][0]) and label == lesson.train_set[0][1] and isinstance(label, int)
    assert list(image.shape) == [1, 28, 28] and (image.min(), image.max()) == (0, 1)


def test_default_collate_turns_numbers_and_arrays_into_tensors():
    examples = [(np.ones(3, dtype=np.float32), 0.5, k) for k in range(4)]
    X, fractions, numbers = next(iter(DataLoader(examples, batch_size=4)))
    assert X.shape == (4, 3) and fractions.dtype == torch.float64 and numbers.tolist() == [0, 1, 2, 3]


def test_batches(lesson):
    assert len(DataLoader(lesson.train_set, batch_size=64)) == 938
    assert len(DataLoader(lesson.train_set, batch_size=64, drop_last=True)) == 937
    samplers = [type(DataLoader(lesson.train_set, shuffle=shuffle).sampler).__name__ for shuffle in (False, True)]
    assert samplers == ["SequentialSampler", "RandomSampler"]


def test_workers_are_processes_and_slow_here(lesson, claim):
    assert len(set(lesson.ids)) == 2 and os.getpid() not in lesson.ids
    claim("an epoch with 2 workers takes this many times one without", lesson.seconds[2] / lesson.seconds[0], least=1.5)


# 3 · Three habits


def test_what_flattening_left_out_says(lesson):
    assert 64 * 1 * 28 == 1792
    with pytest.raises(RuntimeError, match="1792x28 and 784x128"):
        lesson.model.hidden1(lesson.X)


def test_the_first_loss_is_near_that_of_guessing(lesson, claim):
    claim("first loss minus ln 10", abs(lesson.first_loss - math.log(10)), most=0.15)
    claim("1,000 classes: first loss minus ln 1000", abs(lesson.wide_loss - math.log(1000)), most=0.15)


def test_one_batch_is_learned_by_heart(lesson, claim):
    claim("100 steps on one batch: right of 64", lesson.hits, least=64)


def learned(lesson, y, error=""):
    """Of 64 labels `y`, how many a network answers that has had 100 steps on them, with an error or without."""
    model, other = lesson.MLP(), lesson.MLP()
    optimizer = torch.optim.Adam((other if error == "other parameters" else model).parameters(), lr=0.01)
    for _ in range(100):
        loss = nn.functional.cross_entropy(model(lesson.X), y)
        optimizer.zero_grad()
        loss.backward()
        if error == "zero_grad() after backward()":
            optimizer.zero_grad()
        optimizer.step()
    return (model(lesson.X).argmax(dim=1) == y).sum().item()


def test_what_one_batch_finds_and_what_it_does_not(lesson, shift, claim):
    torch.manual_seed(shift)
    wrong = lesson.y[torch.randperm(64)]
    assert (wrong == lesson.y).sum() < 20
    claim("100 steps on one batch with mixed-up labels: answers as they say, of 64", learned(lesson, wrong), least=64)
    lesson.says("the network learns 64 wrong answers by heart as well")
    for error in ("zero_grad() after backward()", "other parameters"):
        claim(f"100 steps on one batch, {error}: right of 64", learned(lesson, lesson.y, error), most=20)
    lesson.says("a `zero_grad()` in the wrong place, an optimizer that holds other parameters. Wrong labels pass")


# 4 · Three sets


def test_the_best_of_twenty_is_partly_luck(lesson, claim):
    claim("best of 20 on its 60 images, minus on the others, in points", 100 * (lesson.kept - lesson.then), 3, 12)
    mean = sum(score for score, _ in lesson.twenty) / 20
    lesson.says(f"looks like progress: {100 * lesson.kept:.0f} %. On images that it was not chosen by it gets")
    lesson.says(f"{100 * lesson.then:.0f} %, near the {100 * mean:.0f} % of all twenty")
    for first in (20, 40, 60, 80):
        kept, then = max(lesson.scores(seed) for seed in range(first, first + 20))
        claim("twenty others: the same", 100 * (kept - then), 3, 12)


def test_the_sets_share_no_example(lesson):
    assert len(set(lesson.order.tolist())) == len(lesson.fit_set) + len(lesson.valid_set) == 60_000
    assert len(lesson.valid_set) == 6_000


# 5 · Two silent traps


def with_seed(seed, **settings):
    """`trapped` from other starting weights."""
    train, test = load("digits")
    if settings.get("sort"):
        train = torch.utils.data.TensorDataset(*train[train.labels.argsort(stable=True)])
    torch.manual_seed(seed)
    layers = [nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)]
    model = nn.Sequential(*layers, *([nn.Softmax(dim=1)] if settings.get("twice") else []))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    epochs, shuffle = settings.get("epochs", 5), settings.get("shuffle", False)
    return fit(model, train, optimizer, epochs, batch_size=16, test=test, shuffle=shuffle)


def ends(history):
    return 100 * history.train_accuracy[-1], 100 * history.test_accuracy[-1]


PROGRAMS = {  # settings; least and most accuracy in % on training and test images; seed 0
    "neither": ({}, (94, 83), (98, 91), (96, 87)),
    "sorted": ({"sort": True}, (83, 8), (93, 25), (88, 12)),
    "softmax twice": ({"twice": True}, (10, 10), (55, 60), (18, 18)),
    "sorted, then shuffled": ({"sort": True, "shuffle": True}, (92, 83), (98, 91), (94, 88)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_three_programs(seed, name, claim, prose):
    settings, least, most, _ = PROGRAMS[name]
    for what, value, *bounds in zip(("training", "test"), ends(with_seed(seed, **settings)), least, most, strict=True):
        claim(f"8×8 digits, {name}: {what} accuracy in %", value, *bounds)
    assert "The first ends at 96 % and 87 %. The second, with sorted images, at 88 % and 12 %. The third," in prose
    assert "Sorted, the *training* accuracy climbs to 88 %, and the test accuracy stays near guessing." in prose


def test_the_lessons_programs_are_these(lesson):
    if lesson.own:
        for settings, _, _, said in PROGRAMS.values():
            assert ends(with_seed(0, **settings)) == ends(lesson.trapped(**settings)) == pytest.approx(said, abs=2)
        panel = knobs.traps(lesson.trapped)
        assert panel.sentence == "training 96%, test 87%."
        panel.close()


def test_sorted_it_answers_nine(lesson, claim):
    train, test = load("digits")
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    by_label = torch.utils.data.TensorDataset(*train[train.labels.argsort(stable=True)])
    fit(model, by_label, optimizer, 5, batch_size=16, shuffle=False)
    nines = (model(test.images).argmax(dim=1) == 9).float().mean().item()
    claim("8×8 digits, sorted: share of the answer 9", nines, least=0.7)


def test_with_a_second_softmax_it_learns_slowly(seed, claim, prose):
    slow = with_seed(seed, twice=True, epochs=20).test_accuracy[-1]
    first = with_seed(seed).test_accuracy[0]
    claim("8×8 digits, softmax twice, 20 epochs minus one epoch without, in points", 100 * (slow - first), -25, 25)
    if seed == 0:
        assert (100 * slow, 100 * first) == pytest.approx((78, 79), abs=2)
    assert "20 epochs reach the *test* accuracy that one epoch reaches without it, nearly 80 %" in prose


def test_softmax_twice(lesson, claim):
    assert lesson.floor == pytest.approx(math.log(math.e + 9) - 1, abs=1e-5) == pytest.approx(1.461, abs=1e-3)
    assert round(math.e / (math.e + 9), 2) == 0.23
    torch.manual_seed(100)
    networks = [nn.Sequential(lesson.MLP(nn.ReLU), *more) for more in ([], [nn.Softmax(dim=1)])]
    networks[1][0].load_state_dict(networks[0][0].state_dict())
    once, twice = (lesson.gradient_norms(network, lesson.X, lesson.y)[-1] for network in networks)
    claim("gradient of the last layer with logits, over that with softmax twice", once / twice, 6, 15)
    assert torch.tensor(100.0).exp().isinf()
