"""What lesson 02 says."""

import torch
from torch import nn

from course_utils import data, exercises
from course_utils.training import Trainer, train_epoch

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
    lesson.says("right to about one thousandth")


def test_backward_adds(lesson, claim):
    w = torch.zeros(2, requires_grad=True)
    for _ in range(2):
        lesson.squared_error(lesson.X_train @ w, lesson.y_train).backward()
    twice, w.grad = w.grad, None
    lesson.squared_error(lesson.X_train @ w, lesson.y_train).backward()
    claim("backward twice, over once", (twice / w.grad).mean().item(), 2, 2)


def test_the_last_batch_is_not_the_epoch(lesson, claim):
    net = nn.Sequential(nn.Linear(2, 1))
    nn.init.normal_(net[0].weight, std=0.01)
    nn.init.constant_(net[0].bias, 0)
    epoch = list(_columns(lesson.loader))
    losses = Trainer(net, epoch, torch.optim.SGD(net.parameters(), 0.03)).step(len(epoch)).step_loss
    mean = sum(losses) / len(losses)
    claim("epoch 1: mean loss", mean, least=2.4, most=3.4)
    claim("epoch 1: mean loss, times the last batch's", mean / losses[-1], least=1e3)
    lesson.says("near 2.9")
    lesson.says("thousands of times smaller")


def _columns(loader):
    return ((X, y.view(-1, 1)) for X, y in loader)


