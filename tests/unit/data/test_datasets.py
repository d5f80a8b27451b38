"""Datasets, splits and batches."""

import os

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from course_utils import data, runtime
from tests.unit import mirrors
from tests.unit.data import pictures


def test_mnist_is_read_from_the_data_directory(empty_data_dir, capsys):
    mirrors.write_mnist(empty_data_dir / "MNIST" / "raw")
    train, test = data.mnist()
    assert train.images.shape == (60_000, 1, 28, 28) and train.images.dtype == torch.float32
    assert test.labels.tolist()[:12] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1] and test.labels.dtype == torch.int64
    assert train.images[0, 0, 3, 5] == 1 and train.images[0].sum() == 1
    assert train.source == "MNIST" and train.classes == tuple("0123456789")
    assert "Data: MNIST, 60,000 training and 10,000 test images" in capsys.readouterr().out


def test_offline_mnist_is_the_digits_and_says_so(empty_data_dir, offline, capsys):
    train, test = data.mnist()
    assert (len(train), len(test)) == (1437, 360)
    assert train.images.shape[1:] == (1, 28, 28) and train.images.min() >= 0 and train.images.max() <= 1
    assert "not MNIST" in train.source
    said = capsys.readouterr().out
    assert "COURSE_OFFLINE" in said and "embedded digits" in said


def test_enlarged_digits_show_the_same_digits(empty_data_dir, offline):
    small, large = data.digits()[0].images, data.mnist()[0].images
    shrunk = torch.nn.functional.interpolate(large[:, :, 4:24, 4:24], size=(8, 8), mode="area")
    for few, many in zip(small[:50], shrunk[:50], strict=True):
        assert torch.corrcoef(torch.stack([few.flatten(), many.flatten()]))[0, 1] > 0.9


def test_normalize(empty_data_dir, offline):
    plain, normal = data.mnist()[0].images, data.mnist(normalize=(0.5, 0.25))[0].images
    assert torch.allclose(normal, (plain - 0.5) / 0.25)
    with pytest.raises(ValueError, match=r"normalize is 0.5: it must be a pair \(mean, std\)"):
        data.mnist(normalize=0.5)
    with pytest.raises(ValueError, match="normalize's std is 0"):
        data.mnist(normalize=(0.5, 0))


def test_a_sample_of_cifar10_is_used_before_anything_is_downloaded(empty_data_dir, cifar_server):
    pictures.folder(empty_data_dir / "cifar10_sample", ["train", "test"])
    train, test = data.cifar10()
    assert train.source == test.source == "a sample of CIFAR-10" and train.classes == ("cat", "dog")
    assert train.images.shape == (10, 3, 32, 32) and cifar_server.requests == []


def test_offline_cifar10_is_coloured_digits_and_says_so(empty_data_dir, offline, capsys):
    train, test = data.cifar10()
    assert train.images.shape == (1437, 3, 32, 32) and len(test) == 360
    assert train.images.min() >= 0 and train.images.max() <= 1
    assert "not CIFAR-10" in train.source and "COURSE_OFFLINE" in capsys.readouterr().out
    assert data.cifar10()[0].images.equal(train.images)
    grey = torch.nn.functional.interpolate(train.images[:50, :, 4:28, 4:28].mean(1, True), size=(8, 8), mode="area")
    for shown, digit in zip(grey, data.digits()[0].images, strict=False):
        assert torch.corrcoef(torch.stack([shown.flatten(), digit.flatten()]))[0, 1] > 0.9
    # Ink and paper differ in every image, whatever their colours.
    assert (train.images.flatten(1).max(1).values > 0.6).all() and (train.images[:, :, 0, 0] <= 0.4).all()


def test_cifar10_normalized(empty_data_dir, offline):
    plain, normal = data.cifar10()[1].images, data.cifar10(normalize=(0.5, 0.5))[1].images
    assert torch.allclose(normal, 2 * plain - 1, atol=1e-6)


def test_course_data_that_does_not_exist(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"COURSE_DATA is '.*nowhere': there is no such folder"):
        data.mnist()
    (tmp_path / "nowhere").write_text("a file")
    with pytest.raises(NotADirectoryError, match="that is a file"):
        data.mnist()


@pytest.mark.process
def test_course_data_that_cannot_be_read(monkeypatch, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0)
    monkeypatch.setenv("COURSE_DATA", str(folder))
    tmp_path.chmod(0o755)
    # Root may read everything, and access() asks for the real user: a child process becomes nobody.
    child = os.fork()
    if child == 0:
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            runtime.data_dir()
        except PermissionError as error:
            os._exit(42 if "COURSE_DATA is" in str(error) else 1)
        except OSError:
            os._exit(2)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    folder.chmod(0o755)
    assert status == 42


