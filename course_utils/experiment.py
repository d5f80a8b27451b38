"""The course's one noun: an Experiment, and a Run, which is one in progress."""

import dataclasses
import numbers
import sys
import types
import weakref
from collections.abc import Iterable, Mapping

import torch

from course_utils import checks, data, models, optimizers, runtime
from course_utils.training import Trainer, look, steps

MOST_THREADS = 1024  # more than any machine has; torch ends the process when it can't make so many


@dataclasses.dataclass(frozen=True, repr=False)
class Experiment:
    """Everything that decides how a training run goes, as one comparable value; its `repr` is code that runs.

    Attributes:
        data: "mnist", "digits", "regression", "tabular", or your own pair (train, test): Datasets, or arrays
            ((X_train, y_train), (X_test, y_test)); see `data.gate`.
        model: "linear", "mlp", "cnn", or your own class or function that builds an `nn.Module` without arguments.
        hidden, activation, dropout: of "mlp" and "cnn"; your own model ignores them. `dropout` is the share of each
            hidden layer's neurons that a step leaves out, at random.
        optimizer, lr, optimizer_args: as in torch.optim.
        schedule: how the learning rate goes on from step to step: "constant", "step" (after each third of the run a
            tenth), "cosine" (down to 0), "warm-up" (a tenth of the run up from a hundredth, then cosine), "one-cycle"
            (up and down, momentum as it is). `lr` is its highest rate; see `optimizers.SCHEDULES`.
        batch_size, shuffle, epochs: of the training data.
        valid: 0, or how much of the training data to hold out (see `data.split`) and evaluate on after each epoch; of
            your own data the same share of each class. The test data is then looked at once, at the end.
        seed: of initialisation, order of the batches, and dropout.
        threads: of torch; None for `runtime.default_threads()` at the time the run starts.
        changes: (step, name, value) for what is altered after `step` steps: name is "lr" (the schedule goes on, with
            this for its highest rate), "optimizer" (a new one, with PyTorch's default arguments and nothing
            remembered), or an argument of the optimizer.

    Raises:
        TypeError, ValueError: an argument that can't be, when the Experiment is made.
    """

    data: object = "mnist"
    model: object = "mlp"
    hidden: tuple = (128, 256)
    activation: str = "sigmoid"
    dropout: float = 0
    optimizer: str = "SGD"
    lr: float = 0.01
    optimizer_args: dict = dataclasses.field(default_factory=dict)
    schedule: str = "constant"
    batch_size: int = 64
    shuffle: bool = True
    epochs: int = 10
    valid: float = 0
    seed: int = 0
    threads: int | None = None
    changes: tuple = ()

    def __new__(cls, *values, **named):
        for name in named:
            checks.one_of("argument", name, [field.name for field in dataclasses.fields(cls)])
        return super().__new__(cls)

    def __post_init__(self):
        self._set("data", _checked_data(self.data))
        if callable(self.model):
            look.at_factory(self.model)
        else:
            self._set("model", _checked_name(self.model))
        self._set("hidden", _checked_sizes(self.hidden))
        self._set("activation", checks.one_of("activation", self.activation, models.ACTIVATIONS))
        self._set("dropout", checks.share("dropout", self.dropout))
        self._set("optimizer", checks.one_of("optimizer", self.optimizer, optimizers.OPTIMIZERS))
        self._set("lr", checks.positive("lr", self.lr))
        arguments = optimizers.plain(self.optimizer, self.lr, self.optimizer_args)
        self._set("optimizer_args", types.MappingProxyType(arguments))
        self._set("schedule", checks.one_of("schedule", self.schedule, optimizers.SCHEDULES))
        for argument in ("batch_size", "epochs"):
            self._set(argument, checks.whole(argument, getattr(self, argument), least=1))
        self._set("shuffle", checks.flag("shuffle", self.shuffle))
        self._set("valid", _checked_part(self.valid))
        self._set("seed", checks.whole("seed", self.seed, least=0, most=2**32 - 1))
        if self.threads is not None:
            self._set("threads", checks.whole("threads", self.threads, least=1, most=MOST_THREADS))
        self._set("changes", _checked_changes(self.changes, self.optimizer, arguments))

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
        usual = {field.name: field.default for field in dataclasses.fields(self)} | {"optimizer_args": {}}
        short = ["dropout", "optimizer_args", "schedule", "valid", "threads", "changes"]
        if callable(self.model) or self.model == "linear":
            short += ["hidden", "activation"]
        for name in short:
            if values[name] == usual[name]:
                del values[name]
        texts = {name: repr(value) for name, value in values.items()}
        if callable(self.model):
            texts["model"] = name_of(self.model)
        if not isinstance(self.data, str):
            texts["data"] = f"({', '.join(name_of(part) for part in self.data)})"
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
        return self.start(resumable=False).finish()


