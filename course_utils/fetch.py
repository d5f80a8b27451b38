"""MNIST's and CIFAR-10's files: are they here and whole, and if not, fetch them without ever leaving half a file."""

import contextlib
import functools
import os
import pathlib
import shutil
import socket
import tempfile
import urllib.error
import urllib.request

from course_utils import runtime

# Bytes of each unpacked file: 60,000 and 10,000 images of 28×28 with a header of 16, labels with one of 8.
MNIST_BYTES = {
    "train-images-idx3-ubyte": 16 + 60_000 * 784,
    "train-labels-idx1-ubyte": 8 + 60_000,
    "t10k-images-idx3-ubyte": 16 + 10_000 * 784,
    "t10k-labels-idx1-ubyte": 8 + 10_000,
}
PROBE_SECONDS = 3
STALL_SECONDS = 30


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
    """See to it that the whole of MNIST lies in `directory`/MNIST/raw.

    A file of the wrong length is set aside as `*.damaged` and fetched again. A download goes to a
    temporary folder, is verified there by torchvision (MD5), and is then renamed into place file by
    file, so two kernels that download at once both end well.

    Args:
        directory: `pathlib.Path`, the data directory.

    Returns:
        None if the files are there, else one sentence that says why not.
    """
    raw = directory / "MNIST" / "raw"
    if whole(raw):
        return None
    files = {name: functools.partial(_wrong_length, size=size) for name, size in MNIST_BYTES.items()}
    return _see_to("MNIST", "MNIST", 11, directory, raw, files)


def whole(raw):
    """Are all four files in the folder `raw`, each with the length it must have?"""
    return all((raw / name).is_file() and (raw / name).stat().st_size == size for name, size in MNIST_BYTES.items())


def cifar10(directory):
    """See to it that the whole of CIFAR-10 lies in `directory`/cifar-10-batches-py.

    As `mnist` does; here each file's MD5 sum must be the one torchvision knows.

    Args:
        directory: `pathlib.Path`, the data directory.

    Returns:
        None if the files are there, else one sentence that says why not.
    """
    dataset = torchvision_datasets().CIFAR10
    sums = dict(dataset.train_list + dataset.test_list) | {dataset.meta["filename"]: dataset.meta["md5"]}
    folder = directory / dataset.base_folder
    files = {name: functools.partial(_wrong_sum, md5=md5) for name, md5 in sums.items()}
    if all((folder / name).is_file() and not flaw(folder / name) for name, flaw in files.items()):
        return None
    return _see_to("CIFAR-10", "CIFAR10", 170, directory, folder, files)


def _wrong_length(path, size):
    found = path.stat().st_size
    return "" if found == size else f"{found:,} of {size:,} bytes"


def _wrong_sum(path, md5):
    from torchvision.datasets.utils import check_integrity

    return "" if check_integrity(path, md5) else "its MD5 sum is wrong"


def _see_to(name, dataset, megabytes, directory, folder, files):
    """Set damaged files aside and download; `files` maps each name to a function of its path: "" or the flaw."""
    refusal = _set_damaged_aside(folder, files)
    if refusal:
        return refusal
    if runtime.offline():
        return f"{name} is not in {directory}, and COURSE_OFFLINE forbids to download it."
    if not os.access(_nearest_parent(folder), os.W_OK):
        return f"{name} is not in {directory}, and nothing can be written there."
    source = getattr(torchvision_datasets(), dataset)
    if not _reachable(source):
        return f"{name} is not in {directory}, and no mirror of it answers."
    print(f"Downloading {name} ({megabytes} MB, once) to {folder} …")
    return _download(source, name, directory, folder, files)


def _set_damaged_aside(folder, files):
    for name, flaw in files.items():
        path = folder / name
        found = flaw(path) if path.is_file() else ""
        if found:
            try:
                path.replace(path.with_name(name + ".damaged"))
            except OSError as error:
                return f"{path} is damaged ({found}) and can't be set aside: {error.strerror}."
            print(f"{path} is damaged ({found}): set aside as {name}.damaged.")
    return None


def _nearest_parent(path):
    return next(parent for parent in [path, *path.parents] if parent.exists())


def _reachable(source):
    """Does one of the mirrors answer at all? Any HTTP answer counts: the download itself tells the rest."""
    mirrored = getattr(source, "mirrors", None)  # MNIST is four files in folders, CIFAR-10 one file in one place
    for url in [mirror + "train-labels-idx1-ubyte.gz" for mirror in mirrored] if mirrored else [source.url]:
        request = urllib.request.Request(url, method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            continue
    return False


def _download(source, name, directory, folder, files):
    temporary = pathlib.Path(tempfile.mkdtemp(prefix=".download-", dir=directory))
    try:
        with _socket_timeout(STALL_SECONDS):
            source(temporary, download=True)
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            (temporary / folder.relative_to(directory) / file).replace(folder / file)
    except (OSError, RuntimeError) as error:
        return f"{name} could not be downloaded: {' '.join(str(error).split())}"
    except AssertionError:  # how torchvision says that a file of MNIST holds less than its header promises
        return f"{name} was downloaded, but its files don't have the right length."
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return None


@contextlib.contextmanager
def _socket_timeout(seconds):
    """urllib inside torchvision waits for ever on a mirror that stalls, unless the default says otherwise."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
