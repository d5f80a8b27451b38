"""Look inside: what it shows of any network, and that neither the run nor its random numbers notice."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from course_utils.panels.training.inside import outputs
from tests.unit.panels.training.conftest import LONG, press, until


def opened(panel):
    panel.inside.widget.layout.display = ""
    return panel.inside


def cells(picture):
    return np.frombuffer(picture["maps"], np.uint8).reshape(picture["shape"])


def test_closed_it_asks_nothing_of_the_network(panel_of):
    panel = panel_of()
    press(panel, "play")
    assert panel.inside.layer is None and panel.inside.view.pictures == []


def test_it_shows_the_example_the_chosen_layer_and_the_first_weights(panel_of):
    panel = panel_of(activation="relu")
    inside = opened(panel)
    assert [name for name, _ in inside.layer.options] == ["0 Flatten", "1 Linear", "2 ReLU", "3 Linear"]
    inside.layer.value, inside.example.value = "2 ReLU", 5
    image, layer, weights = inside.view.pictures
    X, y = panel.run.held_out[5]
    given = panel.run.model[:3](X[None]).detach()
    assert image["sentence"].startswith(f"Held-out example 5, of 0 to 359: labelled {y}. The network")
    assert cells(image).squeeze() == pytest.approx((255 * X / X.max()).squeeze().round().numpy(), abs=1)
    assert cells(layer).flatten() == pytest.approx((255 * given / given.max()).flatten().numpy(), abs=1)
    assert f"{(given == 0).float().mean():.0%} of them are 0".replace("%", " %") in layer["sentence"]
    drawn = panel.run.model[1].weight.detach().unflatten(1, (8, 8))
    assert weights["title"] == "1.weight" and weights["signed"] and weights["shape"] == [16, 8, 8, 1]
    assert cells(weights)[..., 0] == pytest.approx((128 + 127 * drawn / drawn.abs().max()).numpy(), abs=1)


def test_it_follows_the_run_while_it_trains_and_a_new_network_has_its_own_layers(panel_of):
    panel = panel_of(epochs=LONG)
    inside = opened(panel)
    inside.layer.value = "3 Linear"
    before = inside.view.pictures[2]
    panel.play()
    until(lambda: inside.view.pictures[2] != before)
    inside.example.value = 7
    until(lambda: "example 7," in inside.view.pictures[0]["sentence"])
    panel.pause()
    assert panel.wait(20)
    panel.controls["dropout"].value = 0.5
    assert "3 Dropout" in [name for name, _ in inside.layer.options] and inside.layer.value == "0 Flatten"
    assert panel.errors == [] and inside.view.error == ""


class Kept(nn.Module):
    """Counts its calls, keeps a result, draws in evaluation too, and normalises by what it has seen."""

    def __init__(self):
        super().__init__()
        self.norm, self.layer, self.calls = nn.BatchNorm2d(1), nn.Linear(64, 10), 0

    def forward(self, X):
        self.calls += 1
        self.seen = self.layer(self.norm(X).flatten(1)) * (1 + self.calls / 100)
        return F.dropout(self.seen, 0.2)


def test_a_run_that_is_looked_at_has_the_same_bits(panel_of):
    panel = panel_of(model=Kept, epochs=2)
    before = torch.get_rng_state()
    inside = opened(panel)
    assert torch.get_rng_state().equal(before)
    press(panel, "step")
    inside.example.value = 3
    assert inside.view.error == ""  # with the result that a step has left in the network
    for _ in range(2):
        press(panel, "epoch")
        inside.look(now=True)
    assert inside.view.error == "" and panel.errors == []
    assert panel.run.done and panel.history == panel.experiment.run()
    assert panel.run.model.training and panel.run.model.calls == 46 + 2 * 2  # steps, and evaluations in two batches


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(3, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, X):
        return self.out(self.lstm(X)[0][:, -1])


def coloured():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 16, 2))


NETWORKS = {
    "a sequence": (Table, (7, 3), [7, 3], "lstm LSTM", [1, 7, 5, 1], [1, 20, 3, 1]),
    "colours": (coloured, (3, 6, 6), [6, 6], "0 Conv2d", [4, 4, 4, 1], [4, 3, 3, 1]),
    "a table": (lambda: nn.Linear(9, 2), (9,), [1, 1], "Linear", [2, 1, 1, 1], [1, 2, 9, 1]),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_any_network_and_any_examples(panel_of, name):
    model, shape, size, layer, maps, weights = NETWORKS[name]
    part = TensorDataset(torch.rand(20, *shape), torch.arange(20) % 2)
    panel = panel_of(model=model, data=(part, part))
    inside = opened(panel)
    inside.layer.value = layer
    pictures = inside.view.pictures
    assert [pictures[0]["shape"][1:3], pictures[1]["shape"], pictures[2]["shape"]] == [size, maps, weights]
    assert inside.view.error == ""
    press(panel, "play")
    assert panel.errors == []


class Bare(nn.Module):
    """Neither layers nor a matrix."""

    def __init__(self):
        super().__init__()
        self.slopes = nn.Parameter(torch.zeros(10))

    def forward(self, X):
        return X.flatten(1)[:, :10] * self.slopes


class Refuses(nn.Module):
    """Takes batches, no single example."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10)

    def forward(self, X):
        if len(X) == 1:
            raise ValueError("planted")
        return self.layer(X.flatten(1))


def test_where_there_is_nothing_to_show_one_sentence_says_so(panel_of):
    told = [picture["sentence"] for picture in opened(panel_of(model=Bare)).view.pictures]
    assert told[1].startswith("10 numbers, from 0 to 0;") and "no weights in rows and columns" in told[2]
    inside = opened(panel_of(model=Refuses))
    assert inside.view.error.startswith("ValueError: planted") and inside.view.pictures == []
    panel = panel_of(model=Refuses, batch_size=1437, epochs=1)
    opened(panel)
    press(panel, "play")
    assert len(panel.history.step_loss) == 1 and panel.errors == []


def test_a_layer_without_a_tensor_is_left_out():
    class Words(nn.Module):
        def forward(self, X):
            return "no tensor"

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.layer = Words(), nn.Linear(3, 2)

        def forward(self, X):
            self.words(X)
            return self.layer(X)

    net = Net().train()
    found, answer = outputs(net, torch.rand(1, 3))
    assert list(found) == ["layer Linear"] and found["layer Linear"].equal(answer) and net.training
    assert not net.layer._forward_hooks
