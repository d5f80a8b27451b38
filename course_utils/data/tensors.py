"""A dataset as two tensors, and its batches.

A `Data` is a `torch.utils.data.TensorDataset` that knows where it came from, so it goes wherever PyTorch
takes a Dataset.
"""

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from course_utils import checks


class Data(TensorDataset):
    """Inputs and targets as two tensors of equal length.

    Attributes:
        X: inputs, float32 [N, ...]; for images [N, channels, height, width], also named `images`.
        y: targets; class indices int64 [N], also named `labels`, or numbers float32 [N, 1].
        source: where the data came from, in words for a figure's title.
        classes: the names of the classes, in the order of their indices; None where the target is a number.

    Raises:
        TypeError: inputs or targets are nothing that `as_tensor` takes.
        ValueError: their lengths differ.
    """

    def __init__(self, X, y, source, classes=None):
        names = ("images", "labels") if classes else ("X", "y")
        tensors = {name: as_tensor(name, given) for name, given in zip(names, (X, y), strict=True)}
        checks.same_length(**tensors)
        super().__init__(*tensors.values())
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


def as_tensor(argument, given):
    """A tensor of `given`: a tensor as it is, or an array, a table such as pandas has, numbers, or lists of these.

    What was no tensor comes as torch's default dtype if it is a float, as int64 if it is whole (uint8 stays), as bool.

    Raises:
        TypeError: it holds what is no number.
        ValueError: its rows have different lengths.
    """
    if torch.is_tensor(given):
        return given
    if isinstance(given, list | tuple) and given and all(map(torch.is_tensor, given)):
        if len({one.shape for one in given}) == 1:
            return torch.stack(list(given))
        raise ValueError(f"{argument} holds tensors of different shapes: they must have one.")
    try:
        array = np.asarray(given.to_numpy() if hasattr(given, "to_numpy") else given)
    except ValueError as error:
        raise ValueError(f"{argument} holds rows of different lengths: they must have one.") from error
    if array.dtype.kind == "O" and not any(isinstance(one, str) for one in array.flat):
        with_numbers = all(isinstance(one, float | int | np.number | np.bool_) for one in array.flat)
        array = array.astype(float) if with_numbers and array.size else array
    if array.dtype.kind not in "fiub":
        one = next(iter(array.flat), None)
        raise TypeError(f"{argument} holds {type(one).__name__}, as {str(one)[:40]!r}: it must hold numbers.")
    if array.dtype.kind in "iu" and array.dtype != np.uint8:
        array = array.astype(np.int64)
    tensor = torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("=")))  # a copy, which may be written to
    return tensor.to(torch.get_default_dtype()) if tensor.is_floating_point() else tensor


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
    if type(data).__getitem__ is TensorDataset.__getitem__:
        return _TensorBatches(data, batch_size, shuffle, seed, drop_last)
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(data, batch_size, shuffle, drop_last=drop_last, generator=generator)


class _TensorBatches:
    """Its public attributes are those of a DataLoader."""

    def __init__(self, dataset, batch_size, shuffle, seed, drop_last):
        self.dataset = dataset
        self._tensors = dataset.tensors
        self.batch_size = batch_size
        self._shuffle = shuffle
        self.drop_last = drop_last
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self):
        n = len(self._tensors[0])
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self):
        if self._shuffle:
            # A DataLoader draws a seed for its workers before its sampler draws the order, and the sampler draws
            # a second order of which it uses none.
            torch.empty((), dtype=torch.int64, device="cpu").random_(generator=self.generator)
            n = len(self._tensors[0])
            order = torch.randperm(n, generator=self.generator, device="cpu").to(self._tensors[0].device)
            torch.randperm(n, generator=self.generator, device="cpu")
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            end = start + self.batch_size
            if self._shuffle:
                # Not tensor[chosen]: that does the same in twice the time.
                yield tuple(tensor.index_select(0, order[start:end]) for tensor in self._tensors)
            else:
                yield tuple(tensor[start:end] for tensor in self._tensors)
