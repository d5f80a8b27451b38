"""A folder that several programs want to fill with the same files: one does, the others wait for it."""

import contextlib
import os
import pathlib
import shutil
import tempfile
import time

from course_utils.data.download import STALL_SECONDS, DownloadError, size

# A program that holds the lock for so long without a byte more is stopped, or on a machine that is gone.
PATIENCE_SECONDS = 3 * STALL_SECONDS
LOOK_SECONDS = 0.5


@contextlib.contextmanager
def exclusive(hidden, name):
    """Hold the lock of the folder `hidden`; wait for a program that holds it, as long as that makes progress.

    The lock is the operating system's, which takes it from a program that ends, however it ends. Where there can be
    none, on some network drives, the block runs without. Yields (has it the lock, did it wait).
    """
    import filelock

    # Everybody may take it: the folder may be one that several users share.
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
    """Something that changes whenever a file in `folder` grows."""
    with contextlib.suppress(OSError):
        return sorted((str(path), size(path)) for path in folder.rglob("*"))


@contextlib.contextmanager
def staging_dir(hidden, locked):
    """The folder to download to: `hidden`, where what was broken off waits; one of its own where that can't be."""
    if locked:
        hidden.mkdir(exist_ok=True)
    shared = locked and os.access(hidden, os.W_OK)  # another user's is not ours to write
    place = hidden if shared else pathlib.Path(tempfile.mkdtemp(prefix=f"{hidden.name}-", dir=hidden.parent))
    try:
        yield place
    finally:
        if shared:
            with contextlib.suppress(OSError):
                place.rmdir()  # only if nothing is in it
        else:
            shutil.rmtree(place, ignore_errors=True)
