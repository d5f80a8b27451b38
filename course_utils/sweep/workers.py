"""Pieces of work for the workers of an executor: threads, processes, or other machines.

What many pieces have in common, such as a data set of 200 MB, travels to each worker once, not with each piece.
"""

import concurrent.futures
import functools
import hashlib
import importlib.util
import io
import os
import pathlib
import pickle
import platform
import socket
from collections import Counter, deque
from concurrent.futures.process import BrokenProcessPool

import torch

_TRIES = 4  # a piece whose worker dies so often is given up; Dask has the same number
_DEATHS = (BrokenProcessPool, concurrent.futures.CancelledError)  # of a process; of whatever held Dask's data
_GIVEN_UP = (
    f"its worker died {_TRIES} times. Was there too little memory? Or is this a script that lacks the line "
    'if __name__ == "__main__": above what it does?'
)
_kept = {}  # in a worker: the digest of what it unpacked last, and what that is


def check(executor):
    """Raise unless `executor` takes work.

    Raises:
        TypeError: it is none.
        RuntimeError: it has been shut down.
        ModuleNotFoundError: a worker of Dask lacks the course, or what it needs: it would end at the first word of it.
    """
    if not isinstance(executor, concurrent.futures.Executor):
        mend = " Of a Dask Client, give client.get_executor()." if hasattr(executor, "get_executor") else ""
        raise TypeError(
            f"executor is {executor!r}: it must be a concurrent.futures.Executor, such as ProcessPoolExecutor(2).{mend}"
        )
    try:
        executor.submit(int).cancel()
        width(executor)
    except BrokenProcessPool:
        pass  # `hand_out` knows a way
    except Exception as error:  # Dask has many kinds
        raise RuntimeError(f"executor takes no work: make a new one. ({type(error).__name__}: {error})") from error
    if client := _dask_client(executor):
        try:
            client.run(importlib.util.find_spec, __name__)  # loads what is above this module
        except ModuleNotFoundError as error:
            raise _explained(error) from error


def width(executor):
    """How many pieces it works on at a time, if it tells; else as many as this machine has cores."""
    client = _dask_client(executor)
    told = sum(client.nthreads().values()) if client else getattr(executor, "_max_workers", None)
    return told or os.cpu_count() or 1


def hand_out(executor, work, pieces, say):
    """Let the workers of `executor` do `work(shared, piece)` for each of `pieces`.

    A worker that dies costs a retry of what it was at. A pool of processes is broken by it, all of its workers end, and
    a new pool takes over; Dask looks after its workers itself. Closed early, it cancels what no worker has begun.

    Args:
        executor: what `check` has let pass.
        work: a function of a module; it returns anything but None.
        pieces: pairs (shared, piece); what they share is one and the same object.
        say: takes a sentence for the reader.

    Yields:
        (place in `pieces`, what `work` returned or the Exception it ended with), as they come.

    Raises:
        TypeError: a piece can't be pickled.
        ModuleNotFoundError: there is no cloudpickle here.
    """
    given, threads = executor, isinstance(executor, concurrent.futures.ThreadPoolExecutor)
    parcels = None if threads else _Parcels(work, pieces)
    waiting, running, deaths, broken = deque(range(len(pieces))), {}, Counter(), False
    try:
        while waiting or running:
            try:
                while waiting and not broken and len(running) < width(executor):
                    call = (work, *pieces[waiting[0]]) if threads else parcels.call(waiting[0], executor)
                    future = executor.submit(*call)
                    running[future] = waiting.popleft()
            except BrokenProcessPool:
                broken = True
            for future in concurrent.futures.wait(running, return_when="FIRST_COMPLETED").done:
                place = running.pop(future)
                try:
                    outcome = future.result()
                except _DEATHS:
                    broken, outcome = True, None
                    deaths[place] += 1
                    if deaths[place] == _TRIES:
                        outcome = RuntimeError(_GIVEN_UP)
                except Exception as error:
                    outcome = _explained(error)
                if outcome is None:  # its worker died, or lacks what is shared
                    waiting.appendleft(place)
                else:
                    yield place, outcome
            if broken and not running:
                say("A worker has died: what it was at is trained again.")
                executor, broken = _anew(executor), False
                parcels.forget_workers()
    finally:
        for future in running:
            future.cancel()
        if executor is not given:
            executor.shutdown(wait=False, cancel_futures=True)


