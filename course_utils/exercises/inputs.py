"""What an answer does to its arguments and to torch's settings: a result that is right must not have spoilt them."""

import functools
import inspect

import torch

from course_utils.exercises.compare import Changed


def watched(look):
    """A probe that sees what `look` sees and, last, which arguments the answer has `Changed`; for functions only."""

    def watch(answer, draw):
        if not inspect.isfunction(answer):
            yield from look(answer, draw)
            return
        code, changed = answer.__code__, {}

        @functools.wraps(answer)
        def call(*given):
            before, settings = [_state(value) for value in given], _settings()
            result = answer(*given)
            for place, value in enumerate(given):
                if _state(value) != before[place]:
                    name = code.co_varnames[place] if place < code.co_argcount else f"argument {place + 1}"
                    changed[place] = name
            changed.update({name: name for name, value in _settings().items() if value != settings[name]})
            return result

        yield from look(call, draw)
        yield "what your code changes in place", Changed(changed)

    return watch


def _settings():
    """What holds for the whole program."""
    return {"torch.is_grad_enabled()": torch.is_grad_enabled(), "torch.get_default_dtype()": torch.get_default_dtype()}


def _state(value):
    """What can be told from what it was before; of anything but tensors, what holds them and single layers nothing."""
    if isinstance(value, torch.Tensor):
        bytes_ = None if value.is_meta else value.detach().cpu().numpy().tobytes()
        return list(value.shape), value.dtype, bytes_
    if isinstance(value, (list, tuple)):
        return [_state(one) for one in value]
    if isinstance(value, dict):
        return {key: _state(one) for key, one in value.items()}
    if isinstance(value, torch.nn.Module) and not list(value.children()):  # others may be meant to change; modes, too
        plain = (bool, int, float, str)
        return {key: one for key, one in vars(value).items() if isinstance(one, plain) and key != "training"}
    return None
