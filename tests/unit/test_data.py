"""Datasets, splits and batches."""

import gzip
import hashlib
import http.server
import os
import pickle
import tarfile
import threading

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from course_utils import data, fetch, runtime


@pytest.fixture
def empty_data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")


def write_mnist(raw):
    """Files of MNIST's format and length: images black but for one pixel, labels 0 to 9 in turn."""
    raw.mkdir(parents=True)
    for part, n in (("train", 60_000), ("t10k", 10_000)):
        header = b"".join(size.to_bytes(4, "big") for size in (0x0803, n, 28, 28))
        images = np.zeros((n, 28, 28), dtype=np.uint8)
        images[:, 3, 5] = 255
        (raw / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        labels = (np.arange(n) % 10).astype(np.uint8)
        header = b"".join(size.to_bytes(4, "big") for size in (0x0801, n))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


@pytest.fixture
def serve():
    """serve(folder): a local server with the files in `folder`; returns its address and the list of requests."""
    servers = []

    def start(folder):
        class Quiet(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=folder)

            def log_message(self, *args):
                requests.append(self.path)

        requests = []
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/", requests

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def mirror(tmp_path, monkeypatch, serve):
    """A local server with MNIST's four files, known to torchvision by address and checksum."""
    raw = tmp_path / "served"
    write_mnist(raw)
    resources = []
    for name in fetch.MNIST_BYTES:
        packed = gzip.compress((raw / name).read_bytes(), compresslevel=1)
        (raw / f"{name}.gz").write_bytes(packed)
        resources.append((f"{name}.gz", hashlib.md5(packed).hexdigest()))
        (raw / name).unlink()
    address, requests = serve(raw)
    mnist = fetch.torchvision_datasets().MNIST
    monkeypatch.setattr(mnist, "mirrors", [address])
    monkeypatch.setattr(mnist, "resources", resources)
    return raw, requests


THINGS = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.fixture
def cifar_server(tmp_path, monkeypatch, serve):
    """A local server with an archive of CIFAR-10's format, 20 images a file, known to torchvision by checksum."""
    dataset = fetch.torchvision_datasets().CIFAR10
    folder = tmp_path / "served" / dataset.base_folder
    folder.mkdir(parents=True)
    pixels = np.zeros((20, 3, 32, 32), dtype=np.uint8)
    pixels[:, 2, 5, 7] = 51  # blue
    batch = {"data": pixels.reshape(20, -1), "labels": [i % 10 for i in range(20)]}
    lists = {}
    for part in ("train_list", "test_list"):
        for name, _ in getattr(dataset, part):
            (folder / name).write_bytes(pickle.dumps(batch))
        lists[part] = [[name, md5_of(folder / name)] for name, _ in getattr(dataset, part)]
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": THINGS}))
    archive = folder.parent / dataset.filename
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, dataset.base_folder)
    address, requests = serve(folder.parent)
    monkeypatch.setattr(dataset, "meta", {**dataset.meta, "md5": md5_of(folder / "batches.meta")})
    changed = {**lists, "url": address + dataset.filename, "tgz_md5": md5_of(archive)}
    for name, value in changed.items():
        monkeypatch.setattr(dataset, name, value)
    return archive, requests


def md5_of(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


def test_mnist_is_read_from_the_data_directory(empty_data_dir, capsys):
    write_mnist(empty_data_dir / "MNIST" / "raw")
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


def test_a_closed_port_for_a_mirror_means_the_digits(empty_data_dir, monkeypatch, capsys):
    monkeypatch.setattr(fetch.torchvision_datasets().MNIST, "mirrors", ["http://127.0.0.1:9/"])
    train, _ = data.mnist()
    assert "not MNIST" in train.source
    assert "no mirror of it answers" in capsys.readouterr().out


def test_mnist_is_downloaded_verified_and_left_clean(empty_data_dir, mirror):
    train, _ = data.mnist()
    assert train.source == "MNIST" and len(train) == 60_000
    assert sorted(path.name for path in empty_data_dir.iterdir()) == ["MNIST", "served"]
    assert sorted(path.name for path in (empty_data_dir / "MNIST" / "raw").iterdir()) == sorted(fetch.MNIST_BYTES)


def test_a_truncated_file_is_set_aside_and_fetched_again(empty_data_dir, mirror, capsys):
    raw = empty_data_dir / "MNIST" / "raw"
    write_mnist(raw)
    images = raw / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:1_000_000])
    train, _ = data.mnist()
    assert train.source == "MNIST" and len(train) == 60_000
    assert (raw / "train-images-idx3-ubyte.damaged").stat().st_size == 1_000_000
    assert "is damaged (1,000,000 of 47,040,016 bytes)" in capsys.readouterr().out


