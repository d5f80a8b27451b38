"""Many Experiments at once: those that share architecture and batches train as one stack."""

import contextlib
import functools
import math
import types

import torch
from torch.utils.data import TensorDataset

from course_utils import runtime
from course_utils.data import gate, load
from course_utils.experiment import build_model, threads_of, three_sets
from course_utils.sweep import workers
from course_utils.sweep.grid import Histories, Missing, spread
from course_utils.sweep.networks import RAISED, CannotStack
from course_utils.sweep.stack import Stack, shuffle_key, side_by_side
from course_utils.sweep.stacked_optimizers import update_key

_CHANGES = "they change something on the way"
_QUICK = 2 * 2**20  # bytes of parameters in a stack on a CPU: with more, each step waits for the memory


def sweep(experiments, memory=2**30, executor=None, **axes):
    """Train many Experiments, as `Experiment.run()` would, in a fraction of the time.

    `sweep(base, lr=[0.01, 0.1], seed=range(3))` trains the grid of all six combinations; its results can be had as an
    array: `sweep(…).array("valid_accuracy")` is [2, 3].

    Experiments that agree in data, model, batch size, epochs, held-out data and threads train together, whatever their
    optimizers, learning rates and seeds. They can if the data are tensors, nothing is changed on the way, and the model
    computes its outputs from nothing but inputs, parameters and buffers, and changes none of them. All others train one
    by one, and a sentence says why.

    Results equal those of `run()` up to rounding, which training amplifies: the first steps agree to six digits, the
    end of a long run in what one may conclude from it.

    With an `executor` its workers train, each a part of those that could train together. A model and data of one's own
    may come from a notebook. A worker that dies costs a retry. Results are equal to the last bit where stacks are cut
    alike, which one worker does; else up to rounding.

    All are looked at before the first trains. Ctrl-C (in a notebook: the stop button) ends it, and so does what a model
    of one's own raises for that one experiment: a sentence says what is finished, the rest are `Missing`.

    Args:
        experiments: a list of them, in any order; it may be empty. With `axes`: one, or a list as the first axis.
        memory: bytes that the networks of one stack may take; a stack that would need more is split, and says so.
        executor: of `concurrent.futures`, which includes `client.get_executor()` of Dask. Give it a thread for each
            worker; processes are best started by "spawn".
        axes: arguments of an Experiment, each with a list of the values to try.

    Returns:
        `Histories`, a list with one `History` for each Experiment: in the order given, or in that of nested loops over
        the axes, the last one innermost. `seconds` are each run's share of the time that its stack took.

    Raises:
        TypeError: something in `experiments` is none, or an axis is no list; or `executor` is none, or a model or data
            can't be sent to it.
        RuntimeError: `executor` was shut down.
        ValueError: an axis is empty or named like no argument of an Experiment; or what `run()` raises for one that
            can't be trained.
    """
    experiments, shape = spread(experiments, axes)
    histories = Histories(
        [Missing(f"experiments[{place}] was not finished.") for place in range(len(experiments))], shape
    )
    if not experiments:
        return histories
    groups, errors = {}, {}
    for place, experiment in enumerate(experiments):
        groups.setdefault(_key(experiment), []).append((place, experiment))
    total = sum(experiment.epochs for experiment in experiments)
    records = torch.is_grad_enabled()
    try:
        if executor is not None:
            workers.check(executor)
        sources = [runtime.on_trial(functools.partial(_look, *group[0])) for group in groups.values()]
        label = f"{len(experiments)} experiments"
        with runtime.progress_bar(total, label, bar_format="{l_bar}{bar}| {elapsed}<{remaining}") as progress:
            way = (list(groups.values()), memory, progress, errors)
            done = _train_here(*way) if executor is None else _train_elsewhere(*way, sources, executor)
            # Threads share torch's defaults, so they are set before and taken back after all of them.
            with torch.enable_grad(), runtime.plain_defaults(), contextlib.closing(done):
                for place, history in done:
                    histories[place] = history
            progress.update(total - progress.n)  # a sum of parts may lack the last bit
    except KeyboardInterrupt:
        torch.set_grad_enabled(records)  # the end of a `no_grad` can be interrupted, too
        finished = sum(map(bool, histories))
        print(f"Interrupted: {finished} of {len(histories)} experiments are finished, the others have no History.")
    if errors and not any(histories):
        raise next(iter(errors.values()))
    for place, error in errors.items():
        print(f"experiments[{place}] was not finished and has no History. {type(error).__name__}: {error}")
    return histories


