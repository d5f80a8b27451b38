"""The course's data sets, by name. Each loader returns a pair `(train, test)`."""

import torch
from torch.nn import functional as F

from course_utils import checks, runtime
from course_utils.data import files
from course_utils.data.folders import image_folder
from course_utils.data.splits import split
from course_utils.data.tensors import Data

DIGIT_NAMES = tuple("0123456789")
EMBEDDED_TRAIN = 1437  # of scikit-learn's 1,797 digits; the other 360 are the test set


def mnist(normalize=None):
    """The 60,000 training and 10,000 test images of MNIST, or the embedded digits if there is none.

    Looks in the data directory, then downloads with torchvision, then falls back to `digits()` enlarged
    to 28×28. Prints which of them it is, and `.source` keeps it.

    MNIST takes 220 MB, so all callers in a kernel get the same tensors, as long as nobody writes into them.

    Args:
        normalize: None, or `(mean, std)`: two numbers; images become `(images - mean) / std`, a copy of their own.

    Returns:
        (train, test): two `Data`; images float32 [N, 1, 28, 28] in 0..1, labels int64 [N].

    Raises:
        FileNotFoundError, NotADirectoryError, PermissionError: see `runtime.data_dir`.
        ValueError: `normalize` is no pair, or its std is not above 0.
    """
    directory = runtime.data_dir()
    why_not = files.mnist(directory)
    if why_not is None:
        raw = directory / "MNIST" / "raw"

        def read():
            return tuple(_mnist_part(raw, part) for part in ("train", "t10k"))

        pair = _kept("MNIST's files", (raw, raw.stat().st_mtime_ns), read) if normalize is None else read()
    else:
        print(f"{why_not} Using the embedded digits instead.")
        pair = tuple(_enlarge(part) for part in digits())
    print(f"Data: {pair[0].source}, {len(pair[0]):,} training and {len(pair[1]):,} test images")
    return tuple(_normalized(part, normalize) for part in pair)


def cifar10(normalize=None):
    """The 50,000 training and 10,000 test images of CIFAR-10: small colour photographs of ten kinds of things.

    Looks in the data directory for torchvision's files, then for a folder `cifar10_sample` with `train` and `test`
    (see `image_folder`); then downloads with torchvision; if nothing of that works, `digits()` in random colours
    stand in. Prints which of them it is, and `.source` keeps it.

    Args:
        normalize: None, or `(mean, std)`: two numbers; images become `(images - mean) / std`.

    Returns:
        (train, test): two `Data`; images float32 [N, 3, 32, 32] in 0..1, labels int64 [N].

    Raises:
        FileNotFoundError, NotADirectoryError, PermissionError: see `runtime.data_dir`.
        ValueError: `normalize` is no pair, or its std is not above 0; a file of the sample can't be read.
    """
    directory = runtime.data_dir()
    sample = directory / "cifar10_sample"
    if sample.is_dir() and not (directory / files.torchvision_datasets().CIFAR10.base_folder).is_dir():
        pair = tuple(
            Data(part.images, part.labels, "a sample of CIFAR-10", part.classes) for part in image_folder(sample)
        )
    else:
        why_not = files.cifar10(directory)
        if why_not is None:
            pair = tuple(_cifar10_part(directory, train) for train in (True, False))
        else:
            print(f"{why_not} Using the embedded digits in colour instead.")
            pair = tuple(_colour(part) for part in digits())
    print(f"Data: {pair[0].source}, {len(pair[0]):,} training and {len(pair[1]):,} test images")
    return tuple(_normalized(part, normalize) for part in pair)


def digits():
    """scikit-learn's 1,797 handwritten digits, unchanged; they come inside its wheel.

    Returns:
        (train, test): two `Data` of 1,437 and 360; images float32 [N, 1, 8, 8] in 0..1, labels int64 [N].
    """
    from sklearn.datasets import load_digits

    bundle = load_digits()
    images = torch.from_numpy(bundle.images).float().unsqueeze(1) / 16  # ink comes as 0..16
    labels = torch.from_numpy(bundle.target).long()
    source = "scikit-learn's 8×8 digits"
    cut = EMBEDDED_TRAIN
    return (
        Data(images[:cut], labels[:cut], source, DIGIT_NAMES),
        Data(images[cut:], labels[cut:], source, DIGIT_NAMES),
    )


def regression(n=1000, w=(2.0, -3.4), b=4.2, noise=0.01, seed=1):
    """Examples of a linear law with noise: y = X·w + b + ε, the data of lesson 02.

    Args:
        n: number of training examples; 200 more are made for the test set.
        w: the true weights, one a feature; features are drawn from N(0, 1).
        b: the true bias.
        noise: standard deviation of ε.
        seed: of the draw.

    Returns:
        (train, test): two `Data`; X float32 [N, len(w)], y float32 [N, 1].
    """
    checks.whole("n", n, least=1)
    generator = torch.Generator().manual_seed(seed)
    weights = torch.tensor(w)

    def draw(count):
        X = torch.randn(count, len(weights), generator=generator)
        y = X @ weights + b + noise * torch.randn(count, generator=generator)
        return Data(X, y.view(-1, 1), "a linear law with noise")

    return draw(n), draw(200)


