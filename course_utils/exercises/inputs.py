"""What an answer does to the arguments it is handed: a result that is right must not have spoilt them."""

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
            before = [_state(value) for value in given]
            result = answer(*given)
            for place, value in enumerate(given):
                if _state(value) != before[place]:
                    name = code.co_varnames[place] if place < code.co_argcount else f"argument {place + 1}"
                    changed[place] = name
            return result

        yield from look(call, draw)
        yield "what your code changes in place", Changed(changed)

    return watch


def _state(value):
    """What can be told from what it was before; of anything but tensors and what holds them nothing."""
    if isinstance(value, torch.Tensor):
        bytes_ = None if value.is_meta else value.detach().cpu().numpy().tobytes()
        return list(value.shape), value.dtype, bytes_
    if isinstance(value, (list, tuple)):
        return [_state(one) for one in value]
    if isinstance(value, dict):
        return {key: _state(one) for key, one in value.items()}
    return None