def _look(place, experiment):
    """Raise, before anything is trained, if `experiment` can't be: it is built, and makes a step that nobody keeps.

    Returns:
        Where its data come from.
    """
    try:
        run = experiment.start(resumable=False)
        if callable(experiment.model):
            run.step()
    except (TypeError, ValueError) as error:
        raise type(error)(f"experiments[{place}] can't be trained. {error}") from error
    return run.history.source


def _key(experiment):
    """What must agree for two Experiments to train in one stack."""
    e = experiment
    model = id(e.model) if callable(e.model) else (e.model, e.hidden, e.activation, e.dropout)
    return _data_key(e.data), model, e.batch_size, e.epochs, e.valid, threads_of(e), bool(e.changes)


def _data_key(data):
    """What tells whether two Experiments have the same data: their names, or who they are."""
    return data if isinstance(data, str) else tuple(p if isinstance(p, gate.Arrays) else id(p) for p in data)


def _train_here(groups, memory, progress, errors):
    """Train lists of (place, Experiment) pairs, each with one `_key`; yields (place, History) as they finish.

    What goes wrong is kept in `errors`, by the place of the experiment, or of the first that it concerns.
    """
    for group in groups:
        try:
            yield from _train_group(group, memory, progress, errors)
        except RAISED as error:  # by the learner's model: what is finished is kept
            errors[group[0][0]] = error


def _train_elsewhere(groups, memory, progress, errors, sources, executor):
    """As `_train_here`, by the workers of `executor`; `sources` say of each group where its data come from."""
    parts, pieces, shared = [], [], {}
    for group, source in zip(groups, sources, strict=True):
        try:
            cut = _parts(group, workers.width(executor), memory, progress)
        except RAISED as error:  # as above
            errors[group[0][0]] = error
            continue
        data = shared.setdefault(_data_key(group[0][1].data), group[0][1].data)
        for part in cut:
            # The data, which many have in common, travel apart from them.
            bare = [(place, e.but(data="digits", threads=threads_of(e))) for place, e in part]
            parts.append(part)
            pieces.append((data, (bare, memory, source)))
    for part, outcome in workers.hand_out(executor, _train_part, pieces, progress.write):
        members = parts[part]
        if isinstance(outcome, Exception):
            errors[members[0][0]] = outcome
        else:
            found, wrong, said = outcome
            for sentence in said:
                progress.write(sentence)
            errors.update(wrong)
            yield from found
        progress.update(sum(experiment.epochs for _, experiment in members))


def _parts(group, number, memory, progress):
    """Cut a group into what a worker trains at a time, the stacks of `_stacks` or smaller: at least `number` parts."""
    first, size = group[0][1], 1
    if len(group) > 1 and not first.changes:
        device = runtime.device()
        with runtime.use_threads(threads_of(first)):
            sets = three_sets(first, device)
            model = runtime.RandomState(first.seed).call(functools.partial(build_model, first, sets[0]))
            try:
                size = _size(model, sets, group, memory, progress, device)
            except CannotStack as why:
                _say_alone(group, why, progress)
    elif len(group) > 1:
        _say_alone(group, _CHANGES, progress)
    size = min(size, math.ceil(len(group) / number))
    ordered = sorted(group, key=_stack_order)
    return [ordered[start : start + size] for start in range(0, len(group), size)]


def _say_alone(members, why, progress):
    if len(members) > 1:
        progress.write(f"{len(members)} experiments train one by one, which takes longer: {why}.")


def _train_part(data, part):
    """Train a part of a group, where an executor wants it; returns ([(place, History)], {place: error}, sentences)."""
    bare, memory, source = part
    members = [(place, experiment.but(data=data)) for place, experiment in bare]
    if isinstance(data, str) and (found := load(data)[0].source) != source:
        raise ValueError(
            f"a worker has other data for {data!r}: {found}, and the notebook has {source}. "
            "Let COURSE_DATA name a folder there that holds the same."
        )
    histories, errors, said = [], {}, []
    progress = types.SimpleNamespace(update=lambda epochs: None, write=said.append)
    for pair in _train_here([members], memory, progress, errors):
        histories.append(pair)
    return histories, {place: workers.sendable(error) for place, error in errors.items()}, said


