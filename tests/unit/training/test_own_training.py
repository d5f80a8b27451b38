"""Accuracy, loaders and optimizers of one's own: a right number, or one sentence says what is wanted."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset, default_collate

from course_utils.training import evaluate, fit, train_epoch
from tests.unit.data.own import GOOD, Endless, N, Own, X, Y, fitted, three_outputs, with_targets


def column(logits, y):
    return F.cross_entropy(logits, y.flatten())


def test_accuracy_is_the_right_answers_divided_by_the_targets():
    model = three_outputs()
    expected = (model(X).argmax(1) == Y).float().mean().item()
    for y, loss_fn in ((Y, None), (Y.view(-1, 1), None), (Y.view(-1, 1), column)):
        assert evaluate(model, with_targets(y), loss_fn=loss_fn)[1] == pytest.approx(expected)
        assert evaluate(model, DataLoader(with_targets(y), 7), loss_fn=loss_fn)[1] == pytest.approx(expected)


def test_accuracy_of_a_class_for_each_pixel():
    pictures, pixels = torch.rand(10, 1, 4, 4), torch.randint(3, (10, 4, 4))
    model = nn.Conv2d(1, 3, 1)
    expected = (model(pictures).argmax(1) == pixels).float().mean().item()
    assert evaluate(model, TensorDataset(pictures, pixels), batch_size=3)[1] == pytest.approx(expected)
    history = fit(model, TensorDataset(pictures, pixels), torch.optim.SGD(model.parameters(), lr=0.1), epochs=2)
    assert all(0 <= value <= 1 for value in history.train_accuracy + history.step_accuracy)


def test_where_there_is_no_choice_of_classes_accuracy_is_not_a_number():
    def squared(logits, y):
        return F.mse_loss(logits, y.float())

    assert math.isnan(evaluate(nn.Linear(5, 1), with_targets(Y.view(-1, 1)), loss_fn=squared)[1])
    words = nn.Sequential(nn.Linear(5, 12), nn.Unflatten(1, (4, 3)))  # [B, 4 places, 3 classes]

    def by_place(logits, y):
        return F.cross_entropy(logits.transpose(1, 2), y)

    assert math.isnan(evaluate(words, with_targets(Y.view(-1, 1).expand(-1, 4)), loss_fn=by_place)[1])


def test_pixels_that_are_left_out_of_the_loss_are_left_out_of_accuracy():
    pictures, pixels = torch.rand(10, 1, 4, 4), torch.randint(3, (10, 4, 4))
    model = nn.Conv2d(1, 3, 1)
    right = (model(pictures).argmax(1) == pixels)[:, :2].float().mean().item()
    pixels[:, 2:] = -100
    assert evaluate(model, TensorDataset(pictures, pixels), batch_size=3)[1] == pytest.approx(right)


LOSSES = {
    "a class": (nn.CrossEntropyLoss, "loss_fn is the class CrossEntropyLoss: it must map"),
    "a name": ("cross_entropy", "loss_fn is 'cross_entropy': it must map"),
    "one for each example": (nn.CrossEntropyLoss(reduction="none"), r"loss_fn gave a Tensor \[\d+\]: .* the mean loss"),
    "a float": (lambda logits, y: 0.5, "loss_fn gave 0.5: it must give one number, the mean loss"),
}


@pytest.mark.parametrize(("loss_fn", "sentence"), LOSSES.values(), ids=LOSSES)
def test_what_is_no_loss_is_refused(loss_fn, sentence):
    with pytest.raises(TypeError, match=sentence):
        fitted(GOOD, loss_fn=loss_fn)
    with pytest.raises(TypeError, match=sentence):
        evaluate(three_outputs(), GOOD, loss_fn=loss_fn)


MISFITS = {
    "classes in two columns": (with_targets(torch.stack([Y, Y], 1)), 3, r"predictions are \[16, 3\] and class numbers"),
    "one output for three classes": (
        GOOD,
        1,
        "has 1 output, and there is the label 2: it needs 3 or more, or y.float()",
    ),
    "an output too few": (GOOD, 2, "the model has 2 outputs, and there is the label 2"),
    "numbers that would broadcast": (with_targets(X.sum(1)), 1, r"predictions are \[16, 1\] and targets \[16\]"),
}


@pytest.mark.parametrize(("given", "outputs", "sentence"), MISFITS.values(), ids=MISFITS)
def test_predictions_that_do_not_suit_the_targets_are_refused(given, outputs, sentence):
    with pytest.raises(ValueError, match=sentence):
        fitted(given, outputs)
    with pytest.raises(ValueError, match=sentence.replace("16", "60")):
        evaluate(nn.Linear(5, outputs), given)


def test_a_label_without_an_output_is_seen_before_the_first_update():
    """Also one of the last batch, or of the test data."""
    late = torch.cat([Y[:-1] % 2, torch.tensor([2])])
    for parts in ({"train": with_targets(late)}, {"train": with_targets(Y % 2), "test": with_targets(Y % 2)}):
        model = nn.Linear(5, 2 if "test" not in parts else 1)
        before = model.weight.detach().clone()
        with pytest.raises(ValueError, match=r"outputs?, and there is the label"):
            fit(model, optimizer=torch.optim.SGD(model.parameters(), lr=0.1), shuffle=False, batch_size=16, **parts)
        assert model.weight.equal(before)


# Loaders and optimizers


def test_a_list_of_batches_is_a_loader():
    parts = [(X[i : i + 16], Y[i : i + 16]) for i in range(0, N, 16)]
    assert fitted(parts) == fitted(GOOD).__class__(**{**vars(fitted(GOOD)), "seconds": []})
    assert evaluate(three_outputs(), [(X[:16].numpy(), Y[:16].numpy())])[1] <= 1


LOADERS = {
    "no batch": (DataLoader(GOOD, 64, drop_last=True), "no batch|without length or batches"),
    "two inputs": (DataLoader(Own(lambda i: ((X[i], X[i]), 0)), 8), "2 arrays for X|a batch's X"),
    "three things": (DataLoader(TensorDataset(X, X, Y), 8), "3 t"),
    "dicts": (DataLoader(Own(lambda i: {"x": X[i]}), 8), "a dict"),
    "dicts made while collating": (DataLoader(GOOD, 8, collate_fn=lambda b: {"x": default_collate(b)}), "is a dict"),
    "labels below 0": (DataLoader(with_targets(Y - 1), 8), "the label -1|out of bounds"),
    "single examples": (DataLoader(GOOD, batch_size=None), "a batch has a single target: give batches"),
    "no length": (DataLoader(Endless(), 8), "without length or batches"),
}


@pytest.mark.parametrize(("loader", "sentence"), LOADERS.values(), ids=LOADERS)
def test_a_loader_that_gives_no_pairs_is_refused(loader, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        fitted(loader)


@pytest.mark.parametrize("name", ["no batch", "three things", "dicts", "dicts made while collating"])
def test_so_it_is_where_there_is_one_pass(name):
    loader, sentence = LOADERS[name]
    model = three_outputs()
    with pytest.raises((ValueError, TypeError), match=sentence):
        evaluate(model, loader)
    with pytest.raises((ValueError, TypeError), match=f"{sentence}|a batch is"):
        train_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))


OPTIMIZERS = {
    "a class": (
        lambda model: torch.optim.SGD,
        r"optimizer is the class SGD: it must be .*parameters\(\)",
    ),
    "a name": (lambda model: "Adam", "optimizer is 'Adam': it must be an optimizer over"),
    "the model": (lambda model: model, "optimizer is a Linear: it must be"),
    "a schedule": (lambda model: StepLR(torch.optim.SGD(model.parameters(), lr=0.1), 1), "optimizer is a StepLR: it"),
    "None": (lambda model: None, "optimizer is None: it must be"),
    "LBFGS": (lambda model: torch.optim.LBFGS(model.parameters()), "optimizer is LBFGS, .* by a closure: take one"),
}


@pytest.mark.parametrize(("optimizer", "sentence"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_what_is_no_optimizer_is_refused(optimizer, sentence):
    model = three_outputs()
    with pytest.raises(TypeError, match=sentence):
        fit(model, GOOD, optimizer(model))
    with pytest.raises(TypeError, match=sentence):
        train_epoch(model, DataLoader(GOOD, 8), optimizer(model))


def test_words_for_inputs_stay_whole():
    words = torch.arange(N).view(-1, 1) % 7
    model = nn.Sequential(nn.Embedding(7, 3), nn.Flatten())
    assert math.isfinite(evaluate(model, TensorDataset(words, Y))[0])
    with pytest.raises(TypeError, match=r"X is int64, and the model wants floats: give X.float\(\)"):
        fitted(TensorDataset(torch.arange(5 * N).view(N, 5), Y))