def test_digits_are_scikit_learns():
    from sklearn.datasets import load_digits

    train, test = data.digits()
    images = torch.cat([train.images, test.images]).squeeze(1) * 16
    assert images.numpy().tolist() == load_digits().images.tolist()
    assert torch.cat([train.labels, test.labels]).tolist() == load_digits().target.tolist()


def test_regression_has_its_law_in_it():
    train, test = data.regression()
    assert train.X.shape == (1000, 2) and train.y.shape == (1000, 1) and len(test) == 200
    rest = train.y.flatten() - train.X @ torch.tensor([2.0, -3.4]) - 4.2
    assert 0.009 < rest.std() < 0.011 and abs(rest.mean()) < 0.001


def test_tabular_is_scikit_learns_diabetes():
    from sklearn.datasets import load_diabetes

    train, test = data.tabular(standardize=False)
    assert (train.X.shape, train.y.shape, test.X.shape) == ((354, 10), (354, 1), (88, 10))
    assert train.X.dtype == train.y.dtype == torch.float32 and train.classes is None
    table = load_diabetes(scaled=False)
    whole = {tuple(row) for row in np.column_stack([table.data, table.target]).astype(np.float32).tolist()}
    seen = [{tuple(row) for row in torch.cat(part.tensors, dim=1).tolist()} for part in (train, test)]
    assert seen[0] | seen[1] == whole and not seen[0] & seen[1]


def test_tabular_is_standardised_by_its_training_part_alone():
    raw, (train, test) = data.tabular(standardize=False), data.tabular()
    for tensor in train.tensors:
        assert torch.allclose(tensor.mean(0), torch.zeros(1), atol=1e-5)
        assert torch.allclose(tensor.std(0), torch.ones(1), atol=1e-5)
    for column, tensor in enumerate(test.tensors):
        mean, std = raw[0].tensors[column].mean(0), raw[0].tensors[column].std(0)
        assert torch.allclose(tensor * std + mean, raw[1].tensors[column], atol=1e-3)
    assert not torch.allclose(test.X.mean(0), torch.zeros(10), atol=0.01)
    assert train.source == test.source == "scikit-learn's diabetes"


def test_tabular_repeats_and_its_seed_chooses():
    once, again, other = data.tabular(seed=1), data.tabular(seed=1), data.tabular(seed=2)
    assert once[1].X.equal(again[1].X) and not once[1].X.equal(other[1].X)
    assert len(data.tabular(held_out=100)[1]) == 100


def test_tabular_bad_input():
    with pytest.raises(ValueError, match="held_out is 442: of 442 examples 1 to 441 can be held out"):
        data.tabular(held_out=442)
    with pytest.raises(ValueError, match="held_out is 441: at least two of the 442 examples"):
        data.tabular(held_out=441)
    with pytest.raises(TypeError, match=r"standardize is 'yes' \(str\): it must be True or False"):
        data.tabular(standardize="yes")


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_are_the_dataloaders(shuffle, drop_last):
    train, _ = data.digits()
    ours = data.batches(train, 64, shuffle=shuffle, seed=5, drop_last=drop_last)
    generator = torch.Generator().manual_seed(5)
    theirs = DataLoader(train, 64, shuffle=shuffle, drop_last=drop_last, generator=generator)
    assert len(ours) == len(theirs) == (22 if drop_last else 23)
    for _ in range(3):
        for (X, y), (X_loader, y_loader) in zip(ours, theirs, strict=True):
            assert X.equal(X_loader) and y.equal(y_loader)


def test_batches_of_a_dataset_of_ones_own():
    class Squares(Dataset):
        def __len__(self):
            return 10

        def __getitem__(self, i):
            return torch.tensor([float(i)]), torch.tensor(float(i * i))

    seen = [(X.flatten().tolist(), y.tolist()) for X, y in data.batches(Squares(), 4)]
    assert seen[2] == ([8.0, 9.0], [64.0, 81.0])


def test_batches_bad_input():
    train, _ = data.digits()
    with pytest.raises(TypeError, match=r"batch_size is '64' \(str\): it must be a whole number of at least 1"):
        data.batches(train, "64")
    with pytest.raises(ValueError, match="batch_size is 0"):
        data.batches(train, 0)
    with pytest.raises(ValueError, match="data is empty"):
        data.batches(data.Data(torch.zeros(0, 2), torch.zeros(0, 1), "nothing"), 4)


def test_lengths_that_differ():
    with pytest.raises(ValueError, match="images has 5 and labels has 4 examples"):
        data.Data(torch.zeros(5, 1, 2, 2), torch.zeros(4, dtype=torch.int64), "test", ("a", "b"))


def test_unknown_name():
    with pytest.raises(ValueError, match=r"data is 'mnits': it must be one of .* Did you mean 'mnist'"):
        data.load("mnits")
