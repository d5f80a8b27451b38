"""Datasets as tensors, split and cut into batches.

A `Data` is a `torch.utils.data.TensorDataset` that knows where it came from, so it goes wherever PyTorch
takes a Dataset. Every loader returns a pair `(train, test)`.
"""

import functools
import pathlib

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from course_utils import checks, runtime
from course_utils.data import files

DIGIT_NAMES = tuple("0123456789")
EMBEDDED_TRAIN = 1437  # of scikit-learn's 1,797 digits; the other 360 are the test set


class Data(TensorDataset):
    """Inputs and targets as two tensors of equal length.

    Attributes:
        X: inputs, float32 [N, ...]; for images [N, channels, height, width], also named `images`.
        y: targets; class indices int64 [N], also named `labels`, or numbers float32 [N, 1].
        source: where the data came from, in words for a figure's title.
        classes: the names of the classes, in the order of their indices; None where the target is a number.
    """

    def __init__(self, X, y, source, classes=None):
        names = ("images", "labels") if classes else ("X", "y")
        checks.same_length(**dict(zip(names, (X, y), strict=True)))
        super().__init__(X, y)
        self.source = source
        self.classes = classes

    @property
    def X(self):
        return self.tensors[0]

    @property
    def y(self):
        return self.tensors[1]

    images = X
    labels = y

    def to(self, device):
        """The same data on `device`; itself if it is there already."""
        if self.X.device == torch.device(device):
            return self
        return Data(self.X.to(device), self.y.to(device), self.source, self.classes)

    def __repr__(self):
        shape = ", ".join(str(size) for size in self.X.shape[1:])
        return f"<{len(self):,} examples [{shape}] of {self.source}>"


def mnist(normalize=None):
    """The 60,000 training and 10,000 test images of MNIST, or the embedded digits if there is none.

    Looks in the data directory, then downloads with torchvision, then falls back to `digits()` enlarged
    to 28×28. Prints which of them it is, and `.source` keeps it.

    Args:
        normalize: None, or `(mean, std)`: two numbers; images become `(images - mean) / std`.

    Returns:
        (train, test): two `Data`; images float32 [N, 1, 28, 28] in 0..1, labels int64 [N].

    Raises:
        FileNotFoundError, NotADirectoryError, PermissionError: see `runtime.data_dir`.
        ValueError: `normalize` is no pair, or its std is not above 0.
    """
    directory = runtime.data_dir()
    why_not = files.mnist(directory)
    if why_not is None:
        pair = tuple(_mnist_part(directory, train) for train in (True, False))
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


def image_folder(path, size=32, test=0.2, seed=0):
    """Images of one's own: a folder with one subfolder a class.

    If `path` holds the folders `train` and `test`, these are the two parts; otherwise a random
    part of all images is held out.

    Args:
        path: the folder.
        size: images are scaled to `size`×`size` pixels, RGB.
        test: how much to hold out, as in `split`.
        seed: of that choice.

    Returns:
        (train, test): two `Data`; images float32 [N, 3, size, size] in 0..1, labels int64 [N].

    Raises:
        FileNotFoundError: no such folder, or no image in it.
        ValueError: a file is no image torchvision can read, or train and test have other classes.
    """
    checks.whole("size", size, least=1)
    path = pathlib.Path(path).expanduser()
    if not path.is_dir():
        raise FileNotFoundError(f"path is {str(path)!r}: there is no such folder.")
    if not ((path / "train").is_dir() and (path / "test").is_dir()):
        return split(_read_folder(path, size), test, seed)
    pair = _read_folder(path / "train", size), _read_folder(path / "test", size)
    if pair[0].classes != pair[1].classes:
        raise ValueError(f"path is {str(path)!r}: train has the classes {pair[0].classes}, test has {pair[1].classes}.")
    return pair


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


def split(data, held_out, seed=0):
    """Cut `data` in two at random, to keep some examples out of training.

    Args:
        data: a `Data` or `TensorDataset` of N examples.
        held_out: how many to hold out, a whole number in 1..N-1, or their share, a float in 0..1.
        seed: of the choice.

    Returns:
        (rest, held_out): two `Data`, their examples in the order they had.

    Raises:
        ValueError: nothing, or nothing else, would be held out.
    """
    n = len(data)
    count = round(held_out * n) if isinstance(held_out, float) else checks.whole("held_out", held_out, least=1)
    if not 0 < count < n:
        raise ValueError(f"held_out is {held_out}: of {n:,} examples 1 to {n - 1:,} can be held out.")
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    source, classes = getattr(data, "source", "your own data"), getattr(data, "classes", None)
    return tuple(
        Data(*(tensor[indices.sort().values] for tensor in data.tensors), source, classes)
        for indices in (order[count:], order[:count])
    )