def test_a_download_that_does_not_match_its_checksum_is_not_used(empty_data_dir, mirror, capsys):
    served, _ = mirror
    (served / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    train, _ = data.mnist()
    assert "not MNIST" in train.source
    assert not (empty_data_dir / "MNIST").exists()
    assert "MNIST could not be downloaded" in capsys.readouterr().out


def test_a_download_of_the_wrong_length_is_not_used(empty_data_dir, mirror, monkeypatch, capsys):
    served, _ = mirror
    mnist = fetch.torchvision_datasets().MNIST
    packed = gzip.compress(b"\0" * 1000)
    (served / "train-labels-idx1-ubyte.gz").write_bytes(packed)
    checksum = hashlib.md5(packed).hexdigest()
    resources = [(name, checksum if "train-labels" in name else md5) for name, md5 in mnist.resources]
    monkeypatch.setattr(mnist, "resources", resources)
    assert "not MNIST" in data.mnist()[0].source
    assert not (empty_data_dir / "MNIST").exists()
    assert "its files don't have the right length" in capsys.readouterr().out


def test_two_downloads_at_once_both_end_well(empty_data_dir, mirror):
    results = []
    threads = [threading.Thread(target=lambda: results.append(fetch.mnist(empty_data_dir))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [None, None]
    assert fetch.whole(empty_data_dir / "MNIST" / "raw")


def test_normalize(empty_data_dir, offline):
    plain, normal = data.mnist()[0].images, data.mnist(normalize=(0.5, 0.25))[0].images
    assert torch.allclose(normal, (plain - 0.5) / 0.25)
    with pytest.raises(ValueError, match=r"normalize is 0.5: it must be a pair \(mean, std\)"):
        data.mnist(normalize=0.5)
    with pytest.raises(ValueError, match="normalize's std is 0"):
        data.mnist(normalize=(0.5, 0))


def test_cifar10_is_downloaded_verified_and_left_clean(empty_data_dir, cifar_server, capsys):
    train, test = data.cifar10()
    assert train.images.shape == (100, 3, 32, 32) and train.images.dtype == torch.float32 and len(test) == 20
    assert abs(train.images[0, 2, 5, 7] - 0.2) < 1e-6 and train.images[0].count_nonzero() == 1
    assert test.labels.tolist() == list(range(10)) * 2 and test.labels.dtype == torch.int64
    assert train.classes == tuple(THINGS) and train.source == "CIFAR-10"
    assert sorted(path.name for path in empty_data_dir.iterdir()) == ["cifar-10-batches-py", "served"]
    assert "Downloading CIFAR-10 (170 MB, once)" in capsys.readouterr().out
    _, requests = cifar_server
    before = len(requests)
    data.cifar10()
    assert len(requests) == before
    assert "Downloading" not in capsys.readouterr().out


def test_a_damaged_file_of_cifar10_is_set_aside_and_fetched_again(empty_data_dir, cifar_server, capsys):
    data.cifar10()
    damaged = empty_data_dir / "cifar-10-batches-py" / "data_batch_3"
    damaged.write_bytes(b"not what it was")
    assert len(data.cifar10()[0]) == 100
    assert damaged.with_name("data_batch_3.damaged").read_bytes() == b"not what it was"
    assert "data_batch_3 is damaged (its MD5 sum is wrong): set aside" in capsys.readouterr().out


def test_an_archive_of_cifar10_that_does_not_match_its_checksum_is_not_used(empty_data_dir, cifar_server, capsys):
    archive, _ = cifar_server
    archive.write_bytes(archive.read_bytes()[:500])
    assert "not CIFAR-10" in data.cifar10()[0].source
    assert [path.name for path in empty_data_dir.iterdir()] == ["served"]
    assert "CIFAR-10 could not be downloaded" in capsys.readouterr().out


def test_a_sample_of_cifar10_is_used_before_anything_is_downloaded(empty_data_dir, cifar_server):
    picture_folder(empty_data_dir / "cifar10_sample", ["train", "test"])
    train, test = data.cifar10()
    assert train.source == test.source == "a sample of CIFAR-10" and train.classes == ("cat", "dog")
    assert train.images.shape == (10, 3, 32, 32) and cifar_server[1] == []


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


def picture_folder(root, parts, per_class=5):
    from PIL import Image

    for part in parts:
        for number, name in enumerate(("cat", "dog")):
            folder = root / part / name
            folder.mkdir(parents=True)
            for i in range(per_class):
                Image.new("RGB", (40, 30), (200 * number, 10 * i, 0)).save(folder / f"{i}.png")
    return root


def test_image_folder_with_train_and_test(tmp_path):
    train, test = data.image_folder(picture_folder(tmp_path, ["train", "test"]), size=16)
    assert train.images.shape == (10, 3, 16, 16) and len(test) == 10
    assert train.classes == ("cat", "dog") and train.labels.tolist() == [0] * 5 + [1] * 5
    assert train.images[0, 0].max() == 0 and abs(train.images[-1, 0, 0, 0] - 200 / 255) < 1e-6


def test_image_folder_without_parts_is_split(tmp_path):
    train, test = data.image_folder(picture_folder(tmp_path, [""]), size=8, test=0.3)
    assert (len(train), len(test)) == (7, 3) and test.classes == ("cat", "dog")


def test_image_folder_bad_input(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        data.image_folder(tmp_path / "none")
    folder = picture_folder(tmp_path, ["train", "test"])
    (folder / "train" / "cat" / "broken.png").write_bytes(b"not a picture")
    with pytest.raises(ValueError, match=r"broken.png is no image that can be read"):
        data.image_folder(folder)


def test_split_is_a_partition_and_repeats():
    train, _ = data.digits()
    rest, held_out = data.split(train, 200, seed=3)
    assert (len(rest), len(held_out)) == (1237, 200) and held_out.source == train.source
    rows = {tuple(row) for row in train.images.flatten(1).tolist()}
    parts = [{tuple(row) for row in part.images.flatten(1).tolist()} for part in (rest, held_out)]
    assert parts[0] | parts[1] == rows and not parts[0] & parts[1]
    numbered = data.Data(torch.arange(50.0).view(-1, 1), torch.zeros(50, 1), "test")
    assert all(part.X.flatten().diff().min() > 0 for part in data.split(numbered, 0.3))
    assert data.split(train, 200, seed=3)[1].labels.equal(held_out.labels)
    assert not data.split(train, 200, seed=4)[1].labels.equal(held_out.labels)
    assert len(data.split(train, 0.1)[1]) == 144


@pytest.mark.parametrize("held_out", [0, 1437, 1.0, 0.0, -3])
def test_split_bad_input(held_out):
    with pytest.raises(ValueError, match=f"held_out is {held_out}"):
        data.split(data.digits()[0], held_out)


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
