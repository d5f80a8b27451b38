"""The steps that make up training and evaluation, and both once through the data."""

import inspect
import math

import torch
from torch.nn import functional as F

from course_utils import runtime
from course_utils.data import batches, gate, rules
from course_utils.data.tensors import as_tensor
from course_utils.training import look

EVALUATION_BATCH = 200  # with 1,000 a CNN takes twice as long, an MLP a tenth less


def train_epoch(model, loader, optimizer, loss_fn=None):
    """Train once through `loader`: forward, loss, backward, update for each batch.

    Args:
        model: any `nn.Module`; it is put into training mode.
        loader: an iterable of (X, y); each batch is moved to the model's device.
        optimizer, loss_fn: as of a `Trainer`.

    Returns:
        (loss, accuracy): means over the samples, each taken just before the step that used it.

    Raises:
        TypeError: a batch is no pair of tensors; `optimizer` is none, or takes a closure.
        ValueError: there is no batch; predictions and targets don't suit each other.
    """
    look.at_model(model)
    check_optimizer(optimizer)
    look.at_optimizer(model, optimizer, loss_fn)
    home = home_of(model)
    model.train()
    return sample_means(train_on(model, *ready(batch, *home), optimizer, loss_fn) for batch in loader)


def evaluate(model, data, batch_size=EVALUATION_BATCH, loss_fn=None):
    """Mean loss and accuracy of `model` over `data`, without touching it.

    Averages over samples, so a smaller last batch weighs no more than its share.

    Args:
        model: maps images [B, 1, 28, 28] to logits [B, classes], or inputs [B, ...] to numbers.
        data: a Dataset or whatever else `data.gate.part` takes, or a loader or list to take batches (X, y) from.
        batch_size: of the Dataset's batches; changes speed and memory, not the result beyond rounding.
        loss_fn: as of a `Trainer`.

    Returns:
        (loss, accuracy): floats; the accuracy is the right answers divided by the number of targets, in 0..1; NaN where
        the target is a number, or the model has no choice of classes for each target.

    Raises:
        TypeError, ValueError: `data` is nothing that can be used (see `data.gate.part`), or gives no batch; predictions
            and targets don't suit each other.
    """
    look.at_model(model)
    data = gate.part(data, "data", loss_fn, home_of(model)[1])
    return sample_means(evaluated(model, loader_of(data, batch_size), loss_fn))


def sample_means(counts):
    """Means over samples of (mean loss, right predictions, samples), one triple a batch.

    Returns:
        (loss, accuracy): floats.

    Raises:
        ValueError: there is none.
    """
    loss = right = samples = 0
    for batch_loss, batch_right, batch_samples in counts:
        loss += batch_loss * batch_samples
        right += batch_right
        samples += batch_samples
    if not samples:
        raise ValueError("the loader gave no batch: with drop_last, a batch must not be larger than the data.")
    return loss / samples, right / samples


def train_on(model, X, y, optimizer, loss_fn, last_label=0):
    """One step: (mean loss, right predictions, samples) of the batch just before the update.

    Raises:
        ValueError: predictions and targets don't suit each other, or there is no output for the class `last_label`.
    """
    logits = _outputs(model, X, trains=True)
    loss = _loss(loss_fn, logits, y, last_label)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), _right(logits, y), len(y)


def evaluated(model, loader, loss_fn):
    """Yield (mean loss, right predictions, samples) of each batch, the model left in the mode it was in."""
    home = home_of(model)
    for batch in loader:
        X, y = ready(batch, *home)
        with look.evaluating(model), torch.no_grad():  # for this batch alone: callers see the modes unchanged
            logits = _outputs(model, X)
            loss = _loss(loss_fn, logits, y).item()
        yield loss, _right(logits, y), len(y)


def home_of(model):
    """(device, dtype of floats) of the parameters and buffers of `model`: the CPU, torch's default if it has none."""
    tensors = (tensor for every in (model.parameters(), model.buffers()) for tensor in every)
    first = next((tensor for tensor in tensors if tensor.is_floating_point()), None)
    return (torch.device("cpu"), torch.get_default_dtype()) if first is None else (first.device, first.dtype)


def ready(batch, device, dtype):
    """(X, y) of a batch as a model on `device` with parameters of `dtype` takes them; class numbers are int64.

    Raises:
        TypeError: it is no pair of tensors.
    """
    if not isinstance(batch, tuple | list) or len(batch) != 2:
        what = f"{len(batch)} things" if isinstance(batch, tuple | list) else f"a {type(batch).__name__}"
        raise TypeError(f"a batch is {what}: it must be a pair (X, y) of tensors.")
    X, y = (as_tensor(f"a batch's {name}", one) for name, one in zip("Xy", batch, strict=True))
    if not y.dim():
        raise TypeError("a batch has a single target: give batches, X [B, ...] and y [B, ...].")
    return X.to(device, dtype if X.is_floating_point() else None), y.to(
        device, dtype if y.is_floating_point() else torch.int64
    )