def batches(data, batch_size, shuffle=False, seed=0, drop_last=False):
    """Iterate over `data` in batches, reshuffled on every pass.

    The batches and their order are those of
    `DataLoader(data, batch_size, shuffle, drop_last=drop_last, generator=torch.Generator().manual_seed(seed))`,
    but tensors are sliced instead of being stacked again from single examples.

    Args:
        data: a `Data`, a `TensorDataset`, or any Dataset (which gets that DataLoader).
        batch_size: examples in a batch; the last may be smaller.
        shuffle: True for a new random order on every pass.
        seed: of the order.
        drop_last: True leaves out a last batch that is smaller.

    Returns:
        An iterable of (X, y) with a `len`.

    Raises:
        TypeError, ValueError: `batch_size` is no whole number of at least 1.
        ValueError: `data` is empty.
    """
    checks.whole("batch_size", batch_size, least=1)
    if len(data) == 0:
        raise ValueError("data is empty: it must hold at least one example.")
    if isinstance(data, TensorDataset):
        return _TensorBatches(data, batch_size, shuffle, seed, drop_last)
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(data, batch_size, shuffle, drop_last=drop_last, generator=generator)


class _TensorBatches:
    """Its public attributes are those of a DataLoader."""

    def __init__(self, dataset, batch_size, shuffle, seed, drop_last):
        self.dataset = dataset
        self._tensors = dataset.tensors
        self._batch_size = batch_size
        self._shuffle = shuffle
        self._drop_last = drop_last
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self):
        n = len(self._tensors[0])
        return n // self._batch_size if self._drop_last else -(-n // self._batch_size)

    def __iter__(self):
        if self._shuffle:
            # A DataLoader draws a seed for its workers before its sampler draws the order, and the sampler draws
            # a second order of which it uses none.
            torch.empty((), dtype=torch.int64).random_(generator=self.generator)
            n = len(self._tensors[0])
            order = torch.randperm(n, generator=self.generator).to(self._tensors[0].device)
            torch.randperm(n, generator=self.generator)
        for start in range(0, len(self) * self._batch_size, self._batch_size):
            end = start + self._batch_size
            if self._shuffle:
                # Not tensor[chosen]: that does the same in twice the time.
                yield tuple(tensor.index_select(0, order[start:end]) for tensor in self._tensors)
            else:
                yield tuple(tensor[start:end] for tensor in self._tensors)


_BY_NAME = {"mnist": mnist, "digits": digits, "regression": regression, "tabular": tabular}
NAMES = tuple(_BY_NAME)


@functools.lru_cache(maxsize=len(_BY_NAME))
def load(name):
    """The pair (train, test) called `name`, read once and kept.

    Raises:
        ValueError: no data has this name.
    """
    return _BY_NAME[checks.one_of("data", name, NAMES)]()


def _mnist_part(directory, train):
    part = files.torchvision_datasets().MNIST(directory, train=train)
    return Data(part.data.unsqueeze(1).float() / 255, part.targets, "MNIST", DIGIT_NAMES)


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
    if normalize is None:
        return part
    if not (isinstance(normalize, tuple | list) and len(normalize) == 2):
        raise ValueError(f"normalize is {normalize!r}: it must be a pair (mean, std), for example (0.5, 0.5).")
    mean, std = normalize[0], checks.positive("normalize's std", normalize[1])
    return Data((part.images - mean) / std, part.labels, part.source, part.classes)


def _read_folder(path, size):
    files.torchvision_datasets()
    from torchvision import datasets, transforms

    steps = transforms.Compose([transforms.Resize((size, size)), transforms.ToTensor()])
    folder = datasets.ImageFolder(path, transform=steps)
    images = []
    for file, _ in folder.samples:
        try:
            images.append(steps(folder.loader(file)))
        except OSError as error:
            raise ValueError(f"{file} is no image that can be read: {error}") from error
    return Data(torch.stack(images), torch.tensor(folder.targets), f"the images in {path.name}", tuple(folder.classes))
