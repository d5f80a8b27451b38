"""The same Experiment, the same bits: whatever its model draws, whenever, and whatever cells draw meanwhile."""

import sys
import threading
import types

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import data, own_draws, runtime
from course_utils.data import datasets
from course_utils.experiment import Experiment
from course_utils.panels import DrawPad, TrainingPanel
from course_utils.sweep import sweep
from course_utils.training import fit

SMALL = Experiment(data="digits", hidden=(16,), lr=0.1, epochs=2)


class Drawing(nn.Module):
    """A network that draws as `draws(logits, call, training)` does; `call` counts from 0."""

    draws = staticmethod(lambda logits, call, training: logits)

    def __init__(self):
        super().__init__()
        self.layer, self.calls = nn.Linear(64, 10), 0

    def forward(self, X):
        self.calls += 1
        return self.draws(self.layer(X.flatten(1)), self.calls - 1, self.training)


def noise(logits):
    return logits + 0.1 * torch.randn_like(logits)


# Which numbers a model draws, and when.
DRAWS = {
    "dropout": lambda logits, call, training: F.dropout(logits, 0.3, training),
    "from step 10 on": lambda logits, call, training: noise(logits) if call >= 10 else logits,
    "now and then": lambda logits, call, training: noise(logits) if call % 7 == 3 else logits,
    "in evaluation alone": lambda logits, call, training: logits if training else noise(logits),
    "an order": lambda logits, call, training: logits + logits[torch.randperm(len(logits))].detach() / 100,
    "a choice": lambda logits, call, training: logits * (1 + torch.multinomial(torch.ones(4), 1)),
    "whole numbers": lambda logits, call, training: logits + torch.randint(3, (10,)),
    "into a tensor": lambda logits, call, training: logits * torch.empty(10).uniform_(0.9, 1.1),
    "a distribution": lambda logits, call, training: logits + torch.distributions.Gamma(2.0, 9.0).sample(),
    "a slope": lambda logits, call, training: F.rrelu(logits, training=training),
}
CLASSES = {name: type("Draws", (Drawing,), {"draws": staticmethod(draws)}) for name, draws in DRAWS.items()}


@pytest.mark.parametrize("name", DRAWS)
def test_a_run_repeats_and_moves_no_other_numbers(name):
    experiment = SMALL.but(model=CLASSES[name], epochs=1)
    before = torch.get_rng_state()
    whole = experiment.run()
    stepped = experiment.start()
    while not stepped.done:
        torch.rand(7)  # what cells draw between two steps
        torch.set_rng_state(before)
        stepped.step(5)
        assert torch.get_rng_state().equal(before)
    assert experiment.run() == whole == stepped.history
    assert sweep(experiment, seed=[0, 1])[0].train_loss == pytest.approx(whole.train_loss, rel=1e-4)
    assert torch.get_rng_state().equal(before)


@pytest.mark.trains
@pytest.mark.parametrize("name", DRAWS)
def test_a_panel_and_a_cell_draw_at_once_and_neither_notices(name):
    torch.manual_seed(5)
    expected = torch.rand(100_000)
    panel = TrainingPanel(SMALL.but(model=CLASSES[name], epochs=3))
    torch.manual_seed(5)
    panel.play()
    drawn = []
    while panel.playing or len(drawn) < 50:
        drawn.append(torch.rand(1))
        assert len(drawn) < len(expected)
    assert torch.cat(drawn).equal(expected[: len(drawn)])
    assert panel.wait(20) and panel.errors == []
    assert panel.history == panel.experiment.run()


def test_every_operation_of_torch_that_draws_can_be_led():
    """In a stream of its own each gives what it gives after the same seed, and leaves torch's own where it was."""
    ones = torch.ones(1, 2, 4, 4)
    numbers = [
        lambda: torch.rand(3), lambda: torch.randn(3), lambda: torch.randperm(9), lambda: torch.randint(9, (3,)),
        lambda: torch.rand_like(ones), lambda: torch.randn_like(ones), lambda: torch.randint_like(ones, 9),
        lambda: torch.bernoulli(ones / 2), lambda: torch.poisson(ones), lambda: torch.multinomial(torch.ones(9), 4),
        lambda: torch.normal(0.0, 1.0, (3,)), lambda: torch.normal(ones, ones),
        lambda: torch.binomial(9 * ones, ones / 2),
        lambda: torch.empty(3).normal_(), lambda: torch.empty(3).uniform_(), lambda: torch.empty(3).exponential_(),
        lambda: torch.empty(3).cauchy_(), lambda: torch.empty(3).log_normal_(), lambda: torch.empty(3).geometric_(0.5),
        lambda: torch.empty(3).random_(), lambda: F.dropout(ones), lambda: F.alpha_dropout(ones, training=True),
        lambda: F.dropout2d(ones), lambda: F.feature_alpha_dropout(ones, training=True), lambda: F.gumbel_softmax(ones),
        lambda: F.rrelu(-ones, training=True), lambda: F.fractional_max_pool2d(ones, 2, 2),
        lambda: F.scaled_dot_product_attention(ones, ones, ones, dropout_p=0.5),
        lambda: nn.Linear(3, 3).weight.detach(),
        lambda: nn.LSTM(4, 3, 2, dropout=0.5)(ones[0])[0].detach(), lambda: nn.init.trunc_normal_(torch.empty(3)),
        lambda: torch.distributions.Dirichlet(torch.ones(3)).sample(),
        lambda: next(iter(torch.utils.data.DataLoader(torch.arange(9), 9, shuffle=True))),
    ]  # fmt: skip
    for draw in numbers:
        torch.manual_seed(3)
        expected, after = draw(), torch.get_rng_state()
        torch.manual_seed(4)
        before, own = torch.get_rng_state(), torch.Generator().manual_seed(3)
        with own_draws.drawn_from(own):
            drawn = draw()
        assert drawn.equal(expected) and own.get_state().equal(after) and torch.get_rng_state().equal(before)


