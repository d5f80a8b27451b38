"""Data of one's own: each situation either trains, or one sentence says what is wanted, before the first step."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import (
    ConcatDataset,
    DataLoader,
    Subset,
    TensorDataset,
    random_split,
)

from course_utils import data
from course_utils.data import Data, gate
from course_utils.experiment import Experiment
from course_utils.training import evaluate, fit
from tests.unit.data.own import (
    GOOD,
    NAMED,
    Endless,
    N,
    Own,
    X,
    Y,
    fitted,
    frame,
    one_by_one,
    three_outputs,
    trained,
    with_targets,
)

RIGHT = {
    "int32 labels": with_targets(Y.int()),
    "int16 labels": with_targets(Y.short()),
    "uint8 labels": with_targets(Y.byte()),
    "labels [N, 1]": with_targets(Y.view(-1, 1)),
    "float64 inputs": TensorDataset(X.double(), Y),
    "float16 inputs": TensorDataset(X.half().float().half(), Y),
    "arrays as Data": Data(X.numpy(), Y.numpy(), "mine"),
    "a pair of arrays": (X.double().numpy(), Y.numpy().astype(np.int32)),
    "arrays of big-endian numbers, backwards": (X.numpy().astype(">f8")[::-1], Y.numpy().astype(">i2")[::-1]),
    "a table and a column": (frame(X.numpy()), frame(Y.numpy())),
    "a table of objects": (frame(X.numpy().astype(object)), frame(Y.numpy().reshape(-1, 1))),
    "an array and a list": (X, Y.tolist()),
    "two lists": (X.tolist(), Y.tolist()),
    "a list of pairs": [(X[i], Y[i]) for i in range(N)],
    "a list of pairs of lists": [(X[i].tolist(), int(Y[i])) for i in range(N)],
    "a Subset": Subset(GOOD, range(0, N, 2)),
    "a Subset of a Subset": Subset(Subset(NAMED, range(1, N)), range(40)),
    "random_split": random_split(NAMED, [40, 20])[0],
    "a ConcatDataset": ConcatDataset([NAMED, Subset(NAMED, [0])]),
    "a Dataset of one's own": Own(one_by_one),
    "one with NumPy's numbers": Own(lambda i: (X[i].double().numpy(), np.int16(Y[i]))),
}


@pytest.mark.parametrize("given", RIGHT.values(), ids=RIGHT)
def test_it_trains(given):
    history = trained(given)
    assert history.has_accuracy and math.isfinite(history.train_loss[0]) and len(history.test_loss) == 1
    if not isinstance(given, Own):
        history = trained(given, valid=0.2, model="mlp")  # the outputs are counted from the labels
        assert len(history.valid_loss) == 1


@pytest.mark.parametrize("name", ["int32 labels", "float64 inputs", "a pair of arrays", "a list of pairs"])
def test_converted_it_trains_as_if_it_had_been_right(name):
    plain = trained(GOOD, lr=0.1)
    assert trained(RIGHT[name], lr=0.1).step_loss == plain.step_loss


def test_numbers_to_predict_as_one_column():
    law = X @ torch.arange(5.0)
    for y in (law, law.view(-1, 1), law.double().numpy()):
        history = Experiment(data=((X, y), (X, y)), model="linear", epochs=1, batch_size=16).run()
        assert not history.has_accuracy and math.isfinite(history.test_loss[0])


def test_whole_inputs_suit_the_networks_by_name():
    pictures = (torch.rand(N, 1, 12, 12) * 255).to(torch.uint8)
    for inputs in (pictures, torch.arange(2 * N).view(N, 2)):
        history = Experiment(data=((inputs, Y), (inputs, Y)), model="mlp", hidden=(4,), epochs=1).run()
        assert math.isfinite(history.step_loss[0])
    shown = gate.as_table(Data(pictures, Y, "mine")).X
    assert shown.equal(pictures.float() / 255)


NAN, INF = torch.where(X > 0.98, math.nan, X), torch.where(X > 0.98, math.inf, X)
WRONG = {
    "one-hot floats": (with_targets(torch.eye(3)[Y]), r"train has one-hot targets \[60, 3\]: give .*y.argmax"),
    "one-hot whole numbers": (with_targets(torch.eye(3)[Y].long()), "one-hot"),
    "one-hot, read one by one": (Own(lambda i: (X[i], torch.eye(3)[Y[i]])), "one-hot"),
    "labels from 1": (with_targets(Y + 1), "train has labels from 1 to 3: they must begin at 0, as in y - 1, unless"),
    "labels below 0": (with_targets(Y - 1), "train has the label -1: class numbers must be 0, 1, 2"),
    "labels beyond the classes": (Data(X, Y, "mine", ("a", "b")), "train has the label 2, and 2 classes: .* 0 to 1"),
    "labels beyond, known by targets": (
        Own(one_by_one, targets=Y.tolist(), classes="ab"),
        "the label 2, and 2 classes",
    ),
    "class numbers as floats": (with_targets(Y.float()), "whole numbers 0 to 2 as floats for targets: .*y.long()"),
    "class numbers as floats [N, 1]": (with_targets(Y.double().view(-1, 1)), "as floats for targets"),
    "class numbers as floats, with names": (
        Own(lambda i: (X[i], float(Y[i])), classes=["a", "b", "c"]),
        "as floats for targets",
    ),
    "text for labels": ((X.numpy(), np.array(["cat", "dog"] * 30)), "train's y holds str.*, as 'cat': .* numbers"),
    "text in a table": ((frame(np.array([["Rome", 1.0]] * N, dtype=object)), Y), "train's X holds str, as 'Rome'"),
    "lengths that differ": ((X.numpy(), Y.numpy()[:50]), "train has 60 inputs and 50 targets"),
    "NaN": (TensorDataset(NAN, Y), "train has NaN or infinity in X, .* the first in example"),
    "infinity": (TensorDataset(INF, Y), "train has NaN or infinity in X"),
    "NaN to predict": (with_targets(torch.full((N, 1), math.nan)), "train has NaN or infinity in y, 60 in all"),
    "NaN, read one by one": (Own(lambda i: (X[i] * math.nan, int(Y[i]))), "NaN or infinity in X"),
    "complex numbers": (TensorDataset(X + 1j, Y), "train has complex numbers: X must be real"),
    "one class": (with_targets(Y * 0), "train has examples of one class alone, 0"),
    "one class, known by targets": (Own(lambda i: (X[i], 0), targets=[0] * N), "one class alone"),
    "nothing": (TensorDataset(X[:0], Y[:0]), "train is empty: it must hold at least one example"),
    "an empty list": ([], "train is empty"),
    "an empty Dataset": (Own(one_by_one, n=0), "train is empty"),
    "an empty Subset": (Subset(GOOD, []), "train is empty"),
    "pictures of Pillow": (Own(lambda i: (Image.new("L", (5, 5)), 0)), "an Image for X of example 0: .*ToTensor"),
    "three tensors": (TensorDataset(X, X, Y), r"train has 3 tensors: an example must be a pair \(X, y\)"),
    "three things": (Own(lambda i: (X[i], X[i], 0)), "a tuple of 3 things for example 0"),
    "no target": (Own(lambda i: X[i]), r"train has a Tensor \[5\] for example 0: it must be a pair"),
    "two inputs": (Own(lambda i: ((X[i], X[i]), 0)), "train has 2 arrays for X of example 0"),
    "dicts": (Own(lambda i: {"image": X[i], "label": 0}), "train has a dict for example 0: it must be a pair"),
    "None for a target": (Own(lambda i: (X[i], None)), "train has None for y of example 0"),
    "no length": (Endless(), "train is an IterableDataset, which has no length"),
    "an array alone": (X, r"train is a Tensor \[60, 5\] alone, without targets"),
    "a path": ("pictures", "train is 'pictures': it must be a Dataset of pairs"),
    "a number": (3, "train is 3: it must be a Dataset"),
    "examples that differ in shape": (
        [(X[0], 0), (X[1][:2], 1)],
        r"train has examples whose X differ in shape: \[.*\]",
    ),
}


@pytest.mark.parametrize(("given", "sentence"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("way", [trained, fitted])
def test_it_is_refused_in_one_sentence(way, given, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence) as caught:
        way(given)
    text = str(caught.value)
    assert "\n" not in text and len(text) <= 500 and text.endswith(".") and "torch." not in text.split(": ")[0]


BESIDE = {
    "another shape": (TensorDataset(X[:, :4], Y), r"test has inputs of the shape \[4\], and train has \[5\]"),
    "numbers beside classes": (with_targets(X[:, :1]), "test has targets of .*float32"),
    "classes that were never trained": (with_targets(Y + 1), "test has the classes 3, of which train has no example"),
    "nothing": (TensorDataset(X[:0], Y[:0]), "test is empty"),
    "labels below 0": (with_targets(Y - 1), "test has the label -1"),
    "NaN": (TensorDataset(NAN, Y), "test has NaN"),
}


@pytest.mark.parametrize(("given", "sentence"), BESIDE.values(), ids=BESIDE)
def test_what_it_is_tested_on_is_refused_before_it_trains(given, sentence):
    with pytest.raises(ValueError, match=sentence):
        trained(GOOD, given)
    with pytest.raises(ValueError, match=sentence):
        fitted(GOOD, test=given)
    with pytest.raises(ValueError, match=sentence.replace("test ", "valid ", 1)):
        fitted(GOOD, valid=given)


def test_other_names_of_classes_are_refused():
    with pytest.raises(ValueError, match="test has the classes x, y, z, and train has a, b, c"):
        trained(NAMED, Data(X, Y, "mine", ("x", "y", "z")))


PAIRS = {
    "(X, y) for (train, test)": ((X, Y), r"pair of a Tensor \[60, 5\] and a Tensor \[60\], which looks like inputs"),
    "the same as tables": ((frame(X.numpy()), frame(Y.numpy())), "looks like inputs and targets"),
    "four arrays": ((X, X, Y, Y), r"Four arrays are given as \(\(X_train, y_train\), \(X_test, y_test\)\)"),
    "one part alone": (GOOD, "data is a TensorDataset: it must be one of mnist, .* or a pair of Datasets"),
    "loaders": ((DataLoader(GOOD), DataLoader(GOOD)), "data's train is a DataLoader, which has batches: .*`.dataset`"),
    "lists of batches": (([(X, Y)], [(X, Y)]), "data's train is a list, which has batches"),
    "None beside": ((GOOD, None), "data's test is None: it must be a Dataset of pairs"),
}


@pytest.mark.parametrize(("given", "sentence"), PAIRS.values(), ids=PAIRS)
def test_no_pair_of_parts_is_refused_when_the_experiment_is_made(given, sentence):
    with pytest.raises(TypeError, match=sentence) as caught:
        Experiment(data=given)
    assert len(str(caught.value)) <= 500


def test_arrays_are_named_in_the_text_and_compared_by_what_they_are(monkeypatch):
    import __main__

    for name, value in (("X_train", X.numpy()), ("y_train", Y.numpy())):
        monkeypatch.setattr(__main__, name, value, raising=False)
    given = ((__main__.X_train, __main__.y_train), (__main__.X_train, __main__.y_train))
    experiment = Experiment(data=given, epochs=1)
    assert repr(experiment).startswith("Experiment(data=((X_train, y_train), (X_train, y_train)), model='mlp'")
    assert eval(repr(experiment), {"Experiment": Experiment, **vars(__main__)}) == experiment == experiment.but(lr=0.01)
    assert experiment != experiment.but(data=((X, Y), (X, Y)))


def test_classes_and_labels_are_found_inside():
    kept = Own(one_by_one, classes=["a", "b", "c"], targets=Y.tolist(), source="my pictures")
    inside = Subset(ConcatDataset([kept, Subset(kept, [5, 7])]), [0, 61, 2])
    assert gate.classes_of(inside) == ("a", "b", "c") and gate.labels_of(inside).tolist() == [0, 1, 2]
    assert gate.labels_of(Own(one_by_one)) is None and gate.classes_of(GOOD) is None
    history = trained(Subset(kept, range(30)), kept, model="mlp")
    assert history.source == "my pictures"


def test_labels_that_the_examples_contradict_are_not_believed():
    said_to_be_one_class = Own(one_by_one, targets=[0] * N)
    assert math.isfinite(trained(said_to_be_one_class).train_loss[0])
    off_by_one = Own(lambda i: (X[i], int(Y[i]) + 1), targets=Y.tolist())
    with pytest.raises(ValueError, match="the model has 3 outputs, and there is the label 3"):
        trained(off_by_one)


def test_looking_at_examples_leaves_the_notebooks_random_numbers_alone():
    noisy = Own(lambda i: (X[i] + torch.randn(5), int(Y[i])), classes=["a", "b", "c"])
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    Experiment(data=(noisy, noisy), epochs=1, batch_size=16).start()
    data.split(noisy, 0.5)
    assert torch.rand(3).equal(expected)


def test_a_loss_of_ones_own_takes_targets_of_its_own():
    both = torch.eye(3)[Y]
    history = fitted(with_targets(both), loss_fn=F.binary_cross_entropy_with_logits)
    assert math.isfinite(history.train_loss[0]) and not history.has_accuracy
    assert math.isnan(evaluate(three_outputs(), with_targets(both), loss_fn=F.binary_cross_entropy_with_logits)[1])
    with pytest.raises(ValueError, match="NaN or infinity"):
        fitted(TensorDataset(NAN, both), loss_fn=F.binary_cross_entropy_with_logits)


def test_a_model_in_double_takes_single_precision():
    model = nn.Linear(5, 3).double()
    fit(model, GOOD, torch.optim.SGD(model.parameters(), lr=0.1), epochs=1)
    exact = X.double() + 1e-12
    assert evaluate(model, TensorDataset(exact, Y))[0] == F.cross_entropy(model(exact), Y).item()