def tabular(held_out=0.2, seed=0, standardize=True):
    """scikit-learn's diabetes: ten measurements of 442 people, and the progress of the disease a year later.

    Args:
        held_out: how much to keep for the test, as in `split`.
        seed: of that choice.
        standardize: True subtracts from each feature, and from the target, its mean over the *training* part, and
            divides by its standard deviation there (the root of the mean over N - 1). False leaves the features in
            the units of the measurements and the target between 25 and 346.

    Returns:
        (train, test): two `Data`; X float32 [N, 10], y float32 [N, 1].

    Raises:
        TypeError: `standardize` is neither True nor False.
        ValueError: `held_out` leaves less than two examples to train on, or none to test.
    """
    from sklearn.datasets import load_diabetes

    if not isinstance(standardize, bool):
        raise TypeError(f"standardize is {standardize!r} ({type(standardize).__name__}): it must be True or False.")
    table = load_diabetes(scaled=False)  # scaled=True would use the mean of all 442, the test's people among them
    X, y = torch.from_numpy(table.data).float(), torch.from_numpy(table.target).float().view(-1, 1)
    train, test = split(Data(X, y, "scikit-learn's diabetes"), held_out, seed)
    if len(train) < 2:
        raise ValueError(f"held_out is {held_out}: at least two of the {len(X)} examples must be left to train on.")
    if not standardize:
        return train, test
    numbers = [(tensor.mean(0), tensor.std(0)) for tensor in train.tensors]
    return tuple(
        Data(*((tensor - mean) / std for tensor, (mean, std) in zip(part.tensors, numbers, strict=True)), part.source)
        for part in (train, test)
    )


_BY_NAME = {"mnist": mnist, "digits": digits, "regression": regression, "tabular": tabular}
NAMES = tuple(_BY_NAME)


def load(name):
    """The pair (train, test) called `name`, read once and kept, as long as nobody writes into it.

    Raises:
        ValueError: no data has this name.
    """
    with runtime.plain_defaults():
        return _kept(name, None, _BY_NAME[checks.one_of("data", name, NAMES)])


_pairs = {}  # what is kept: name -> (where it was read, the pair, how often its tensors had been written to)


def _kept(name, place, read):
    """What `read()` gave at `place` the last time, if it is as it was; else what it gives now."""
    then, pair, written = _pairs.pop(name, (None, None, None))
    if pair is None or then != place or written != _written(pair):
        pair = None  # before the next is read: there is no room for two
        pair = read()
    _pairs[name] = place, pair, _written(pair)
    return pair


def _written(pair):
    return [tensor._version for part in pair for tensor in part.tensors]


def _mnist_part(raw, part):
    images, labels = map(torch.from_numpy, files.mnist_arrays(raw, part))
    return Data(images.unsqueeze(1).float().div_(255), labels.long(), "MNIST", DIGIT_NAMES)


def _enlarge(part):
    """Scale 8×8 to the 20×20 box in the middle of 28×28 that MNIST's digits fill."""
    images = F.interpolate(part.images, size=(20, 20), mode="bilinear", align_corners=False)
    return Data(F.pad(images, (4, 4, 4, 4)), part.labels, "the embedded digits (not MNIST)", part.classes)


def _cifar10_part(directory, train):
    part = files.torchvision_datasets().CIFAR10(directory, train=train)
    images = torch.from_numpy(part.data).permute(0, 3, 1, 2).float() / 255  # [N, 32, 32, 3] -> [N, 3, 32, 32]
    return Data(images, torch.tensor(part.targets), "CIFAR-10", tuple(part.classes))


def _colour(part):
    """Scale 8×8 to 32×32 with a border, in light ink on dark paper; the random colours are the same each time."""
    generator = torch.Generator().manual_seed(0)
    dark, light = torch.rand(2, len(part), 3, 1, 1, generator=generator)
    ink = F.pad(F.interpolate(part.images, size=(24, 24), mode="bilinear", align_corners=False), (4, 4, 4, 4))
    images = 0.4 * dark * (1 - ink) + (0.6 + 0.4 * light) * ink
    return Data(images, part.labels, "the embedded digits in random colours (not CIFAR-10)", part.classes)


def _normalized(part, normalize):
    """`part`, which has just been read, with its images changed in place."""
    if normalize is None:
        return part
    mean, std = checks.mean_and_std("normalize", normalize)
    part.images.sub_(mean).div_(std)
    return part
