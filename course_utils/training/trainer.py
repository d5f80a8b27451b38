"""A Trainer steps a model and keeps what happened; `fit` runs one to its end."""

import functools
import math
import time
import types
import weakref

import torch

from course_utils import checks, runtime
from course_utils.data import gate
from course_utils.training import look, steps
from course_utils.training.history import History


class Trainer:
    """A model in training: step it, stop it, look at it between two steps, read its History.

    However the steps are cut into calls of `step`, the History is the same.

    **Interrupted, it goes on.** When Ctrl-C or an error ends `step`, the step under way is undone: parameters,
    buffers, optimizer, order of the batches and torch's random numbers are as they were before it, and the History
    ends with the step before. The next call makes it again. An evaluation that was interrupted starts anew. So the
    History becomes that of the undisturbed run, to the last bit. This can't be undone, and is done twice: what a
    module or an optimizer keeps outside its parameters, buffers and `optimizer.state`, and draws from any random
    numbers but torch's.

    Attributes:
        model, optimizer: the `nn.Module` and the torch.optim optimizer.
        history: the `History` so far.
        total_steps: steps in all epochs together.
    """

    def __init__(
        self, model, loader, optimizer, epochs=10, valid=None, test=None, loss_fn=None, random=None, resumable=True,
    ):  # fmt: skip
        """Prepare the first step.

        Args:
            model: any `nn.Module`, on the device it is to be trained on.
            loader: an iterable of batches (X, y) with a `len`; gone through once an epoch. Each batch is moved to the
                model's device.
            optimizer: any of torch.optim that needs no closure (LBFGS does), over the model's parameters.
            epochs: how often to go through `loader`.
            valid: a Dataset or whatever else `data.gate.part` takes, evaluated after each epoch, to choose by.
            test: evaluated after each epoch; once, at the end, if there is `valid`.
            loss_fn: maps (logits, y) to the mean loss of the batch; by default cross-entropy for class indices,
                squared error for numbers.
            random: a `runtime.RandomState` that the steps draw from; by default torch's global random numbers.
            resumable: False saves the copies that an interrupted step is undone with, a twentieth of the time or a
                tenth, with Adam; interrupted, the training can't go on.

        Raises:
            TypeError, ValueError: `model` is no module; `epochs` is no whole number of at least 1; `loader` has no
                length or no batch; `optimizer` is none, needs a closure, or holds none of the model's parameters; what
                `data.gate.part` raises.
        """
        look.at_model(model)
        checks.whole("epochs", epochs, least=1)
        steps.check_optimizer(optimizer)
        try:
            count = len(loader)
        except TypeError:
            count = 0
        if not count:
            raise ValueError(f"loader is a {type(loader).__name__} without length or batches: it must have both.")
        look.at_optimizer(model, optimizer, loss_fn)
        look.at_parameters(model)
        dataset, size = getattr(loader, "dataset", None), getattr(loader, "batch_size", None)
        if hasattr(dataset, "__len__") and size:
            inputs = functools.partial(steps.first_inputs, model, dataset)
            look.at_lazy_layers(model, inputs)
            look.at_last_batch(model, inputs, len(dataset), size, loader.drop_last)
        self.model, self.optimizer = model, optimizer
        self.total_steps = count * epochs
        self.history = History(
            steps_per_epoch=count,
            source=gate.source_of(getattr(loader, "dataset", None)),
            threads=torch.get_num_threads(),
            device=str(steps.home_of(model)[0]),
        )
        dtype, held_out = steps.home_of(model)[1], {"valid": valid, "test": test}
        self._valid, self._test = (
            None if part is None else gate.part(part, name, loss_fn, dtype) for name, part in held_out.items()
        )
        self._loader, self._loss_fn = loader, loss_fn
        self._random, self._resumable = random, resumable
        self._stop = False
        self._before = None
        self._batches = None  # the rest of the epoch: an iterator, or None if it must be made
        self._begun = ("nothing", 0), [], None  # what was begun last, and the random states it was begun with
        self._counts = []  # of the epoch: (loss, right predictions, samples) of each step
        self._evaluation = None  # a generator, while `stop` has broken it off
        self._seconds = 0.0  # of the epoch, in earlier calls of `step`

    @property
    def out_of_steps(self):
        """True once there is no step left to make."""
        return len(self.history.step_loss) == self.total_steps or self.history.diverged_at is not None

    @property
    def evaluating(self):
        """True while an epoch has all its steps and its evaluation is under way, or was broken off."""
        made, size = len(self.history.step_loss), self.history.steps_per_epoch
        return len(self.history.seconds) * size < made and (made % size == 0 or self.out_of_steps)

    @property
    def done(self):
        """True once every step is made and evaluated; a loss that is not a finite number is the last."""
        return self.out_of_steps and not self.evaluating

    def step(self, n=1):
        """Train `n` steps, fewer if the end or a call of `stop()` comes first.

        An evaluation that was broken off is brought to its end before them, and 0 steps are that alone.
        A step whose loss is not a finite number ends the training; its epoch is closed with what it has.

        Returns:
            The `History` so far.

        Raises:
            TypeError, ValueError: `n` is no whole number of at least 0; a batch is no pair of tensors.
            ValueError: predictions and targets don't suit each other: their shapes, or too few outputs for the classes.
        """
        checks.whole("n", n, least=0)
        self._stop = False
        self._since = time.perf_counter()
        self.model.train()
        self._home, self._buffers = steps.home_of(self.model), list(self.model.buffers())
        try:
            if self._random:
                self._random.call(lambda: self._steps(n), keep=True)
            else:
                self._steps(n)
        finally:
            self._seconds += time.perf_counter() - self._since
        return self.history

    def finish(self, verbose=False):
        """Train to the end; Ctrl-C ends it with a sentence, and with the History so far.

        Args:
            verbose: True prints a line an epoch.
        """
        records = torch.is_grad_enabled()
        try:
            while not self.done:
                self.step(self.history.steps_per_epoch if verbose else self.total_steps)
                if verbose:
                    print(self.history.line(len(self.history.train_loss) - 1))
        except KeyboardInterrupt:
            torch.set_grad_enabled(records)  # the end of a `no_grad` can be interrupted, too
            made = len(self.history.step_loss)
            del self.history.step_accuracy[made:]
            print(
                f"Interrupted after {made:,} of {self.total_steps:,} steps: the History has "
                f"{len(self.history.train_loss)} whole epochs, and the loss of each step."
            )
        return self.history

    def stop(self):
        """Ask a `step` under way in another thread to return after the step, or evaluated batch, it is at."""
        self._stop = True

    def give_up(self):
        """Let others draw random numbers while a `step` in another thread hangs; that step can't be used any more."""
        if self._random:
            self._random.give_up()

    def _steps(self, n):
        with torch.enable_grad():
            if self.evaluating:
                self._close_epoch()
            for _ in range(n):
                if self._stop or self.out_of_steps:
                    break
                self._one_step()

    def _one_step(self):
        self._undo()  # if even that was interrupted
        history, step = self.history, len(self.history.step_loss)
        self._before = self._state(step) if self._resumable else None
        try:
            count = self._train_on_batch(step)
            loss, right, samples = count
            self._counts[step % history.steps_per_epoch :] = [count]
            history.has_accuracy = not math.isnan(right)
            history.step_accuracy[step:] = [right / samples]
            history.step_loss.append(loss)  # from here on, the step is made
        except BaseException:
            self._undo()
            raise
        if self.evaluating:
            self._close_epoch()

    def _train_on_batch(self, step):
        X, y = steps.ready(self._begin(step), *self._home)
        last_label = 0 if step else self._last_label()
        return steps.train_on(self.model, X, y, self.optimizer, self._loss_fn, last_label)

    def _last_label(self):
        """The highest class number in all data, as far as it is known: the model must have an output for it."""
        data = [getattr(self._loader, "dataset", None), self._valid, self._test]
        known = [gate.labels_of(one) for one in data if one is not None]
        return max((labels.max().item() for labels in known if labels is not None and len(labels)), default=0)

    def _begin(self, step):
        """The batch of step number `step`."""
        epoch, place = divmod(step, self.history.steps_per_epoch)
        if self._batches is None:
            self._go_to(epoch, place)
        try:
            batch = next(self._batches)
        except StopIteration:
            raise ValueError(f"loader has a length of {len(self._loader)} and gave {place} batches.") from None
        if place + 1 == self.history.steps_per_epoch:
            next(self._batches, None)  # a loader may draw random numbers at its end
            self._batches = None
        return batch

    def _go_to(self, epoch, place):
        """Let `_batches` go on with batch number `place` of `epoch`."""
        self._begin_as_before(("training", epoch), self._loader)
        batches = iter(self._loader)
        for _ in range(place):
            next(batches)
        if place:
            runtime.set_random_state(self._before.random)
        self._batches = batches

    def _begin_as_before(self, what, *loaders):
        """If `what` was begun before and interrupted, let the loaders, and torch, draw the same again."""
        generators = [loader.generator for loader in loaders if getattr(loader, "generator", None)]
        if self._begun[0] != what:
            self._begun = what, [one.get_state() for one in generators], runtime.random_state()
            return
        for generator, state in zip(generators, self._begun[1], strict=True):
            generator.set_state(state)
        runtime.set_random_state(self._begun[2])

    def _state(self, step):
        """All that `step` may alter, as it is before it."""
        groups = [dict(group) for group in self.optimizer.param_groups]
        memory = {p: dict(entries) for p, entries in self.optimizer.state.items()}
        tensors = [p for group in groups for p in group["params"] if p.requires_grad] + self._buffers
        tensors += [value for entries in memory.values() for value in entries.values() if torch.is_tensor(value)]
        old = self._before.copies if self._before else {}
        with torch.no_grad():
            copies = {t: old[t].copy_(t) if t in old else t.clone() for t in tensors}
        changes = len(self.history.changes)
        return types.SimpleNamespace(
            step=step,
            changes=changes,
            optimizer=self.optimizer,
            groups=groups,
            memory=memory,
            copies=copies,
            random=runtime.random_state(),
        )

    def _undo(self):
        """Go back to before a step that was begun and not made."""
        before = self._before
        if before is None or before.step < len(self.history.step_loss):
            return
        self.optimizer = before.optimizer
        self.optimizer.state.clear()
        self.optimizer.state.update(before.memory)
        for group, values in zip(self.optimizer.param_groups, before.groups, strict=True):
            group.update(values)
        with torch.no_grad():
            for tensor, copy in before.copies.items():
                tensor.copy_(copy)
        del self.history.changes[before.changes :], self.history.step_accuracy[before.step :]
        runtime.set_random_state(before.random)
        self._batches = None
        self._before = None

    def _close_epoch(self):
        """Evaluate, and write down what the epoch brought, unless `stop` breaks it off."""
        evaluation, self._evaluation = self._evaluation or self._evaluate(), None  # if interrupted, it starts anew
        for _ in evaluation:
            if self._stop:
                self._evaluation = evaluation
                return

    def _evaluate(self):
        """A generator that yields after each batch, and writes at its end."""
        means = {"train": steps.sample_means(self._counts)}
        parts = {"valid": self._valid, "test": self._test if self.out_of_steps or self._valid is None else None}
        loaders = {name: steps.loader_of(part) for name, part in parts.items() if part is not None}
        what = "evaluation", len(self.history.seconds)
        self._begin_as_before(what, *loaders.values())
        for name, loader in loaders.items():
            counts = []
            for count in steps.evaluated(self.model, loader, self._loss_fn):
                counts.append(count)
                yield
            means[name] = steps.sample_means(counts)
        now = time.perf_counter()
        self.history.close_epoch(self._seconds + now - self._since, **means)
        self._seconds, self._since = 0.0, now


