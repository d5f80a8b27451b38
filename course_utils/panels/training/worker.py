"""A Run trained in a thread of its own, in pieces short enough to look at and to steer."""

import atexit
import contextlib
import queue
import threading
import time
import weakref

from course_utils import own_draws

PIECE_SECONDS = 0.08  # between two looks: twelve a second
END_SECONDS = 5  # for a step to end once it is asked to: a model may compute for ever

# Torch aborts the process if Python ends under a thread that computes.
_working = weakref.WeakSet()
atexit.register(lambda: [worker.halt(END_SECONDS) for worker in list(_working)])


_idle = []  # at most one thread that waits for work
_idle_lock = threading.Lock()


class _Thread(threading.Thread):
    """Does one piece of work after another.

    Each thread keeps the memory that it has allocated: a thread for each of a thousand runs took twice as much as one
    for all of them.
    """

    def __init__(self):
        super().__init__(name="course_utils training", daemon=True)
        self.work = queue.SimpleQueue()

    def run(self):
        own_draws.mark_thread()  # cells draw random numbers meanwhile
        while True:
            self.work.get()()
            with _idle_lock:
                if _idle:
                    return
                _idle.append(self)


def _thread():
    with _idle_lock:
        if _idle:
            return _idle.pop()
    thread = _Thread()
    thread.start()
    return thread


class Worker:
    """Trains one Run up to a step, in a thread.

    While it is alive, only that thread may touch the Run. It calls `before_piece()` and `after_piece()`, which returns
    True to end here, and last of all `at_end(error)`.
    """

    def __init__(self, run, until, before_piece, after_piece, at_end, around=contextlib.nullcontext):
        """Start training `run` up to step number `until`, inside the context manager that `around()` makes."""
        self._run = run
        self._until = until
        self._around = around
        self._before_piece, self._after_piece, self._at_end = before_piece, after_piece, at_end
        self._halt = threading.Event()
        _working.add(self)
        self._ended = threading.Event()
        _thread().work.put(self._work)

    @property
    def alive(self):
        return not self._ended.is_set()

    def nudge(self):
        """End the piece under way soon (see `Run.stop`), so that `before_piece` is called."""
        self._run.stop()

    def halt(self, timeout=None):
        """Ask it to end after the current step or evaluated batch, and wait for that.

        Args:
            timeout: seconds to wait at most; None: until it has ended.

        Returns:
            True if it has ended.
        """
        self._halt.set()
        self._run.stop()
        return self.join(timeout)

    def leave(self):
        """Have no more to do with it: should its step end after all, it ends without calling anybody."""
        self._before_piece = self._after_piece = self._at_end = lambda *_: True
        self._run.give_up()

    def join(self, timeout=None):
        """Wait until it ends by itself; returns True if it has."""
        return self._ended.wait(timeout)

    def _work(self):
        error = None
        try:
            with self._around():
                self._train()
        except Exception as raised:  # the learner's model may raise anything; it is shown, not lost
            error = raised
        try:
            self._at_end(error)
        finally:
            self._ended.set()

    def _train(self):
        run, piece = self._run, 1  # a first point soon, then pieces of the right length
        while not (self._halt.is_set() or run.done):
            self._before_piece()
            before, start = len(run.history.step_loss), time.perf_counter()
            if before >= self._until and not run.evaluating:
                return
            run.step(min(piece, self._until - before))
            steps, seconds = len(run.history.step_loss) - before, time.perf_counter() - start
            # At most fourfold: the first steps of a thread tell little about the speed of the later ones.
            if steps:
                piece = max(1, min(4 * piece, int(PIECE_SECONDS * steps / seconds)))
            if self._after_piece():
                return
