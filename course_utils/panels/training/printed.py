"""What one thread prints, led past the cell that ran last."""

import contextlib
import sys
import threading

KEPT = 2000  # characters
_here = threading.local()


class _Switch:
    """A standard stream, from which what a thread prints inside `caught` is taken out."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        tell = getattr(_here, "tell", None)
        if tell is None:
            return self._stream.write(text)
        tell(text)
        return len(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)


class Printed:
    """What a panel's model prints, warnings included; of all of it the end is kept.

    Attributes:
        text: it.
    """

    def __init__(self):
        self.text = ""

    def _add(self, text):
        self.text = (self.text + text)[-KEPT:]

    @contextlib.contextmanager
    def caught(self):
        """Inside the block, what this thread prints comes here; other threads print on."""
        for name in ("stdout", "stderr"):
            if not isinstance(getattr(sys, name), _Switch):
                setattr(sys, name, _Switch(getattr(sys, name)))
        outer, _here.tell = getattr(_here, "tell", None), self._add
        try:
            yield
        finally:
            _here.tell = outer
