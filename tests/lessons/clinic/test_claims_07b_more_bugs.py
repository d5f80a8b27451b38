"""The programs of notebook 07b fail as it says."""

import warnings
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import exercises, plots
from course_utils.exercises import probes
from course_utils.exercises.draw import Draw
from course_utils.lessons.clinic import ex6_build, knobs
from tests.lessons.clinic.common import broken, solution

LESSON = "07b_more_bugs.ipynb"


def test_2_asks_for_self():
    with pytest.raises(TypeError, match=r"^Module.parameters\(\) missing 1 required positional argument: 'self'$"):
        broken(2)(nn.Flatten, 0.1)


def test_5_stops_in_the_first_step():
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        broken(5)(torch.ones(3, requires_grad=True), torch.randn(4, 3), torch.randn(4), 0.1, 1)


def test_6_warns_twice_and_wants_to_download():
    with ex6_build.no_downloads(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ConnectionError, match="resnet18"):
            broken(6)(10)
        assert len(ex6_build.asked) == 1
    assert len(caught) == 2
    assert "'pretrained' is deprecated" in str(caught[0].message)


def test_6_downloads_are_possible_again_after_a_check():
    before, folder = torch.hub.download_url_to_file, torch.hub.get_dir()
    exercises.check("clinic-6", broken(6))
    assert torch.hub.download_url_to_file is before
    assert torch.hub.get_dir() == folder


def test_7_never_comes_to_rest():
    torch.manual_seed(0)
    X = torch.randn(60, 5)
    y = X @ torch.randn(5, 1) + 0.1 * torch.randn(60, 1)
    ends = {}
    for name, train in (("broken", broken(7)), ("repaired", solution(7))):
        torch.manual_seed(1)
        losses = train(nn.Linear(5, 1), [(X, y)], 0.05, 200)
        ends[name] = min(losses) / losses[0], max(losses[100:]) / losses[0]
    assert ends["broken"][0] < 0.1  # it falls,
    assert ends["broken"][1] > 0.7  # and climbs again
    assert ends["repaired"][1] < 0.02


def test_10_has_the_parameters_of_one_layer():
    assert [list(p.shape) for p in broken(10)().parameters()] == [[2, 4], [2]]
    assert len(broken(10)().state_dict()) == 2
    assert len(solution(10)().state_dict()) == 8


def test_11_trains_all_but_the_new_layer():
    for adapt, moves in ((broken(11), False), (solution(11), True)):
        model = nn.Sequential()
        model.body, model.head = nn.Linear(5, 8), nn.Linear(8, 20)
        model, optimizer = adapt(model, 3, 0.5)
        head, body = model.head.weight.clone(), model.body.weight.clone()
        F.cross_entropy(model(torch.randn(9, 5)), torch.randint(3, (9,))).backward()
        optimizer.step()
        assert model.head.weight.grad is not None
        assert (not model.head.weight.equal(head)) is moves
        assert not model.body.weight.equal(body)


def test_12_hears_of_the_images_in_front():
    rnn, maps = nn.RNN(18, 4, batch_first=True), torch.randn(6, 2, 3, 3)
    for read, depends in ((broken(12), True), (solution(12), False)):
        together, alone = read(rnn, maps), read(rnn, maps[4:])
        assert together.shape == (6, 4)
        assert (not torch.allclose(together[4:], alone, atol=1e-6)) is depends


def test_14_depends_on_the_batches():
    torch.manual_seed(0)
    model = nn.Linear(5, 10)
    X, y = torch.randn(10_000, 5), torch.randint(10, (10_000,))
    losses = {
        (name, size): mean_loss(model, list(zip(X.split(size), y.split(size), strict=True)))
        for name, mean_loss in (("broken", broken(14)), ("repaired", solution(14)))
        for size in (32, 100)
    }
    truth = F.cross_entropy(model(X), y).item()
    assert losses["broken", 100] == pytest.approx(truth, abs=1e-5)
    assert abs(losses["broken", 32] - truth) > 1e-4
    assert losses["repaired", 32] == pytest.approx(truth, abs=1e-5)
    assert losses["repaired", 100] == pytest.approx(truth, abs=1e-5)


def test_15_keeps_the_activations_of_all_batches():
    batches = probes.class_batches(Draw(), batches=5)
    for losses_of, alive in ((broken(15), 5), (solution(15), 0)):
        model, activations = probes.classifier(Draw()), []
        model[1].register_forward_hook(lambda layer, inputs, output, kept=activations: kept.append(weakref.ref(output)))
        losses = losses_of(model, batches)
        assert sum(reference() is not None for reference in activations) == alive
        assert len(losses) == 5


def test_15_cannot_be_plotted():
    losses = broken(15)(probes.classifier(Draw()), probes.class_batches(Draw()))
    with pytest.raises(RuntimeError, match=r"^Can't call numpy\(\) on Tensor that requires grad\."):
        plots.new_figure()[1].plot(losses)


def test_17_finds_no_module():
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'torchvision.module'$"):
        broken(17)(10)


def test_the_opening_never_comes_to_rest():
    for lr in (0.001, 0.01, 0.05, 0.1, 0.3):
        losses = knobs.regression(False, lr)
        low, high = min(losses[100:]), max(losses[100:])
        assert low < 0.2 * high and high > 0.75 * losses[0]
    for lr in (0.05, 0.1, 0.3):
        rest = knobs.regression(True, lr)[100:]
        assert max(rest) < 1.01 * min(rest)
    assert knobs.regression(True, 0.001)[-1] > 1