def test_the_lead_is_that_of_one_thread_and_ends_with_its_block():
    own = torch.Generator().manual_seed(3)
    torch.manual_seed(4)
    expected, elsewhere = torch.rand(2), []
    torch.manual_seed(4)
    with own_draws.drawn_from(own):
        torch.rand(2)
        thread = threading.Thread(target=lambda: elsewhere.append(torch.rand(1)))
        thread.start()
        thread.join()
    assert torch.cat([*elsewhere, torch.rand(1)]).equal(expected)


def test_apples_generator_is_saved_and_given_back_in_each_step(monkeypatch):
    """No machine of the tests has one: a stand-in is moved by the model as its GPU would be."""
    there = types.SimpleNamespace(state=torch.tensor([7]), get_rng_state=lambda: there.state.clone())
    there.set_rng_state = lambda state: setattr(there, "state", state.clone())
    monkeypatch.setattr(runtime, "device", lambda: torch.device("mps"))
    monkeypatch.setattr(torch, "get_device_module", lambda device: there)
    monkeypatch.setattr(nn.Module, "to", lambda self, device: self)
    monkeypatch.setattr(data.Data, "to", lambda self, device: self)

    class OnGpu(Drawing):
        def draws(self, logits, call, training):
            there.state += 1
            return logits + there.state.item() / 1000

    experiment = SMALL.but(model=OnGpu, epochs=1)
    whole = experiment.run()
    panel = TrainingPanel(experiment)
    panel.play()
    assert panel.wait(20) and there.state.item() == 7
    assert panel.history == whole == experiment.run()


@pytest.fixture
def changed_defaults():
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)


@pytest.mark.parametrize("changed", [{"dtype": torch.float64}, {"device": "meta"}])
def test_a_notebooks_defaults_leak_into_nothing(changed_defaults, monkeypatch, changed):
    experiment = Experiment(data="regression", model="linear", epochs=1, valid=0.2)
    images = SMALL.but(model=CLASSES["dropout"])
    pad_model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    pad = DrawPad(pad_model)
    strokes = [[[85, 75], [195, 75], [130, 215]]]
    pad.strokes = strokes
    expected = experiment.run(), images.run(), sweep([experiment, experiment.but(lr=0.1)]), pad.probabilities
    pad.strokes = []
    monkeypatch.setattr(datasets, "_pairs", {})  # what is read now is kept for later
    if "dtype" in changed:
        torch.set_default_dtype(changed["dtype"])
    else:
        torch.set_default_device(changed["device"])
    seen = experiment.run(), images.run(), sweep([experiment, experiment.but(lr=0.1)])
    pad.strokes = strokes
    assert (*seen, pad.probabilities) == expected and pad.error == ""
    assert data.load("regression")[0].X.dtype == torch.float32
    panel = TrainingPanel(images)
    panel.play()
    assert panel.wait(20) and panel.history == expected[1]
    assert torch.get_default_dtype() == changed.get("dtype", torch.float32)
    assert torch.get_default_device().type == changed.get("device", "cpu")


def test_a_class_defined_anew_is_what_the_next_run_trains(monkeypatch):
    main = sys.modules["__main__"]

    def define():
        own = type("Own", (Drawing,), {"__qualname__": "Own"})
        monkeypatch.setattr(main, "Own", own, raising=False)
        return own

    first = define()
    panel = TrainingPanel(SMALL.but(model=first))
    panel.step()
    panel.wait()
    second = define()
    assert type(panel.run.model) is first
    panel.reset()
    assert type(panel.run.model) is second and panel.experiment.model is second


def test_hooks_on_parameters_or_on_all_modules_are_called(capsys):
    called = []

    def hooked():
        net = Drawing()
        net.layer.weight.register_hook(lambda gradient: called.append(1))
        return net

    sweep(SMALL.but(model=hooked, epochs=1), seed=[0, 1])
    assert len(called) >= 46
    del called[:]
    handle = nn.modules.module.register_module_forward_hook(lambda *_: called.append(1))
    try:
        sweep(SMALL.but(epochs=1), seed=[0, 1])
    finally:
        handle.remove()
    assert len(called) > 46 and capsys.readouterr().out.count("their networks have hooks") == 2


def test_fit_in_a_loop_says_that_it_repeats_one_order(capsys):
    train, _ = data.digits()
    model = Drawing()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        fit(model, train, optimizer, epochs=1)
    assert capsys.readouterr().out.count("the same order of batches") == 1
    for epoch in range(1, 3):
        fit(model, train, optimizer, epochs=1, seed=epoch)
    assert capsys.readouterr().out == ""


def test_a_slow_step_keeps_no_cell_waiting():
    inside, leave = threading.Event(), threading.Event()

    class Slow(Drawing):
        def draws(self, logits, call, training):
            inside.set()
            assert leave.wait(20)
            return F.dropout(logits)

    panel = TrainingPanel(SMALL.but(model=Slow, epochs=1))
    panel.play()
    assert inside.wait(20)
    assert len(SMALL.but(epochs=1).run().step_loss) == 23  # in a cell, while the panel's step lasts
    assert panel.playing
    leave.set()
    assert panel.wait(20)


def test_where_torch_has_no_such_names_a_thread_takes_its_turn_at_the_one_stream(monkeypatch):
    monkeypatch.setattr(own_draws, "_POSSIBLE", False)
    before, found = torch.get_rng_state(), []

    def train():
        own_draws.mark_thread()
        found.append((own_draws.apart(), SMALL.run()))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert found == [(False, SMALL.run())]
    assert torch.equal(torch.get_rng_state(), before)
