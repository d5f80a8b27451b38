"""The loop: equal to the hand-written one, and honest about its means."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from course_utils import data, models
from course_utils.training import evaluate, fit, train_epoch


@pytest.fixture(scope="module")
def digits():
    return data.digits()


def small_net(seed=0):
    torch.manual_seed(seed)
    return models.mlp((1, 8, 8), 10, hidden=(32,), activation="relu")


def test_fit_is_the_loop_written_by_hand_to_the_last_bit(digits):
    train, test = digits
    model = small_net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    loader = DataLoader(train, batch_size=64, shuffle=True, generator=torch.Generator().manual_seed(7))
    for _ in range(3):
        for X, y in loader:
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

    fitted = small_net()
    history = fit(fitted, train, torch.optim.Adam(fitted.parameters(), lr=0.01), epochs=3, test=test, seed=7)
    assert history.steps == losses and len(losses) == 3 * 23
    for mine, theirs in zip(fitted.parameters(), model.parameters(), strict=True):
        assert mine.equal(theirs)


def test_fit_takes_a_dataloader(digits):
    train, _ = digits
    histories = []
    for given in (train, DataLoader(train, 64, shuffle=True, generator=torch.Generator().manual_seed(0))):
        model = small_net()
        histories.append(fit(model, given, torch.optim.SGD(model.parameters(), lr=0.1), epochs=2))
    assert histories[0].steps == histories[1].steps


def test_a_gradient_left_from_before_does_no_harm(digits):
    model, clean = small_net(), small_net()
    F.cross_entropy(model(digits[0].images), digits[0].labels).backward()
    for net in (model, clean):
        train_epoch(net, data.batches(digits[0], 64), torch.optim.SGD(net.parameters(), lr=0.1))
    assert all(p.equal(q) for p, q in zip(model.parameters(), clean.parameters(), strict=True))


def test_train_epoch_averages_over_samples_not_batches(digits):
    train, _ = digits
    model = small_net()
    frozen = torch.optim.SGD(model.parameters(), lr=1e-45)  # too small to move a float32
    loss, accuracy = train_epoch(model, data.batches(train, 1000), frozen)  # batches of 1,000 and 437
    with torch.no_grad():
        logits = model(train.images)
    assert loss == pytest.approx(F.cross_entropy(logits, train.labels).item(), rel=1e-5)
    assert accuracy == (logits.argmax(1) == train.labels).float().mean().item() or math.isclose(
        accuracy, (logits.argmax(1) == train.labels).double().mean().item()
    )


@pytest.mark.parametrize("batch_size", [1, 7, 359, 360, 1000])
def test_evaluate_does_not_depend_on_the_batch_size(digits, batch_size):
    _, test = digits
    model = small_net()
    with torch.no_grad():
        logits = model(test.images)
    loss, accuracy = evaluate(model, test, batch_size=batch_size)
    assert loss == pytest.approx(F.cross_entropy(logits, test.labels).item(), rel=1e-5)
    assert accuracy == pytest.approx((logits.argmax(1) == test.labels).double().mean().item())


def test_evaluate_leaves_the_model_as_it_was(digits):
    _, test = digits
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Dropout(0.5), nn.Linear(64, 10))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert evaluate(model, test) == evaluate(model, test)
    assert model.training and all(value.equal(before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    model.eval()
    evaluate(model, test)
    assert not model.training


def test_evaluate_builds_no_graph(digits):
    seen = []

    class Watched(nn.Linear):
        def forward(self, X):
            seen.append(torch.is_grad_enabled())
            return super().forward(X.flatten(1))

    evaluate(Watched(64, 10), digits[1])
    assert seen and not any(seen)


def test_valid_keeps_the_test_data_for_the_end(digits):
    train, test = digits
    rest, valid = data.split(train, 200)
    model = small_net()
    history = fit(model, rest, torch.optim.SGD(model.parameters(), lr=0.1), epochs=3, valid=valid, test=test)
    assert len(history.valid_loss) == 3 and len(history.test_loss) == 1
    assert history.test_accuracy[0] == evaluate(model, test)[1]
    lines = history.lines()
    assert "test" not in lines[0] and "valid" in lines[0] and "test" in lines[2]


def test_verbose_prints_a_line_an_epoch(digits, capsys):
    model = small_net()
    fit(model, digits[0], torch.optim.SGD(model.parameters(), lr=0.1), epochs=2, test=digits[1], verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[1].startswith("epoch  2  train: loss") and "test: loss" in lines[1]


def test_divergence_ends_the_run_and_is_kept(digits):
    model = small_net()
    history = fit(model, digits[0], torch.optim.SGD(model.parameters(), lr=1e20), epochs=5, test=digits[1])
    assert history.diverged_at == len(history.steps) - 1
    assert not math.isfinite(history.steps[-1]) and all(map(math.isfinite, history.steps[:-1]))
    assert len(history.train_loss) == len(history.test_loss) == 1


def test_regression_has_a_loss_and_no_accuracy():
    train, test = data.regression()
    model = models.linear((2,), 1)
    history = fit(model, train, torch.optim.SGD(model.parameters(), lr=0.03), epochs=3, batch_size=10, test=test)
    assert history.test_loss[-1] < 2e-4 and math.isnan(history.test_accuracy[-1])
    assert "accuracy" not in history.line(0)


def test_targets_that_would_broadcast_are_refused():
    X, y = torch.zeros(10, 2), torch.zeros(10)
    model = models.linear((2,), 1)
    with pytest.raises(ValueError, match=r"predictions are \[10, 1\] and targets \[10\]"):
        fit(model, TensorDataset(X, y), torch.optim.SGD(model.parameters(), lr=0.1))


def test_an_optimizer_of_another_model_is_refused(digits):
    with pytest.raises(ValueError, match="optimizer holds none of the model's parameters"):
        fit(small_net(), digits[0], torch.optim.SGD(small_net().parameters(), lr=0.1))


@pytest.mark.parametrize(("argument", "value"), [("epochs", -1), ("epochs", 0), ("batch_size", 0)])
def test_bad_numbers(digits, argument, value):
    model = small_net()
    with pytest.raises(ValueError, match=f"{argument} is {value}: it must be a whole number of at least 1"):
        fit(model, digits[0], torch.optim.SGD(model.parameters(), lr=0.1), **{argument: value})


def test_histories_are_equal_when_all_but_the_time_is(digits):
    def train(lr):
        model = small_net()
        return fit(model, digits[0], torch.optim.SGD(model.parameters(), lr=lr), epochs=1)

    assert train(0.1) == train(0.1) and train(0.1) != train(0.2)
    assert train(1e20) == train(1e20)  # NaN and all
