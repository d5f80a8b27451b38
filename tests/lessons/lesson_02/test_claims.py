"""What lesson 02 says."""

import math

import pytest
import torch

from course_utils import data
from course_utils.lessons.lesson_02 import built, knobs
from course_utils.training import train_epoch
from tests.lessons.lesson_02.runs import best, worst

LESSON = "02_linear_regression.ipynb"


def law(lesson):
    """The lesson's X [1000, 2] and y [1000]."""
    return lesson.X_train, lesson.y_train


def shown():
    """X and y of what the knobs and the first picture show, whatever the notebook's seeds."""
    train, _ = data.regression()
    return train.X, train.y.flatten()


def blown(loss):
    """A loss that a table can hold: at most 1e30."""
    return min(loss, 1e30) if loss == loss else 1e30


# The opening


def test_the_opening(lesson, claim):
    X, y = shown()
    knob = knobs.cliff(built.descend)
    ends = {}
    for lr in (0.03, 0.5, 0.8, 0.95):
        knob.controls["lr"].value = lr
        ends[lr] = built.descend(X, y, knob.controls["lr"].value)[1]
    claim("lr 0.03: loss after 30 steps", ends[0.03][-1], least=0.3)
    claim("lr 0.5: loss after 3 steps", ends[0.5][3], most=0.01)
    claim("lr 0.8: loss after 30 steps", ends[0.8][-1], most=0.01)
    claim("lr 0.95: loss after 30 steps", ends[0.95][-1], least=1e3)
    assert ends[0.5][2] >= 0.001 > ends[0.5][3]
    path = built.descend(X, y, 0.8)[0] - best(X, y)
    assert (path[1:6] * path[:5]).sum(dim=1).max() < 0  # each step leads across the star
    rises = [after / before for before, after in zip(ends[0.95], ends[0.95][1:], strict=False)]
    assert min(rises) > 1
    lesson.says("At 0.5 it is at the star after three steps.")
    lesson.says("At 0.95 every step makes the loss larger.")
    knob.close()


def test_the_first_picture(lesson, claim):
    losses = {lr: lesson.descend(*shown(), lr, steps=10)[1] for lr in (0.03, 0.5, 0.95)}
    claim("lr 0.03: loss after 10 steps, against the start", losses[0.03][-1] / losses[0.03][0], least=0.2)
    claim("lr 0.5: loss after 10 steps", losses[0.5][-1], most=2e-4)
    claim("lr 0.95: loss after 10 steps, against the start", losses[0.95][-1] / losses[0.95][0], least=2)


# 1 · Data, 2 · By hand


def test_the_data_are_those_of_the_library(lesson):
    if lesson.own:
        train, test = data.regression()
        assert train.X.equal(lesson.X_train) and train.y.flatten().equal(lesson.y_train)
        assert test.X.equal(lesson.X_test) and test.y.flatten().equal(lesson.y_test)
    assert len(lesson.loader) == 100


def test_the_loop_by_hand_finds_the_law(lesson, claim):
    found = torch.cat([lesson.w, lesson.b]).detach()
    claim("by hand, 3 epochs: largest error of a parameter", worst(found, [2, -3.4, 4.2]), most=2e-3)
    lesson.says("right to about one thousandth")


def test_the_last_batch_is_not_the_epoch(lesson, claim):
    losses = lesson.train_by_hand(0.03)[2]
    mean = sum(losses[:100]) / 100
    claim("epoch 1: mean loss", mean, least=2.4, most=3.4)
    claim("epoch 1: mean loss, times the last batch's", mean / losses[99], least=1e3)
    lesson.says("near 2.9")
    lesson.says("thousands of times smaller")


def test_where_the_loop_by_hand_breaks(lesson, claim):
    for lr, least, most in ((0.003, 0.1, 10), (0.02, 0.5e-4, 2e-4), (0.1, 0.5e-4, 2e-4), (0.6, 0.5e-4, 1e-3)):
        losses = lesson.train_by_hand(lr)[2]
        claim(f"by hand, lr {lr}: mean loss of epoch 3", sum(losses[200:]) / 100, least, most)
    claim("by hand, lr 1: largest loss (at most 1e30)", blown(max(lesson.train_by_hand(1.0)[2])), least=1e3)
    if lesson.own:
        assert max(lesson.train_by_hand(0.8)[2][:100]) > 500 and max(lesson.train_by_hand(0.9)[2]) > 1e6
    lesson.says("From about 0.9 on the loss explodes.")