def first_inputs(model, dataset):
    """Inputs [B, …] of the first two examples, as `model` takes them; reading them moves no random numbers."""
    batch = runtime.on_trial(lambda: next(iter(batches(dataset, 2))))
    return ready(batch, *home_of(model))[0]


def loader_of(data, batch_size=EVALUATION_BATCH, shuffle=False, seed=0):
    """Batches of a Dataset; a loader, or a list of batches, as it is."""
    return data if gate.is_loader(data) else batches(data, batch_size, shuffle, seed)


def check_optimizer(optimizer):
    """Raise unless `optimizer` is one whose `step()` needs no closure.

    Raises:
        TypeError: it is none, or LBFGS.
    """
    if not hasattr(optimizer, "param_groups"):
        raise TypeError(
            f"optimizer is {gate.described(optimizer)}: it must be an optimizer over the model's parameters, as in "
            "torch.optim.SGD(model.parameters(), lr=0.1)."
        )
    closure = inspect.signature(optimizer.step).parameters.get("closure")
    if closure is not None and closure.default is inspect.Parameter.empty:
        raise TypeError(
            f"optimizer is {type(optimizer).__name__}, which computes the loss several times a step, by a closure: "
            "take one that does not, such as SGD or Adam, or write the loop yourself."
        )


def _outputs(model, X, trains=False):
    try:
        return look.at_outputs(model(X), trains)
    except RuntimeError as error:
        told = str(error).split("\n")[0]
        if "shape" in told or "size" in told:
            raise ValueError(f"the model can't take a batch X of {list(X.shape)}: {told[:300]}.") from error
        if X.is_floating_point() or "type" not in told:
            raise
        raise TypeError(
            f"X is {str(X.dtype)[6:]}, and the model wants floats: give X.float(), pictures as X / 255."
        ) from error


def _loss(loss_fn, logits, y, last_label=0):
    if y.is_floating_point() and logits.shape != y.shape:
        raise ValueError(
            f"predictions are {list(logits.shape)} and targets {list(y.shape)}: broadcasting would compare each with "
            "each. Give both one shape, for example with y.view(-1, 1)."
        )
    if loss_fn is not None:
        return _own_loss(loss_fn, logits, y)
    if y.is_floating_point():
        return F.mse_loss(logits, y)
    if y.shape == (len(y), 1) and logits.dim() == 2:
        y = y.flatten()
    if logits.dim() < 2 or logits.shape[:1] + logits.shape[2:] != y.shape:
        raise ValueError(
            f"predictions are {list(logits.shape)} and class numbers {list(y.shape)}: predictions must have one more "
            "axis, the second, with a logit for each class."
        )
    if last_label >= logits.shape[1]:
        raise ValueError(_too_few(logits, last_label))
    try:
        return F.cross_entropy(logits, y)
    except IndexError as error:
        raise ValueError(_too_few(logits, y.max().item())) from error


def _own_loss(loss_fn, logits, y):
    if isinstance(loss_fn, type) or not callable(loss_fn):
        raise TypeError(f"loss_fn is {gate.described(loss_fn)}: it must map (logits, y) to a loss, as F.mse_loss does.")
    loss = loss_fn(logits, y)
    if not torch.is_tensor(loss) or loss.numel() != 1:
        raise TypeError(f"loss_fn gave {gate.described(loss)}: it must give one number, the mean loss of the batch.")
    return loss


def _too_few(logits, label):
    count = logits.shape[1]
    mend = f"it needs {label + 1} or more" + (", or y.float() to predict numbers" if count == 1 else "")
    return f"the model has {count} output{'s' if count > 1 else ''}, and there is the label {label}: {mend}."


def _right(logits, y):
    """Right predictions in the batch, counted in samples: one whose targets are right in part counts in part."""
    if y.is_floating_point() or logits.dim() < 2 or logits.shape[1] < 2:
        return math.nan
    guesses = logits.argmax(1)
    if y.shape == (len(y), 1) and guesses.dim() == 1:
        y = y.flatten()
    if guesses.shape != y.shape:
        return math.nan
    right = (guesses == y).sum().item()
    return right if y.dim() == 1 else right * len(y) / max(1, (y != rules.IGNORED).sum().item())
