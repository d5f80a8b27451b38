"""The record of what a learner has tried and done: a small file beside the notebooks, never sent anywhere."""

import base64
import datetime
import json
import pathlib
import zlib
from typing import NamedTuple

from course_utils import own_files, runtime

FILE = ".gradient-steps-progress.json"
EXPORT = "gradient-steps-progress.txt"
_FORMAT = 1
_MARK = "gradient-steps:"  # begins the line of text that a record travels as
_LARGEST = 2**20  # bytes of a record; one with all exercises has some thousand
NONSENSE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)  # UnicodeDecodeError is a ValueError
_told = set()


class Entry(NamedTuple):
    """What is known of one exercise.

    Attributes:
        done: True once an answer was right.
        tries: answers that were checked, up to the first right one.
        last: when the last of them was, as text, for example "2026-03-01T14:05".
        mistakes: the names of those that checks recognised, each once, sorted.
    """

    done: bool
    tries: int
    last: str
    mistakes: tuple[str, ...] = ()

    def joined(self, other):
        """What two records know of it together."""
        return Entry(*map(max, self[:3], other[:3]), tuple(sorted({*self.mistakes, *other.mistakes})))


def place():
    """The file's path: `COURSE_PROGRESS` if set, else in the working directory, which is the notebook's folder.

    Notebooks in deeper/ share the file of the lessons, one folder up.

    Raises:
        ValueError, RuntimeError: `COURSE_PROGRESS` is no path, or something there is no file, such as a device.
    """
    given = runtime.setting("COURSE_PROGRESS")
    path = pathlib.Path(given).expanduser().absolute() if given else own_files.folder() / FILE
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is no file that can hold it")
    return path


def note(name, done, mistake=None):
    """Record that an answer to the exercise `name` was checked; once it is done, it stays done.

    `mistake` is the name of the one that was recognised in the answer.

    Two kernels that write at once take turns. A file that can't be read is put aside, and a new one begun.

    Returns:
        None, or a sentence for the learner: it was not written down, or a damaged file was put aside. A sentence is
        given once in a kernel. Nothing is raised.
    """
    try:
        path = place()
        with own_files.locked(path):
            entries, aside = _load(path)
            before = entries.get(name, Entry(False, 0, ""))
            if not before.done:
                now = datetime.datetime.now().isoformat(timespec="minutes")
                entries[name] = Entry(done, before.tries + 1, now, (mistake,) if mistake else ()).joined(before)
                own_files.write(path, json.dumps(written(entries), indent=1).encode())
        return _once(aside)
    except (OSError, ValueError, RuntimeError) as error:  # ValueError, RuntimeError: COURSE_PROGRESS is no path
        return _once(f"Your progress was not written down: {own_files.why(error)}.")


def add(others):
    """Add entries to the record: an exercise is done if either says so, and has the larger number and the later time.

    Returns:
        None, or a sentence: a damaged file was put aside.

    Raises:
        OSError, ValueError, RuntimeError: it can't be written.
    """
    path = place()
    with own_files.locked(path):
        entries, aside = _load(path)
        for name, entry in others.items():
            entries[name] = entry.joined(entries.get(name, entry))
        own_files.write(path, json.dumps(written(entries), indent=1).encode())
    return aside


def packed(entries):
    """{name: `Entry`} as a line of text."""
    return _MARK + base64.urlsafe_b64encode(zlib.compress(json.dumps(written(entries)).encode(), 9)).decode()


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
                f"that can be read ({own_files.why(error)})."
            ) from error
    try:
        if text.startswith(_MARK):
            squeezed = base64.b64decode(text.removeprefix(_MARK), b"-_", validate=True)
            unpacking = zlib.decompressobj()
            text = unpacking.decompress(squeezed, _LARGEST)
            if not unpacking.eof:
                raise ValueError("cut off")
        return unwritten(json.loads(text))
    except (*NONSENSE, zlib.error) as error:
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
            with own_files.locked(path):
                return _load(path)
        except PermissionError:  # it may still be read
            return _load(path)
    except (OSError, ValueError, RuntimeError) as error:
        return {}, f"Your progress can't be read: {own_files.why(error)}."


def _load(path):
    """({name: `Entry`}, a sentence or None) from the file at `path`, which is renamed if it makes no sense."""
    if not path.exists():
        return {}, None
    if not path.is_file():
        raise OSError(f"{path} is no file")
    try:
        return unwritten(json.loads(_bytes(path))), None
    except NONSENSE:
        aside = own_files.set_aside(path)
        return {}, f"The file with your progress was damaged. It is called {aside} now, and a new one begins."


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


def written(entries):
    """{name: `Entry`} as what JSON can hold. Mistakes stand apart, where a course that doesn't know them can't trip."""
    mistakes = {name: entry.mistakes for name, entry in entries.items() if entry.mistakes}
    done = {name: entry[:3] for name, entry in entries.items()}
    return {"format": _FORMAT, "exercises": done} | ({"mistakes": mistakes} if mistakes else {})


def unwritten(read):
    """{name: `Entry`} from what `written` gave.

    Raises:
        one of NONSENSE: it is something else.
    """
    if read["format"] != _FORMAT:
        raise ValueError(f"format {read['format']}")
    mistakes = read.get("mistakes", {})
    entries = {name: Entry(*values, tuple(mistakes.get(name, ()))) for name, values in read["exercises"].items()}
    for entry in entries.values():
        if [type(value) for value in entry] != [bool, int, str, tuple] or {*map(type, entry.mistakes)} - {str}:
            raise TypeError(f"{entry}")
    return entries


def _once(sentence):
    if sentence in _told:
        return None
    _told.add(sentence)
    return sentence
