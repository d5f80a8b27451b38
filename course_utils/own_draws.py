"""Random numbers of one thread alone.

Torch has one stream of random numbers on the CPU for all threads. Here each operation of torch that draws is led, in
one thread, to a generator of its own; the stream that all others draw from is neither moved nor read.
"""

import contextlib
import functools
import threading
import weakref

import torch

# Torch looks at this key before all others and, as long as nobody has traced a program for export, has no use for it.
# These are torch's own names: where they are gone, threads take turns at the one stream, as without this file.
_KEY = getattr(getattr(torch._C, "DispatchKey", None), "PreDispatch", None)
_POSSIBLE = _KEY is not None and all(
    hasattr(torch._C, name)
    for name in ("_IncludeDispatchKeyGuard", "_ExcludeDispatchKeyGuard", "DispatchKeySet", "_jit_get_all_schemas")
)
_here = threading.local()
_busy = weakref.WeakSet()  # a lock of each thread that draws from a generator of its own, held meanwhile
_entry = threading.Lock()  # held to take one of them


def generator():
    """What torch draws from in this thread, on the CPU."""
    return getattr(_here, "generator", torch.default_generator)


def mark_thread():
    """From now on every `runtime.RandomState` draws in this thread without touching torch's own stream, if it can."""
    _here.apart = _POSSIBLE


def apart():
    """True in a thread that was marked."""
    return getattr(_here, "apart", False)


@contextlib.contextmanager
def drawn_from(generator):
    """Inside the block, this thread draws from `generator`, a `torch.Generator` of the CPU."""
    _lead_draws()
    outer = getattr(_here, "generator", None)
    if outer is None:
        with _entry:
            if not hasattr(_here, "busy"):
                _here.busy = threading.Lock()
                _busy.add(_here.busy)
            _here.busy.acquire()
    _here.generator = generator
    try:
        with torch._C._IncludeDispatchKeyGuard(_KEY):
            yield
    finally:
        if outer is None:
            del _here.generator
            _here.busy.release()
        else:
            _here.generator = outer


@contextlib.contextmanager
def still(seconds):
    """Inside the block no other thread is in a block of `drawn_from`, unless it takes more than `seconds` to leave it.

    What is forked here finds nothing locked by them: neither Python's locks nor those inside torch, as one that oneDNN
    holds when a convolution begins. (Who holds one isn't forked, so it would never be free.)
    """
    with _entry, contextlib.ExitStack() as held:
        for lock in list(_busy):
            if lock.acquire(timeout=seconds):
                held.callback(lock.release)
        yield


@functools.cache
def _lead_draws():
    """Once: put a function of ours before each operation that takes a generator. Returns what holds them there."""
    library = torch.library.Library("aten", "IMPL", "PreDispatch")
    for schema in torch._C._jit_get_all_schemas():
        names = [argument.name for argument in schema.arguments]
        if schema.name.startswith("aten::") and "generator" in names:
            operation = getattr(getattr(torch.ops.aten, schema.name[6:]), schema.overload_name or "default")
            library.impl(operation, _led(operation, names.index("generator")))
    return library


def _led(operation, place):
    def draw(*args, **named):
        if place < len(args):  # it has a place of its own, after the tensors
            args, named = args[:place] + args[place + 1 :], {**named, "generator": args[place]}
        if named.get("generator") is None and _on_cpu(*args, *named.values()):
            named["generator"] = generator()
        with torch._C._ExcludeDispatchKeyGuard(torch._C.DispatchKeySet(_KEY)):
            return operation(*args, **named)

    return draw


def _on_cpu(*values):
    places = [value.device if isinstance(value, torch.Tensor) else value for value in values]
    return all(place.type == "cpu" for place in places if isinstance(place, torch.device))
