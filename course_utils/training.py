"""The training loop of the lessons: train on batches, evaluate, and both over several epochs."""

import dataclasses
import math
import time

import torch
from torch.nn import functional as F

from course_utils import checks
from course_utils.data import batches

EVALUATION_BATCH = 200  # with 1,000 a CNN takes twice as long, an MLP a tenth less


@dataclasses.dataclass(eq=False)
class History:
    """What happened while a model was trained. Losses in nats (classes) or squared units (numbers).

    Two histories are equal if everything but the seconds is, to the last bit (and NaN equals NaN).

    Attributes:
        train_loss, train_accuracy: one float an epoch, means over the samples *while* training, when each
            batch met a slightly different model. Accuracies are fractions in 0..1, NaN where the target is a number.
        valid_loss, valid_accuracy: after each epoch, where there is a validation set.
        test_loss, test_accuracy: after each epoch; once, at the end, where there is a validation set.
        steps: the loss of each step, one float a batch.
        changes: (step, name, value) for each setting altered on the way.
        diverged_at: the step whose loss was the first not to be a finite number, or None. Training stops there.
        source: the data's, for titles.
        threads, device: what it was computed with.
        seconds: wall-clock time of each epoch, evaluation included.
    """

    train_loss: list = dataclasses.field(default_factory=list)
    train_accuracy: list = dataclasses.field(default_factory=list)
    valid_loss: list = dataclasses.field(default_factory=list)
    valid_accuracy: list = dataclasses.field(default_factory=list)
    test_loss: list = dataclasses.field(default_factory=list)
    test_accuracy: list = dataclasses.field(default_factory=list)
    steps: list = dataclasses.field(default_factory=list)
    changes: list = dataclasses.field(default_factory=list)
    diverged_at: int | None = None
    source: str = ""
    threads: int = 0
    device: str = "cpu"
    seconds: list = dataclasses.field(default_factory=list)

    def __eq__(self, other):
        if not isinstance(other, History):
            return NotImplemented
        # The repr of a float is exact, and that of NaN equals itself.
        return repr(vars(self) | {"seconds": None}) == repr(vars(other) | {"seconds": None})

    def __repr__(self):
        return "\n".join(self.lines()) or "no epoch finished yet"

    def lines(self):
        """One line an epoch, for reading."""
        return [self.line(epoch) for epoch in range(len(self.train_loss))]

    def line(self, epoch):
        """What epoch number `epoch` (from 0) brought, in one line."""
        parts = []
        for name in ("train", "valid", "test"):
            losses, accuracies = getattr(self, f"{name}_loss"), getattr(self, f"{name}_accuracy")
            at = epoch
            if name == "test" and self.valid_loss:
                at = epoch - len(self.train_loss) + len(losses)  # looked at once, after the last epoch
            if 0 <= at < len(losses):
                accuracy = "" if math.isnan(accuracies[at]) else f", accuracy {accuracies[at]:6.1%}"
                parts.append(f"{name}: loss {losses[at]:.4g}{accuracy}")
        return f"epoch {epoch + 1:2d}  " + "  ".join(parts)


