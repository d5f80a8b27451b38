"""The course's one noun: an Experiment, and a Run, which is one in progress."""

import dataclasses
import math
import sys
import time
import types

import torch

from course_utils import checks, data, models, optimizers, runtime
from course_utils.training import History, close_epoch, train_steps

__all__ = ["Experiment", "History", "Run"]


@dataclasses.dataclass(frozen=True, repr=False)
class Experiment:
    """Everything that decides how a training run goes, as one comparable value; its `repr` is code that runs.

    Attributes:
        data: "mnist", "digits", "regression", "tabular", or your own pair of Datasets (train, test).
        model: "linear", "mlp", "cnn", or your own class or function that builds an `nn.Module` without arguments.
        hidden, activation: of "mlp" and "cnn"; your own model ignores them.
        optimizer, lr, optimizer_args: as in torch.optim.
        batch_size, shuffle, epochs: of the training data.
        valid: 0, or how much of the training data to hold out (see `data.split`) and evaluate on after each epoch.
            The test data is then looked at once, at the end.
        seed: of initialisation, order of the batches, and dropout.
        threads: of torch; None for `runtime.default_threads()` at the time the run starts.
        changes: (step, name, value) for what is altered after `step` steps: name is "lr", "optimizer" (a new one,
            with PyTorch's default arguments and nothing remembered), or an argument of the optimizer.

    Raises:
        TypeError, ValueError: an argument that can't be, when the Experiment is made.
    """

    data: object = "mnist"
    model: object = "mlp"
    hidden: tuple = (128, 256)
    activation: str = "sigmoid"
    optimizer: str = "SGD"
    lr: float = 0.01
    optimizer_args: dict = dataclasses.field(default_factory=dict)
    batch_size: int = 64
    shuffle: bool = True
    epochs: int = 10
    valid: float = 0
    seed: int = 0
    threads: int | None = None
    changes: tuple = ()

    def __post_init__(self):
        self._set("data", _checked_data(self.data))
        if not callable(self.model):
            checks.one_of("model", self.model, models.NAMES)
        self._set("hidden", tuple(checks.whole("hidden", size, least=1) for size in self.hidden))
        checks.one_of("activation", self.activation, models.ACTIVATIONS)
        optimizers.check(self.optimizer, self.lr, self.optimizer_args)
        self._set("optimizer_args", types.MappingProxyType(dict(self.optimizer_args)))
        for argument in ("batch_size", "epochs"):
            self._set(argument, checks.whole(argument, getattr(self, argument), least=1))
        if self.valid != 0:
            checks.positive("valid", self.valid)
        checks.whole("seed", self.seed, least=0)
        if self.threads is not None:
            checks.whole("threads", self.threads, least=1)
        self._set("changes", tuple(tuple(change) for change in self.changes))
        optimizer = self.optimizer
        for change in self.changes:
            optimizer = _check_change(change, optimizer)

    def _set(self, name, value):
        object.__setattr__(self, name, value)

    def __hash__(self):
        return hash((str(self.data), str(self.model), self.optimizer, self.lr, self.seed, self.changes))

    def __reduce__(self):
        # A mapping proxy can't be pickled; the plain dict it wraps can.
        return _rebuild, (self._arguments(),)

    def _arguments(self):
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return values | {"optimizer_args": dict(self.optimizer_args)}

    def __repr__(self):
        values = self._arguments()
        if callable(self.model) or self.model == "linear":
            del values["hidden"], values["activation"]
        for name, unset in (("optimizer_args", {}), ("valid", 0), ("threads", None), ("changes", ())):
            if values[name] == unset:
                del values[name]
        texts = {name: repr(value) for name, value in values.items()}
        if callable(self.model):
            texts["model"] = getattr(self.model, "__qualname__", repr(self.model))
        if not isinstance(self.data, str):
            texts["data"] = f"({', '.join(_name_of(part) for part in self.data)})"
        return f"Experiment({', '.join(f'{name}={text}' for name, text in texts.items())})"

    def but(self, **changed):
        """The same Experiment with some values changed, for example `e.but(lr=0.1)`.

        Raises:
            TypeError, ValueError: unknown name, or a value that can't be.
        """
        for name in changed:
            checks.one_of("argument", name, self._arguments())
        return Experiment(**(self._arguments() | changed))

    def start(self):
        """A `Run` of this Experiment, before its first step."""
        return Run(self)

    def run(self):
        """Train from start to end.

        Returns:
            A `History`.
        """
        run = self.start()
        run.step(run.total_steps)
        return run.history


