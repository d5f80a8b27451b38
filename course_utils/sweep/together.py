"""Many Experiments at once: those that share architecture and batches train as one stack."""

from torch.utils.data import TensorDataset

from course_utils import runtime
from course_utils.experiment import Experiment, build_model, three_sets
from course_utils.sweep.stack import Stack, order_of
from course_utils.sweep.stacked_layers import StackedNetwork, stackable
from course_utils.sweep.stacked_optimizers import kind

_QUICK = 2 * 2**20  # bytes of parameters in a stack on a CPU: with more, each step waits for memory


def sweep(experiments, memory=2**30):
    """Train many Experiments, as `Experiment.run()` would, in a fraction of the time.

    Experiments that agree in data, model, batch size, epochs, held-out data and threads train together, whatever their
    optimizers, learning rates and seeds. They can if the data are tensors, nothing is changed on the way, and the model
    is built of the layers that `stacked_layers.stackable` names; all others are trained one by one.

    Results equal those of `run()` up to rounding, which training amplifies: the first steps agree to six digits, the
    end of a long run in what one may conclude from it.

    Ctrl-C (in a notebook: the stop button) ends it: a sentence says how many are finished, and the rest are None.

    Args:
        experiments: a list of them, in any order; it may be empty.
        memory: bytes that the networks of one stack may take; a stack that would need more is split, and says so.

    Returns:
        A list of `History`, one for each Experiment, in the order given. `seconds` are each run's share of the time
        that its stack took.

    Raises:
        TypeError: something in `experiments` is none.
        ValueError: what `run()` raises for one that can't be trained.
    """
    experiments = _checked(experiments)
    histories = [None] * len(experiments)
    if not experiments:
        return histories
    groups = {}
    for place, experiment in enumerate(experiments):
        groups.setdefault(_key(experiment), []).append((place, experiment))
    total = sum(experiment.epochs for experiment in experiments)
    try:
        label = f"{len(experiments)} experiments"
        with runtime.progress_bar(total, label, bar_format="{l_bar}{bar}| {elapsed}<{remaining}") as progress:
            for group in groups.values():
                for place, history in _train_group(group, memory, progress):
                    histories[place] = history
            progress.update(total - progress.n)  # a sum of parts may lack the last bit
    except KeyboardInterrupt:
        finished = sum(history is not None for history in histories)
        print(f"Interrupted: {finished} of {len(histories)} experiments are finished, the other histories are None.")
    return histories


def _checked(experiments):
    if isinstance(experiments, Experiment):
        raise TypeError("experiments is a single Experiment: it must be a list of them.")
    experiments = list(experiments)
    for place, experiment in enumerate(experiments):
        if not isinstance(experiment, Experiment):
            raise TypeError(f"experiments[{place}] is {experiment!r}: it must be an Experiment.")
    return experiments


def _key(experiment):
    """What must agree for two Experiments to train in one stack."""
    e = experiment
    given = e.data if isinstance(e.data, str) else tuple(id(part) for part in e.data)
    model = id(e.model) if callable(e.model) else (e.model, e.hidden, e.activation)
    return given, model, e.batch_size, e.epochs, e.valid, _threads(e), bool(e.changes)


def _threads(experiment):
    return experiment.threads or runtime.default_threads()


def _train_group(group, memory, progress):
    """Train (place, Experiment) pairs that have one `_key`; yields (place, History) as they finish."""
    first = group[0][1]
    alone = []
    if len(group) == 1 or first.changes:
        alone = group
    else:
        with runtime.use_threads(_threads(first)):
            for stack in _stacks(group, memory, alone, progress):
                yield from stack.train(progress)
    if len(alone) > 1:
        progress.write(f"{len(alone)} experiments train one by one, which takes longer: {_why_alone(first)}.")
    for place, experiment in alone:
        yield place, _train_alone(experiment, progress)


def _why_alone(experiment):
    if experiment.changes:
        return "they change something on the way"
    return "their data are no tensors, or their models differ or are no Sequential of layers that can be stacked"


def _train_alone(experiment, progress):
    run = experiment.start()
    while not run.done:
        run.step(run.steps_per_epoch)
        progress.update(1)
    progress.update(experiment.epochs - len(run.history.train_loss))
    return run.history


def _stacks(group, memory, alone, progress):
    """Cut `group` into `Stack`s, each made when asked for; members that fit into none are added to `alone`."""
    device = runtime.device()
    sets = three_sets(group[0][1], device)
    # Those with one order of batches side by side: they share what is fetched. Then those that share an update.
    waiting = sorted(group, key=lambda member: (order_of(member[1]), kind(member[1])))
    members, models, likeness = [], [], None
    for place, experiment in waiting:
        with runtime.RandomState(experiment.seed):
            model = build_model(experiment, sets[0])
        text = str(model)  # it names every layer with all its sizes
        if likeness is None and _fit(model, sets):
            likeness, size = text, _size(model, sets, group, memory, progress)
        if text != likeness or not _fit(model, sets):
            alone.append((place, experiment))
            continue
        members.append((place, experiment))
        models.append(model)
        if len(models) == size:
            yield Stack(members, models, sets, _threads(experiment), device)
            members, models = [], []
    if models:
        yield Stack(members, models, sets, _threads(experiment), device)


def _fit(model, sets):
    """Can a stack train networks like `model` on these three sets?"""
    parts = [part for part in sets if part is not None]
    if not all(isinstance(part, TensorDataset) and len(part.tensors) == 2 and len(part) for part in parts):
        return False
    X = sets[0].tensors[0]
    if not stackable(model, X.shape[1:]) or next(model.parameters()).dtype != X.dtype:
        return False
    network = StackedNetwork([model], X.shape[1:], "cpu")
    return all(_predicts(network, part, X) for part in parts)


def _predicts(network, part, like):
    X, y = part.tensors
    if X.shape[1:] != like.shape[1:] or X.dtype != like.dtype:
        return False
    if y.is_floating_point():
        return y.shape[1:] == network.shape and y.dtype == X.dtype
    return y.dim() == 1 and len(network.shape) == 1 and y.min() >= 0 and y.max() < network.shape[0]


def _size(model, sets, group, memory, progress):
    """How many networks like `model` to train together, at least 1."""
    X = sets[0].tensors[0]
    network = StackedNetwork([model], X.shape[1:], "cpu")
    row = network.values.nbytes
    made = X.element_size() * (X[0].numel() + network.cells) * min(group[0][1].batch_size, len(X))
    # Parameters, gradients, at most three memories of the optimizer and two results on the way; and for each number
    # read or made on the way forward about one more on the way back.
    room = max(1, memory // (7 * row + 2 * made))
    quick = max(1, _QUICK // row) if runtime.device().type == "cpu" else len(group)
    if room < min(quick, len(group)):
        progress.write(f"{len(group)} experiments train in stacks of {room}, to stay within {memory / 2**20:,.3g} MiB.")
    return min(room, quick)