# 3 · Module, 4 · The optimizer, 5 · A trap


def test_one_step_is_the_update_line_up_to_rounding(lesson, claim):
    net = lesson.new_net()
    X, y = next(iter(lesson.loader_2d))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    lesson.squared_error(net(X), y).backward()
    by_hand = net.linear.weight - 0.03 * net.linear.weight.grad
    optimizer.step()
    claim("one step: optimizer against by hand, largest difference", worst(net.linear.weight, by_hand), most=1e-6)


def test_the_epoch_by_hand_is_the_librarys(lesson):
    nets = [lesson.new_net(), lesson.new_net()]
    batches = list(lesson.loader_2d)
    optimizers = [torch.optim.SGD(net.parameters(), lr=0.03) for net in nets]
    mine = lesson.train_epoch(nets[0], batches, optimizers[0], lesson.loss_fn)
    theirs, _ = train_epoch(nets[1], batches, optimizers[1], lesson.loss_fn)
    assert mine == theirs and nets[0].linear.weight.equal(nets[1].linear.weight)


def test_the_epoch_is_a_mean_over_the_examples(lesson):
    net = lesson.new_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.0)
    X, y = lesson.columns[:25]
    batches = [(X[:20], y[:20]), (X[20:], y[20:])]
    mean = lesson.train_epoch(net, batches, optimizer, lesson.loss_fn)
    assert math.isclose(mean, lesson.loss_fn(net(X), y).item(), rel_tol=1e-5)


def test_the_broadcasting_trap_learns_the_mean(lesson, claim):
    net = lesson.new_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    for _ in range(3):
        lesson.train_epoch(net, lesson.loader, optimizer, lesson.squared_error)
    variance = lesson.y_train.var().item()
    claim("with the trap: loss of epoch 3, over the targets' variance", lesson.stuck / variance, 0.9, 1.1)
    assert not lesson.own or round(lesson.stuck) == 17
    claim("with the trap: largest weight, as a share of 3.4", worst(net.linear.weight, torch.zeros(2)) / 3.4, most=0.25)
    mean = lesson.y_train.mean().item()
    claim("with the trap: distance of the bias from the targets' mean", abs(net.linear.bias.item() - mean), most=0.6)
    claim("without it: largest error", worst(lesson.net.linear.weight, [2, -3.4]), most=5e-3)
    assert not lesson.own or round(mean, 1) == 4.3
    lesson.says("the mean of the targets, 4.3")
    with pytest.warns(UserWarning, match="Using a target size"):
        lesson.loss_fn(net(lesson.X), lesson.y)


def test_the_test_loss_is_down_to_the_noise(lesson, claim):
    claim("test loss after 3 epochs", lesson.test, least=0.8e-4, most=1.5e-4)
    claim("test loss after 3 epochs, over the training loss", lesson.test / lesson.mean, 0.6, 1.5)
    net, ratios = lesson.new_net(), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    for _ in range(2):
        mean = lesson.train_epoch(net, lesson.loader_2d, optimizer, lesson.loss_fn)
        ratios.append(lesson.evaluate(net, lesson.X_test, lesson.y_test, lesson.loss_fn) / mean)
    claim("epoch 1: test loss over the training loss", ratios[0], most=0.01)
    claim("epoch 2: test loss over the training loss", ratios[1], 0.6, 1.5)
    lesson.says("From epoch 2 on the test loss is as small as the training loss")


