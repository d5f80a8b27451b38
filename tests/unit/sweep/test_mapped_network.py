"""Networks with a `forward` of their own: which train together, which one by one, and what is said then."""

import itertools
import random
import threading
from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from course_utils.experiment import Experiment
from course_utils.sweep import first_step, sweep
from course_utils.sweep.mapped_network import MappedNetwork
from course_utils.training import train_epoch
from tests.unit.sweep.alike import assert_alike

SMALL = Experiment(data="digits", lr=0.1, epochs=2)
CALLS = []


class Net(nn.Module):
    """64-10 with a `forward` of its own, for others to change."""

    def __init__(self):
        super().__init__()
        self.out = nn.Linear(64, 10)

    def forward(self, X):
        return self.out(self.changed(X.flatten(1)))

    def changed(self, X):
        return X


class Scaled(Net):
    """A parameter that is a single number, a frozen one, and buffers, each network with its own."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(1 + torch.rand(()))
        self.frozen = nn.Parameter(torch.rand(64), requires_grad=False)
        self.register_buffer("mean", torch.rand(64))
        self.register_buffer("passing", torch.rand(64), persistent=False)

    def changed(self, X):
        return self.scale * (X - self.mean) * self.frozen + self.passing


class Tied(Net):
    """One layer under two names, and two layers with one weight."""

    def __init__(self):
        super().__init__()
        self.one = self.other = nn.Linear(64, 64)
        self.third = nn.Linear(64, 64)
        self.third.weight = self.one.weight

    def changed(self, X):
        return self.third(torch.relu(self.other(torch.relu(self.one(X)))))


class Layered(Net):
    """Another one in evaluation; and a bias whose gradient is only rounding, since the normalisation takes it out."""

    def __init__(self):
        super().__init__()
        self.rows = nn.ModuleList([nn.Conv1d(8, 6, 3, padding=1), nn.GroupNorm(6, 6), nn.Conv1d(6, 8, 3, padding=1)])

    def changed(self, X):
        convolution, normalisation, last = self.rows
        x = last(F.leaky_relu(normalisation(convolution(X.unflatten(1, (8, 8)))))).flatten(1)
        return x if self.training else 2 * x


class OwnForward(nn.Sequential):
    def forward(self, X):
        return super().forward(X)


def frozen_first_layer():
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
    net[1].weight.requires_grad_(False)
    return net


def shared_layer():
    shared = nn.Linear(64, 64)
    return nn.Sequential(nn.Flatten(), shared, nn.ReLU(), shared, nn.Linear(64, 10))


@pytest.mark.parametrize("model", [Scaled, Tied, Layered, frozen_first_layer, shared_layer])
def test_a_forward_of_its_own_trains_together(in_double, capsys, model):
    base = Experiment(data=in_double, model=model, batch_size=32, epochs=3, valid=40, lr=0.01)
    wild = base.but(optimizer="Adam", lr=1e200)  # the first row of the stack, which leaves its neighbours alone
    momentum = base.but(optimizer_args={"momentum": 0.9}, lr=0.001)
    experiments = [base, base.but(seed=1), wild, momentum, base.but(shuffle=False)]
    assert_alike(sweep(experiments), experiments, rel=1e-6)
    assert capsys.readouterr().out == ""


def test_numbers_for_targets():
    class Line(nn.Module):
        def __init__(self):
            super().__init__()
            self.w, self.b = nn.Parameter(torch.rand(2)), nn.Parameter(torch.rand(1))

        def forward(self, X):
            return (X * self.w).sum(1, keepdim=True) + self.b

    experiments = [Experiment(data="regression", model=Line, lr=lr, epochs=1) for lr in (0.01, 0.02)]
    assert_alike(sweep(experiments), experiments, rel=1e-5)


def test_words_for_inputs(capsys):
    def net():
        return nn.Sequential(nn.Embedding(30, 6), nn.Flatten(), nn.Linear(30, 2))

    words = torch.randint(30, (90, 5), generator=torch.Generator().manual_seed(0))
    part = TensorDataset(words, (words[:, 0] > words[:, 1]).long())
    experiments = [Experiment(data=(part, part), model=net, lr=lr, epochs=2, batch_size=16) for lr in (0.01, 0.02)]
    assert_alike(sweep(experiments), experiments, rel=1e-5)
    assert capsys.readouterr().out == ""


def test_what_it_keeps_is_counted():
    """16 after the ReLU, which two layers share; 10 logarithms of probabilities, and the label."""
    net = OwnForward(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
    network = MappedNetwork([net], torch.rand(4, 1, 8, 8), torch.arange(4), "cpu")
    assert (network.activations, network.shape, network.nbytes) == (27, (10,), 4 * (65 * 16 + 17 * 10))


class Counting(Net):
    calls = 0

    def changed(self, X):
        self.calls += 1
        return X if self.calls < 40 else -X


class ClassCounting(Net):
    calls = 0

    def changed(self, X):
        type(self).calls += 1
        return X


class Logging(Net):
    def changed(self, X):
        CALLS.append(len(X))
        return X


def with_a_closure():
    calls = []

    class Closed(Net):
        def changed(self, X):
            calls.append(len(X))
            return X

    return Closed()


class Remembering(Net):
    def __init__(self):
        super().__init__()
        self.last = torch.zeros(64)

    def changed(self, X):
        self.last = X.mean(0).detach()
        return X - self.last


class OnlyInEvaluation(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))

    def changed(self, X):
        if not self.training:
            self.seen += len(X)
        return X


class Writing(Net):
    def changed(self, X):
        return X.mul_(2) if self.training else X


class Clipping(Net):
    def changed(self, X):
        self.out.weight.data.clamp_(-0.1, 0.1)
        return X


class Branching(Net):
    def changed(self, X):
        return X if X.mean() > 0.3 else 2 * X


class Listing(Net):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(64, 64)]  # no ModuleList: nobody trains it

    def changed(self, X):
        return self.layers[0](X)


class Unused(Net):
    def __init__(self):
        super().__init__()
        self.more = nn.Linear(2, 2)


class Drawing(Net):
    def __init__(self, draw):
        super().__init__()
        self.draw = draw

    def changed(self, X):
        return X * self.draw()


class Hooked(Net):
    def __init__(self):
        super().__init__()
        self.register_forward_hook(lambda module, given, out: 2 * out)


class GradientHooked(Net):
    def __init__(self):
        super().__init__()
        self.out.weight.register_hook(lambda gradient: gradient.clamp(-1, 1))


class Limited(Net):
    def __init__(self):
        super().__init__()
        self.limit = 1 + torch.rand(()).item()

    def changed(self, X):
        return X.clamp(max=self.limit)


class Bagged(Net):
    """What `vmap` knows no rule for it computes one by one, with a warning."""

    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(30, 64)

    def changed(self, X):
        return self.bag((20 * X).long())


class Moody(Net):
    """Only where a stack computes it gives something else."""

    def __init__(self, wrong):
        super().__init__()
        self.wrong = wrong

    def forward(self, X):
        out = self.out(X.flatten(1))
        if torch._C._functorch.peek_interpreter_stack() is None or self.training == (self.wrong == "outputs"):
            return out
        return (out + out.detach()) / 2 if self.wrong == "gradients" else 2 * out


def with_batch_norm():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10))


def with_dropout():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.Dropout(0.5), nn.Linear(16, 10))


WRONG = ("loss", "gradients", "outputs")
ALONE = [
    (Counting, "a step of their networks changes calls"),
    (ClassCounting, "a step of their networks changes ClassCounting.calls"),
    (Logging, "a step of their networks changes what Logging.changed uses"),
    (with_a_closure, "a step of their networks changes what Closed.changed uses"),
    (Remembering, "a step of their networks changes last"),
    (OnlyInEvaluation, "a step of their networks changes seen"),
    (with_batch_norm, "a step of their networks changes 2.num_batches_tracked"),
    (Clipping, "a step of their networks changes out.weight"),
    (Writing, "a step of their networks changes its inputs"),
    (with_dropout, "their networks draw random numbers"),
    (lambda: Drawing(lambda: random.random()), "their networks draw random numbers"),
    (lambda: Drawing(lambda: np.random.random()), "their networks draw random numbers"),
    (Hooked, "their networks have hooks"),
    (GradientHooked, "their networks have hooks"),
    (Listing, "their networks differ in layers"),
    (Limited, "their networks differ in limit"),
    (Unused, "more.weight has no part in their loss"),
    *((lambda what=what: Moody(what), f"their step together gives other {what} than a step alone") for what in WRONG),
    (Bagged, "their step together fails with UserWarning: There is a performance drop because"),
    (Branching, "their step together fails with RuntimeError: vmap: It looks like you're"),
]


@pytest.mark.trains
@pytest.mark.parametrize(("model", "why"), ALONE)
def test_what_a_stack_would_get_wrong_trains_one_by_one(capsys, model, why):
    experiments = [SMALL.but(model=model, seed=seed) for seed in range(4)]
    seeds = 5, 6
    random.seed(seeds[0])
    np.random.seed(seeds[1])
    torch.manual_seed(0)
    histories = sweep(experiments)
    said, drawn = capsys.readouterr().out, (random.random(), np.random.random(), torch.rand(()))
    random.seed(seeds[0])
    np.random.seed(seeds[1])
    torch.manual_seed(0)
    assert histories == [experiment.run() for experiment in experiments]  # to the last bit
    assert drawn == (random.random(), np.random.random(), torch.rand(()))
    assert said.startswith(f"4 experiments train one by one, which takes longer: {why}") and said.count("\n") == 1


def test_what_another_thread_draws_is_not_the_networks_own(capsys, monkeypatch):
    steps = Counter()

    def meanwhile(model, *more):
        steps[model] += 1
        if (list(steps).index(model), steps[model]) in ((0, 1), (0, 3), (1, 2), (2, 3)):  # one at each try of all
            thread = threading.Thread(target=random.random)
            thread.start()
            thread.join()
        return train_epoch(model, *more)

    monkeypatch.setattr(first_step, "train_epoch", meanwhile)
    sweep([SMALL.but(model=Net, seed=seed, epochs=1) for seed in range(3)])
    assert sum(steps.values()) > 4 and capsys.readouterr().out == ""


@pytest.mark.parametrize("call", [1, 2, 3, 5, 8])
def test_ctrl_c_at_the_end_of_a_no_grad_leaves_autograd_on(call):
    calls = itertools.count(1)

    class Ends(nn.Linear):
        def __init__(self):
            super().__init__(64, 10)

        def forward(self, X):
            if next(calls) == call:
                torch.set_grad_enabled(False)  # what the end of the block has not got to
                raise KeyboardInterrupt
            return super().forward(X.flatten(1))

    try:
        assert not any(sweep([SMALL.but(model=Ends, seed=seed) for seed in range(2)]))
        assert torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
