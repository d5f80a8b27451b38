"""What notebook 02c says of learning rates that change, of the referee and of batches' limits."""

import torch
from torch.utils.data import DataLoader

from course_utils import data, exercises
from course_utils.lessons.lesson_02 import knobs
from tests.lessons.lesson_02.runs import best, worst

LESSON = "02c_rates.ipynb"
WIDTH = 0.01 / 1000**0.5


def law(shift):
    """X [1000, 2] and y [1000]: the lesson's, or for a shifted seed others of the same law."""
    train, _ = data.regression(seed=1 + shift)
    return train.X, train.y.flatten()


# 1 · What a new optimizer forgets


def test_a_new_optimizer_is_behind(lesson, shift, claim):
    train, _ = data.regression(seed=1 + shift)
    in_place, anew = (lesson.roll(train.X, train.y, new_optimizer=anew)[20] for anew in (False, True))
    claim("loss at step 20: lr changed in place, over new optimizer's", in_place / anew, most=0.6)
    assert not lesson.own or lesson.in_place[20] < lesson.anew[20] / 2
    lesson.says("its loss is less than half of the other's")
    behind = []
    for momentum in (0.0, 0.5, 0.8, 0.9, 0.95):
        losses = [lesson.roll(train.X, train.y, momentum, anew)[12] for anew in (False, True)]
        behind.append((losses[1] - losses[0]) / losses[0])
    assert behind[0] == 0 and behind == sorted(behind)
    claim("loss at step 12, momentum 0.95: how far a new optimizer is behind", behind[-1], least=0.1)


def test_adam_remembers_three_things(lesson):
    assert list(lesson.adam.state[lesson.adam.param_groups[0]["params"][0]]) == ["step", "exp_avg", "exp_avg_sq"]
    assert not torch.optim.Adam(lesson.model.parameters()).state


# 2 · A learning rate for each layer


def test_each_layer_moves_by_its_own_rate(lesson, claim):
    for ratio, lr in zip(lesson.moved, (0.03, 0.01), strict=True):
        claim(f"layer with lr {lr}: moved over gradient", ratio, 0.99 * lr, 1.01 * lr)


# 3 · Why change it?


def test_the_second_feature_makes_the_narrower_cloud(lesson, shift, claim):
    X, y = law(shift)

    def left_over(column):
        A = torch.stack([X[:, column], torch.ones(1000)], dim=1)
        line = torch.linalg.lstsq(A, y.view(-1, 1)).solution
        return (y.view(-1, 1) - A @ line).std().item()

    claim("what feature 1 leaves over, against feature 2", left_over(0) / left_over(1), least=1.5)
    assert lesson.two > lesson.one


def test_sgd_lands_a_few_noise_widths_from_the_referee(lesson, shift, claim):
    referee = lesson.least_squares(*law(shift))
    claim("least squares: largest error, in noise widths", worst(referee, lesson.true) / WIDTH, most=4)
    away = worst(lesson.learned, lesson.best) / WIDTH
    claim("SGD: largest distance from least squares, in noise widths", away, 0, 8)
    assert worst(referee, best(*law(shift))) < 1e-5
    if lesson.own:
        assert 1e-4 < worst(lesson.best, lesson.true) < 9e-4
        assert worst(lesson.learned, lesson.true) > worst(lesson.best, lesson.true)
    lesson.says("SGD is further off.")


def test_a_smaller_rate_shakes_less(lesson, claim):
    distances = {}
    net = lesson.LinearNet()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    for lr in (0.03, 0.003):
        optimizer.param_groups[0]["lr"] = lr
        seen = []
        for _ in range(8):
            lesson.train_epoch(net, lesson.loader, optimizer, lesson.squared_error)
            seen.append((lesson.numbers_of(net) - lesson.best).norm().item())
        distances[lr] = sum(seen[4:]) / 4
    claim("distance from least squares at lr 0.03, over lr 0.003's", distances[0.03] / distances[0.003], least=2)
    lesson.says("Yes, several times less.")


