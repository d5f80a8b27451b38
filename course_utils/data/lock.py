"""Lets one of several programs fill a folder that all of them need, while the others wait."""

import contextlib
import os
import pathlib
import shutil
import tempfile
import time

from course_utils.data.download import STALL_SECONDS, DownloadError, size

# A holder idle this long is dead or suspended.
PATIENCE_SECONDS = 3 * STALL_SECONDS
LOOK_SECONDS = 0.5


@contextlib.contextmanager
def exclusive(hidden, name):
    """Hold the lock of the folder `hidden`; wait for another program that holds it, as long as that makes progress.

    The lock is the operating system's, which frees it when a program ends, however it ends. On some network drives
    there is none; there the block runs without it. Yields (True if it has the lock, True if it waited).

    Raises:
        DownloadError: the program that holds it makes no progress any more.
    """
    import filelock

    # Anybody may take it, because several users may share the folder.
    lock = filelock.FileLock(f"{hidden}.lock", mode=0o666)
    state, since = None, None
    while not lock.is_locked:
        try:
            lock.acquire(timeout=LOOK_SECONDS)
        except filelock.Timeout as error:
            if since is None:
                print(f"Another program is downloading {name}: waiting for it.")
            before, state = state, _state(hidden)
            if since is None or state != before:
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE_SECONDS:
                raise DownloadError(
                    f"another program that downloads it has stood still for {PATIENCE_SECONDS} s"
                ) from error
        except (OSError, NotImplementedError):
            break
    try:
        yield lock.is_locked, since is not None
    finally:
        lock.release()


def _state(folder):
    """A value that changes whenever a file in `folder` grows."""
    with contextlib.suppress(OSError):
        return sorted((str(path), size(path)) for path in folder.rglob("*"))


@contextlib.contextmanager
def staging_dir(hidden, locked):
    """The folder to download to: `hidden`, to continue what is there; a temporary one if that is not allowed."""
    if locked:
        hidden.mkdir(exist_ok=True)
    shared = locked and os.access(hidden, os.W_OK)  # false if it is another user's
    place = hidden if shared else pathlib.Path(tempfile.mkdtemp(prefix=f"{hidden.name}-", dir=hidden.parent))
    try:
        yield place
    finally:
        if shared:
            with contextlib.suppress(OSError):
                place.rmdir()  # succeeds only if it is empty
        else:
            shutil.rmtree(place, ignore_errors=True)
