"""The steps that make up training and evaluation, and both once through the data."""

import math

import torch
from torch.nn import functional as F

from course_utils.data import batches

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
        ValueError: predictions and numeric targets differ in shape, so that the loss would broadcast them.
    """
    device = device_of(model)
    model.train()
    return sample_means(train_on(model, X.to(device), y.to(device), optimizer, loss_fn) for X, y in loader)


def evaluate(model, data, batch_size=EVALUATION_BATCH, loss_fn=None):
    """Mean loss and accuracy of `model` over `data`, without touching it.

    Averages over samples, so a smaller last batch weighs no more than its share.

    Args:
        model: maps images [B, 1, 28, 28] to logits [B, classes], or inputs [B, ...] to numbers.
        data: a Dataset, or a DataLoader to take the batches from.
        batch_size: of the Dataset's batches; changes speed and memory, not the result beyond rounding.
        loss_fn: as of a `Trainer`.

    Returns:
        (loss, accuracy): floats; the accuracy a fraction in 0..1, NaN where the target is a number.

    Raises:
        ValueError: `data` is empty.
    """
    return sample_means(evaluated(model, loader_of(data, batch_size), loss_fn))


def sample_means(counts):
    """Means over samples of (mean loss, right predictions, samples), one triple a batch.

    Returns:
        (loss, accuracy): floats.
    """
    loss = right = samples = 0
    for batch_loss, batch_right, batch_samples in counts:
        loss += batch_loss * batch_samples
        right += batch_right
        samples += batch_samples
    return loss / samples, right / samples


def train_on(model, X, y, optimizer, loss_fn):
    """One step: (mean loss, right predictions, samples) of the batch just before the update."""
    logits = model(X)
    loss = _loss(loss_fn, logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), _right(logits, y), len(y)


def evaluated(model, loader, loss_fn):
    """Yield (mean loss, right predictions, samples) of each batch, the model left in the mode it was in."""
    device = device_of(model)
    for X, y in loader:
        X, y = X.to(device), y.to(device)
        was_training = model.training  # restored after each batch, so callers see the mode unchanged
        model.eval()
        try:
            with torch.no_grad():
                logits = model(X)
                loss = _loss(loss_fn, logits, y).item()
        finally:
            model.train(was_training)
        yield loss, _right(logits, y), len(y)


def device_of(model):
    """Where the parameters of `model` are."""
    return next(model.parameters()).device


def loader_of(data, batch_size=EVALUATION_BATCH, shuffle=False, seed=0):
    """Batches of a Dataset; a DataLoader as it is."""
    return batches(data, batch_size, shuffle, seed) if hasattr(data, "__getitem__") else data


def _loss(loss_fn, logits, y):
    if y.is_floating_point() and logits.shape != y.shape:
        raise ValueError(
            f"predictions are {list(logits.shape)} and targets {list(y.shape)}: broadcasting would compare each with "
            "each. Give both one shape, for example with y.view(-1, 1)."
        )
    if loss_fn is None:
        loss_fn = F.mse_loss if y.is_floating_point() else F.cross_entropy
    return loss_fn(logits, y)


def _right(logits, y):
    return math.nan if y.is_floating_point() else (logits.argmax(1) == y).sum().item()
