"""Which code is the learner's own: cells and files that are not the course's, Python's or an installed package's."""

import os
import pathlib
import sysconfig

_OTHERS = tuple(
    os.path.normcase(os.path.abspath(folder)) + os.sep
    for folder in (os.path.dirname(__file__), sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
)


def is_own(filename):
    """True if the file, or the cell that a traceback calls by this name, is the learner's."""
    if filename.startswith("<"):
        return filename.startswith("<ipython")  # how older IPython names its cells
    path = os.path.normcase(os.path.abspath(filename))
    installed = {"site-packages", "dist-packages"} & set(pathlib.Path(path).parts)
    return not installed and not path.startswith(_OTHERS)


def own_frame(frames):
    """The innermost of some frames, a `traceback.StackSummary`, that runs the learner's own code; None if none does.

    A frame without its line was made by a program: nobody can look there.
    """
    return next((frame for frame in reversed(frames) if frame.line and is_own(frame.filename)), None)