def train_steps(model, loader, optimizer, loss_fn=None):
    """Train on every batch of `loader`: forward, loss, backward, update.

    A generator: each `next` trains on one batch, so that a caller can look, or alter the learning rate, between
    two steps.

    Args:
        model: any `nn.Module`; it is put into training mode.
        loader: an iterable of (X, y); each batch is moved to the model's device.
        optimizer: any of torch.optim over the model's parameters.
        loss_fn: maps (logits, y) to the mean loss of the batch; by default cross-entropy for class indices,
            squared error for numbers.

    Yields:
        (loss, correct, samples): the batch's mean loss *before* the update, how many of its predictions were
        right (NaN where the target is a number), and its size.

    Raises:
        ValueError: predictions and numeric targets differ in shape, so that the loss would broadcast them.
    """
    device = next(model.parameters()).device
    model.train()
    for X, y in loader:
        X, y = X.to(device), y.to(device)
        logits = model(X)
        loss = _loss(loss_fn, logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item(), _correct(logits, y), len(y)


def train_epoch(model, loader, optimizer, loss_fn=None):
    """Train once through `loader`.

    Args:
        As `train_steps`.

    Returns:
        (loss, accuracy): means over the samples, each taken just before the step that used it.
    """
    return sample_means(train_steps(model, loader, optimizer, loss_fn))


def evaluate(model, data, batch_size=EVALUATION_BATCH, loss_fn=None):
    """Mean loss and accuracy of `model` over `data`, without touching it.

    Averages over samples, so a smaller last batch weighs no more than its share.

    Args:
        model: maps images [B, 1, 28, 28] to logits [B, classes], or inputs [B, ...] to numbers.
        data: a Dataset, or a DataLoader to take the batches from.
        batch_size: of the Dataset's batches; changes speed and memory, not the result beyond rounding.
        loss_fn: as in `train_steps`.

    Returns:
        (loss, accuracy): floats; the accuracy a fraction in 0..1, NaN where the target is a number.

    Raises:
        ValueError: `data` is empty.
    """
    return sample_means(_evaluated(model, _loader(data, batch_size), loss_fn))


def fit(
    model, train, optimizer, epochs=10, batch_size=64, test=None, valid=None, shuffle=True, seed=0, loss_fn=None,
    verbose=False,
):  # fmt: skip
    """Train `model` for some epochs and evaluate it after each.

    Args:
        model: any `nn.Module`, on the device it is to be trained on.
        train: a Dataset, or a DataLoader (then `batch_size`, `shuffle` and `seed` are the loader's business).
        optimizer: any of torch.optim, over the model's parameters.
        epochs: how often to go through `train`.
        batch_size: examples in a batch.
        test: evaluated after each epoch; where there is `valid`, once at the end.
        valid: evaluated after each epoch, to choose by.
        shuffle: a new order each epoch?
        seed: of that order; dropout and initialisation draw from torch's global state.
        loss_fn: as in `train_steps`.
        verbose: print a line an epoch?

    Returns:
        A `History`.

    Raises:
        TypeError, ValueError: an argument that can't be; an optimizer that holds none of the model's parameters.
    """
    checks.whole("epochs", epochs, least=1)
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not any(id(p) in held for p in model.parameters()):
        raise ValueError("optimizer holds none of the model's parameters: build it with model.parameters().")
    loader = _loader(train, batch_size, shuffle, seed)
    device = str(next(model.parameters()).device)
    history = History(source=getattr(train, "source", ""), threads=torch.get_num_threads(), device=device)
    for epoch in range(epochs):
        start = time.perf_counter()
        counts = []
        for count in train_steps(model, loader, optimizer, loss_fn):
            counts.append(count)
            history.steps.append(count[0])
            if not math.isfinite(count[0]):
                history.diverged_at = len(history.steps) - 1
                break
        last = epoch == epochs - 1 or history.diverged_at is not None
        for _ in close_epoch(history, model, counts, valid, test if last or valid is None else None, loss_fn):
            pass
        history.seconds.append(time.perf_counter() - start)
        if verbose:
            print(history.line(epoch))
        if last:
            break
    return history


def close_epoch(history, model, counts, valid, test, loss_fn):
    """Write down what one epoch brought: the means of `counts`, and `model` evaluated on what is not None.

    A generator, so that a caller who wants to stop need not wait for all of it: it yields after each batch
    evaluated, and writes at its end.
    """
    results = {"train": sample_means(counts)}
    for name, data in (("valid", valid), ("test", test)):
        if data is not None:
            evaluated = []
            for count in _evaluated(model, _loader(data, EVALUATION_BATCH), loss_fn):
                evaluated.append(count)
                yield
            results[name] = sample_means(evaluated)
    for name, (loss, accuracy) in results.items():
        getattr(history, f"{name}_loss").append(loss)
        getattr(history, f"{name}_accuracy").append(accuracy)


def sample_means(counts):
    """Means over samples of (mean loss, correct, samples), one triple a batch.

    Returns:
        (loss, accuracy): floats.
    """
    loss = correct = samples = 0
    for batch_loss, batch_correct, batch_samples in counts:
        loss += batch_loss * batch_samples
        correct += batch_correct
        samples += batch_samples
    return loss / samples, correct / samples


def _evaluated(model, loader, loss_fn):
    device = next(model.parameters()).device
    for X, y in loader:
        X, y = X.to(device), y.to(device)
        was_training = model.training  # batch by batch: whoever looks between two finds the model as it was
        model.eval()
        try:
            with torch.no_grad():
                logits = model(X)
                loss = _loss(loss_fn, logits, y).item()
        finally:
            model.train(was_training)
        yield loss, _correct(logits, y), len(y)


def _loader(data, batch_size, shuffle=False, seed=0):
    is_dataset = hasattr(data, "__getitem__")
    return batches(data, batch_size, shuffle, seed) if is_dataset else data


def _loss(loss_fn, logits, y):
    if y.is_floating_point() and logits.shape != y.shape:
        raise ValueError(
            f"predictions are {list(logits.shape)} and targets {list(y.shape)}: broadcasting would compare each with "
            "each. Give both one shape, for example with y.view(-1, 1)."
        )
    if loss_fn is None:
        loss_fn = F.mse_loss if y.is_floating_point() else F.cross_entropy
    return loss_fn(logits, y)


def _correct(logits, y):
    return math.nan if y.is_floating_point() else (logits.argmax(1) == y).sum().item()
