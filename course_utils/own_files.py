"""Small files of a learner's own beside the notebooks: written whole or not at all, and never thrown away."""

import contextlib
import functools
import os
import pathlib

from course_utils import catalog

_PATIENCE = 3.0  # seconds to wait for another kernel, which holds the lock for milliseconds


@functools.cache  # a later os.chdir must not begin another file
def folder():
    """The folder of the lessons' notebooks: the working directory, or the one above it for a notebook in deeper/."""
    here = pathlib.Path.cwd()
    return here.parent if catalog.is_deeper(here) else here


@contextlib.contextmanager
def locked(path):
    """Hold the lock of the file at `path`; another kernel that wants it waits.

    Raises:
        OSError: the lock can't be had in time, or its file can't be made.
    """
    import filelock

    lock = filelock.FileLock(f"{path}.lock")
    with contextlib.suppress(NotImplementedError):  # there are network drives without locks
        lock.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        lock.release()


def write(path, content):
    """Write bytes to the file at `path`; where an OSError is raised, that file is as before."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise


def set_aside(path):
    """Rename a damaged file, which keeps what it holds. Returns its new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside.name


def why(error):
    """An error in a few words, with the file it is about."""
    said = getattr(error, "strerror", None) or str(error).rstrip(".")
    about = getattr(error, "filename", None)
    return f"{said} ({about})" if about else said