def _stack_order(member):
    """One order of batches side by side: they share what is fetched. Then those that share an update."""
    return shuffle_key(member[1]), update_key(member[1])


def _train_group(group, memory, progress, errors):
    """Train (place, Experiment) pairs that have one `_key`; yields (place, History) as they finish.

    What one raises that trains alone is kept in `errors`, by its place.
    """
    first = group[0][1]
    alone = {}  # why: who trains one by one
    if len(group) == 1:
        alone[""] = group
    elif first.changes:
        alone[_CHANGES] = group
    else:
        with runtime.use_threads(threads_of(first)):
            for stack in _stacks(group, memory, alone, progress):
                yield from stack.train(progress)
    for why, members in alone.items():
        _say_alone(members, why, progress)
        for place, experiment in members:
            try:
                history = _train_alone(experiment, progress)
            except RAISED as error:
                errors[place] = error
            else:
                yield place, history


def _train_alone(experiment, progress):
    run = experiment.start(resumable=False)
    while not run.done:
        run.step(run.history.steps_per_epoch)
        progress.update(1)
    progress.update(experiment.epochs - len(run.history.train_loss))
    return run.history


def _stacks(group, memory, alone, progress):
    """Cut `group` into `Stack`s, each made when asked for; the others are added to `alone`, by the reason."""
    device = runtime.device()
    sets = three_sets(group[0][1], device)
    waiting = sorted(group, key=_stack_order)
    members, models, likeness = [], [], None
    for place, experiment in waiting:
        model = runtime.RandomState(experiment.seed).call(functools.partial(build_model, experiment, sets[0]))
        if likeness is None:
            likeness = str(model)  # it names every layer with all its sizes
            try:
                size = _size(model, sets, group, memory, progress, device)
            except CannotStack as why:
                alone[str(why)] = waiting
                return
        if str(model) != likeness:
            alone.setdefault("their networks differ", []).append((place, experiment))
            continue
        members.append((place, experiment))
        models.append(model)
        if len(models) == size:
            yield from _stack(members, models, sets, device, alone)
            members, models = [], []
    if models:
        yield from _stack(members, models, sets, device, alone)


def _stack(members, models, sets, device, alone):
    """Yield the `Stack` of `members`, if there can be one; it takes over what is in `models`."""
    try:
        stack = Stack(members, models, sets, threads_of(members[0][1]), device)
    except CannotStack as why:
        alone.setdefault(str(why), []).extend(members)
    else:
        models.clear()  # the stack holds their parameters
        yield stack


def _size(model, sets, group, memory, progress, device):
    """Return how many networks like `model` to train together, at least 1.

    Raises:
        CannotStack: they can't train together, whatever their number.
    """
    parts = [part for part in sets if part is not None]
    if not all(isinstance(part, TensorDataset) and len(part.tensors) == 2 and len(part) for part in parts):
        raise CannotStack("their data are no tensors")
    X = sets[0].tensors[0]
    batch = min(group[0][1].batch_size, len(X))
    network = side_by_side([model], sets[0].tensors, batch, device)
    if not all(_predicts(network, part, X) for part in parts):
        raise CannotStack("their networks do not suit the data")
    row = network.nbytes
    made = X.element_size() * (X[0].numel() + network.activations) * batch
    # Parameters, gradients, at most three memories of the optimizer and two results on the way; and for each number
    # read or made on the way forward about one more on the way back.
    room = max(1, memory // (7 * row + 2 * made))
    quick = max(1, _QUICK // row) if device.type == "cpu" else len(group)
    if room < min(quick, len(group)):
        progress.write(f"{len(group)} experiments train in stacks of {room}, to stay within {memory / 2**20:,.3g} MiB.")
    return min(room, quick)


def _predicts(network, part, like):
    """Can a stack of networks like `network` train on `part`, or be evaluated on it?"""
    (X, y), kind = part.tensors, network.values.dtype
    if X.shape[1:] != like.shape[1:] or X.dtype != like.dtype or (X.is_floating_point() and X.dtype != kind):
        return False
    if y.is_floating_point():
        return y.shape[1:] == network.shape and y.dtype == kind
    return y.dim() == 1 and len(network.shape) == 1 and y.min() >= 0 and y.max() < network.shape[0]