_orders = weakref.WeakKeyDictionary()  # model -> the seeds of the orders that `fit` has trained it in


def fit(
    model, train, optimizer, epochs=10, batch_size=64, test=None, valid=None, shuffle=True, seed=0, loss_fn=None,
    verbose=False,
):  # fmt: skip
    """Train `model` for some epochs and evaluate it after each.

    Ctrl-C ends it with a sentence, and with the History so far; a `Trainer` goes on.

    Args:
        model, optimizer, epochs, valid, test, loss_fn: as of a `Trainer`.
        train: a Dataset or whatever else `data.gate.part` takes; or a DataLoader or a list of batches (X, y), which
            have a `batch_size`, `shuffle` and `seed` of their own.
        batch_size: examples in a batch.
        shuffle: True for a new order each epoch, False for that of `train`.
        seed: of that order, the same in each call; dropout and initialisation draw from torch's global state.
        verbose: True prints a line an epoch.

    Returns:
        A `History`.

    Raises:
        TypeError, ValueError: what `Trainer`, its `step` and `data.gate.parts` raise.
    """
    look.at_model(model)
    given = {"train": train, "valid": valid, "test": test}
    train, valid, test = gate.parts(given, loss_fn, steps.home_of(model)[1])
    if shuffle and not gate.is_loader(train):
        used = _orders.setdefault(model, [])
        if used.count(seed) == 1:
            print(f"fit trains this model again with seed {seed}, so in the same order of batches: give another seed.")
        used.append(seed)
    loader = steps.loader_of(train, batch_size, shuffle, seed)
    trainer = Trainer(model, loader, optimizer, epochs, valid, test, loss_fn, resumable=False)
    return trainer.finish(verbose)
