"""Drawings in a file that several notebooks may share: each change is made to what the file holds by then."""

import functools
import io
import unicodedata
import zipfile
from typing import NamedTuple

import numpy as np

from course_utils import own_files

SIDE = 28  # of a drawing, in pixels
IDS = 2**53  # the ids of drawings are below: a page's numbers are exact so far
LONGEST = 30  # characters of a name
_FORMAT = 1
_LARGEST = 2**26  # bytes, packed and unpacked: 80,000 drawings


class Drawing(NamedTuple):
    """One drawing.

    Attributes:
        sign: the name of what it shows.
        image: uint8 [28, 28], ink being 255.
    """

    sign: str
    image: np.ndarray


class Signs(NamedTuple):
    """A collection of drawings. What changes it gives another one, and may be done twice.

    Attributes:
        names: {name of a sign: the name that it had at first}, in the order in which they were added.
        drawings: {id: `Drawing`}, the oldest first.
    """

    names: dict
    drawings: dict

    def with_sign(self, name):
        return self._replace(names={**self.names, name: self.names.get(name, name)})

    def begun_with(self, names):
        """With those of `names`, a dictionary as above, that are not there by another name."""
        known = {*self.names, *self.names.values()}
        return self._replace(names={**self.names, **{name: names[name] for name in names if names[name] not in known}})

    def renamed(self, old, new):
        """Where there is a sign `new`, which another notebook may have added, it gets the drawings of `old`."""
        names = {new if name == old else name: first for name, first in self.names.items()}
        drawings = {id: one._replace(sign=new) if one.sign == old else one for id, one in self.drawings.items()}
        return Signs(names, drawings)

    def with_drawing(self, id, drawing):
        return self.with_sign(drawing.sign)._replace(drawings={**self.drawings, id: drawing})

    def without(self, id):
        return self._replace(drawings={other: one for other, one in self.drawings.items() if other != id})

    def of(self, sign):
        """The ids of a sign's drawings."""
        return [id for id, one in self.drawings.items() if one.sign == sign]


class Collection:
    """The drawings in a file. What can't be written stays here, and is written with the next change that can.

    Attributes:
        path: of the file.
        signs: `Signs`, as they were when the file was last read or written, and what is still to be written.
        told: a sentence on the file, such as why it can't be written; "" where all is well.
    """

    def __init__(self, path, names=()):
        """Read the file, if there is one; `names` are of signs to begin with.

        Raises:
            ValueError: it is a file of something else.
        """
        self.path, self.signs, self.told = path, Signs({}, {}), ""
        self._unwritten = []
        if path.exists() and not path.is_file():
            raise ValueError(f"file is {path.name!r}, and that is no file.")
        try:
            try:
                found = unpacked(path.read_bytes(), path.name) if path.exists() else None
            except DamagedError:
                with own_files.locked(path):
                    found = self._read()
        except OSError as error:
            self.told = f"{path.name} can't be read: {own_files.why(error)}."
            found = None
        self.signs = (found or self.signs).begun_with({name: name for name in names})

    def change(self, step):
        """Make a change, `step(signs)`, to what the file holds now, and write that."""
        steps = [*self._unwritten, step]
        try:
            with own_files.locked(self.path):
                self.told = ""
                found = (self._read() or self.signs).begun_with(self.signs.names)
                signs = functools.reduce(lambda signs, step: step(signs), steps, found)
                own_files.write(self.path, packed(signs))
            self.signs, self._unwritten = signs, []
        except (OSError, ValueError) as error:
            self.signs, self._unwritten = step(self.signs), steps
            self.told = f"Not written down: {own_files.why(error)}. It stays here as long as this kernel runs."

    def _read(self):
        """What the file holds, or None where there is none, or a damaged one, which is set aside. The lock is held."""
        try:
            return unpacked(self.path.read_bytes(), self.path.name)
        except FileNotFoundError:
            return None
        except DamagedError:
            aside = own_files.set_aside(self.path)
            self.told = f"{self.path.name} was damaged. It is called {aside} now, and a new one begins."
            return None


class DamagedError(Exception):
    """The bytes of a file make no sense."""


def packed(signs):
    """`Signs` as bytes of an .npz file, arrays alone: `names`, `first`, `ids`, `labels` and `images`."""
    names, drawings = list(signs.names), signs.drawings.values()
    buffer = io.BytesIO()
    np.savez(
        buffer,
        format=_FORMAT,
        names=np.array(names, dtype=str),
        first=np.array(list(signs.names.values()), dtype=str),
        ids=np.array(list(signs.drawings), dtype=np.int64),
        labels=np.array([names.index(one.sign) for one in drawings], dtype=np.int64),
        images=np.array([one.image for one in drawings], dtype=np.uint8).reshape(-1, SIDE, SIDE),
    )
    return buffer.getvalue()


def unpacked(content, file):
    """`Signs` from what `packed` gave.

    Raises:
        DamagedError: it makes no sense.
        ValueError: it is something else, or of a newer version; the sentence names the `file`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(one.file_size for one in archive.infolist())
        arrays = dict(np.load(io.BytesIO(content))) if size <= _LARGEST else {}
    except Exception as error:  # NumPy and zipfile raise ten kinds of them
        raise DamagedError from error
    if arrays.get("format") != _FORMAT:
        what = "something else" if "format" not in arrays else "drawings of a newer version of the course"
        raise ValueError(f"file is {file!r}, which holds {what}: choose another name.")
    try:
        return _signs(**arrays)
    except (TypeError, ValueError, IndexError) as error:
        raise DamagedError from error


def _signs(format, names, first, ids, labels, images):
    checked = dict(zip(map(named, names.tolist()), map(named, first.tolist()), strict=True))
    if len(checked) < len(names) or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError("names or images")
    if {ids.dtype, labels.dtype} != {np.dtype(np.int64)} or min([*labels, *ids], default=0) < 0:
        raise ValueError("ids or labels")
    pairs = zip(ids.tolist(), labels.tolist(), images, strict=True)
    drawings = {id: Drawing(list(checked)[label], image) for id, label, image in pairs}
    if len(drawings) < len(ids):
        raise ValueError("ids")
    return Signs(checked, drawings)


def named(name):
    """The name of a sign without spaces around it, its letters composed.

    Raises:
        TypeError, ValueError: it is no text, empty, too long, or holds what can't be printed.
    """
    if not isinstance(name, str):
        raise TypeError(f"a sign's name is {name!r}: it must be a text.")
    name = unicodedata.normalize("NFC", name.strip())
    if not 0 < len(name) <= LONGEST or {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, name)):
        raise ValueError(f"a sign's name is {name[:60]!r}: it must have 1 to {LONGEST} characters, all in one line.")
    return name
