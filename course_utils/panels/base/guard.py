"""One guard around every callback: an error inside a panel is shown, kept, and raised where tests want it."""

import contextlib
import traceback

from course_utils import order, own_code, runtime


class Guard:
    """Keeps what callbacks raise; without it a front end drops such errors where nobody sees them.

    Attributes:
        errors: every exception so far, oldest first.
    """

    def __init__(self, tell, errors=None):
        """`tell(sentence)` shows the sentence beside the picture; it is called with "" when all is well again.

        `errors`, where given, is the list to keep them in.
        """
        self.errors = [] if errors is None else errors
        self._tell = tell

    @contextlib.contextmanager
    def __call__(self):
        """Run the block; an error in it is shown and kept, and under `COURSE_STRICT` raised again."""
        try:
            yield
        except Exception as error:
            self.keep(error)
            if runtime.strict():
                raise
        else:
            self._tell("")

    def keep(self, error):
        """Show `error` beside the picture and keep it, without raising it."""
        self.errors.append(error)
        self._tell(sentence_of(error))


def sentence_of(error):
    """An exception as text: what went wrong, the line of the learner's own code where it did, and the cell to run."""
    what = f"{type(error).__name__}: {order.explained(str(error))}" if str(error) else type(error).__name__
    frame = own_code.own_frame(traceback.extract_tb(error.__traceback__))
    where = f"in {frame.name}, line {frame.lineno}: {frame.line}" if frame else ""
    return "\n".join(part for part in (what, where, order.leftovers()) if part)