class Run:
    """An Experiment in progress, without a user interface: step it, change it half-way, read its history.

    However the steps are cut into calls, the losses are the same.

    Attributes:
        experiment: the Experiment this run began with; `as_experiment()` adds what was changed since.
        history: the `History` so far.
        model, optimizer: the `nn.Module` and the torch.optim optimizer.
        has_accuracy: is there one, that is, are the targets classes and not numbers?
        step_accuracy: of the batch of each step, a fraction, before the update; NaN where there is none.
    """

    def __init__(self, experiment):
        self.experiment = experiment
        device = runtime.device()
        train, self._valid, self._test = three_sets(experiment, device)
        self.has_accuracy = not torch.as_tensor(train[0][1]).is_floating_point()
        self.step_accuracy = []
        self._threads = experiment.threads or runtime.default_threads()
        self._random = runtime.RandomState(experiment.seed)
        self._draws = True  # does a step draw random numbers (dropout)? The first one tells.
        with self._random:
            self.model = build_model(experiment, train).to(device)
        self.optimizer = optimizers.build(
            experiment.optimizer, self.model.parameters(), experiment.lr, experiment.optimizer_args
        )
        self._optimizer_name = experiment.optimizer
        self._loader = data.batches(train, experiment.batch_size, experiment.shuffle, experiment.seed)
        self.steps_per_epoch = len(self._loader)
        self._planned = list(experiment.changes)
        self._stop = False
        self._evaluation = None  # of the epoch that has just ended: a generator, while it is not through
        self._open_epoch()
        self.history = History(
            source=getattr(train, "source", "your own data"), threads=self._threads, device=str(device)
        )

    @property
    def total_steps(self):
        """Steps in all epochs together."""
        return self.steps_per_epoch * self.experiment.epochs

    @property
    def done(self):
        """Is the last epoch over, or was there a loss that is not a finite number, and is all evaluated?"""
        return self.at_end and not self.evaluating

    @property
    def at_end(self):
        """Is there no step left to make?"""
        return len(self.history.steps) == self.total_steps or self.history.diverged_at is not None

    @property
    def evaluating(self):
        """Is an evaluation at the end of an epoch under way, or broken off by `stop()`?"""
        return self._evaluation is not None

    @property
    def lr(self):
        """The learning rate of the next step."""
        return self.optimizer.param_groups[0]["lr"]

    def step(self, n=1):
        """Train `n` steps, fewer if the end or a call of `stop()` comes first.

        An evaluation that `stop()` broke off is brought to its end before them, and 0 steps are that alone.
        A step whose loss is not a finite number ends the run; its epoch is closed with what it has.

        Returns:
            The `History` so far.

        Raises:
            TypeError, ValueError: `n` is no whole number of at least 0.
        """
        checks.whole("n", n, least=0)
        self._stop = False
        self._since = time.perf_counter()
        with runtime.use_threads(self._threads):
            if self.evaluating:
                self._evaluate()
            for _ in range(n):
                if self.done or self._stop:
                    break
                self._one_step()
        self._seconds += time.perf_counter() - self._since
        return self.history

    def stop(self):
        """Ask a `step` under way in another thread to return after the step, or evaluated batch, it is at."""
        self._stop = True

    def change(self, name, value):
        """Change "lr", "optimizer" or an argument of the optimizer before the next step; the history records it.

        A new learning rate is what editing `optimizer.param_groups` does; a new optimizer starts with
        PyTorch's default arguments, the learning rate of the old one, and none of its memory.

        Raises:
            TypeError, ValueError: unknown name, or a value that can't be.
        """
        change = (len(self.history.steps), name, value)
        _check_change(change, self._optimizer_name)
        self._apply(change)

    def as_experiment(self):
        """The Experiment that repeats this run, changes made on the way included."""
        return self.experiment.but(changes=tuple(self.history.changes) + tuple(self._planned), threads=self._threads)

    def _one_step(self):
        step = len(self.history.steps)
        while self._planned and self._planned[0][0] <= step:
            self._apply(self._planned.pop(0))
        count = self._next_count()
        self._counts.append(count)
        self.step_accuracy.append(count[1] / count[2])
        self.history.steps.append(count[0])
        if not math.isfinite(count[0]):
            self.history.diverged_at = step
        if self.at_end or len(self._counts) == self.steps_per_epoch:
            test = self._test if self.at_end or self._valid is None else None
            self._evaluation = close_epoch(self.history, self.model, self._counts, self._valid, test, None)
            self._evaluate()

    def _evaluate(self):
        for _ in self._evaluation:
            if self._stop:
                return
        self._evaluation = None
        self.history.seconds.append(self._seconds + time.perf_counter() - self._since)
        self._open_epoch()

    def _next_count(self):
        if not self._draws:
            return next(self._steps)
        before = self._random.copy()
        with self._random:
            count = next(self._steps)
        self._draws = not torch.equal(before, self._random.copy())
        return count

    def _open_epoch(self):
        self._counts, self._seconds, self._since = [], 0.0, time.perf_counter()
        self._batches = iter(self._loader)
        self._steps = train_steps(self.model, self._batches, self.optimizer)

    def _apply(self, change):
        _, name, value = change
        if name == "optimizer":
            self.optimizer = optimizers.build(value, self.model.parameters(), self.lr, {})
            self._optimizer_name = value
            self._steps = train_steps(self.model, self._batches, self.optimizer)
        else:
            for group in self.optimizer.param_groups:
                group[name] = value
        self.history.changes.append(change)