class Run(Trainer):
    """A Trainer of an Experiment, with its seed, threads and changes: step it, change it half-way, read its history.

    Attributes:
        experiment: the Experiment this run began with; `as_experiment()` adds what was changed since.
        train, held_out: the Datasets that it trains on, and is evaluated on after each epoch.
    """

    def __init__(self, experiment, resumable=True):
        """Load the data and build the model of `experiment`; raises what these raise."""
        self.experiment = experiment
        self._planned = {}  # step: its changes
        for change in experiment.changes:
            self._planned.setdefault(change[0], []).append(change)
        device = runtime.device()
        with runtime.plain_defaults():
            train, valid, test = three_sets(experiment, device)
            random = runtime.RandomState(experiment.seed)
            model = random.call(lambda: build_model(experiment, train)).to(device)
            parameters = model.parameters()
            optimizer = optimizers.build(experiment.optimizer, parameters, experiment.lr, experiment.optimizer_args)
            loader = data.batches(train, experiment.batch_size, experiment.shuffle, experiment.seed)
            super().__init__(model, loader, optimizer, experiment.epochs, valid, test, None, random, resumable)
        self.train, self.held_out = train, test if valid is None else valid
        self._rates = optimizers.Rates(experiment.schedule, experiment.lr, self.total_steps)
        self.history.threads = threads_of(experiment)
        self.history.has_accuracy = not torch.as_tensor(data.gate.first(train)[1]).is_floating_point()

    @property
    def lr(self):
        """The learning rate of the next step, or of the last if it is made."""
        if self.experiment.schedule == "constant":
            return self.optimizer.param_groups[0]["lr"]
        rate = self._rates[min(len(self.history.step_loss), self.total_steps - 1)]
        first, base = self.experiment.lr, self.setting("lr")
        return rate if base == first else rate / first * base

    def setting(self, name):
        """The value that `name`, "lr" or an argument of the optimizer, has now; of lr what the schedule starts from."""
        if name != "lr":
            return self.optimizer.param_groups[0].get(name)
        made = [value for _, what, value in self.history.changes if what == "lr"]
        return made[-1] if made else self.experiment.lr

    def step(self, n=1):
        with runtime.use_threads(self.history.threads), runtime.plain_defaults():
            return super().step(n)

    def change(self, name, value):
        """Change "lr", "optimizer" or an argument of the optimizer before the next step; the history records it.

        A new learning rate is what editing `optimizer.param_groups` does, and a schedule goes on from it; a new
        optimizer starts with PyTorch's default arguments, the learning rate of the old one, and none of its memory.

        Raises:
            TypeError, ValueError: unknown name, or a value that can't be.
        """
        optimizer = type(self.optimizer).__name__
        group = self.optimizer.param_groups[0]
        arguments = {argument: group[argument] for argument in optimizers.argument_names(optimizer)}
        self._apply(_checked_change((len(self.history.step_loss), name, value), optimizer, arguments))

    def as_experiment(self):
        """The Experiment that repeats this run, changes made on the way included."""
        made = tuple(self.history.changes)
        planned = tuple(change for change in self.experiment.changes if change not in made)
        return self.experiment.but(changes=made + planned, threads=self.history.threads)

    def _begin(self, step):
        for change in self._planned.get(step, ()):
            self._apply(change)
        if self.experiment.schedule != "constant":
            rate = self.lr
            for group in self.optimizer.param_groups:
                group["lr"] = rate
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


