"""The gate for data of one's own: it becomes what the loop takes, or one sentence says what is wanted.

`parts` is for what is trained on, with what it is tested on; `part` for one alone.
"""

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, IterableDataset, Subset, TensorDataset, default_collate

from course_utils import runtime
from course_utils.data import rules
from course_utils.data.rules import Seen, few
from course_utils.data.tensors import Data, as_tensor

_WANTED = "it must be a Dataset of pairs (X, y), a list of them, or a tuple of two arrays (X, y)"
_SAMPLE = 8  # examples looked at of a Dataset that reads them one by one


class Arrays(tuple):
    """Inputs and targets (X, y) as arrays; equal to another if both hold the same two objects."""

    def __eq__(self, other):
        return isinstance(other, Arrays) and all(one is two for one, two in zip(self, other, strict=True))

    def __hash__(self):
        return hash(tuple(map(id, self)))


def pair(given, wanted):
    """(train, test) of the data of an Experiment, without a look at the examples.

    Raises:
        TypeError: it is no such pair; `wanted` ends the sentence.
    """
    if not isinstance(given, tuple | list) or len(given) != 2:
        four = isinstance(given, tuple | list) and len(given) == 4 and all(map(_is_array, given))
        hint = " Four arrays are given as ((X_train, y_train), (X_test, y_test))." if four else ""
        raise TypeError(f"data is {described(given)}: it must be {wanted}.{hint}")
    if all(map(_is_array, given)):
        raise TypeError(
            f"data is a pair of {described(given[0])} and {described(given[1])}, which looks like inputs and targets "
            "(X, y): it must be (train, test), for example (TensorDataset(X, y), TensorDataset(X_test, y_test))."
        )
    for argument, one in zip(("data's train", "data's test"), given, strict=True):
        _refuse_no_dataset(argument, one)
        if is_loader(one):
            raise TypeError(f"{argument} is a {type(one).__name__}, which has batches: give its Dataset, `.dataset`.")
    return tuple(Arrays(one) if _is_table(one) else one for one in given)


def is_loader(given):
    """True if `given` yields batches: a DataLoader, or a list of (X, y) whose X and y have one length above 1."""
    if isinstance(given, list) and given and all(map(_is_pair, given)) and all(_is_array(one) for one in given[0]):
        return all(np.ndim(X) > 1 and np.ndim(y) > 0 and len(X) == len(y) for X, y in given) and any(
            len(y) > 1 for _, y in given
        )
    return not hasattr(given, "__getitem__") or isinstance(given, DataLoader)


def part(given, argument="data", loss_fn=None, dtype=None):
    """One part of the data as the loop takes it; a loader as it is.

    Args:
        given: the part.
        argument: what errors call it.
        loss_fn: one of the learner's own takes targets of any kind.
        dtype: of floats; None for torch's default.

    Returns:
        A `Data` where the examples are at hand, also through Subset, ConcatDataset and lists: floats of `dtype`, class
        numbers int64. Any other Dataset itself; some of its examples are read.

    Raises:
        TypeError: it is no Dataset of pairs of numbers.
        ValueError: it is empty, or breaks a rule.
    """
    return _entered(given, argument, loss_fn, dtype)[0]


def parts(given, loss_fn=None, dtype=None):
    """All parts as `part` gives them, held to what training needs: a list.

    Args:
        given: {what errors call it: the part}, first the one to train on; None stays None.
        loss_fn, dtype: as in `part`.

    Raises:
        TypeError, ValueError: what `part` raises; the first can't be learned from; or another does not suit it.
    """
    made, train = [], None
    for argument, one in given.items():
        entered, seen = (None, None) if one is None else _entered(one, argument, loss_fn, dtype)
        if seen and loss_fn is None:
            if not made:
                train = seen
                _hold(argument, rules.TO_LEARN_FROM, seen)
            elif train:
                _hold(argument, rules.BESIDE, seen, train)
        made.append(entered)
    return made


def as_table(part):
    """`part` for a network by name: inputs as floats, uint8 pictures in 0..1; class numbers [N], other columns [N, 1].

    Raises:
        TypeError: a Dataset that is read one by one has inputs that are no floats.
    """
    if not isinstance(part, Data):
        X, _ = first(part)
        if not (torch.is_tensor(X) and X.is_floating_point()):
            raise TypeError(f"data has inputs of {described(X)}: a network by name takes tensors of floats.")
        return part
    X, y = part.tensors
    if not X.is_floating_point():
        X = X.to(torch.get_default_dtype()) / (255 if X.dtype == torch.uint8 and X.dim() > 2 else 1)
    X, y = (one.view(-1, 1) if one.dim() == 1 and one.is_floating_point() else one for one in (X, y))
    return _data([X, _flat(y)], part)