def test_exercise_2_as_it_stands_learns_nothing(lesson, claim):
    net = lesson.new_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    for X, y in lesson.loader_2d:
        loss = lesson.loss_fn(net(X), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    after = lesson.evaluate(net, lesson.X_test, lesson.y_test, lesson.loss_fn)
    claim("exercise 2: test loss after an epoch without a gradient", after, least=10)


# 6 · The limit, 7 · The knob


def test_training_breaks_at_the_computed_limit(lesson, claim):
    limit = lesson.limit
    below, above = (lesson.descend(*law(lesson), k * limit, steps=n)[1] for k, n in ((0.95, 200), (1.05, 60)))
    claim("0.95 × limit: loss after 200 steps", below[-1], most=2e-4)
    claim("1.05 × limit: loss after 60 steps", above[-1], least=1e3)
    if lesson.own:
        assert round(below[0], 1) == 35.6 and below[0] / below[30] > 1000 and above[30] > 1000
        assert below[31] < below[30]
    lesson.says("Below the limit the loss has fallen a thousandfold, and goes on falling.")
    lesson.says("Above it, it is in the thousands.")


def test_at_the_limit_the_path_jumps_to_and_fro(lesson, claim):
    path, _ = lesson.descend(*law(lesson), lesson.limit, steps=6)
    steepest = torch.linalg.eigh(lesson.H).eigenvectors[:, -1]
    along = (path - best(lesson.X_train, lesson.y_train)) @ steepest
    claim("at the limit: distance after a step, over before", (along[1:] / along[:-1]).mean().item(), -1.001, -0.999)


def test_the_limit_is_pytorchs_own_hessian(lesson, claim):
    def loss(theta):
        return lesson.squared_error(lesson.A @ theta, lesson.y_train)

    theirs = torch.autograd.functional.hessian(loss, torch.zeros(3))
    # Means of 1,000 float32 products near 2, summed in an order that depends on the processor: 1000 × 1.2e-7.
    claim("Hessian by formula against autograd, largest difference", worst(lesson.H, theirs), most=1e-4)
    assert math.isclose(lesson.limit, knobs.limit(lesson.X_train), rel_tol=1e-6)
    curvatures, axes = torch.linalg.eigh(lesson.H)
    claim("an axis times the Hessian against times its curvature", worst(lesson.H @ axes, curvatures * axes), most=1e-5)
    lesson.says("its length is multiplied by that axis's curvature")


def test_the_stretched_bowl(lesson, claim):
    def stretched(k):
        return knobs.limit(lesson.X_train * torch.tensor([1.0, k]))

    claim("stretch 5 divides the limit by", lesson.limit / stretched(5), least=20, most=30)
    claim("stretch 1,000 divides the limit by", lesson.limit / stretched(1000), least=0.8e6, most=1.2e6)
    if lesson.own:
        assert f"From {lesson.limit:.2f} to {stretched(5):.3f}: 25 times smaller" in lesson.prose
        assert round(lesson.limit / stretched(5)) == 25
        assert (lesson.curvatures - 2).abs().max() < 0.3
    standardised = lesson.X_train * torch.tensor([1.0, 5.0])
    standardised = standardised / standardised.std(dim=0)
    claim("stretch 5, then standardised: limit over that of before", knobs.limit(standardised) / lesson.limit, 0.8, 1.2)
    lesson.says("a feature 1,000 times as large, and the limit about a million times smaller")


def test_momentum_and_adam_beyond_the_line(lesson, claim):
    def loss(lr, name, steps=30):
        return lesson.descend(*law(lesson), lr, steps, knobs.OPTIMIZERS[name])[1]

    momentum, start = "SGD, momentum 0.9", loss(0.1, "SGD", 1)[0]
    claim("momentum at 1.8 × limit: loss after 300 steps", loss(1.8 * lesson.limit, momentum, 300)[-1], most=1)
    claim(
        "momentum at 1.8 × limit: loss after 30 over the start's", loss(1.8 * lesson.limit, momentum)[-1] / start, 0, 1
    )
    above = loss(2 * lesson.limit, momentum)[-1]
    claim("momentum at 2 × limit: loss after 30, over the start's", above / start, least=1e3)
    claim("Adam at lr 3: loss after 30", loss(3.0, "Adam")[-1], least=1e-2, most=start)
    lesson.says("Momentum does, to almost twice the limit.")
