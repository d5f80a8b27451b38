"""MNIST's and CIFAR-10's files: checks that they are whole, and downloads them without ever leaving half a file."""

import functools
import gzip
import os
import pathlib
import re
import shutil
import tarfile
import zlib
from typing import NamedTuple

import numpy as np
import torch

from course_utils import runtime
from course_utils.data.download import DownloadError, Probe, download, matches, part_of, size
from course_utils.data.lock import exclusive, staging_dir

IMAGES_HEADER, LABELS_HEADER = 16, 8  # bytes before MNIST's images and labels
# Bytes of each unpacked file: 60,000 and 10,000 images of 28×28, as many labels. And their MD5 sums, against accidents.
MNIST_BYTES = {
    "train-images-idx3-ubyte": IMAGES_HEADER + 60_000 * 784,
    "train-labels-idx1-ubyte": LABELS_HEADER + 60_000,
    "t10k-images-idx3-ubyte": IMAGES_HEADER + 10_000 * 784,
    "t10k-labels-idx1-ubyte": LABELS_HEADER + 10_000,
}
MNIST_SUMS = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


class _Set(NamedTuple):
    """The files of a data set.

    Attributes:
        name: in words.
        folder: where its files belong.
        flaws: {name of a file: function of its path that returns "" or what is wrong with it}.
        archives: {name: (checksum as in `download`, addresses)}; one whose name is among `flaws` is not unpacked.
        inside: the folder that the files have within the archives, "" for none.
        packed, unpacked: bytes of all archives, and of all files.
    """

    name: str
    folder: pathlib.Path
    flaws: dict
    archives: dict
    inside: str
    packed: int
    unpacked: int

    def whole(self):
        """True if every file is there without a flaw."""
        return all((self.folder / name).is_file() and not flaw(self.folder / name) for name, flaw in self.flaws.items())


def torchvision_datasets():
    """The module `torchvision.datasets`, imported when first needed.

    Raises:
        ImportError: torch and torchvision don't fit each other; the sentence names both versions.
    """
    try:
        import torchvision.datasets
    except (ImportError, RuntimeError, AttributeError) as error:
        from importlib.metadata import version

        raise ImportError(
            f"torch {version('torch')} and torchvision {version('torchvision')} don't fit each other ({error}). "
            "Install a pair that does: pip install --upgrade torch torchvision"
        ) from error
    return torchvision.datasets


def mnist(directory):
    """Bring MNIST into `directory`/MNIST/raw, unless it is there.

    A file of the wrong length or with a wrong checksum is set aside as `*.damaged` and downloaded again. A download
    grows in a hidden folder beside it, is verified there (by the MD5 sums that torchvision knows), and is then renamed
    into place file by file. If it is interrupted, the next call continues it. If several programs need it at once, one
    downloads and the others wait.

    Args:
        directory: `pathlib.Path`, the data directory.

    Returns:
        None if the files are there, else one sentence that says why not.
    """
    folder = directory / "MNIST" / "raw"
    if whole(folder):  # without torchvision, which takes a second to import
        return None
    source = torchvision_datasets().MNIST
    flaws = {name: _wrong_mnist for name in MNIST_BYTES}
    archives = {name: (("md5", md5), [mirror + name for mirror in source.mirrors]) for name, md5 in source.resources}
    return _see_to(_Set("MNIST", folder, flaws, archives, "", 11_594_722, sum(MNIST_BYTES.values())), directory)


def whole(raw):
    """True if all four files are in the folder `raw`, with the right lengths and checksums."""
    try:
        return not any(_wrong_mnist(raw / name) for name in MNIST_BYTES)
    except OSError:  # it can't be read
        return False


