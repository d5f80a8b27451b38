"""The course's one noun: an Experiment, and a Run, which is one in progress."""

import dataclasses
import sys
import types

import torch

from course_utils import checks, data, models, optimizers, runtime
from course_utils.training import Trainer


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

    def start(self, resumable=True):
        """A `Run` of this Experiment, before its first step; `resumable` as of a `Trainer`."""
        return Run(self, resumable)

    def run(self):
        """Train from start to end.

        Returns:
            A `History`.
        """
        run = self.start(resumable=False)
        return run.step(run.total_steps)


class Run(Trainer):
    """A Trainer of an Experiment, with its seed, threads and changes: step it, change it half-way, read its history.

    Attributes:
        experiment: the Experiment this run began with; `as_experiment()` adds what was changed since.
    """

    def __init__(self, experiment, resumable=True):
        """Load the data and build the model of `experiment`; raises what these raise."""
        self.experiment = experiment
        self._planned = {}  # step: its changes
        for change in experiment.changes:
            self._planned.setdefault(change[0], []).append(change)
        device = runtime.device()
        train, valid, test = three_sets(experiment, device)
        random = runtime.RandomState(experiment.seed)
        model = random.call(lambda: build_model(experiment, train)).to(device)
        parameters = model.parameters()
        optimizer = optimizers.build(experiment.optimizer, parameters, experiment.lr, experiment.optimizer_args)
        loader = data.batches(train, experiment.batch_size, experiment.shuffle, experiment.seed)
        super().__init__(model, loader, optimizer, experiment.epochs, valid, test, None, random, resumable)
        self.history.threads = threads_of(experiment)
        self.history.has_accuracy = not torch.as_tensor(data.gate.first(train)[1]).is_floating_point()

    @property
    def lr(self):
        """The learning rate of the next step."""
        return self.optimizer.param_groups[0]["lr"]

    def step(self, n=1):
        with runtime.use_threads(self.history.threads):
            return super().step(n)

    def change(self, name, value):
        """Change "lr", "optimizer" or an argument of the optimizer before the next step; the history records it.

        A new learning rate is what editing `optimizer.param_groups` does; a new optimizer starts with
        PyTorch's default arguments, the learning rate of the old one, and none of its memory.

        Raises:
            TypeError, ValueError: unknown name, or a value that can't be.
        """
        change = (len(self.history.step_loss), name, value)
        _check_change(change, type(self.optimizer).__name__)
        self._apply(change)

    def as_experiment(self):
        """The Experiment that repeats this run, changes made on the way included."""
        made = tuple(self.history.changes)
        planned = tuple(change for change in self.experiment.changes if change not in made)
        return self.experiment.but(changes=made + planned, threads=self.history.threads)

    def _begin(self, step):
        for change in self._planned.get(step, ()):
            self._apply(change)
        return super()._begin(step)

    def _apply(self, change):
        _, name, value = change
        if name == "optimizer":
            self.optimizer = optimizers.build(value, self.model.parameters(), self.lr, {})
        else:
            for group in self.optimizer.param_groups:
                group[name] = value
        self.history.changes.append(change)


def _rebuild(arguments):
    return Experiment(**arguments)


def _check_change(change, optimizer):
    """Check `change`, made while `optimizer` is in use; return the optimizer's name after it."""
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
    return data.gate.pair(given, f"one of {', '.join(data.NAMES)}, or a pair of Datasets (train, test)")


def three_sets(experiment, device):
    """(train, valid, test) of `experiment`, a `data.Data` moved to `device`; valid is None if nothing is held out."""
    own = not isinstance(experiment.data, str)
    pair = _checked_parts(experiment) if own else data.load(experiment.data)
    train, test = (part.to(device) if isinstance(part, data.Data) else part for part in pair)
    if not experiment.valid:
        return train, None, test
    return *data.split(train, experiment.valid, stratified=own, argument="valid"), test


def _checked_parts(experiment):
    train, test = experiment.data
    pair = data.gate.parts({"data's train": train, "data's test": test})
    return pair if callable(experiment.model) else map(data.gate.as_table, pair)


def threads_of(experiment):
    """How many threads of torch `experiment` trains with if it starts now."""
    return experiment.threads or runtime.default_threads()


def build_model(experiment, train):
    """The network of `experiment` for examples like those of `train`, on the CPU, drawn from torch's random state."""
    if callable(experiment.model):
        return experiment.model()
    shape = tuple(data.gate.first(train)[0].shape)
    return models.build(experiment.model, shape, _out_features(train), experiment.hidden, experiment.activation)


def _out_features(train):
    classes, labels = data.gate.classes_of(train), data.gate.labels_of(train)
    if classes or labels is not None:
        return len(classes) if classes else int(labels.max()) + 1
    y = torch.as_tensor(data.gate.first(train)[1])
    if y.is_floating_point():
        return y.numel()
    raise ValueError(
        f"data is a {type(train).__name__} without `classes`, so the number of outputs is not known: "
        "give it a list `classes`, or give a model of your own."
    )


def _name_of(part):
    """What the notebook calls this dataset, so that the text of an Experiment runs there."""
    if isinstance(part, data.gate.Arrays):
        return f"({', '.join(map(_name_of, part))})"
    for name, value in vars(sys.modules["__main__"]).items():
        if value is part and not name.startswith("_"):
            return name
    return f"<{type(part).__name__} without a name>"
