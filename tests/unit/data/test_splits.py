"""A dataset cut in two: all of it, nothing twice, the same again."""

import pytest
import torch
from torch.utils.data import Dataset, Subset

from course_utils import data


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


def test_the_parts_that_the_lessons_rest_on():
    """They must not move: figures in the lessons come from them."""
    rest, held_out = data.split(data.digits()[0], 0.2)
    order = torch.randperm(1437, generator=torch.Generator().manual_seed(0))
    chosen = order[:287].sort().values
    assert held_out.X.equal(data.digits()[0].X[chosen]) and len(rest) == 1150


class Read(Dataset):
    """Examples read one by one, 20 of the first class and one of each other."""

    classes, source = ("a", "b", "c"), "mine"
    targets = (0,) * 20 + (1, 2)

    def __len__(self):
        return 22

    def __getitem__(self, i):
        return torch.tensor([float(i)]), self.targets[i]


def test_a_dataset_that_is_read_one_by_one():
    rest, held_out = data.split(Read(), 0.5, seed=1)
    assert isinstance(rest, Subset) and len(rest) == len(held_out) == 11
    assert sorted([*rest.indices, *held_out.indices]) == list(range(22)) and rest.indices == sorted(rest.indices)


@pytest.mark.parametrize("seed", range(5))
def test_stratified_it_holds_out_the_same_share_of_each_class(seed):
    _, held_out = data.split(Read(), 0.3, seed, stratified=True)
    assert len(held_out) == 7 and max(held_out.indices) < 20  # a lone example stays to be trained on
    labels = torch.arange(300) % 3 * (torch.arange(300) % 2)  # 200, 50, 50
    part = data.Data(torch.rand(300, 1), labels, "mine")
    rest, held_out = data.split(part, 0.1, seed, stratified=True)
    assert held_out.y.bincount().tolist() == [20, 5, 5] and rest.y.bincount().tolist() == [180, 45, 45]
    assert not held_out.X.equal(data.split(part, 0.1, seed + 1, stratified=True)[1].X)


def test_stratified_it_leaves_one_of_each_class():
    rest, held_out = data.split(Read(), 19, stratified=True)
    assert len(held_out) == 19 and sorted(Read.targets[i] for i in rest.indices) == [0, 1, 2]
    with pytest.raises(ValueError, match="held_out is 20: of 22 examples 1 to 19 can be held out"):
        data.split(Read(), 20, stratified=True)
    lone = data.Data(torch.rand(3, 1), torch.arange(3), "mine")
    with pytest.raises(ValueError, match="of 3 examples none can be held out"):
        data.split(lone, 1, stratified=True)


def test_numbers_to_predict_are_split_as_ever():
    part = data.regression()[0]
    assert data.split(part, 0.2)[1].X.equal(data.split(part, 0.2, stratified=True)[1].X)


def test_what_has_batches_is_not_split():
    with pytest.raises(TypeError, match="data is a DataLoader, which has batches: give its Dataset"):
        data.split(torch.utils.data.DataLoader(Read()), 2)
