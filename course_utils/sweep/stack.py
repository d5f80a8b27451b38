"""Training a stack: Experiments of one architecture and one batch size, step by step together."""

import itertools
import math
import time

import torch
from torch.utils.data import TensorDataset

from course_utils import data
from course_utils.sweep.mapped_network import MappedNetwork
from course_utils.sweep.networks import refuse_hooks
from course_utils.sweep.stacked_layers import StackedNetwork, stackable
from course_utils.sweep.stacked_optimizers import StackedOptimizer, update_key
from course_utils.training import History, sample_means

_EVALUATED = 2**20  # numbers that a stack of networks makes while it evaluates one batch: what a cache holds


def shuffle_key(experiment):
    """Return what decides the order of its batches: the seed, or -1 where they are not shuffled."""
    return experiment.seed if experiment.shuffle else -1


def side_by_side(models, tensors, batch_size, device):
    """Put `models`, which are alike, side by side: stacked by hand where their layers allow it, else mapped.

    Args:
        tensors: inputs and targets to train on; mapped networks are tried on the first batch.

    Raises:
        CannotStack: neither way gives what each network gives alone.
    """
    for model in models:
        refuse_hooks(model)
    shape = tensors[0].shape[1:]
    if all(stackable(model, shape) for model in models):
        return StackedNetwork(models, shape, device)
    X, y = (tensor[:batch_size].to(device) for tensor in tensors)
    return MappedNetwork(models, X, y, device)


class Stack:
    """Experiments that train together: each has a row in the networks, the optimizers and the histories."""

    def __init__(self, members, models, sets, threads, device):
        """Put the networks side by side, before their first step.

        Args:
            members: (place, Experiment) pairs that agree in batch size and epochs.
            models: the network of each, all alike.
            sets: train, valid (or None) and test, as `TensorDataset`s of inputs and targets.
            threads: that torch computes with, for the histories.
            device: to train on.

        Raises:
            CannotStack: the networks can't be computed together.
        """
        rows = sorted(range(len(members)), key=lambda row: update_key(members[row][1]))  # one update, one slice
        self._places = [members[row][0] for row in rows]
        experiments = [members[row][1] for row in rows]
        self._train, self._valid, self._test = (
            None if part is None else tuple(tensor.to(device) for tensor in part.tensors) for part in sets
        )
        self._batch_size, self._epochs = experiments[0].batch_size, experiments[0].epochs
        self._network = side_by_side([models[row] for row in rows], self._train, self._batch_size, device)
        self._steps = math.ceil(len(self._train[0]) / self._batch_size)
        self._optimizers = []
        for _, same in itertools.groupby(experiments, key=update_key):
            self._optimizers.append(StackedOptimizer(list(same), self._network.values, self._steps * self._epochs))
        # Each order that occurs is drawn once, however many rows follow it.
        orders = {shuffle_key(e): e for e in experiments}
        places = TensorDataset(torch.arange(len(self._train[0]), device=device))
        self._orders = [data.batches(places, len(places), e.shuffle, e.seed) for e in orders.values()]
        self._follows = [list(orders).index(shuffle_key(e)) for e in experiments]
        source = getattr(sets[0], "source", "your own data")
        self._histories = [
            History(
                has_accuracy=not self._train[1].is_floating_point(),
                steps_per_epoch=self._steps,
                source=source,
                threads=threads,
                device=str(device),
            )
            for _ in rows
        ]

    def train(self, progress):
        """Train to the end.

        A run whose loss is not a finite number is evaluated at once and leaves the stack, as `Run` would end it.

        Args:
            progress: a `tqdm` bar that counts epochs.

        Yields:
            (place, History) as they finish.
        """
        for epoch in range(self._epochs):
            self._open_epoch()
            for step in range(self._steps):
                losses = self._step(step)
                progress.update(len(losses) / self._steps)
                lost = [row for row, loss in enumerate(losses) if not math.isfinite(loss)]
                if lost:
                    progress.update(len(lost) * (self._epochs - epoch - (step + 1) / self._steps))
                    self._close_epoch(lost, final=True)
                    yield from ((self._places[row], self._histories[row]) for row in lost)
                    if len(lost) == len(losses):
                        return
                    self._keep([row for row in range(len(losses)) if row not in lost])
            self._close_epoch(range(len(self._places)), final=epoch == self._epochs - 1)
        yield from zip(self._places, self._histories, strict=True)

    def _open_epoch(self):
        orders = torch.stack([indices for loader in self._orders for (indices,) in loader])
        self._order = orders[0] if len(orders) == 1 else orders[self._follows]
        self._counts = []  # of each step: losses [K], right predictions [K], examples in the batch
        self._since, self._seconds = time.perf_counter(), [0.0] * len(self._places)

    def _step(self, step):
        """Train one step and return the losses of all rows."""
        here = self._order[..., step * self._batch_size : (step + 1) * self._batch_size]
        X, y = (tensor.index_select(0, here.flatten()).unflatten(0, here.shape) for tensor in self._train)
        loss, correct = self._network.train_step(X, y)
        at = 0
        for optimizer in self._optimizers:
            rows = slice(at, at + len(optimizer))
            optimizer.step(self._network.values[rows], self._network.gradients[rows])
            at += len(optimizer)
        self._counts.append((loss.tolist(), correct.tolist(), here.shape[-1]))
        return self._counts[-1][0]

    def _close_epoch(self, rows, final):
        """Write down what the epoch brought to `rows`; `final` tells whether it was their last."""
        network = self._network.only(list(rows)) if len(rows) < len(self._network) else self._network
        batch = max(1, min(1000, _EVALUATED // (len(rows) * network.activations)))
        results = {}
        for name, part in (("valid", self._valid), ("test", self._test if final or self._valid is None else None)):
            if part is not None:
                results[name] = network.evaluate(*part, batch_size=batch)
        self._share_time()
        for at, row in enumerate(rows):
            history = self._histories[row]
            counts = [(losses[row], correct[row], size) for losses, correct, size in self._counts]
            history.step_loss += [loss for loss, _, _ in counts]
            history.step_accuracy += [right / size for _, right, size in counts]
            means = {name: (losses[at], accuracies[at]) for name, (losses, accuracies) in results.items()}
            history.close_epoch(self._seconds[row], train=sample_means(counts), **means)

    def _share_time(self):
        """Divide what has passed since the last time among all rows."""
        now = time.perf_counter()
        share = (now - self._since) / len(self._seconds)
        self._seconds = [seconds + share for seconds in self._seconds]
        self._since = now

    def _keep(self, rows):
        """Go on with `rows` only."""
        self._network = self._network.only(rows)
        at, optimizers = 0, []
        for optimizer in self._optimizers:
            theirs = [row - at for row in rows if at <= row < at + len(optimizer)]
            at += len(optimizer)
            if theirs:
                optimizer.keep(theirs)
                optimizers.append(optimizer)
        self._optimizers = optimizers
        if self._order.dim() == 2:
            self._order = self._order[rows]
        self._counts = [([a[row] for row in rows], [b[row] for row in rows], size) for a, b, size in self._counts]
        for name in ("_places", "_histories", "_seconds", "_follows"):
            setattr(self, name, [getattr(self, name)[row] for row in rows])
