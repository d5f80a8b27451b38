"""The loop: equal to the hand-written one, and honest about its means."""

import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

from course_utils import data, models
from course_utils.training import Trainer, evaluate, fit, train_epoch
from tests.unit.interrupts import interrupted, lines_of


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
    assert history.step_loss == losses and len(losses) == 3 * 23
    for mine, theirs in zip(fitted.parameters(), model.parameters(), strict=True):
        assert mine.equal(theirs)


@pytest.mark.parametrize("batch_size", [64, 479])  # 1,437 examples: with a smaller last batch, and without
def test_fit_takes_a_dataloader(digits, batch_size):
    train, _ = digits
    histories = []
    for given in (train, DataLoader(train, batch_size, shuffle=True, generator=torch.Generator().manual_seed(0))):
        model = small_net()
        histories.append(fit(model, given, torch.optim.SGD(model.parameters(), lr=0.1), 3, batch_size))
    assert histories[0] == histories[1]


def test_a_loader_that_gives_too_little_is_named(digits):
    class Short(DataLoader):
        def __len__(self):
            return 5

    model = small_net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="loader has a length of 5 and gave 3 batches"):
        fit(model, Short(TensorDataset(*digits[0][:48]), 16), optimizer)
    with pytest.raises(ValueError, match="loader is a generator without length or batches"):
        fit(model, (batch for batch in []), optimizer)


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
    lines = repr(history).splitlines()
    assert "test" not in lines[0] and "valid" in lines[0] and "test" in lines[2]


def test_verbose_prints_a_line_an_epoch(digits, capsys):
    model = small_net()
    fit(model, digits[0], torch.optim.SGD(model.parameters(), lr=0.1), epochs=2, test=digits[1], verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[1].startswith("epoch  2  train: loss") and "test: loss" in lines[1]


def test_divergence_ends_the_run_and_is_kept(digits):
    model = small_net()
    history = fit(model, digits[0], torch.optim.SGD(model.parameters(), lr=1e20), epochs=5, test=digits[1])
    assert history.diverged_at == len(history.step_loss) - 1
    assert not math.isfinite(history.step_loss[-1]) and all(map(math.isfinite, history.step_loss[:-1]))
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


class Noisy(Dataset):
    """48 digits, each with fresh noise whenever it is fetched."""

    def __init__(self, part):
        self.part = part

    def __len__(self):
        return 48

    def __getitem__(self, i):
        image, label = self.part[i]
        return image.flatten() + 0.1 * torch.randn(64), label


def trainer(digits, optimizer):
    """A Trainer that draws from torch's own random numbers: order, noise, dropout, and a number for each DataLoader."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 10))
    loader = DataLoader(Noisy(digits[0]), 16, shuffle=True)
    held_out = [DataLoader(TensorDataset(part.X[48:88].flatten(1), part.y[48:88]), 20) for part in digits]
    return Trainer(model, loader, optimizer(model.parameters(), lr=0.01), 2, *held_out)


def end(trainer):
    """(History, parameters and buffers, random state) after the last step."""
    trainer.step(trainer.total_steps)
    assert trainer.done
    return trainer.history, [tensor.tolist() for tensor in trainer.model.state_dict().values()], torch.get_rng_state()


def momentum(parameters, lr):
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9)


@pytest.mark.trains
@pytest.mark.parametrize("optimizer", [momentum, torch.optim.Adam])
def test_interrupted_anywhere_it_goes_on_as_if_nothing_had_been(digits, optimizer):
    whole = end(trainer(digits, optimizer))
    once = trainer(digits, optimizer)
    lines = lines_of(lambda: once.step(4))
    for line in range(1, lines, lines // 70):
        broken = trainer(digits, optimizer)
        assert interrupted(lambda broken=broken: broken.step(4), line)
        made = len(broken.history.step_loss)
        assert made == len(broken.history.step_accuracy) and not any(p.isnan().any() for p in broken.model.parameters())
        history, tensors, state = end(broken)
        assert (history, tensors) == whole[:2] and state.equal(whole[2]), line


@pytest.mark.trains
def test_interrupted_again_and_again_it_comes_to_the_same_end(digits):
    once = trainer(digits, torch.optim.Adam)
    lines = lines_of(lambda: once.step(6)) // 3
    whole, broken, times = end(once), trainer(digits, torch.optim.Adam), 0
    while interrupted(lambda: broken.step(6), lines):
        times += 1
        assert times < 20
    assert times > 2 and end(broken)[:2] == whole[:2]


PLACES = {
    "forward": lambda t, fail: t.model[3].register_forward_hook(fail),
    "backward": lambda t, fail: t.model[0].weight.register_hook(fail),
    "optimizer": lambda t, fail: t.optimizer.register_step_post_hook(fail),
    "evaluation": lambda t, fail: t.model[3].register_forward_hook(lambda *_: None if t.model.training else fail()),
}


@pytest.mark.parametrize("place", PLACES)
def test_after_an_error_the_step_is_made_again(digits, place):
    whole, broken, calls = end(trainer(digits, torch.optim.Adam)), trainer(digits, torch.optim.Adam), itertools.count()

    def fail(*_):
        if next(calls) == 1:
            raise RuntimeError("planted")

    PLACES[place](broken, fail)
    with pytest.raises(RuntimeError, match="planted"):
        broken.step(6)
    assert len(broken.history.step_loss) == (3 if place == "evaluation" else 1)
    assert end(broken)[:2] == whole[:2]
