"""MNIST's four files: are they here and whole, and if not, fetch them without ever leaving half a file."""

import contextlib
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
    refusal = _set_damaged_aside(raw)
    if refusal:
        return refusal
    if runtime.offline():
        return f"MNIST is not in {directory}, and COURSE_OFFLINE forbids to download it."
    if not os.access(_nearest_parent(raw), os.W_OK):
        return f"MNIST is not in {directory}, and nothing can be written there."
    datasets = torchvision_datasets()
    if not _reachable(datasets.MNIST.mirrors):
        return f"MNIST is not in {directory}, and no mirror of it answers."
    return _download(datasets, directory, raw)


def whole(raw):
    """Are all four files in the folder `raw`, each with the length it must have?"""
    return all((raw / name).is_file() and (raw / name).stat().st_size == size for name, size in MNIST_BYTES.items())


def _set_damaged_aside(raw):
    for name, size in MNIST_BYTES.items():
        path = raw / name
        if path.is_file() and path.stat().st_size != size:
            found = path.stat().st_size
            try:
                path.replace(path.with_name(name + ".damaged"))
            except OSError as error:
                return f"{path} is damaged ({found:,} of {size:,} bytes) and can't be set aside: {error.strerror}."
            print(f"{path} is damaged ({found:,} of {size:,} bytes): set aside as {name}.damaged.")
    return None


def _nearest_parent(path):
    return next(parent for parent in [path, *path.parents] if parent.exists())


def _reachable(mirrors):
    """Does one of the mirrors answer at all? Any HTTP answer counts: the download itself tells the rest."""
    for mirror in mirrors:
        request = urllib.request.Request(mirror + "train-labels-idx1-ubyte.gz", method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            continue
    return False


def _download(datasets, directory, raw):
    print(f"Downloading MNIST (11 MB, once) to {raw} …")
    temporary = pathlib.Path(tempfile.mkdtemp(prefix=".download-", dir=directory))
    try:
        with _socket_timeout(STALL_SECONDS):
            datasets.MNIST(temporary, download=True)
        raw.mkdir(parents=True, exist_ok=True)
        for name in MNIST_BYTES:
            (temporary / "MNIST" / "raw" / name).replace(raw / name)
    except (OSError, RuntimeError) as error:
        return f"MNIST could not be downloaded: {' '.join(str(error).split())}"
    except AssertionError:  # how torchvision says that a file holds less than its header promises
        return "MNIST was downloaded, but its files don't have the right length."
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
