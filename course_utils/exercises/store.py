"""The record of what a learner has tried and done: a small file beside the notebooks, never sent anywhere."""

import base64
import contextlib
import datetime
import functools
import json
import os
import pathlib
import zlib
from typing import NamedTuple

from course_utils import catalog, runtime

FILE = ".gradient-steps-progress.json"
EXPORT = "gradient-steps-progress.txt"
_FORMAT = 1
_MARK = "gradient-steps:"  # begins the line of text that a record travels as
_LARGEST = 2**20  # bytes of a record; one with all exercises has some thousand
_NONSENSE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)  # UnicodeDecodeError is a ValueError
_PATIENCE = 3.0  # seconds to wait for another kernel, which holds the lock for milliseconds
_told = set()


class Entry(NamedTuple):
    """What is known of one exercise.

    Attributes:
        done: True once an answer was right.
        tries: answers that were checked, up to the first right one.
        last: when the last of them was, as text, for example "2026-03-01T14:05".
    """

    done: bool
    tries: int
    last: str


def place():
    """The file's path: `COURSE_PROGRESS` if set, else in the working directory, which is the notebook's folder.

    Notebooks in deeper/ share the file of the lessons, one folder up.

    Raises:
        ValueError, RuntimeError: `COURSE_PROGRESS` is no path, or something there is no file, such as a device.
    """
    given = runtime.setting("COURSE_PROGRESS")
    path = pathlib.Path(given).expanduser().absolute() if given else _folder() / FILE
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is no file that can hold it")
    return path


@functools.cache  # a later os.chdir must not begin another record
def _folder():
    here = pathlib.Path.cwd()
    return here.parent if catalog.is_deeper(here) else here


def note(name, done):
    """Record that an answer to the exercise `name` was checked; once it is done, it stays done.

    Two kernels that write at once take turns. A file that can't be read is put aside, and a new one begun.

    Returns:
        None, or a sentence for the learner: it was not written down, or a damaged file was put aside. A sentence is
        given once in a kernel. Nothing is raised.
    """
    try:
        path = place()
        with _locked(path):
            entries, aside = _load(path)
            before = entries.get(name, Entry(False, 0, ""))
            if not before.done:
                now = datetime.datetime.now().isoformat(timespec="minutes")
                entries[name] = Entry(done, before.tries + 1, now)
                write(path, _written(entries, indent=1))
        return _once(aside)
    except (OSError, ValueError, RuntimeError) as error:  # ValueError, RuntimeError: COURSE_PROGRESS is no path
        return _once(f"Your progress was not written down: {why(error)}.")


def add(others):
    """Add entries to the record: an exercise is done if either says so, and has the larger number and the later time.

    Returns:
        None, or a sentence: a damaged file was put aside.

    Raises:
        OSError, ValueError, RuntimeError: it can't be written.
    """
    path = place()
    with _locked(path):
        entries, aside = _load(path)
        for name, entry in others.items():
            entries[name] = Entry(*map(max, entry, entries.get(name, entry)))
        write(path, _written(entries, indent=1))
    return aside


def packed(entries):
    """{name: `Entry`} as a line of text."""
    return _MARK + base64.urlsafe_b64encode(zlib.compress(_written(entries).encode(), 9)).decode()


def unpacked(given):
    """{name: `Entry`} from what `packed` gave, or from the path of a file that holds it or a record.

    Raises:
        ValueError: it is neither, or damaged.
    """
    text = str(given).strip()
    if not text.startswith(_MARK):
        try:
            text = _bytes(pathlib.Path(text).expanduser()).decode().strip()
        except (OSError, ValueError, RuntimeError) as error:  # a path with zeros, or of nobody's home; no text
            short = text if len(text) <= 60 else f"{text[:60]}…"
            raise ValueError(
                f"given is {short!r}: neither the line of text that export_progress(as_text=True) shows, nor a file "
                f"that can be read ({why(error)})."
            ) from error
    try:
        if text.startswith(_MARK):
            squeezed = base64.b64decode(text.removeprefix(_MARK), b"-_", validate=True)
            unpacking = zlib.decompressobj()
            text = unpacking.decompress(squeezed, _LARGEST)
            if not unpacking.eof:
                raise ValueError("cut off")
        return _entries(json.loads(text))
    except (*_NONSENSE, zlib.error) as error:
        raise ValueError(
            "given is no progress, or damaged on its way: take it from export_progress() once more, and all of it."
        ) from error


def read():
    """({name: `Entry`}, a sentence or None): the record; the sentence says what is wrong with it.

    Where there is no file none is made, and nothing is raised.
    """
    try:
        path = place()
        if not path.exists():
            return {}, None
        try:
            with _locked(path):
                return _load(path)
        except PermissionError:  # it may still be read
            return _load(path)
    except (OSError, ValueError, RuntimeError) as error:
        return {}, f"Your progress can't be read: {why(error)}."


def write(path, text):
    """Write a text to the file at `path`; where an OSError is raised, that file is as before."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise


def why(error):
    """An error in a few words, with the file it is about."""
    said = getattr(error, "strerror", None) or str(error).rstrip(".")
    about = getattr(error, "filename", None)
    return f"{said} ({about})" if about else said


@contextlib.contextmanager
def _locked(path):
    """Hold the lock of the file at `path`."""
    import filelock

    lock = filelock.FileLock(f"{path}.lock")
    with contextlib.suppress(NotImplementedError):  # there are network drives without locks
        lock.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        lock.release()


def _load(path):
    """({name: `Entry`}, a sentence or None) from the file at `path`, which is renamed if it makes no sense."""
    if not path.exists():
        return {}, None
    if not path.is_file():
        raise OSError(f"{path} is no file")
    try:
        return _entries(json.loads(_bytes(path))), None
    except _NONSENSE:
        number = 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        path.rename(aside)
        return {}, f"The file with your progress was damaged. It is called {aside.name} now, and a new one begins."


def _bytes(path):
    """What is in a file.

    Raises:
        OSError: it can't be read.
        ValueError: it is too long for a record.
    """
    with path.open("rb") as file:
        text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise ValueError("too long")
    return text


def _written(entries, **options):
    return json.dumps({"format": _FORMAT, "exercises": entries}, **options)


def _entries(read):
    if read["format"] != _FORMAT:
        raise ValueError(f"format {read['format']}")
    entries = {name: Entry(*values) for name, values in read["exercises"].items()}
    for entry in entries.values():
        if [type(value) for value in entry] != [bool, int, str]:
            raise TypeError(f"{entry}")
    return entries


def _once(sentence):
    if sentence in _told:
        return None
    _told.add(sentence)
    return sentence
