"""The bug clinic: every program of notebook 07 fails as the lesson says, and its text holds."""

import math
import re

import pytest
import torch
from torch import nn

from course_utils import catalog, exercises
from course_utils.exercises import probes
from course_utils.exercises.draw import Draw
from course_utils.exercises.feedback import NOT_ATTEMPTED
from course_utils.lessons.clinic import knobs
from tests.lessons.clinic.common import CLINIC, broken, solution

LESSON = "07_clinic.ipynb"


def test_the_whole_clinic_untouched_is_not_attempted_and_says_nothing(capsys):
    for name in CLINIC:
        assert exercises.check(name, CLINIC[name].stub.program).status == NOT_ATTEMPTED
    assert capsys.readouterr() == ("", "")


def test_1_has_no_layer():
    with pytest.raises(AttributeError, match=r"^'Net' object has no attribute 'hidden'$"):
        broken(1)()(torch.randn(2, 4))


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


def test_16_is_stopped_by_a_misspelt_name():
    with pytest.raises(NameError, match=r"^name 'datloader' is not defined"):
        broken(16)(nn.Linear(2, 2), [], None)


def test_18_is_more_than_right():
    right = torch.arange(1000) < 950
    model = nn.Linear(2, 2)
    with torch.no_grad():
        model.weight.copy_(torch.eye(2))
        model.bias.zero_()
    X, y = torch.tensor([[1.0, 0.0]]).repeat(1000, 1), (~right).long()
    test = list(zip(X.split(100), y.split(100), strict=True))
    untrained = torch.optim.SGD(model.parameters(), lr=0.0)
    for size, found in ((64, 1.484375), (100, 0.95)):
        train = [(torch.randn(size, 2), torch.randint(2, (size,)))]
        assert broken(18)(model, train, test, untrained) == pytest.approx(found)
        assert solution(18)(model, train, test, untrained) == pytest.approx(0.95)


def test_18_needs_no_eval(prose):
    modes = {nn.Dropout, nn.BatchNorm1d}
    assert not modes & {type(part) for part in probes.classifier(Draw()).modules()}
    assert "(Without Dropout and BatchNorm, `model` needs no `eval()`.)" in prose


def test_the_missing_numbers_are_in_07b(prose):
    assert "The missing numbers are in [07b]" in prose
    here, there = (
        {name for name in CLINIC if f"### {name} ·" in text}
        for text in (prose, catalog.notebook("07b_more_bugs.ipynb").read_text(encoding="utf-8"))
    )
    assert not here & there and here | there == {f"clinic-{number}" for number in range(1, 19)}


def ends(program, lr):
    losses, accuracies = knobs.run(program, lr)
    return losses[-1], accuracies[-1]


def test_the_two_programs(claim, prose):
    at_1 = [ends(program, 1.0)[1] for program in "AB"]
    assert f"A better: {at_1[0]:.0%} against {at_1[1]:.0%}".replace("%", " %") in prose
    at_10 = [ends(program, 10.0)[1] for program in "AB"]
    assert f"it gets {at_10[0]:.0%} right, as guessing does, and B gets {at_10[1]:.0%}".replace("%", " %") in prose
    assert ends("A", 0.3)[1] - ends("B", 0.3)[1] > 0.15
    for program in "AB":
        losses, accuracies = knobs.run(program, 1.0)
        claim(f"program {program} at lr 1: last loss over the first", losses[-1] / losses[0], 0, 0.75)
        claim(f"program {program} at lr 1: accuracy", accuracies[-1], 0.7, 0.95)


def test_the_first_loss_and_one_batch_by_heart(lesson, claim):
    claim("untrained: loss for ten classes", lesson.first_loss, 2.1, 2.5)
    assert sum(p.numel() for p in lesson.new_model().parameters()) == 2410
    heart = lesson.by_heart(lesson.loss_of)
    claim("16 images by heart, program A", heart, 0, 0.005)
    claim("16 images by heart, program B", lesson.loss_b, 1.4611, 1.65)
    lesson.says("ends at 0.0016 with `lr` 1")
    assert not lesson.own or heart == pytest.approx(0.0016, abs=5e-5)


def test_no_rate_and_no_image_brings_b_below_its_floor():
    images, labels = knobs.digits()[0].images, knobs.digits()[0].labels

    def by_heart(program, count, lr):
        batch = images[:count], labels[:count]
        return [loss for _, loss in knobs.steps(knobs.LOSSES[program], lr, [batch] * knobs.STEPS)]

    for count in (1, 16, 64):
        for lr in (0.01, 0.1, 1.0, 3.0, 10.0):
            assert min(by_heart("B", count, lr)) > 1.461
    for lr in (3.0, 10.0):
        assert by_heart("A", 16, lr)[-1] > 2.1


def test_the_programs_of_the_knob_are_those_of_the_text(lesson):
    logits, y = torch.randn(8, 10), torch.arange(8)
    assert lesson.loss_of(logits, y) == knobs.LOSSES["A"](logits, y)
    assert lesson.by_heart(knobs.LOSSES["B"]) == lesson.loss_b


def test_a_layer_meets_rows_of_8(lesson):
    images = lesson.digits_train.images[:5]
    with pytest.raises(RuntimeError, match=re.escape("(40x8 and 64x10)")):
        lesson.layer(images)
    assert lesson.layer.in_features == 64
    assert nn.Linear(8, 10)(images).shape == (5, 1, 8, 10)  # no error, and each row of pixels is looked at by itself


def test_the_first_error_is_shown_as_a_traceback(lesson, capsys):
    exec(compile(lesson.code["shapes"], "the cell", "exec"), {**lesson.names})
    first, *lines, last, _ = capsys.readouterr().out.split("\n")[:-1]
    assert first == "Traceback (most recent call last):" and last.startswith("RuntimeError: ")
    files = [line.partition('"')[2].partition('"')[0] for line in lines if line.startswith("  File ")]
    assert files[0] == "the cell" and len(files) > 2 and all("torch" in file for file in files[1:])
    lesson.says("Above it stand the lines that were running, yours among PyTorch's.")


def test_a_column_against_a_row_warns(lesson):
    (warning,) = lesson.caught
    assert lesson.number.item() == 6.0
    assert "target size" in str(warning.message) and "different to the input size" in str(warning.message)


def test_a_perfect_model_scores_300_percent(lesson):
    assert lesson.mean_accuracy(lesson.Perfect(), lesson.in_batches) == 3
    assert lesson.mean_accuracy(lesson.Perfect(), [(lesson.labels, lesson.labels)]) == 1