def first(dataset):
    """(X, y) of the first example. Reading it may draw random numbers (a random crop does): not those of the caller."""
    return runtime.RandomState(0).call(lambda: dataset[0])


def classes_of(dataset):
    """The names of the classes, looked for inside Subset and ConcatDataset too; None if there are none."""
    inner = [dataset.dataset] if isinstance(dataset, Subset) else getattr(dataset, "datasets", ())
    names = getattr(dataset, "classes", None)
    if names is None and len(inner):
        found = {classes_of(one) for one in inner}
        return found.pop() if len(found) == 1 else None
    return tuple(names) if names is not None and len(names) else None


def labels_of(dataset):
    """The class numbers int64 [N] of all examples, without reading them; None where they are not known."""
    if isinstance(dataset, list) or not hasattr(dataset, "__getitem__"):
        return None
    if type(dataset).__getitem__ is TensorDataset.__getitem__:
        y = _flat(dataset.tensors[-1])
        return None if y.is_floating_point() or y.dim() != 1 else y.long()
    if isinstance(dataset, Subset):
        labels = labels_of(dataset.dataset)
        return None if labels is None else labels[list(dataset.indices)]
    if isinstance(dataset, ConcatDataset):
        labels = list(map(labels_of, dataset.datasets))
        return None if any(one is None for one in labels) else torch.cat(labels)
    for name in ("targets", "labels"):
        found = getattr(dataset, name, None)
        if found is not None and getattr(dataset, "target_transform", None) is None and len(found) == len(dataset):
            labels = torch.as_tensor(found)
            return None if labels.is_floating_point() or labels.dim() != 1 else labels.long()
    return None


def source_of(dataset):
    """Where it came from, in words for a figure's title."""
    return getattr(dataset, "source", None) or getattr(getattr(dataset, "dataset", None), "source", "your own data")


def _hold(argument, some_rules, *seen):
    for rule in some_rules:
        if wrong := rule(*seen):
            raise ValueError(f"{argument} {wrong}.")


def _entered(given, argument, loss_fn, dtype):
    """(the part, what the rules see of it or None)."""
    _refuse_no_dataset(argument, given)
    if isinstance(given, DataLoader):
        countable = hasattr(given.dataset, "__len__") and given.collate_fn is default_collate
        return given, _entered(given.dataset, argument, loss_fn, dtype)[1] if countable else None
    if is_loader(given) and not isinstance(given, list):
        return given, None
    if len(given) == 0:
        raise ValueError(f"{argument} is empty: it must hold at least one example.")
    tensors = _tensors(given, argument)
    made = given
    if tensors is None:
        seen = _sample(given, argument)
    else:
        if len(tensors) != 2:
            raise TypeError(f"{argument} has {len(tensors)} tensors: an example must be a pair (X, y).")
        if len(tensors[0]) == 0:
            raise ValueError(f"{argument} is empty: it must hold at least one example.")
        dtype = dtype or torch.get_default_dtype()
        made = _data([_input(tensors[0], dtype), _target(tensors[1], dtype)], given)
        seen = Seen(made.X, _flat(made.y), True, made.classes)
    _hold(argument, rules.ALWAYS if loss_fn is None else (rules.not_finite,), seen)
    return given if is_loader(given) else made, seen


def _data(tensors, like):
    """A `Data` of the tensors, called as `like`; `like` itself if it is one of just these."""
    if isinstance(like, Data) and all(one is two for one, two in zip(tensors, like.tensors, strict=True)):
        return like
    return Data(*tensors, source_of(like), classes_of(like))


def _input(X, dtype):
    return X.to(dtype) if X.is_floating_point() or X.dtype == torch.bool else X


def _target(y, dtype):
    return y.to(dtype) if y.is_floating_point() else y.long()


def _flat(y):
    """Class numbers [N, 1] as [N]; all else as it is."""
    return y.flatten() if y.shape[1:] == (1,) and not y.is_floating_point() else y


def _tensors(given, argument):
    """The tensors behind `given`, looked for inside Subset and ConcatDataset; None where it reads its examples."""
    if _is_table(given):
        X, y = (as_tensor(f"{argument}'s {name}", one) for name, one in zip("Xy", given, strict=True))
        if len(X) != len(y):
            raise ValueError(f"{argument} has {len(X):,} inputs and {len(y):,} targets: they must be as many.")
        return X, y
    if isinstance(given, list | tuple):
        return _stacked(given, argument)
    kind = type(given).__getitem__
    if kind is TensorDataset.__getitem__:
        return given.tensors
    if kind is Subset.__getitem__:
        tensors = _tensors(given.dataset, argument)
        return tensors and [tensor[list(given.indices)] for tensor in tensors]
    if kind is ConcatDataset.__getitem__:
        every = [_tensors(one, argument) for one in given.datasets]
        if all(every) and len({tuple(tensor.shape[1:] for tensor in tensors) for tensors in every}) == 1:
            return [torch.cat(same) for same in zip(*every, strict=True)]
    return None