def sendable(error):
    """`error`, or its words as a RuntimeError where it would not arrive from a worker."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _dask_client(executor):
    client = getattr(executor, "_client", None)
    return client if hasattr(client, "scatter") else None


def _anew(executor):
    """What takes the place of an executor in which a worker has died."""
    if _dask_client(executor):
        return executor
    if not isinstance(executor, concurrent.futures.ProcessPoolExecutor):
        raise RuntimeError(f"executor is broken, and another {type(executor).__name__} can't be made from it.")
    return concurrent.futures.ProcessPoolExecutor(
        executor._max_workers, executor._mp_context, executor._initializer, executor._initargs
    )


def _explained(error):
    """`error` of a worker, as a sentence where it means that a module is missing there."""
    cause = error
    while cause is not None:
        if isinstance(cause, ModuleNotFoundError):
            mend = "install the course there, too" if cause.name == "course_utils" else "install it there, too"
            return ModuleNotFoundError(f"a worker has no module {cause.name!r}: {mend}.", name=cause.name)
        cause = cause.__cause__
    return error


class _Parcels:
    """Pieces as bytes; what they share as bytes of its own, one each."""

    def __init__(self, work, pieces):
        self._work, self._shared, self._sent, self._scattered = work, {}, Counter(), {}
        digests = {}  # by the id of what is shared
        self._pieces = []
        for shared, piece in pieces:
            if id(shared) not in digests:
                packed = _packed(shared)
                digests[id(shared)] = digest = hashlib.sha256(packed).hexdigest()
                self._shared[digest] = packed
            self._pieces.append((digests[id(shared)], _packed(piece)))
        self._asked = set()

    def call(self, place, executor):
        """What to submit for the piece at `place`. What it shares comes along if a worker may lack it."""
        digest, piece = self._pieces[place]
        client = _dask_client(executor)
        if client:
            if digest not in self._scattered:
                self._scattered[digest] = client.scatter(self._shared[digest], broadcast=True)
            shared = self._scattered[digest]  # a worker gets it from another
        else:
            needed = place in self._asked or self._sent[digest] < width(executor)
            shared = self._shared[digest] if needed else None
            self._sent[digest] += needed
        self._asked.add(place)
        return _work_there, self._work, _versions(), digest, shared, piece

    def forget_workers(self):
        """Those that have what is shared are gone."""
        self._sent.clear()
        self._scattered.clear()


def _work_there(work, versions, digest, shared, piece):
    """In a worker: `work` on a piece that was packed; None if it takes what this worker lacks."""
    for name, here in _versions().items():
        if here != versions[name]:
            raise RuntimeError(
                f"process {os.getpid()} on {socket.gethostname()} has {name} {here}, and the notebook has "
                f"{versions[name]}: install the same there, and start the workers anew."
            )
    if (found := _kept.get(digest)) is None:
        if shared is None:
            return None
        found = pickle.loads(shared)
        _kept.clear()
        _kept[digest] = found
    return work(found, pickle.loads(piece))


@functools.cache
def _versions():
    """{name: version} of what has to be the same everywhere."""
    files, home = hashlib.sha256(), pathlib.Path(__file__).resolve().parents[1]
    for path in sorted(home.rglob("*.py")):
        files.update(path.relative_to(home).as_posix().encode() + path.read_bytes())
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, "torch": torch.__version__, "course_utils with the digest": files.hexdigest()[:8]}


def _packed(thing):
    """`thing` as bytes, with all that it needs of a notebook's own functions and classes."""
    try:
        import cloudpickle
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "executor needs the package cloudpickle, to send models and data to its workers: %pip install cloudpickle"
        ) from error

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, thing):
            if type(thing) is torch.Tensor and thing.is_leaf and thing.untyped_storage().nbytes() > thing.nbytes:
                thing = thing.detach().clone()  # a slice, without what it was cut from
                return thing.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
            return super().reducer_override(thing)

    stream = io.BytesIO()
    try:
        Pickler(stream).dump(thing)
    except Exception as error:  # of a learner's own object
        raise TypeError(
            f"A model or data of your own can't be sent to a worker: {error}. "
            "Threads need nothing sent: executor=ThreadPoolExecutor(2)."
        ) from error
    return stream.getvalue()