def test_the_epoch_by_hand_is_the_librarys(lesson):
    nets = [nn.Sequential(nn.Linear(2, 1)) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    batches = list(lesson.loader)
    means = [
        epoch(net, loader, torch.optim.SGD(net.parameters(), lr=0.03), lesson.loss_fn)
        for epoch, net, loader in (
            (lesson.train_epoch, nets[0], batches),
            (lambda *args: train_epoch(*args)[0], nets[1], _columns(batches)),
        )
    ]
    assert means[0] == means[1]
    assert nets[0][0].weight.equal(nets[1][0].weight)


def test_the_broadcasting_trap_learns_the_mean(lesson, claim):
    *weights, bias = lesson.trap_train(fix=False)
    claim("with the trap: largest weight, as a share of 3.4", worst(weights, torch.zeros(2)) / 3.4, most=0.25)
    mean = lesson.y_train.mean().item()
    claim("with the trap: distance of the bias from the targets' mean", abs(bias - mean), most=0.6)
    claim("without it: largest error", worst(lesson.trap_train(fix=True), lesson.true), most=5e-3)
    assert "Using a target size" in str(lesson.caught[0].message)


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


def test_a_smaller_rate_trembles_less(lesson, claim):
    distances = {}
    for lr in (0.03, 0.003):
        optimizer = torch.optim.SGD(lesson.net.parameters(), lr=lr)
        seen = []
        for _ in range(8):
            lesson.train_epoch(lesson.net, lesson.loader, optimizer, lesson.loss_fn)
            seen.append(lesson.distance(lesson.net))
        distances[lr] = sum(seen[1:]) / 7
    claim("distance from least squares at lr 0.03, over lr 0.003's", distances[0.03] / distances[0.003], least=2)


def test_each_layer_moves_by_its_own_rate(lesson, claim):
    layers = lesson.two_layers
    groups = [{"params": layers[0].parameters()}, {"params": layers[1].parameters(), "lr": 0.01}]
    optimizer = torch.optim.SGD(groups, lr=0.03)
    before = [layer.weight.detach().clone() for layer in layers]
    layers.zero_grad()
    lesson.loss_fn(layers(lesson.X_train), lesson.y_train.view(-1, 1)).backward()
    optimizer.step()
    for layer, old, lr in zip(layers, before, (0.03, 0.01), strict=True):
        moved = ((old - layer.weight).norm() / layer.weight.grad.norm()).item()
        claim(f"layer with lr {lr}: moved over gradient", moved, 0.99 * lr, 1.01 * lr)


def test_a_new_optimizer_is_behind(lesson, claim):
    claim("loss at step 20: lr changed in place, over new optimizer's", lesson.in_place[20] / lesson.anew[20], most=0.6)
    if lesson.own:
        assert lesson.in_place[20] < lesson.anew[20] / 2
    lesson.says("less than half of the other's")


def test_the_first_picture(lesson, claim):
    losses = {lr: lesson.descend(lr, steps=10)[1] for lr in (0.03, 0.5, 0.95)}
    claim("lr 0.03: loss after 10 steps, against the start", losses[0.03][-1] / losses[0.03][0], least=0.2)
    claim("lr 0.5: loss after 3 steps", losses[0.5][3], most=0.01)
    if lesson.own:
        assert losses[0.5][2] >= 0.001 > losses[0.5][3]
        rises = [after / before for before, after in zip(losses[0.95], losses[0.95][1:], strict=False)]
        assert min(rises) > 1
    lesson.says("At 0.95 every step makes the **loss**, the measure of how wrong the model is, larger.")
    lesson.says("Near 0.5 it takes three steps")


def test_training_breaks_at_the_computed_limit(lesson, claim):
    limit = lesson.limit()
    below, above = lesson.descend(0.95 * limit, steps=200)[1], lesson.descend(1.05 * limit, steps=60)[1]
    claim("0.95 × limit: loss after 200 steps", below[-1], most=2e-4)
    claim("1.05 × limit: loss after 60 steps", above[-1], least=1e3)
    if lesson.own:
        assert round(below[0], 1) == 35.6 and below[0] / below[30] > 1000 and above[30] > 1000
        assert below[31] < below[30]
    lesson.says("Below the limit the loss has fallen a thousandfold, and goes on falling.")
    lesson.says("Above it, it is in the thousands.")


def test_at_the_limit_the_distance_keeps_its_size(lesson, claim):
    path, _ = lesson.descend(lesson.limit(), steps=6)
    along = (path - lesson.best) @ lesson.steepest
    claim("at the limit: distance after a step, over before", (along[1:] / along[:-1]).mean().item(), -1.001, -0.999)


def test_batches_have_limits_of_their_own(lesson, claim):
    limit = lesson.limit()
    share = sum(one < limit for one in lesson.limits) / len(lesson.limits)
    claim("share of batches with a smaller limit than the full batch", share, least=0.85)
    for lr, least, most in ((0.03, 0.5e-4, 1.5e-4), (0.5, 1e-4, 1e-3), (0.95, 10, float("inf"))):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Linear(2, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(3):
            mean = lesson.train_epoch(model, lesson.loader, optimizer, lesson.loss_fn)
        blown = min(mean, 1e30) if mean == mean else 1e30
        claim(f"batches of ten, lr {lr}: mean loss of epoch 3 (at most 1e30)", blown, least, most)
    lesson.says("Most are smaller")


def test_the_limit_is_pytorchs_own_hessian(lesson, claim):
    def loss(theta):
        return lesson.squared_error(lesson.A_train @ theta, lesson.y_train)

    theirs = torch.autograd.functional.hessian(loss, torch.zeros(3))
    # Means of 1,000 float32 products near 2, summed in an order that depends on the processor: 1000 × 1.2e-7.
    claim("Hessian by formula against autograd, largest difference", worst(lesson.hessian(), theirs), most=1e-4)


def test_the_stretched_bowl(lesson, claim):
    claim("stretch 5 divides the limit by", lesson.limit() / lesson.limit(5), least=20, most=30)
    if lesson.own:
        assert f"From {lesson.limit():.2f} to {lesson.limit(5):.3f}: 25 times smaller" in lesson.prose
        assert round(lesson.limit() / lesson.limit(5)) == 25 and round(0.5 / lesson.limit(5)) == 14
        curvatures = torch.linalg.eigvalsh(lesson.hessian())
        assert (curvatures - 2).abs().max() < 0.3
    lesson.says("would like 0.5, some 14 times more")


def test_momentum_and_adam_beyond_the_line(lesson, claim):
    limit, momentum = lesson.limit(), "SGD, momentum 0.9"
    start = lesson.descend(0.1, steps=1)[1][0]
    below = lesson.descend(1.8 * limit, momentum, steps=300)[1][-1]
    claim("momentum at 1.8 × limit: loss after 300 steps", below, most=1)
    above = lesson.descend(2 * limit, momentum)[1][-1]
    claim("momentum at 2 × limit: loss after 30, over the start's", above / start, least=1e3)
    adam = lesson.descend(3.0, "Adam")[1][-1]
    claim("Adam at lr 3: loss after 30", adam, least=1e-2, most=start)
    lesson.says("Momentum does, to almost twice the limit.")


def test_the_goal_can_be_reached_and_not_by_plain_sgd(lesson, claim):
    below = torch.linspace(0.5, 1, 100) * lesson.limit(10)  # beyond the limit it blows up, far below it creeps
    plain = min(lesson.descend(rate, "SGD", 10)[1][-1] for rate in below.tolist())
    claim("stretch 10: plain SGD's best loss", plain, least=4)
    assert not lesson.own or plain > 7
    for optimizer, near in (("SGD, momentum 0.9", 0.004), ("Adam", 0.2)):
        rates = (near * torch.logspace(-0.1, 0.1, 30)).tolist()
        best = min(lesson.descend(rate, optimizer, 10)[1][-1] for rate in rates)
        claim(f"stretch 10: best loss of {optimizer} near {near}", best, most=0.4)
        assert not lesson.own or best < 0.2
    lesson.says("Plain SGD gets no lower than 7. Bring the loss below 0.2.")
    assert "Adam near 0.2 does it; so does momentum near 0.0038" in exercises.find("02-6").remember


def test_the_answers_to_the_exercises(lesson, claim):
    referee = lesson.squared_error(lesson.X_test @ lesson.best[:2] + lesson.best[2], lesson.y_test).item()
    claim("exercise 1: test loss of the referee", referee, least=0.8e-4, most=1.4e-4)
    learned = lesson.squared_error(lesson.X_test @ lesson.learned[:2] + lesson.learned[2], lesson.y_test).item()
    claim("exercise 1: test loss of SGD's weights", learned, least=0.8e-4, most=1.4e-4)

    model = nn.Sequential(nn.Linear(2, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03)
    for X, y in lesson.loader:
        loss = lesson.loss_fn(model(X), y.view(-1, 1))
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    after = lesson.evaluate(model, lesson.X_test, lesson.y_test, lesson.loss_fn)
    claim("exercise 2: test loss after an epoch without a gradient", after, least=10)

    losses = lesson.descend(0.03, steps=3)[1]
    claim("exercise 3: loss of a step over the last", losses[3] / losses[2], 0.86, 0.9)
    assert not lesson.own or losses[3] > 20
    said = exercises.find("02-3").remember
    assert "the loss falls by about an eighth in each, and is still above 20 at the end" in said
    assert "`loss_of(learned, X_test, y_test)` are both near 0.0001" in exercises.find("02-1").remember


def test_near_the_limit_it_is_slow_again(lesson):
    shown = lesson.distances
    if lesson.own:
        assert shown["0.95 × limit"][-1] > shown["0.10 × limit"][-1] > shown["0.50 × limit"][-1]
        assert shown["1.05 × limit"][-1] > shown["1.05 × limit"][0]
    lesson.says("0.95 times is no faster than 0.1 times")