def _stacked(examples, argument):
    """(X, y) of a list of pairs, or of batches."""
    for place, example in enumerate(examples):
        _refuse_no_pair(argument, example, place)
    columns = [
        [as_tensor(f"{argument}'s {name}", one) for one in column]
        for name, column in zip("Xy", zip(*examples, strict=True), strict=True)
    ]
    join = torch.cat if is_loader(examples) else torch.stack
    for name, column in zip("Xy", columns, strict=True):
        shapes = {tuple(one.shape[1:] if join is torch.cat else one.shape) for one in column}
        if len(shapes) > 1:
            raise ValueError(f"{argument} has examples whose {name} differ in shape: {few(map(list, shapes))}.")
    return [join(column) for column in columns]


def _sample(dataset, argument):
    """What the rules see of a Dataset that reads its examples: some of them, and all labels if they are known.

    Reading may draw random numbers (a random crop does): they are a stream of their own.
    """
    step = max(1, len(dataset) // _SAMPLE)
    places = range(0, min(len(dataset), step * _SAMPLE), step)
    examples = runtime.RandomState(0).call(lambda: [dataset[place] for place in places])
    for place, example in zip(places, examples, strict=True):
        _refuse_no_pair(argument, example, place)
    X, y = ([as_tensor(f"{argument}'s {name}", pair[at]) for pair in examples] for at, name in enumerate("Xy"))
    same = [len({one.shape for one in column}) == 1 for column in (X, y)]
    labels = labels_of(dataset)
    known = labels is not None and all(one.tolist() == labels[at] for at, one in zip(places, y, strict=True))
    targets = labels if known else _target(torch.stack(y) if same[1] else y[0][None], torch.get_default_dtype())
    return Seen(torch.stack(X) if same[0] else None, _flat(targets), known, classes_of(dataset))


def _refuse_no_dataset(argument, given):
    if isinstance(given, IterableDataset):
        raise TypeError(f"{argument} is an IterableDataset, which has no length: {_WANTED}.")
    if is_loader(given) and hasattr(given, "__iter__") and not isinstance(given, set):
        return
    if _is_array(given):
        raise TypeError(f"{argument} is {described(given)} alone, without targets: {_WANTED}.")
    if isinstance(given, str | bytes | dict) or not (hasattr(given, "__getitem__") and hasattr(given, "__len__")):
        raise TypeError(f"{argument} is {described(given)}: {_WANTED}.")


def _refuse_no_pair(argument, example, place):
    mend = "it must be a pair (X, y) of numbers"
    if not _is_pair(example):
        raise TypeError(f"{argument} has {described(example)} for example {place}: {mend}.")
    for name, one in zip("Xy", example, strict=True):
        picture = hasattr(one, "getbands")
        if picture or isinstance(one, str | bytes | dict | None) or callable(one):
            advice = ", for example with torchvision.transforms.ToTensor()" if picture else ""
            raise TypeError(f"{argument} has {described(one)} for {name} of example {place}: {mend}{advice}.")
        if isinstance(one, tuple | list) and any(_is_array(part) and np.ndim(part) for part in one):
            raise TypeError(f"{argument} has {len(one)} arrays for {name} of example {place}: {mend}, one array each.")


def _is_array(one):
    return isinstance(one, torch.Tensor | np.ndarray) or hasattr(one, "to_numpy")


def _is_pair(one):
    return isinstance(one, tuple | list) and len(one) == 2


def _is_table(one):
    """True for inputs and targets (X, y), arrays or lists; two examples as tuples look otherwise."""
    if (
        not isinstance(one, tuple)
        or len(one) != 2
        or not all(_is_array(part) or isinstance(part, list) for part in one)
    ):
        return False
    return any(map(_is_array, one)) or len(one[0]) == len(one[1]) > 2


def described(given):
    """`given` in a few words: what it is, and how large."""
    if _is_array(given):
        return f"a {type(given).__name__} {list(np.shape(given))}"
    if isinstance(given, tuple | list):
        return f"a {type(given).__name__} of {len(given)} {'thing' if len(given) == 1 else 'things'}"
    if given is None or isinstance(given, str | bytes | int | float):
        return repr(given)[:60]
    if isinstance(given, type):
        return f"the class {given.__name__}"
    name = type(given).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
