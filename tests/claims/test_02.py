"""What lesson 02 says."""

import torch
from torch import nn

from course_utils import data

LESSON = "02_linear_regression.ipynb"


def worst(estimate, truth):
    return (torch.as_tensor(estimate) - torch.as_tensor(truth)).abs().max().item()


def test_the_data_are_those_of_the_library(lesson):
    if lesson.own:
        train, test = data.regression()
        assert train.X.equal(lesson.X_train) and train.y.flatten().equal(lesson.y_train)
        assert test.X.equal(lesson.X_test) and test.y.flatten().equal(lesson.y_test)


def test_the_second_feature_makes_the_narrower_cloud(lesson, claim):
    def left_over(column):
        A = torch.stack([lesson.X_train[:, column], torch.ones(1000)], dim=1)
        line = torch.linalg.lstsq(A, lesson.y_train.view(-1, 1)).solution
        return (lesson.y_train.view(-1, 1) - A @ line).std().item()

    claim("what feature 1 leaves over, against feature 2", left_over(0) / left_over(1), least=1.5)


def test_workers_cost_more_than_they_bring(lesson, claim):
    claim("an epoch with 2 workers takes this many times one without", lesson.seconds[2] / lesson.seconds[0], least=3)


def test_the_loop_by_hand_finds_the_law(lesson, claim):
    found = torch.cat([lesson.w, lesson.b]).detach()
    claim("by hand, 3 epochs: largest error of a parameter", worst(found, lesson.true), most=2e-3)
    lesson.says("found to about a thousandth")