def _checked_changes(given, optimizer, arguments):
    """`given` as plain Python, in the order of their steps; the run begins with `optimizer` and its `arguments`."""
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"changes is {given!r}: it must hold (step, name, value), one for each change.")
    given = list(given)
    for change in given:
        if not isinstance(change, tuple | list) or len(change) != 3:
            raise ValueError(f"changes holds {change!r}: each must be (step, name, value).")
        checks.whole("changes: step", change[0], least=0)
    made = []
    for change in sorted(given, key=lambda change: change[0]):
        step, name, value = _checked_change(change, optimizer, arguments)
        made.append((step, name, value))
        if name == "optimizer":
            optimizer, arguments = value, {}
        elif name != "lr":
            arguments = {**arguments, name: value}
    return tuple(made)


def _checked_change(change, optimizer, arguments):
    """`change` as plain Python; it is made while `optimizer`, with its `arguments`, is in use."""
    step, name, value = change
    name = checks.one_of("changes: name", name, ["lr", "optimizer", *optimizers.argument_names(optimizer)])
    if name == "optimizer":
        value = checks.one_of("changes: optimizer", value, optimizers.OPTIMIZERS)
    elif name == "lr":
        value = float(checks.finite("changes: lr", value))
        if value < 0:
            raise ValueError(f"changes: lr is {value}: it must be 0 or above.")
        optimizers.plain(optimizer, value, arguments)
    else:
        # Momentum may go while Nesterov stays, which nobody could begin with.
        rest = {} if name == "momentum" else arguments
        value = optimizers.plain(optimizer, 1.0, {**rest, name: value})[name]
        optimizers.check_change(optimizer, arguments, name, value)
    return int(step), name, value


def _checked_name(model):
    try:
        return checks.one_of("model", model, models.NAMES)
    except ValueError as error:
        raise ValueError(f"{error} Or it is your own class, or a function that builds a network.") from None


def _checked_sizes(hidden):
    if isinstance(hidden, numbers.Integral):
        hidden = (hidden,)
    if isinstance(hidden, str | Mapping) or not isinstance(hidden, Iterable):
        raise TypeError(f"hidden is {hidden!r}: it must be a tuple of whole numbers, a size for each hidden layer.")
    return tuple(checks.whole("hidden", size, least=1) for size in hidden)


def _checked_part(valid):
    if isinstance(valid, numbers.Integral):
        return checks.whole("valid", valid, least=0)
    share = checks.finite("valid", valid, "a whole number of examples, or a share of them between 0 and 1")
    if not 0 <= share < 1:
        raise ValueError(f"valid is {valid}: a share must lie between 0 and 1, a number of examples must be whole.")
    return share or 0


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
    """The network of `experiment` for examples like those of `train`, on the CPU, drawn from torch's random state.

    Raises:
        TypeError, ValueError: what a `look` finds in a model of one's own; or it is the same network each time.
    """
    if callable(experiment.model):
        model = look.at_model(experiment.model(), "what model gives")
        look.at_parameters(model)
        _refuse_the_same_again(experiment.model, model)
        look.at_lazy_layers(model, lambda: steps.first_inputs(model, train))
        return model
    shape = tuple(data.gate.first(train)[0].shape)
    e = experiment
    return models.build(e.model, shape, _out_features(train), e.hidden, e.activation, e.dropout)


_built_anew = weakref.WeakValueDictionary()  # id -> what is known to build a new network each time


def _refuse_the_same_again(build, model):
    if _built_anew.get(id(build)) is build:
        return
    other = look.at_model(runtime.on_trial(build), "what model gives")
    trained = {id(parameter) for parameter in model.parameters() if parameter.requires_grad}
    if trained & {id(parameter) for parameter in other.parameters()}:
        raise ValueError(
            f"model gives the same {type(model).__name__} each time, or the same layer in it, so that a run would go "
            "on with what another has learned: it must build all that is trained anew."
        )
    _built_anew[id(build)] = build


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


def name_of(part):
    """What the notebook calls this dataset, model or function, so that a text that names it runs there."""
    if isinstance(part, data.gate.Arrays):
        return f"({', '.join(map(name_of, part))})"
    for name, value in vars(sys.modules["__main__"]).items():
        if value is part and not name.startswith("_"):
            return name
    name = getattr(part, "__qualname__", "<")
    return f"<a {type(part).__name__} without a name>" if "<" in name else name
