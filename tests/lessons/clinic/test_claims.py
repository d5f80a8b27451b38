"""The bug clinic: every program fails as the lesson says."""

import math
import warnings
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import exercises, plots
from course_utils.exercises import probes
from course_utils.exercises.draw import Draw
from course_utils.exercises.feedback import NOT_ATTEMPTED
from course_utils.lessons.clinic import ex6_build

LESSON = "06_ways_to_build.ipynb"  # where the clinic stands; it is not run here
CLINIC = exercises.load("clinic")


def broken(number):
    return CLINIC[f"clinic-{number}"].stub.program


def solution(number):
    return CLINIC[f"clinic-{number}"].right.program


def test_the_whole_clinic_untouched_is_not_attempted_and_says_nothing(capsys):
    for name in CLINIC:
        assert exercises.check(name, CLINIC[name].stub.program).status == NOT_ATTEMPTED
    assert capsys.readouterr() == ("", "")


def test_1_has_no_layer():
    with pytest.raises(AttributeError, match=r"^'Net' object has no attribute 'hidden'$"):
        broken(1)()(torch.randn(2, 4))


def test_2_asks_for_self():
    with pytest.raises(TypeError, match=r"^Module.parameters\(\) missing 1 required positional argument: 'self'$"):
        broken(2)(nn.Flatten, 0.1)


def test_3_is_no_context_manager():
    with pytest.raises(
        (TypeError, AttributeError), match=r"'type' object does not support the context manager|__enter__"
    ):
        broken(3)(nn.Linear(2, 2), torch.randn(3, 2), torch.zeros(3))


def test_4_stops_at_the_second_batch():
    batches = probes.class_batches(Draw(), batches=2)
    assert len(broken(4)(probes.classifier(Draw()), batches[:1], nn.CrossEntropyLoss(), 0.1)) == 1
    with pytest.raises(TypeError, match=r"^'Tensor' object is not callable"):
        broken(4)(probes.classifier(Draw()), batches, nn.CrossEntropyLoss(), 0.1)


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


def test_8_has_a_floor_of_1_46():
    class Sure(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(50.0))

        def forward(self, X):
            return X * self.scale

    labels = torch.arange(10)
    batches = [(torch.eye(10), labels)]
    assert broken(8)(Sure(), batches, 0.1)[0] == pytest.approx(math.log(1 + 9 / math.e), abs=1e-4)
    assert math.log(1 + 9 / math.e) == pytest.approx(1.4612, abs=1e-4)
    assert solution(8)(Sure(), batches, 0.1)[0] < 1e-4


def test_9_predicts_the_mean_for_all():
    torch.manual_seed(0)
    X = torch.randn(200, 3)
    y = X @ torch.tensor([1.0, -2.0, 3.0]) + 5
    for squared_error, learns in ((broken(9), False), (solution(9), True)):
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(200):
            optimizer.zero_grad()
            squared_error(model, X, y).backward()
            optimizer.step()
        prediction = model(X).detach().flatten()
        assert prediction.mean().item() == pytest.approx(y.mean().item(), abs=0.01)
        assert (prediction.std() > 1).item() is learns
        assert (prediction.std() < 0.01).item() is not learns


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


def test_13_gives_another_accuracy_each_time():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 3))
    batches = probes.class_batches(Draw(), batches=3, size=50, classes=3)
    before = model[1].running_mean.clone()
    assert len({broken(13)(model, batches) for _ in range(5)}) > 1
    assert not model[1].running_mean.equal(before)
    learned = model[1].running_mean.clone()
    assert len({solution(13)(model, batches) for _ in range(5)}) == 1
    assert model[1].running_mean.equal(learned)


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
