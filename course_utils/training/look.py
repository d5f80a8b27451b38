"""One look at a model: when it is built, before its first step, and at each output. A rule is one function."""

import inspect

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.parameter import is_lazy


def at_model(model, argument="model"):
    """Return `model`.

    Raises:
        TypeError: it is no `nn.Module`.
    """
    if isinstance(model, nn.Module):
        return model
    if model is None:
        raise TypeError(f"{argument} is None: a function that builds a network ends with `return` and the network.")
    if isinstance(model, type):
        raise TypeError(f"{argument} is the class {model.__name__}: it must be a network, {model.__name__}().")
    raise TypeError(f"{argument} is a {type(model).__name__}: it must be an nn.Module.")


def at_factory(build):
    """Raise unless `build` is a class or function that builds a network without arguments; it isn't called.

    Raises:
        TypeError: it is a network already, or wants arguments.
    """
    if isinstance(build, nn.Module):
        raise TypeError(
            f"model is a network, a {type(build).__name__}: it must be what builds one, since each run begins with a "
            f"new one: the class, or a function such as `lambda: {type(build).__name__}(…)`."
        )
    try:
        inspect.signature(build).bind()
    except TypeError as error:
        name = getattr(build, "__name__", repr(build))
        raise TypeError(
            f"model is {name}, which can't be called without arguments ({error}): give a function that calls it, such "
            f"as `lambda: {name}(…)`."
        ) from error
    except ValueError:  # written in C, it tells nothing about its arguments
        pass


def at_parameters(model):
    """Raise unless there is something to train.

    Raises:
        ValueError: `model` has no parameters, or all are frozen.
    """
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError(f"model is a {type(model).__name__} without parameters: there is nothing to train.")
    if not any(parameter.requires_grad for parameter in parameters):
        raise ValueError(
            f"model is a {type(model).__name__} whose parameters are all frozen: set requires_grad to True for those "
            "that are to be trained."
        )


def at_lazy_layers(model, inputs):
    """Give lazy layers their sizes, by the way of `inputs()` [B, …] through `model`."""
    if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
        with evaluating(model), torch.no_grad():
            model(inputs())


def at_last_batch(model, inputs, examples, batch_size, drop_last=False):
    """Raise if the last batch of an epoch has one example, and `model` can't be trained on one.

    Args:
        inputs: a function that gives inputs [B, …], of which the first is tried.
        examples, batch_size, drop_last: of the training data.

    Raises:
        ValueError: it can't; the sentence names the layer.
    """
    norms = [module for module in model.modules() if isinstance(module, _NormBase)]
    if not norms or not (batch_size == 1 or (examples % batch_size == 1 and not drop_last)):
        return
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    modes = [(module, module.training) for module in model.modules()]
    try:
        with torch.no_grad():
            model.train()(inputs()[:1])
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        larger = next((b for b in range(batch_size + 1, examples) if examples % b != 1), examples)
        raise ValueError(
            f"batch_size is {batch_size}: of {examples:,} examples that leaves a batch of one, of which the model's "
            f"{type(norms[0]).__name__} can't take a standard deviation. Another size is right, {larger} for example."
        ) from error
    finally:
        for buffer, value in buffers:
            buffer.copy_(value)
        _set_modes(modes)


def at_optimizer(model, optimizer, loss_fn=None):
    """Raise unless `optimizer` trains this model, and nothing that the model has lost.

    Raises:
        ValueError: it holds none of the model's parameters, or others.
    """
    held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    own = {id(parameter) for parameter in model.parameters()}
    if isinstance(loss_fn, nn.Module):
        own |= {id(parameter) for parameter in loss_fn.parameters()}
    strange = sum(id(parameter) not in own for parameter in held)
    if strange == len(held):
        raise ValueError("optimizer holds none of the model's parameters: build it with model.parameters().")
    if strange:
        raise ValueError(
            f"optimizer holds {strange} of {len(held)} tensors that are not the model's, of a layer that was replaced "
            "since perhaps: build it again, with model.parameters()."
        )


def at_outputs(outputs, trains=False):
    """Return what a model gave for a batch.

    Args:
        outputs: it.
        trains: True if the loss is to have a gradient.

    Raises:
        TypeError: it is no tensor.
        ValueError: it has no gradient.
    """
    if not isinstance(outputs, torch.Tensor):
        what = f"a {type(outputs).__name__}"
        if isinstance(outputs, tuple | list):
            what += f" of {len(outputs)}, as an RNN does: take its first"
        elif outputs is None:
            what = "None: its forward has no `return`"
        raise TypeError(f"the model returned {what}. It must return one tensor, with a row for each example.")
    if trains and not outputs.requires_grad:
        raise ValueError(
            f"the model's output ({outputs.dtype}) has no gradient, so nothing can be learned: it was detached, "
            "rounded to whole numbers, or computed under no_grad or outside torch."
        )
    return outputs


class evaluating:  # noqa: N801 (a context manager, called like a function)
    """`with evaluating(model)`: all its modules are in evaluation mode, and afterwards each in the mode it was in."""

    def __init__(self, model):
        self._model = model

    def __enter__(self):
        self._modes = [(module, module.training) for module in self._model.modules()]
        self._model.eval()

    def __exit__(self, *error):
        _set_modes(self._modes)


def _set_modes(modes):
    for module, training in modes:
        module.training = training
