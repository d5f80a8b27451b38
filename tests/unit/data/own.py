"""Data of one's own in small, and ways to train on them."""

import types

import torch
from torch import nn
from torch.utils.data import Dataset, IterableDataset, TensorDataset

from course_utils.data import Data
from course_utils.experiment import Experiment
from course_utils.training import fit

N = 60
X = torch.rand(N, 5, generator=torch.Generator().manual_seed(0))
Y = torch.arange(N) % 3
GOOD = TensorDataset(X, Y)
NAMED = Data(X, Y, "mine", ("a", "b", "c"))


class Own(Dataset):
    """Reads its examples one by one, by a function of the place."""

    def __init__(self, get, n=N, **attributes):
        self.get, self.n = get, n
        vars(self).update(attributes)

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return self.get(i)


class Endless(IterableDataset):
    def __iter__(self):
        yield from zip(X, Y, strict=True)


def frame(array):
    """A table as pandas and polars have them."""
    return types.SimpleNamespace(to_numpy=lambda: array, shape=array.shape, __len__=None)


def one_by_one(i):
    return X[i], int(Y[i])


def with_targets(y):
    return TensorDataset(X, y)


def three_outputs():
    return nn.Linear(5, 3)


def trained(train, test=GOOD, model=three_outputs, **more):
    """The History of an Experiment with these parts."""
    return Experiment(data=(train, test), model=model, batch_size=16, epochs=1, **more).run()


def fitted(train, outputs=3, **more):
    torch.manual_seed(0)
    model = nn.Linear(5, outputs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return fit(model, train, optimizer, epochs=1, batch_size=16, shuffle=False, **more)