def test_the_last_batch_is_not_the_epoch(lesson, claim):
    net = nn.Sequential(nn.Linear(2, 1))
    nn.init.normal_(net[0].weight, std=0.01)
    nn.init.constant_(net[0].bias, 0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    mean, last = lesson.train_epoch(net, lesson.loader, optimizer, lesson.loss_fn)
    claim("epoch 1: mean loss", mean, least=2.4, most=3.4)
    claim("epoch 1: mean loss, times the last batch's", mean / last, least=1e3)
    lesson.says("near 2.9")
    lesson.says("thousands of times smaller")


def test_the_broadcasting_trap_learns_the_mean(lesson, claim):
    weight, bias = lesson.trap_train(fix=False)
    claim("with the trap: largest weight, as a share of the true one", worst(weight, torch.zeros(2)) / 3.4, most=0.25)
    mean = lesson.y_train.mean().item()
    claim("with the trap: distance of the bias from the targets' mean", abs(bias - mean), most=0.6)
    weight, bias = lesson.trap_train(fix=True)
    claim("without it: largest error of a weight", worst(weight, lesson.true_w), most=5e-3)


def test_one_step_is_the_update_line_to_rounding(lesson, claim):
    # The net has gone on training since, so the step is taken again.
    X, y = next(iter(lesson.loader))
    optimizer = torch.optim.SGD(lesson.net.parameters(), lr=0.03)
    lesson.net.zero_grad()
    lesson.loss_fn(lesson.net(X), y.view(-1, 1)).backward()
    by_hand = lesson.net[0].weight - 0.03 * lesson.net[0].weight.grad
    optimizer.step()
    claim("one step: optimizer against by hand, largest difference", worst(lesson.net[0].weight, by_hand), most=1e-6)


def test_the_test_loss_is_down_to_the_noise(lesson, claim):
    claim("test loss after 3 epochs", lesson.test, least=0.8e-4, most=1.5e-4)
    lesson.says("$0.01^2 = 10^{-4}$")


def test_sgd_lands_a_few_noise_widths_from_the_referee(lesson, claim):
    width = 0.01 / 1000**0.5
    claim("least squares: largest error, in noise widths", worst(lesson.best, lesson.true) / width, most=4)
    claim("SGD: largest distance from least squares, in noise widths", worst(lesson.learned, lesson.best) / width, 0, 8)


def test_each_layer_moves_by_its_own_rate(lesson):
    assert [group["lr"] for group in lesson.optimizer.param_groups] == [0.03 * 0.1, 0.01 * 0.1]


def test_a_new_optimizer_is_behind(lesson, claim):
    claim("loss at step 20: lr changed in place, over new optimizer's", lesson.in_place[20] / lesson.anew[20], most=0.6)
    if lesson.own:
        assert lesson.in_place[20] < lesson.anew[20] / 2
    lesson.says("less than half of the other's")


def test_the_first_picture(lesson, claim):
    losses = {lr: [lesson.descend(lr, steps=steps)[1] for steps in range(11)] for lr in (0.03, 0.5, 0.95)}
    claim("lr 0.03: loss after 10 steps, against the start", losses[0.03][-1] / losses[0.03][0], least=0.2)
    claim("lr 0.5: loss after 3 steps", losses[0.5][3], most=0.01)
    if lesson.own:
        rises = [after / before for before, after in zip(losses[0.95], losses[0.95][1:], strict=False)]
        assert min(rises) > 1
    lesson.says("At 0.95 every step makes things worse")


def test_training_breaks_at_the_computed_limit(lesson, claim):
    limit = lesson.limit()
    claim("0.95 × limit: loss after 200 steps", lesson.descend(0.95 * limit, steps=200)[1], most=2e-4)
    claim("1.05 × limit: loss after 60 steps", lesson.descend(1.05 * limit, steps=60)[1], least=1e3)
    if lesson.own:
        assert lesson.descend(0.95 * limit)[1] < 0.05 and lesson.descend(1.05 * limit)[1] > 1000
    lesson.says("Below the limit the loss is nearly gone. Above it, it is in the thousands.")


def test_the_limit_is_pytorchs_own_hessian(lesson, claim):
    def loss(theta):
        return lesson.squared_error(lesson.A_train @ theta, lesson.y_train)

    theirs = torch.autograd.functional.hessian(loss, torch.zeros(3))
    claim("Hessian by formula against autograd, largest difference", worst(lesson.hessian(), theirs), most=1e-5)


def test_the_stretched_bowl(lesson, claim):
    claim("stretch 5 divides the limit by", lesson.limit() / lesson.limit(5), least=20, most=30)
    if lesson.own:
        assert f"From {lesson.limit():.2f} to {lesson.limit(5):.3f}: 25 times smaller" in lesson.prose
        assert round(lesson.limit() / lesson.limit(5)) == 25 and round(0.5 / lesson.limit(5)) == 14
        curvatures = torch.linalg.eigvalsh(lesson.hessian())
        assert (curvatures - 2).abs().max() < 0.3
    lesson.says("would need 14 times more to be quick")


def test_momentum_and_adam_beyond_the_line(lesson, claim):
    limit = lesson.limit()
    start = lesson.descend(0.1, steps=0)[1]
    momentum = "SGD, momentum 0.9"
    claim("momentum at 1.8 × limit: loss after 300 steps", lesson.descend(1.8 * limit, momentum, steps=300)[1], most=1)
    claim("momentum at 2 × limit: loss after 30", lesson.descend(2 * limit, momentum)[1] / start, least=1e3)
    claim("Adam at lr 3: loss after 30, over the start's", lesson.descend(3.0, "Adam")[1] / start, most=1)
    claim("Adam at lr 3: loss after 30", lesson.descend(3.0, "Adam")[1], least=1e-2)
    lesson.says("Momentum survives to almost twice the limit")


def test_the_open_goal_can_be_reached_and_not_by_plain_sgd(lesson, claim):
    below = torch.linspace(0.5, 1, 100) * lesson.limit(10)  # beyond the limit it blows up, far below it creeps
    plain = min(lesson.descend(rate, "SGD", 10)[1] for rate in below.tolist())
    claim("stretch 10: plain SGD's best loss", plain, least=4)
    assert not lesson.own or plain > 7
    rates = torch.logspace(-2.5, 0.4, 50).tolist()
    for optimizer in ("SGD, momentum 0.9", "Adam"):
        best = min(lesson.descend(rate, optimizer, 10)[1] for rate in rates)
        claim(f"stretch 10: best loss of {optimizer}", best, most=0.5)
    lesson.says("Plain SGD gets no lower than 7. Bring the loss below 0.5.")