def mnist_arrays(raw, part):
    """(images uint8 [N, 28, 28], labels uint8 [N]) of the part "train" or "t10k" from the folder `raw`."""
    images = np.fromfile(raw / f"{part}-images-idx3-ubyte", np.uint8, offset=IMAGES_HEADER)
    return images.reshape(-1, 28, 28), np.fromfile(raw / f"{part}-labels-idx1-ubyte", np.uint8, offset=LABELS_HEADER)


def cifar10(directory):
    """Bring CIFAR-10 into `directory`/cifar-10-batches-py, unless it is there.

    Works like `mnist`, but each file's MD5 sum must be the one torchvision knows.

    Args:
        directory: `pathlib.Path`, the data directory.

    Returns:
        None if the files are there, else one sentence that says why not.
    """
    source = torchvision_datasets().CIFAR10
    sums = dict(source.train_list + source.test_list) | {source.meta["filename"]: source.meta["md5"]}
    flaws = {name: functools.partial(_wrong_sum, checksum=("md5", md5)) for name, md5 in sums.items()}
    archives = {source.filename: (("md5", source.tgz_md5), [source.url])}
    folder = directory / source.base_folder
    return _see_to(_Set("CIFAR-10", folder, flaws, archives, source.base_folder, 170_498_071, 186_214_000), directory)


def pretrained(weights):
    """The trained parameters of a `…_Weights` of torchvision, downloaded once; None if that fails.

    They are kept in the folder `weights` of the data directory. If it fails, a printed sentence says why.

    Args:
        weights: for example `torchvision.models.ResNet18_Weights.DEFAULT`; its `url` ends in `-<sha256>.pth`.

    Returns:
        A state_dict of float32 tensors on the CPU, or None.

    Raises:
        ValueError: its address names no checksum.
    """
    name = weights.url.rpartition("/")[2]
    checksum = re.search(r"-([0-9a-f]{8,})\.\w+$", name)
    if not checksum:
        raise ValueError(f"weights is at {weights.url}: such a name must end in its checksum, as in net-0123abcd.pth.")
    checksum = "sha256", checksum[1]
    directory = runtime.data_dir()
    folder = directory / "weights"
    flaws = {name: functools.partial(_wrong_sum, checksum=checksum)}
    length = round(getattr(weights, "meta", {}).get("_file_size", 0) * 2**20)  # torchvision has it in MiB
    why_not = _see_to(_Set(name, folder, flaws, {name: (checksum, [weights.url])}, "", length, 0), directory)
    if why_not:
        print(f"{why_not} The parameters stay random.")
        return None
    return torch.load(folder / name, map_location="cpu", weights_only=True)


def _wrong_mnist(path):
    found, length = size(path), MNIST_BYTES[path.name]
    return f"{found:,} of {length:,} bytes" if found != length else _wrong_sum(path, ("md5", MNIST_SUMS[path.name]))


def _wrong_sum(path, checksum):
    status = path.stat()
    right = _matches(path, checksum, (status.st_size, status.st_mtime_ns, status.st_ino))
    return "" if right else "its checksum is wrong"


@functools.lru_cache(maxsize=64)
def _matches(path, checksum, state):
    """`matches`, remembered as long as the file's `state` is the same."""
    return matches(path, checksum)


def _see_to(wanted, directory):
    """Download what is missing; None if all files are there in the end, else a sentence that says why not."""
    try:
        return None if wanted.whole() else _bring(wanted, directory, _lack(wanted, directory))
    except OSError as error:
        return f"{wanted.name} can't be read or written in {directory}: {error.strerror or error}."


