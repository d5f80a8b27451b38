"""The file of the pad that collects: shared, damaged, of something else, out of reach."""

import io
import pathlib

import numpy as np
import pytest

from course_utils import own_files
from course_utils.panels import SignPad

LINE = [[[60, 60], [60, 220]]]
NAMES = ("arrow", "house", "spiral")


def filled(pad, **counts):
    for sign, count in counts.items():
        for _ in range(count):
            pad.keep(LINE, sign)
    return pad


def first_ids(pad):
    return [id for _, ids in pad.main.signs for id in ids]


def test_two_notebooks_on_one_file_merge(pad):
    other = SignPad(classes=NAMES)
    filled(pad, arrow=2)
    filled(other, house=1)
    pad.rename("spiral", "snail")
    other.add("moon")
    (id,) = [one for name, ids in other.main.signs for one in ids if name == "house"]
    other.delete(id)
    pad.keep(LINE, "house")
    expected = {"arrow": 2, "house": 1, "snail": 0, "moon": 0}
    assert pad.counts == SignPad().counts == expected
    pad.rename("arrow", "tree")
    other.keep(LINE, "house")
    assert other.counts == {"tree": 2, "house": 2, "snail": 0, "moon": 0} and other.chosen == "moon"
    other.chosen = "house"
    pad.rename("house", "home")
    other.keep(LINE, "moon")
    assert other.chosen == "tree"


def test_both_may_name_one_sign_alike(pad):
    filled(pad, arrow=1, house=1)
    other = SignPad()
    pad.rename("arrow", "tree")
    other.rename("house", "tree")
    assert other.counts == {"tree": 2, "spiral": 0} == SignPad().counts  # nothing is lost


DAMAGED = {
    "empty": lambda whole: b"",
    "broken off": lambda whole: whole[: len(whole) // 2],
    "a bit turned": lambda whole: whole[:400] + bytes([whole[400] ^ 255]) + whole[401:],
    "no archive": lambda whole: b"PK\x03\x04 and so on",
    "a picture": lambda whole: b"\x89PNG\r\n" + bytes(500),
    "labels without a name": lambda whole: changed(whole, labels=np.array([0, 9])),
    "fewer labels": lambda whole: changed(whole, labels=np.array([0])),
    "small images": lambda whole: changed(whole, images=np.zeros((2, 8, 8), np.uint8)),
    "float images": lambda whole: changed(whole, images=np.zeros((2, 28, 28))),
    "a name twice": lambda whole: changed(whole, names=np.array(["a", "a", "b"])),
    "an empty name": lambda whole: changed(whole, names=np.array(["a", "", "b"])),
    "negative ids": lambda whole: changed(whole, ids=np.array([-1, 2])),
    "an id twice": lambda whole: changed(whole, ids=np.array([2, 2])),
    "something missing": lambda whole: changed(whole, images=None),
    "pickled names": lambda whole: changed(whole, names=np.array(["a", "b", Explosive()], dtype=object)),
}


class Explosive:
    """Whoever unpickles it finds a file that says so."""

    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("unpickled"),)


def changed(whole, **other):
    arrays = dict(np.load(io.BytesIO(whole))) | other
    buffer = io.BytesIO()
    np.savez(buffer, **{name: array for name, array in arrays.items() if array is not None})
    return buffer.getvalue()


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_set_aside_and_nothing_is_lost(pad, folder, name):
    filled(pad, arrow=1, house=1)
    damaged = DAMAGED[name](pad.file.read_bytes())
    pad.file.write_bytes(damaged)
    again = SignPad(classes=NAMES)
    assert again.error == ("my_signs.npz was damaged. It is called my_signs.npz.damaged-1 now, and a new one begins.")
    assert (folder / "my_signs.npz.damaged-1").read_bytes() == damaged and not (folder / "unpickled").exists()
    filled(again, spiral=1)
    assert again.error == "" and SignPad().counts == {"arrow": 0, "house": 0, "spiral": 1}


def test_a_pad_that_has_seen_the_drawings_keeps_them_when_the_file_is_damaged_or_gone(pad, folder):
    filled(pad, arrow=2)
    pad.file.write_bytes(b"nonsense")
    pad.keep(LINE, "house")
    assert "my_signs.npz was damaged" in pad.error
    pad.file.unlink()
    pad.keep(LINE, "house")
    assert pad.error == "" and SignPad().counts == {"arrow": 2, "house": 2, "spiral": 0}


@pytest.mark.parametrize("name", ["results", "newer"])
def test_a_file_of_something_else_is_refused_and_left_alone(folder, name):
    np.savez(folder / "mine.npz", **{"results": {"losses": np.ones(3)}, "newer": {"format": 2}}[name])
    before = (folder / "mine.npz").read_bytes()
    with pytest.raises(ValueError, match=r"^file is 'mine.npz', which holds .*: choose another name\.$"):
        SignPad(file="mine.npz")
    assert (folder / "mine.npz").read_bytes() == before and [one.name for one in folder.iterdir()] == ["mine.npz"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"classes": "arrow"}, "classes is 'arrow': it must be a list of names"),
        ({"classes": 3}, "classes is 3"),
        ({"classes": ["a", "a "]}, "the names must differ"),
        ({"classes": ["a", 3]}, "a sign's name is 3"),
        ({"file": "my_signs"}, "its name must end in .npz"),
        ({"file": "08_your_own_signs.ipynb"}, "its name must end in .npz"),
        ({"file": None}, "its name must end in .npz"),
    ],
)
def test_what_it_is_given_is_looked_at(given, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        SignPad(**given)


def test_a_folder_of_that_name_is_refused(folder):
    (folder / "my_signs.npz").mkdir()
    with pytest.raises(ValueError, match="no file"):
        SignPad()


def test_what_cannot_be_written_is_told_and_written_with_the_next_that_can(pad, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    filled(pad, arrow=1)
    before = pad.file.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(own_files, "write", full)
        filled(pad, arrow=1, house=1)
        pad.rename("spiral", "snail")
        assert pad.error.startswith("Not written down: No space left on device. ")
        assert pad.counts == {"arrow": 2, "house": 1, "snail": 0}
    assert pad.file.read_bytes() == before
    pad.delete(first_ids(pad)[0])
    assert pad.error == "" and SignPad().counts == {"arrow": 1, "house": 1, "snail": 0}


def test_a_file_that_cannot_be_read_is_left_alone(pad, monkeypatch):
    filled(pad, arrow=1)
    before = pad.file.read_bytes()

    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(pathlib.Path, "read_bytes", forbidden)
        again = SignPad(classes=NAMES)
        assert "my_signs.npz can't be read: Permission denied" in again.error
        filled(again, house=1)
        assert "Not written down: Permission denied" in again.error and again.counts["house"] == 1
    assert again.file.read_bytes() == before
    filled(again, house=1)
    assert again.error == "" and SignPad().counts == {"arrow": 1, "house": 2, "spiral": 0}


def test_the_file_holds_arrays_alone(pad):
    filled(pad, arrow=2)
    with np.load(pad.file, allow_pickle=False) as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            "format": (),
            "names": (3,),
            "first": (3,),
            "ids": (2,),
            "labels": (2,),
            "images": (2, 28, 28),
        }
