"""A dataset cut in two."""

import numbers

import torch
from torch.utils.data import Subset

from course_utils import checks
from course_utils.data import gate
from course_utils.data.tensors import Data


def split(data, held_out, seed=0, stratified=False, argument="held_out"):
    """Cut `data` in two at random, to keep some examples out of training.

    Args:
        data: N examples: whatever `gate.part` takes, a loader excepted.
        held_out: how many to hold out, a whole number in 1..N-1, or their share, a float in 0..1.
        seed: of the choice.
        stratified: True holds out the same share of each class, where the classes are known, and leaves at least one
            example of each for the rest.
        argument: what errors call `held_out`.

    Returns:
        (rest, held_out): two `Data`, or two `Subset`s of a Dataset that reads its examples one by one; the examples in
        the order they had.

    Raises:
        TypeError, ValueError: `data` is nothing that can be cut, or breaks a rule.
        ValueError: nothing, or nothing else, would be held out.
    """
    if gate.is_loader(data):
        raise TypeError(f"data is a {type(data).__name__}, which has batches: give its Dataset.")
    data = gate.part(data)
    n = len(data)
    share = isinstance(held_out, numbers.Real) and not isinstance(held_out, numbers.Integral)
    count = held_out * n if share else checks.whole(argument, held_out, least=1)
    labels = gate.labels_of(data) if stratified else None
    most = n - (1 if labels is None else len(labels.unique()))
    if not 0 < count < n or not 0 < (count := round(count)) <= most:
        can = f"1 to {most:,}" if most else "none"
        raise ValueError(f"{argument} is {held_out}: of {n:,} examples {can} can be held out.")
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed), device="cpu")
    chosen = order[:count] if labels is None else _of_each_class(order, labels, count)
    held = torch.zeros(n, dtype=torch.bool, device="cpu")
    held[chosen] = True
    return tuple(_taken(data, places.nonzero().flatten()) for places in (~held, held))


def _taken(data, places):
    if isinstance(data, Data):
        return Data(*(tensor[places] for tensor in data.tensors), data.source, data.classes)
    return Subset(data, places.tolist())


def _of_each_class(order, labels, count):
    """The places of `count` examples, the first of each class in `order`; all classes give about the same share."""
    found, sizes = labels.unique(return_counts=True)
    wanted = sizes * (count / len(labels))
    numbers = wanted.floor().long()
    while numbers.sum() < count:
        lacking = torch.where(numbers < sizes - 1, wanted - numbers, -torch.inf)
        numbers[lacking.argmax()] += 1
    ordered = labels[order]
    return torch.cat([order[ordered == label][:number] for label, number in zip(found, numbers, strict=True)])
