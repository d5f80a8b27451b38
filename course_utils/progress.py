"""How far a long piece of work is: a bar in a notebook, a line in a terminal, nothing where nobody looks."""

import html
import math
import sys
import time

from course_utils import runtime

_EVERY = 0.2  # seconds between two pictures: often enough to see it move, seldom enough to cost nothing
_WIDTH = 60  # of the line: enough to cover a longer one drawn before


class Progress:
    """A bar with the time left, drawn over itself as `advance` is called; it stays when its `with` block ends.

    Attributes:
        total: how much work there is, in any unit.
        done: how much of it is behind us.
    """

    def __init__(self, total, label, stream=None):
        """Nothing is drawn before the first `advance`.

        Args:
            total: a number above 0.
            label: what is being done, in a word or two.
            stream: where the line goes outside notebooks; by default standard output. It is written only to a terminal.
        """
        self.total, self.done, self._label = total, 0.0, label
        self._stream = sys.stdout if stream is None else stream
        self._began = time.monotonic()
        self._drawn_at = -_EVERY
        self._handle = None
        self._in_line = False

    def advance(self, more):
        """As much as `more` has been done since the last time."""
        self.done += more
        if time.monotonic() - self._drawn_at >= _EVERY:
            self._draw()

    def say(self, sentence):
        """Print `sentence` on a line of its own."""
        if self._in_line:
            self._stream.write(f"\r{'':<{_WIDTH}}\r")
            self._in_line = False
        print(sentence)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """Draw the last state, and leave it standing."""
        self._draw()
        if self._in_line:
            self._stream.write("\n")
            self._in_line = False

    def __repr__(self):
        return f"{self._label}: {self.done / self.total:.0%}, {self._time()}"

    def _repr_html_(self):
        label = html.escape(self._label)
        return (
            f'<progress aria-label="{label}" max="1" value="{self.done / self.total:.3f}"></progress> '
            f"{html.escape(repr(self))}"
        )

    def _time(self):
        gone = time.monotonic() - self._began
        if math.isclose(self.done, self.total):  # a sum of parts may lack the last bit
            return f"took {_spoken(gone)}"
        return f"{_spoken(gone / self.done * (self.total - self.done))} left" if self.done else "just begun"

    def _draw(self):
        self._drawn_at = time.monotonic()
        if runtime.in_kernel():
            if self._handle is None:
                from IPython.display import display

                self._handle = display(self, display_id=True)
            else:
                self._handle.update(self)
        elif self._stream.isatty():
            self._stream.write(f"\r{self!r:<{_WIDTH}}")
            self._stream.flush()
            self._in_line = True


def _spoken(seconds):
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
