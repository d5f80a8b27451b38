"""Whole data sets from local mirrors: verified, put into place, once for all who need them."""

import gzip
import hashlib
import multiprocessing
import os
import signal
import threading
import time
import types

import filelock
import pytest
import torch
from tqdm import tqdm

from course_utils import data
from course_utils.data import download, files, lock
from tests.unit import mirrors


def seen(folder):
    """The names in `folder` that are not hidden."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def in_a_child(function):
    """Start `function` in a forked process, where everything is loaded already and all patches hold."""
    child = multiprocessing.get_context("fork").Process(target=function)
    child.start()
    return child


def test_a_closed_port_for_a_mirror_means_the_digits(empty_data_dir, monkeypatch, capsys):
    monkeypatch.setattr(files.torchvision_datasets().MNIST, "mirrors", ["http://127.0.0.1:9/"])
    train, _ = data.mnist()
    assert "not MNIST" in train.source
    assert f"MNIST is not in {empty_data_dir}, and no mirror of it answers." in capsys.readouterr().out
    assert list(empty_data_dir.iterdir()) == []


def test_mnist_is_downloaded_verified_and_left_clean(empty_data_dir, mirror, capsys):
    train, _ = data.mnist()
    assert train.source == "MNIST" and len(train) == 60_000
    assert seen(empty_data_dir) == ["MNIST"]
    assert seen(empty_data_dir / "MNIST" / "raw") == sorted(files.MNIST_BYTES)
    assert [path.name for path in empty_data_dir.glob(".*")] == [".download-MNIST.lock"]
    assert f"Downloading MNIST (12 MB, once) to {empty_data_dir}" in capsys.readouterr().out
    assert len(mirror.requests) == 4


def test_a_truncated_file_is_set_aside_and_fetched_again(empty_data_dir, mirror, capsys):
    raw = empty_data_dir / "MNIST" / "raw"
    mirrors.write_mnist(raw)
    images = raw / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:1_000_000])
    train, _ = data.mnist()
    assert train.source == "MNIST" and len(train) == 60_000
    assert (raw / "train-images-idx3-ubyte.damaged").stat().st_size == 1_000_000
    assert "is damaged (1,000,000 of 47,040,016 bytes)" in capsys.readouterr().out


def test_a_damaged_file_stays_until_there_is_another(empty_data_dir, offline, mirror, capsys):
    raw = empty_data_dir / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "t10k-labels-idx1-ubyte").write_bytes(b"?")
    assert "not MNIST" in data.mnist()[0].source
    assert seen(raw) == ["t10k-labels-idx1-ubyte"] and mirror.requests == []
    assert "idx1-ubyte is damaged (1 of 10,008 bytes), and COURSE_OFFLINE forbids" in capsys.readouterr().out


def test_a_download_that_does_not_match_its_checksum_is_not_used(empty_data_dir, mirror, capsys):
    (mirror.folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    train, _ = data.mnist()
    assert "not MNIST" in train.source
    assert seen(empty_data_dir) == []
    said = "MNIST could not be downloaded: 127.0.0.1 sent something else: its checksum is wrong."
    assert said in capsys.readouterr().out


def test_a_download_of_the_wrong_length_is_not_used(empty_data_dir, mirror, monkeypatch, capsys):
    mnist = files.torchvision_datasets().MNIST
    packed = gzip.compress(b"\0" * 1000)
    (mirror.folder / "train-labels-idx1-ubyte.gz").write_bytes(packed)
    checksum = hashlib.md5(packed).hexdigest()
    resources = [(name, checksum if "train-labels" in name else md5) for name, md5 in mnist.resources]
    monkeypatch.setattr(mnist, "resources", resources)
    assert "not MNIST" in data.mnist()[0].source
    assert seen(empty_data_dir) == []
    assert "train-labels-idx1-ubyte, unpacked, is not what it should be." in capsys.readouterr().out
    asked = len(mirror.requests)
    data.mnist()
    assert len(mirror.requests) > asked  # nothing of it is met again


def test_a_mirror_that_lies_costs_only_its_own_requests(empty_data_dir, mirror, serve, monkeypatch):
    liar = serve(mirror.folder)
    liar.manner = mirrors.corrupts
    monkeypatch.setattr(files.torchvision_datasets().MNIST, "mirrors", [liar.url, mirror.url])
    assert files.mnist(empty_data_dir) is None
    assert len(liar.requests) == len(mirror.requests) == 4


def test_thirty_threads_download_once(empty_data_dir, mirror, capsys):
    results = []
    threads = [threading.Thread(target=lambda: results.append(files.mnist(empty_data_dir))) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [None] * 30 and files.whole(empty_data_dir / "MNIST" / "raw")
    assert len(mirror.requests) == 4
    assert capsys.readouterr().out.count("Downloading") == 1


@pytest.mark.rest
@pytest.mark.process
def test_thirty_processes_download_once(empty_data_dir, mirror):
    start = multiprocessing.get_context("fork").Event()

    def get():
        start.wait()
        os._exit(0 if files.mnist(empty_data_dir) is None else 1)

    children = [in_a_child(get) for _ in range(30)]
    start.set()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 30
    assert len(mirror.requests) == 4


def test_those_who_waited_for_a_failure_do_not_repeat_it(empty_data_dir, mirror, monkeypatch):
    waiting = threading.Semaphore(0)
    monkeypatch.setattr(lock, "print", lambda text: waiting.release(), raising=False)
    went_on = threading.Event()

    def refuse_late(request, content):
        went_on.wait()
        mirrors.refuses(request, content)

    mirror.manner = refuse_late
    results = []
    threads = [threading.Thread(target=lambda: results.append(files.mnist(empty_data_dir))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        assert waiting.acquire(timeout=10)
    went_on.set()
    for thread in threads:
        thread.join()
    assert results == ["MNIST could not be downloaded: 127.0.0.1 answered 403 Forbidden."] * 5
    assert len(mirror.requests) == 1
    mirror.manner = mirrors.honest
    assert files.mnist(empty_data_dir) is None


@pytest.mark.rest
@pytest.mark.process
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_a_program_that_ends_in_the_middle_leaves_nothing_half(empty_data_dir, mirror, end, capsys):
    mirror.manner = mirrors.stalls(20_000)

    def get():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            files.mnist(empty_data_dir)
        except KeyboardInterrupt:
            os._exit(130)

    child = in_a_child(get)
    assert mirror.reached.wait(10)
    part = empty_data_dir / ".download-MNIST" / "train-images-idx3-ubyte.gz.part"
    end_of_patience = time.monotonic() + 10
    while download.size(part) < 16_000:  # until the program has read what was sent
        assert child.is_alive() and time.monotonic() < end_of_patience
        mirror.closed.wait(0.01)
    os.kill(child.pid, end)
    child.join()
    assert child.exitcode == (130 if end == signal.SIGINT else -signal.SIGKILL)
    assert seen(empty_data_dir) == []
    mirror.manner = mirrors.honest
    had, asked = part.stat().st_size, len(mirror.requests)
    assert files.mnist(empty_data_dir) is None  # the lock of the dead program is gone
    assert mirror.requests[asked] == ("/train-images-idx3-ubyte.gz", f"bytes={had}-")
    assert "the last 12 MB of it" in capsys.readouterr().out
    assert [path.name for path in empty_data_dir.glob(".*")] == [".download-MNIST.lock"]


def test_a_program_that_stands_still_does_not_hold_up_the_others(empty_data_dir, mirror, monkeypatch, capsys):
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(lock, "LOOK_SECONDS", 0.05)
    with filelock.FileLock(empty_data_dir / ".download-MNIST.lock"):
        why_not = files.mnist(empty_data_dir)
    assert why_not.endswith("and another program that downloads it has stood still for 0.2 s.")
    assert capsys.readouterr().out == "Another program is downloading MNIST: waiting for it.\n"
    assert files.mnist(empty_data_dir) is None


def test_where_there_are_no_locks_each_downloads_for_itself(empty_data_dir, mirror):
    (empty_data_dir / ".download-MNIST.lock").mkdir()  # what can't be locked
    assert files.mnist(empty_data_dir) is None
    assert [path.name for path in empty_data_dir.glob(".*")] == [".download-MNIST.lock"]


def test_a_disk_too_small_is_seen_before_anything_is_asked_for(empty_data_dir, mirror, monkeypatch):
    monkeypatch.setitem(files.MNIST_BYTES, "train-images-idx3-ubyte", 10**16)  # 10,000 TB
    why_not = files.mnist(empty_data_dir)
    assert why_not.startswith("MNIST could not be downloaded: it takes 10000000020 MB of disk, and ")
    assert why_not.endswith(f" MB are free in {empty_data_dir}.") and mirror.requests == []


@pytest.mark.rest
@pytest.mark.process
def test_a_disk_that_is_full_after_all(empty_data_dir, mirror):
    import resource

    def get():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        why_not = files.mnist(empty_data_dir)
        os._exit(0 if why_not.endswith("and can't be written there: File too large.") else 1)

    child = in_a_child(get)
    child.join()
    assert child.exitcode == 0
    assert seen(empty_data_dir) == []
    assert files.mnist(empty_data_dir) is None


def test_the_bar_counts_the_bytes_that_are_there(empty_data_dir, mirror, terminal):
    """Those of a part that was there before, too, until it turns out to be worthless."""
    hidden = empty_data_dir / ".download-MNIST"
    hidden.mkdir()
    (hidden / "train-images-idx3-ubyte.gz.part").write_bytes(bytes(1000))
    stream = terminal()
    assert files.mnist(empty_data_dir) is None
    assert "MNIST:   0%|" in stream.getvalue() and "| 1.00k/11.6M [" in stream.getvalue()
    last = stream.getvalue().splitlines()[-1]
    fetched = sum(path.stat().st_size for path in mirror.folder.iterdir())
    assert f"| {tqdm.format_sizeof(fetched)}/11.6M [" in last


def test_cifar10_is_downloaded_verified_and_left_clean(empty_data_dir, cifar_server, capsys):
    train, test = data.cifar10()
    assert train.images.shape == (100, 3, 32, 32) and train.images.dtype == torch.float32 and len(test) == 20
    assert abs(train.images[0, 2, 5, 7] - 0.2) < 1e-6 and train.images[0].count_nonzero() == 1
    assert test.labels.tolist() == list(range(10)) * 2 and test.labels.dtype == torch.int64
    assert train.classes == tuple(mirrors.THINGS) and train.source == "CIFAR-10"
    assert seen(empty_data_dir) == ["cifar-10-batches-py"]
    assert "Downloading CIFAR-10 (170 MB, once)" in capsys.readouterr().out
    before = len(cifar_server.requests)
    data.cifar10()
    assert len(cifar_server.requests) == before
    assert "Downloading" not in capsys.readouterr().out


def test_a_damaged_file_of_cifar10_is_set_aside_and_fetched_again(empty_data_dir, cifar_server, capsys):
    data.cifar10()
    damaged = empty_data_dir / "cifar-10-batches-py" / "data_batch_3"
    damaged.write_bytes(b"not what it was")
    assert len(data.cifar10()[0]) == 100
    assert damaged.with_name("data_batch_3.damaged").read_bytes() == b"not what it was"
    assert "data_batch_3 is damaged (its checksum is wrong): set aside" in capsys.readouterr().out


def test_an_archive_of_cifar10_that_does_not_match_its_checksum_is_not_used(empty_data_dir, cifar_server, capsys):
    (archive,) = cifar_server.folder.glob("*.gz")
    archive.write_bytes(archive.read_bytes()[:500])
    assert "not CIFAR-10" in data.cifar10()[0].source
    assert seen(empty_data_dir) == []
    assert "CIFAR-10 could not be downloaded" in capsys.readouterr().out


@pytest.fixture
def weights(tmp_path_factory, serve):
    """A small state_dict on a server, named as torchvision names its files; `.server` is the server."""
    server = serve(tmp_path_factory.mktemp("served"))
    file = server.folder / "net.pth"
    torch.save({"fc.weight": torch.arange(6.0).view(2, 3)}, file)
    named = file.rename(file.with_name(f"net-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth"))
    return types.SimpleNamespace(url=server.url + named.name, server=server, file=named)


def test_pretrained_is_downloaded_once(empty_data_dir, weights, capsys):
    first = files.pretrained(weights)
    assert first["fc.weight"].equal(torch.arange(6.0).view(2, 3))
    assert f"Downloading {weights.file.name}" in capsys.readouterr().out
    assert files.pretrained(weights)["fc.weight"].equal(first["fc.weight"]) and len(weights.server.requests) == 1
    assert seen(empty_data_dir / "weights") == [weights.file.name]


def test_pretrained_offline_asks_nobody(empty_data_dir, weights, offline, capsys):
    assert files.pretrained(weights) is None and weights.server.requests == []
    assert "COURSE_OFFLINE forbids to download it. The parameters stay random." in capsys.readouterr().out


def test_pretrained_where_nobody_answers(empty_data_dir, capsys):
    assert files.pretrained(types.SimpleNamespace(url="http://127.0.0.1:9/net-00000000.pth")) is None
    assert "no mirror of it answers. The parameters stay random." in capsys.readouterr().out


def test_pretrained_with_a_wrong_checksum_is_not_used(empty_data_dir, weights, capsys):
    weights.file.write_bytes(b"something else")
    assert files.pretrained(weights) is None
    assert seen(empty_data_dir) == []
    assert "its checksum is wrong. The parameters stay random." in capsys.readouterr().out


def test_pretrained_without_a_checksum_in_its_name(empty_data_dir):
    with pytest.raises(ValueError, match=r"weights is at http://127.0.0.1:9/net.pth: such a name must end in"):
        files.pretrained(types.SimpleNamespace(url="http://127.0.0.1:9/net.pth"))