def _rebuild(arguments):
    return Experiment(**arguments)


def _check_change(change, optimizer):
    """Nothing wrong with `change` while `optimizer` is in use: the name of the optimizer after it."""
    if len(change) != 3:
        raise ValueError(f"changes holds {change!r}: each must be (step, name, value).")
    step, name, value = change
    checks.whole("changes: step", step, least=0)
    allowed = ["lr", "optimizer", *optimizers.argument_names(optimizer)]
    checks.one_of("changes: name", name, allowed)
    if name == "optimizer":
        return checks.one_of("changes: optimizer", value, optimizers.OPTIMIZERS)
    if name == "lr":
        checks.positive("changes: lr", value)
    else:
        optimizers.check(optimizer, 1.0, {name: value})
    return optimizer


def _checked_data(given):
    if isinstance(given, str):
        return checks.one_of("data", given, data.NAMES)
    if isinstance(given, tuple | list) and len(given) == 2 and all(hasattr(part, "__getitem__") for part in given):
        return tuple(given)
    raise TypeError(
        f"data is {given!r}: it must be one of {', '.join(data.NAMES)}, or a pair of Datasets (train, test)."
    )


def three_sets(experiment, device):
    """(train, valid, test) of `experiment`, a `data.Data` moved to `device`; valid is None if nothing is held out."""
    pair = data.load(experiment.data) if isinstance(experiment.data, str) else experiment.data
    train, test = (part.to(device) if isinstance(part, data.Data) else part for part in pair)
    if not experiment.valid:
        return train, None, test
    return *data.split(train, experiment.valid), test


def build_model(experiment, train):
    """The network of `experiment` for examples like those of `train`, on the CPU, drawn from torch's random state."""
    if callable(experiment.model):
        return experiment.model()
    shape = tuple(train[0][0].shape)
    return models.build(experiment.model, shape, _out_features(train), experiment.hidden, experiment.activation)


def _out_features(train):
    classes, y = getattr(train, "classes", None), train[0][1]
    if classes:
        return len(classes)
    if torch.is_tensor(y) and y.is_floating_point():
        return y.numel()
    if isinstance(train, torch.utils.data.TensorDataset):
        return int(train.tensors[1].max()) + 1
    raise ValueError(
        f"data is a {type(train).__name__} without `classes`, so the number of outputs is not known: "
        "give it a list `classes`, or give a model of your own."
    )


def _name_of(part):
    """What the notebook calls this dataset, so that the text of an Experiment runs there."""
    for name, value in vars(sys.modules["__main__"]).items():
        if value is part and not name.startswith("_"):
            return name
    return f"<{type(part).__name__} without a name>"
