"""Files of MNIST that are not what they seem, folders and disks that refuse: put aside, or the digits in a sentence."""

import os
import pathlib
import tempfile
import types

import platformdirs
import pytest

from course_utils import data, session
from course_utils.data import files
from tests.unit import mirrors
from tests.unit.data.test_files import in_a_child, seen


def test_the_right_length_is_not_enough(empty_data_dir, mirror, capsys):
    raw = empty_data_dir / "MNIST" / "raw"
    mirrors.write_mnist(raw)
    labels = raw / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\7")
    assert not files.whole(raw) and files.mnist(empty_data_dir) is None and files.whole(raw)
    assert "t10k-labels-idx1-ubyte is damaged (its checksum is wrong): set aside" in capsys.readouterr().out
    assert (raw / "t10k-labels-idx1-ubyte.damaged").read_bytes().endswith(b"\7")


def test_checksums_are_those_of_the_files_that_torchvision_unpacks():
    assert set(files.MNIST_SUMS) == set(files.MNIST_BYTES)
    packed = {name.removesuffix(".gz") for name, _ in files.torchvision_datasets().MNIST.resources}
    assert packed == set(files.MNIST_SUMS) and {len(one) for one in files.MNIST_SUMS.values()} == {32}


def test_a_checksum_is_computed_once_for_each_state_of_a_file(empty_data_dir, monkeypatch):
    raw = empty_data_dir / "MNIST" / "raw"
    mirrors.write_mnist(raw)
    computed = []
    monkeypatch.setattr(files, "matches", lambda path, checksum: computed.append(path.name) or True)
    for _ in range(3):
        assert files.whole(raw)
    assert sorted(computed) == sorted(files.MNIST_BYTES)
    os.utime(raw / "train-labels-idx1-ubyte", ns=(0, 0))
    assert files.whole(raw) and computed[4:] == ["train-labels-idx1-ubyte"]


def test_what_an_old_torchvision_left_is_not_read(empty_data_dir, offline):
    old = empty_data_dir / "MNIST" / "processed"
    mirrors.write_mnist(empty_data_dir / "MNIST" / "raw")
    old.mkdir()
    for name in ("training.pt", "test.pt"):
        (old / name).write_bytes(b"?")
    assert data.mnist()[0].source == "MNIST"


@pytest.mark.parametrize("cache", ["a file", "below a file", "without a home"])
def test_no_cache_folder_means_the_digits(tmp_path, monkeypatch, mirror, capsys, cache):
    """Root may write anywhere, so what stands in the way is a file."""
    (tmp_path / "file").write_text("?")
    monkeypatch.delenv("COURSE_DATA", raising=False)
    place = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "cache"}.get(cache, tmp_path / "none")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *given, **more: "~/.cache" if "home" in cache else place)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    train, _ = data.mnist()
    assert "not MNIST" in train.source and mirror.requests == []
    said = capsys.readouterr().out
    assert "MNIST " in said and "Using the embedded digits instead." in said and "\n\n" not in said
    assert session.mnist_status().startswith("not in ")
    assert not pathlib.Path("~").exists()


@pytest.mark.process
def test_a_folder_without_rights_means_the_digits(empty_data_dir):
    files.torchvision_datasets()  # nobody may be unable to read that too
    raw = empty_data_dir / "MNIST" / "raw"
    mirrors.write_mnist(raw)
    for folder in (empty_data_dir, *empty_data_dir.parents[:-2]):
        folder.chmod(0o755)
    raw.chmod(0)

    def look():
        if os.getuid() == 0:  # the administrator may read everything
            os.setuid(65534)
        why_not = files.mnist(empty_data_dir)
        os._exit(0 if why_not and "MNIST can't be read or written" in why_not and not files.whole(raw) else 1)

    child = in_a_child(look)
    child.join()
    raw.chmod(0o755)
    assert child.exitcode == 0


@pytest.mark.parametrize("proxy", ["foo:bar:baz", "http://", "host:99999", "http://[::1", "user:secret@foo:bar"])
def test_a_proxy_that_is_no_address_means_the_digits(empty_data_dir, mirror, monkeypatch, capsys, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    assert "not MNIST" in data.mnist()[0].source
    said = capsys.readouterr().out
    assert "and the proxy setting http_proxy is '" in said and "which is no address of a host." in said
    assert "secret" not in said and mirror.requests == []


def test_what_a_full_disk_left_does_not_stand_in_the_way(empty_data_dir, mirror, monkeypatch):
    """A program was killed while it unpacked: its files fill the disk, and go before room is asked for."""
    left = empty_data_dir / ".download-MNIST" / "unpacked"
    left.mkdir(parents=True)
    (left / "train-images-idx3-ubyte").write_bytes(bytes(1000))

    def usage(path):
        full = any(left.glob("*"))
        return types.SimpleNamespace(free=0 if full else 10**9)

    monkeypatch.setattr(files.shutil, "disk_usage", usage)
    assert files.mnist(empty_data_dir) is None and seen(empty_data_dir) == ["MNIST"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_was_unpacked_goes_when_it_fails(empty_data_dir, mirror, monkeypatch, error):
    def full(wanted):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(files, "_set_damaged_aside", full)
        if isinstance(error, OSError):
            assert files.mnist(empty_data_dir).endswith("and can't be written there: No space left on device.")
        else:
            with pytest.raises(KeyboardInterrupt):
                files.mnist(empty_data_dir)
        assert not (empty_data_dir / ".download-MNIST" / "unpacked").exists()
    assert files.mnist(empty_data_dir) is None