def test_exercise_1(lesson, shift, claim):
    _, test = data.regression(seed=1 + shift)
    for name, numbers in {"best": lesson.least_squares(*law(shift)), "learned": lesson.learned}.items():
        *w, b = numbers
        loss = lesson.squared_error(test.X @ torch.stack(w) + b, test.y.flatten()).item()
        claim(f"exercise 1: test loss of `{name}`", loss, least=0.8e-4, most=1.4e-4)
    assert "`best` and `learned` both have a loss near 0.0001" in exercises.find("02-1").remember


# 4 · Batches have limits of their own


def test_batches_have_limits_of_their_own(lesson, shift, claim):
    train, _ = data.regression(seed=1 + shift)
    loader = DataLoader(train, batch_size=10, shuffle=True)
    limit = lesson.limit(train.X)
    share = sum(lesson.limit(X) < limit for X, _ in loader) / len(loader)
    claim("share of batches with a smaller limit than the full batch", share, least=0.85)
    runs = {
        "lr 0.03": (0.03, 0.5e-4, 1.5e-4),
        "lr 0.5": (0.5, 1e-4, 1e-3),
        "0.957 × limit": (0.957 * limit, 2e-3, 1e9),
        "1.07 × limit": (1.07 * limit, 10, 1e30),
    }
    for name, (lr, least, most) in runs.items():
        torch.manual_seed(1 + shift)
        net = lesson.LinearNet()
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(3):
            mean = lesson.train_epoch(net, loader, optimizer, lesson.squared_error)
        blown = min(mean, 1e30) if mean == mean else 1e30
        claim(f"batches of ten, {name}: mean loss of epoch 3 (at most 1e30)", blown, least, most)
    lesson.says("Most are smaller")
    _, losses = lesson.descend(train.X, train.y.flatten(), 0.957 * limit, steps=300)
    claim("full batch, 0.957 × limit: loss after 300 steps", losses[-1], 0.5e-4, 1.5e-4)
    lesson.says("At 0.85 the full batch still settles.")
    rates = [round(factor * limit, 2) for factor in (1, 0.957, 1.07)]
    assert not lesson.own or rates == [0.89, 0.85, 0.95]


def test_near_the_limit_it_is_slow_again(lesson, shift):
    ends, (X, y) = {}, law(shift)
    for factor in (0.1, 0.5, 0.95, 1.05):
        path, _ = lesson.descend(X, y, factor * lesson.limit(X))
        ends[factor] = (path - best(X, y)).norm(dim=1)
    assert ends[0.95][-1] > ends[0.1][-1] > ends[0.5][-1] and ends[1.05][-1] > ends[1.05][0]
    lesson.says("at 0.95 times the limit the weights end further away than at 0.1 times")


def test_at_the_limit_the_distance_keeps_its_size(lesson, claim):
    along = (lesson.path - lesson.best) @ lesson.steepest
    claim("at the limit: distance after a step, over before", (along[1:] / along[:-1]).mean().item(), -1.001, -0.999)


def test_the_goal_can_be_reached_and_not_by_plain_sgd(lesson, shift, claim):
    X, y = law(shift)
    X = X * torch.tensor([1.0, 10.0])

    def end(rate, name):
        return lesson.descend(X, y, rate, optimizer=knobs.OPTIMIZERS[name])[1][-1]

    below = torch.linspace(0.5, 1, 100) * lesson.limit(X)  # beyond the limit it blows up, far below it creeps
    plain = min(end(rate, "SGD") for rate in below.tolist())
    claim("stretch 10: plain SGD's best loss", plain, least=4)
    assert not lesson.own or plain > 7
    for optimizer, near in (("SGD, momentum 0.9", 0.004), ("Adam", 0.2)):
        rates = (near * torch.logspace(-0.1, 0.1, 30)).tolist()
        lowest = min(end(rate, optimizer) for rate in rates)
        claim(f"stretch 10: best loss of {optimizer} near {near}", lowest, most=0.4)
        assert not lesson.own or lowest < 0.2
    lesson.says("Plain SGD gets no lower than 7. Bring the loss below 0.2.")
    assert "Adam near 0.2 does it; so does momentum near 0.0038" in exercises.find("02-6").remember
