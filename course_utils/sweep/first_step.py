"""A network's first step alone, and whether it left everything but the gradients as it was.

A stack calls `forward` once for many networks. That is the same only if a call depends on nothing but parameters,
buffers, inputs and the training mode, and changes nothing.
"""

import inspect
import io
import pickle
import random
import types

import numpy as np
import torch

from course_utils import runtime
from course_utils.sweep.networks import CannotStack
from course_utils.training import train_epoch

_TRIALS = 3  # the numbers may have been drawn by another thread, as Dask's do; a network that draws does so each time
_READ = 2**22  # elements: of a larger tensor only its identity and its version are compared


def first_steps(models, X, y):
    """Let each of `models` make a step alone on the batch (X, y), and evaluate it; random numbers stay as they were.

    Returns:
        (losses [K], gradients {name: [K, *shape]} of the trained parameters, outputs in evaluation mode [K, B, ...],
        how many numbers a network keeps for one example until the way back).

    Raises:
        CannotStack: a step changes more than gradients, or draws random numbers; a parameter has no part in it; or the
            models differ in more than parameters and buffers.
    """
    steps, held = [], None
    for model in models:
        python, *step = _undrawn(model, X, y)
        held = held or python
        if python != held:
            raise CannotStack(f"their networks differ in {_difference(python, held)}")
        steps.append(step)
    losses, gradients, outputs, activations = zip(*steps, strict=True)
    stacked = {name: torch.stack([own[name] for own in gradients]) for name in gradients[0]}
    return torch.tensor(losses, device=X.device), stacked, torch.stack(outputs), activations[0]


def _undrawn(model, X, y):
    """Returns what a first step gives during which nothing drew random numbers."""

    def trial():
        drawn = _drawn(X.device)
        return _first_step(model, X.clone(), y), drawn == _drawn(X.device)

    for _ in range(_TRIALS):
        step, undrawn = runtime.on_trial(trial)
        if undrawn:
            return step
    raise CannotStack("their networks draw random numbers")


def _first_step(model, X, y):
    model.train()
    python, tensors = _python(model), _tensors(model, X)
    known = {tensor.data_ptr() for tensor in (X, *model.parameters())}
    kept = {}

    def note(tensor):
        kept[tensor.data_ptr()] = tensor.numel()
        return tensor.detach()

    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)  # the parameters stay
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss, _ = train_epoch(model, [(X, y)], optimizer)
    model.eval()
    with torch.no_grad():
        outputs = model(X)
    model.train()
    for before, after in ((tensors, _tensors(model, X)), (python, _python(model))):
        if before != after:
            raise CannotStack(f"a step of their networks changes {_difference(before, after)}")
    gradients = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.requires_grad}
    if unused := [name for name, gradient in gradients.items() if gradient is None]:
        raise CannotStack(f"{unused[0]} has no part in their loss")
    optimizer.zero_grad()
    activations = sum(number for pointer, number in kept.items() if pointer not in known) // len(X)
    return python, loss, gradients, outputs, activations


def _difference(before, after):
    """Return the first name whose value differs."""
    return min(name for name in before | after if before.get(name) != after.get(name))


def _drawn(device):
    """Return what changes as soon as torch, Python or NumPy draw a random number."""
    accelerator = torch.get_device_module(device).get_rng_state() if device.type != "cpu" else None
    return _digest([torch.get_rng_state(), accelerator, random.getstate(), np.random.get_state()])


def _tensors(model, X):
    """Return {name: digest} of parameters, buffers and inputs."""
    named = (*model.named_parameters(), *model.named_buffers(), ("its inputs", X))
    return {name: _digest(tensor) for name, tensor in named}


def _python(model):
    """Return {name: digest} of what Python holds for `forward`: attributes, those of classes, globals it names."""
    modules = dict(model.named_modules())
    classes = {cls for module in modules.values() for cls in type(module).__mro__}
    classes = {cls for cls in classes if cls.__module__.split(".")[0] not in ("torch", "builtins")}
    held = {}
    for cls in classes:
        for name, value in vars(cls).items():
            label = "what {}.{} uses" if isinstance(value, types.FunctionType) else "{}.{}"
            held[label.format(cls.__name__, name)] = value
    for path, module in modules.items():
        for name in vars(module).keys() - {"_parameters", "_buffers", "_modules"}:
            held[f"{path}.{name}".lstrip(".")] = vars(module)[name]
    homes = {cls.__module__ for cls in classes}
    return {name: _digest(value, homes) for name, value in held.items()}


def _digest(value, homes=()):
    """Return what is no longer equal once `value`, or something that it holds, has changed."""
    if isinstance(value, bool | int | float | str | None):
        return value
    if isinstance(value, dict) and not value:  # each module has a dozen of them, for hooks
        return {}
    stream = io.BytesIO()
    _Reader(stream, homes).dump(value)
    return hash(stream.getvalue())


class _Reader(pickle.Pickler):
    """Writes down what an object holds, also where pickle would write a name only, or refuse. Nobody reads it back."""

    def __init__(self, stream, homes):
        """Functions of the modules named in `homes` are opened: what they refer to is written down too."""
        super().__init__(stream, protocol=4)
        self._homes = homes

    def reducer_override(self, thing):
        if thing is object:
            return NotImplemented
        if isinstance(thing, torch.Tensor):
            return object, (), self._of_tensor(thing)
        if isinstance(thing, types.FunctionType) and thing.__module__ in self._homes:
            return object, (), self._of_function(thing)
        if isinstance(thing, types.FunctionType | type):
            return object, (), thing.__qualname__
        try:
            reduced = thing.__reduce_ex__(4)
        except Exception:  # a file, a generator: there is no looking inside
            reduced = type(thing).__qualname__
        return (object, (), reduced) if isinstance(reduced, str) else reduced

    def _of_tensor(self, tensor):
        if tensor.numel() > _READ:
            return id(tensor), tensor._version
        content = tensor.detach().cpu().flatten().view(torch.uint8).numpy().tobytes()
        return str(tensor.dtype), tuple(tensor.shape), content

    def _of_function(self, thing):
        nonlocals, named, *_ = inspect.getclosurevars(thing)
        return hash(thing.__code__), thing.__defaults__, thing.__kwdefaults__, vars(thing), nonlocals, named
