"""What notebook 02b says of seeds, names and shapes, and of a published program."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import exercises
from course_utils.lessons.lesson_02 import knobs

LESSON = "02b_names.ipynb"


def test_a_seed_sets_one_library(lesson):
    assert lesson.same == {"X": False, "w": True}
    (X1, w1), (X2, w2) = lesson.start(numpy_seed=1), lesson.start(numpy_seed=1)
    assert X1.equal(X2) and not w1.equal(w2)
    assert all(one.equal(two) for one, two in zip(lesson.start(1, 1), lesson.start(1, 1), strict=True))
    knob = knobs.starts(lesson.start)
    said = {}
    for seed in ("torch.manual_seed(1)", "np.random.seed(1)", "both", "neither"):
        knob.controls["seed"].value = seed
        said[seed] = knob.sentence
    assert [name for name, sentence in said.items() if "features and weights" in sentence] == ["both"]
    assert "weights are as in run 1" in said["torch.manual_seed(1)"]
    assert "features are as in run 1" in said["np.random.seed(1)"]
    knob.close()
    lesson.says("NumPy's usual numbers are float64, with about sixteen digits")
    assert np.random.normal(0, 1, 2).dtype == np.float64 and torch.randn(2).dtype == torch.float32


def test_one_seed_is_enough_if_pytorch_makes_all(lesson):
    def start(torch_seed=None, numpy_seed=None):
        torch.manual_seed(torch_seed)
        return torch.tensor(torch.randn(20, 2).numpy(), dtype=torch.float32), torch.randn(2)

    assert all(one.equal(two) for one, two in zip(start(1), start(1), strict=True))
    lesson.says("Yes: now all numbers come from PyTorch.")


def test_four_ways_are_one_network(lesson):
    own = lesson.names["own"]  # `lesson.own` is another thing
    networks = (own, lesson.positional, lesson.added, lesson.ordered)
    names = [[name for name, _ in network.named_parameters()] for network in networks]
    assert names == [["linear.weight", "linear.bias"], ["0.weight", "0.bias"]] + [["linear.weight", "linear.bias"]] * 2
    assert lesson.outcome == "only Linear" and lesson.added[0] is lesson.added.linear
    with pytest.raises(TypeError, match="not subscriptable"):
        own[0]
    assert all(not network.get_parameter(name[1]).any() for network, name in zip(networks, names, strict=True))


def test_parameters_are_handed_out_once(lesson):
    assert lesson.again == [] and next(lesson.params, None) is None
    optimizer = torch.optim.SGD(both := lesson.names["own"].parameters(), lr=0.1)
    assert len(optimizer.param_groups[0]["params"]) == 2
    with pytest.raises(ValueError, match="optimizer got an empty parameter list"):
        torch.optim.SGD(both, lr=0.1)
    lesson.says("*optimizer got an empty parameter list*")
    assert torch.float is torch.float32
    w = torch.ones(2, requires_grad=True)
    w.data.fill_(0)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        w.fill_(0)
    nn.init.constant_(w, 3)
    assert w.grad_fn is None and w.is_leaf


def test_the_warning_comes_and_training_goes_on(lesson):
    assert "Using a target size" in str(lesson.caught[0].message)
    assert lesson.caught[0].category is UserWarning
    lesson.loss_fn(lesson.net(lesson.X), lesson.y).backward()
    told = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")  # as a program has it
        for examples in (10, 5):
            nn.MSELoss()(lesson.net(lesson.X)[:examples], lesson.y[:examples])
            told.append(len(caught))
            nn.MSELoss()(lesson.net(lesson.X)[:examples], lesson.y[:examples])  # another place in the code
            told.append(len(caught))
    assert told == [1, 1, 2, 2]
    lesson.says("For each pair of shapes it comes only once.")


def test_one_example(lesson):
    assert lesson.takes == ["Linear"] and lesson.batch.shape == (1, 2)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm1d(2)(lesson.batch)
    lesson.says("`BatchNorm1d` refuses even a batch of one")


def test_the_published_program(lesson, claim):
    assert lesson.hits == 0
    for run in (lesson.runs["run 1"], lesson.runs["run 2"], lesson.page):
        claim("published program: loss of the first epoch's last batch", run[0], 0.5e-4, 1e-3)
        claim("published program: last losses of epochs 2 and 3, least", min(run[1:3]), least=1.5e-5)
        claim("published program: last losses of epochs 2 and 3, largest", max(run[1:3]), most=4e-4)
        off = max(abs(found - true) for found, true in zip(run[3:], (2, -3.4, 4.2), strict=True))
        claim("published program: largest error of a parameter", off, most=2e-3)
    lesson.says("All weights are right to about two thousandths.")
    first = []
    for seed in range(12):
        np.random.seed(seed)
        first.append(lesson.published()[0])
    mean = sum(first) / 12
    claim("published program, 12 seeds of NumPy: loss of the first epoch's last batch, mean", mean, 2e-4, 5e-4)
    claim("published program, 12 seeds of NumPy: loss of the first epoch's last batch, largest", max(first), 4e-4, 1e-3)
    lesson.says("After the first epoch, when the weights are not quite there, it can be several times as large.")


def test_the_published_program_repeats_its_figures_as_section_1_has_seeded_numpy(lesson):
    assert lesson.runs["run 1"] != lesson.runs["run 2"]
    np.random.seed(1)
    for _ in range(3):  # section 1 calls `start` so often
        lesson.start()
    again = [lesson.published(), lesson.published()]
    assert not lesson.own or again == [lesson.runs["run 1"], lesson.runs["run 2"]]
    lesson.says("both repeat their figures: section 1 has seeded NumPy")


def test_workers_change_no_number(lesson):
    found = []
    for workers in (0, 2):
        np.random.seed(0)
        found.append(lesson.published(workers))
    assert found[0] == found[1]


def test_exercise_3(lesson, claim):
    X = torch.randn(1000, 2)
    y = (X @ torch.tensor([[2.0], [-3.4]])) + 4.2
    net, losses = lesson.LinearNet(), []
    lesson.normal_start(net.linear)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    for step in range(4):
        if step == 3:
            w1, w2 = net.linear.weight.flatten().tolist()
        loss = lesson.loss_fn(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    claim("exercise 3: loss of a step over the last", losses[3] / losses[2], 0.86, 0.9)
    claim("exercise 3: loss after three steps", losses[3], least=20)
    claim("exercise 3: weights after three steps over those of the law, larger", max(w1 / 2, w2 / -3.4), most=0.3)
    said = exercises.find("02-3").remember
    assert "falls by about an eighth in each, and is still above 20 at the end, the weights far from 2 and −3.4" in said
