"""A dataset cut in two."""

import torch

from course_utils import checks
from course_utils.data.tensors import Data


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