def _bring(wanted, directory, lack):
    """As `_see_to`; `lack` begins the sentence. An OSError is one of looking."""
    if runtime.offline():
        return f"{lack}, and COURSE_OFFLINE forbids to download it."
    if not os.access(_nearest_parent(wanted.folder), os.W_OK):
        return f"{lack}, and nothing can be written there."
    # Asked before the lock is taken: without a network, no program should wait for another to find that out.
    try:
        probe = Probe([url for _, urls in wanted.archives.values() for url in urls])
    except ValueError as error:
        return f"{lack}, and {error}."
    mirrors = {name: [url for url in urls if probe.reaches(url)] for name, (_, urls) in wanted.archives.items()}
    if not all(mirrors.values()):
        return f"{lack}, and no mirror of it answers."
    hidden = directory / f".download-{wanted.name}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with exclusive(hidden, wanted.name) as (locked, waited), staging_dir(hidden, locked) as place:
            failure = place / "failed"
            if wanted.whole():
                shutil.rmtree(place)
            elif waited and failure.exists():
                return failure.read_text(encoding="utf-8")  # else thirty that wait would fail one after the other
            else:
                failure.unlink(missing_ok=True)
                try:
                    _fetch(wanted, mirrors, directory, place)
                except DownloadError as error:
                    sentence = f"{wanted.name} could not be downloaded: {error}."
                    failure.write_text(sentence, encoding="utf-8")
                    return sentence
    except DownloadError as error:
        return f"{lack}, and {error}."
    except OSError as error:
        return f"{lack}, and can't be written there: {error.strerror or error}."
    return None


def _lack(wanted, directory):
    """What is missing or damaged: the beginning of a sentence."""
    for name, flaw in wanted.flaws.items():
        path = wanted.folder / name
        if path.is_file() and flaw(path):
            return f"{path} is damaged ({flaw(path)})"
    return f"{wanted.name} is not in {directory}"


def _nearest_parent(path):
    return next(parent for parent in [path, *path.parents] if parent.exists())


def _fetch(wanted, mirrors, directory, place):
    """Download to the folder `place`, unpack there, move the files to where they belong; may raise DownloadError."""
    unpacked = place / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)  # what a program that was killed has left takes room
    have = sum(size(place / name) + size(part_of(place / name)) for name in wanted.archives)
    left = max(wanted.packed - have, 1)
    need, free = left + wanted.unpacked, shutil.disk_usage(directory).free
    if need > free:
        raise DownloadError(f"it takes {_mb(need)} of disk, and {_mb(free)} are free in {directory}")
    rest = f", the last {_mb(left)} of it" if have else ""
    print(f"Downloading {wanted.name} ({_mb(wanted.packed)}, once{rest}) to {wanted.folder} …")
    with runtime.progress_bar(wanted.packed or None, wanted.name, initial=have, unit="B", unit_scale=True) as progress:
        for name, (checksum, _) in wanted.archives.items():
            if not (place / name).exists():
                download(mirrors[name], place / name, checksum, progress.update)
    try:
        _unpack(wanted, place, unpacked)
        wanted.folder.mkdir(parents=True, exist_ok=True)
        _set_damaged_aside(wanted)
        for name in wanted.flaws:
            (unpacked / wanted.inside / name).replace(wanted.folder / name)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    shutil.rmtree(place)


def _mb(count):
    return f"{count / 1e6:.0f} MB"


def _unpack(wanted, place, unpacked):
    """Unpack all archives into `unpacked`. If something is wrong with them, empty `place` for the next try."""
    from torchvision.datasets.utils import extract_archive

    unpacked.mkdir()
    try:
        for name in wanted.archives:
            if name in wanted.flaws:
                (place / name).replace(unpacked / name)
            else:
                extract_archive(place / name, unpacked)
        for name, flaw in wanted.flaws.items():
            path = unpacked / wanted.inside / name
            if not path.is_file() or flaw(path):
                raise DownloadError(f"{name}, unpacked, is not what it should be")
    except (DownloadError, EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile) as error:
        for path in place.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise DownloadError(str(error)) from error


def _set_damaged_aside(wanted):
    for name, flaw in wanted.flaws.items():
        path = wanted.folder / name
        found = flaw(path) if path.is_file() else ""
        if found:
            path.replace(path.with_name(name + ".damaged"))
            print(f"{path} is damaged ({found}): set aside as {name}.damaged.")
