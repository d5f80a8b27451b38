"""Pictures of one's own, from a folder as phones, cameras and zip programs leave it."""

import collections
import pathlib
import tarfile
import warnings
import zipfile
from typing import NamedTuple

import numpy as np
import torch

from course_utils import checks
from course_utils.data.rules import few
from course_utils.data.splits import split
from course_utils.data.tensors import Data

TRAIN = ("train", "training")
HELD_OUT = ("test", "testing", "val", "valid", "validation")  # the first that is there is the test set
PACKED = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".tif", ".tiff", ".webp")


class _Class(NamedTuple):
    """A folder that stands for a class.

    Attributes:
        path: of the folder, whose name is the class's.
        files: its pictures, also those in folders inside.
        others: suffixes of the files that are left out.
        within: the folders in it, if no picture lies beside them.
    """

    path: pathlib.Path
    files: list
    others: collections.Counter
    within: list


def image_folder(path, size=32, test=0.2, seed=0):
    """Images of one's own: a folder with one subfolder a class.

    If `path` holds a folder `train` (or training) and a folder `test` (testing, val, valid, validation), in small or
    capital letters, these are the two parts; otherwise a random part of the images of each class is held out. Names
    that begin with a dot and `__MACOSX` don't count, a link to a folder above is not followed, and each file counts
    once. Files that are no JPEG, PNG, BMP, PPM, TIFF or WebP are left out; a sentence counts them.

    Args:
        path: the folder.
        size: images are scaled to `size`×`size` pixels, RGB: turned upright as the camera noted, on white where they
            are transparent, of 16 bits and floats the 8 highest bits.
        test: how much to hold out, as in `split`.
        seed: of that choice.

    Returns:
        (train, test): two `Data`; images float32 [N, 3, size, size] in 0..1, labels int64 [N].

    Raises:
        TypeError: `path` is no text.
        FileNotFoundError: no such folder, or no image in it.
        NotADirectoryError, PermissionError: `path` is a file; a folder can't be read.
        ValueError: a file is no image that can be read; there is one class; pictures lie beside the classes, or folders
            in place of pictures; train and test have other classes.
    """
    checks.whole("size", size, least=1)
    if not isinstance(path, str | pathlib.Path):
        raise TypeError(f"path is {path!r} ({type(path).__name__}): it must be the path of a folder, as text.")
    path = pathlib.Path(path).expanduser()
    _refuse_no_folder(path)
    try:
        parts = _parts(path)
        seen, above = set(), {_identity(one) for one in (path.resolve(), *path.resolve().parents)}
        found = {part: _classes(part, seen, above) for part in parts}
    except PermissionError as error:
        raise PermissionError(f"{error.filename} can't be read by you.") from error
    names = [tuple(one.path.name for one in classes) for classes in found.values()]
    if names[0] != names[-1]:
        first, second = (f"{part.name} has the classes {few(has)}" for part, has in zip(parts, names, strict=True))
        raise ValueError(f"path is {str(path)!r}: {first}, {second}.")
    if len(names[0]) < 2:
        raise ValueError(f"{parts[0]} holds one class, {names[0][0]}: there must be two or more to tell apart.")
    _count_what_is_left_out(path, found)
    made = [_read(classes, size, f"the images in {part.name}") for part, classes in found.items()]
    return tuple(made) if len(made) == 2 else split(made[0], test, seed, stratified=True, argument="test")


def _refuse_no_folder(path):
    if not path.exists():
        raise FileNotFoundError(f"path is {str(path)!r}: there is no such folder.")
    if not path.is_dir():
        packed = zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
        mend = "that is an archive: unpack it, and give the folder" if packed else "that is a file, not a folder"
        raise NotADirectoryError(f"path is {str(path)!r}: {mend}.")


def _parts(path):
    """[path], or the two folders in it that its parts are in.

    Raises:
        ValueError: there are two parts, and pictures without classes in them.
    """
    by_name = {folder.name.lower(): folder for folder in _folders(path)}
    both = [[by_name[name] for name in names if name in by_name] for names in (TRAIN, HELD_OUT)]
    if not all(both):
        return [path]
    train, held_out = (some[0] for some in both)
    if _folders(train) and _folders(held_out):
        return [train, held_out]
    if not _folders(train):
        raise ValueError(f"{train} holds no folders: it must hold a folder of pictures for each class.")
    return [path]


def _classes(part, seen, above):
    """A `_Class` for each folder in `part`, sorted by name.

    Raises:
        FileNotFoundError: there is none, or one has no picture.
        ValueError: pictures lie beside them, or one holds folders alone.
    """
    files = [file for file in _files(part) if file.suffix.lower() in (*PICTURES, *PACKED)]
    loose = [file.name for file in files if file.suffix.lower() in PICTURES]
    if loose:
        raise ValueError(f"{part / loose[0]} lies in no class: each picture belongs in a folder named after its class.")
    classes = [_walked(folder, seen, above) for folder in _folders(part) if _identity(folder) not in above]
    if not classes:
        mend = f"unpack {files[0].name}" if files else "it must hold a folder of pictures for each class"
        raise FileNotFoundError(f"{part} holds no folder: {mend}.")
    for one in classes:
        if one.within:
            raise ValueError(
                f"{one.path} holds folders ({few(folder.name for folder in one.within)}) and no picture beside them: "
                "give the folder that holds the classes, and let each hold its pictures."
            )
        if not one.files:
            has = f"no picture that is read here, but {_counted(one.others)}" if one.others else "no picture of its own"
            raise FileNotFoundError(f"{one.path} holds {has}: each class needs some, as JPEG or PNG.")
    return classes


def _walked(folder, seen, above):
    """The `_Class` of `folder`; `seen` and `above` are the identities of what does not count again."""
    files, others, waiting = [], collections.Counter(), [folder]
    while waiting:
        here = waiting.pop()
        if (identity := _identity(here)) in seen | above:
            continue
        seen.add(identity)
        for file in _files(here):
            if file.suffix.lower() not in PICTURES:
                others[file.suffix.lower() or "without a suffix"] += 1
            elif (identity := _identity(file)) not in seen:
                seen.add(identity)
                files.append(file)
        waiting += _folders(here)
    files.sort(key=lambda file: (str(file.parent), file.name))
    beside = any(file.parent == folder for file in files)
    return _Class(folder, files, others, [] if beside else _folders(folder))


def _count_what_is_left_out(path, found):
    others = sum((one.others for classes in found.values() for one in classes), collections.Counter())
    told = [_counted(others)] if others else []
    if path not in found and (beside := [folder.name for folder in _folders(path) if folder not in found]):
        told.append(f"the folder{'s' if len(beside) > 1 else ''} {few(beside)}")
    if told:
        print(f"Left out of {path}, where only {', '.join(PICTURES)} are read: {'; '.join(told)}.")


def _counted(others):
    return few(f"{count} {suffix}" for suffix, count in sorted(others.items()))


def _identity(path):
    status = path.stat()
    return status.st_dev, status.st_ino


def _counts(path):
    return not path.name.startswith(".") and path.name != "__MACOSX"


def _folders(path):
    return sorted(one for one in path.iterdir() if _counts(one) and one.is_dir())


def _files(path):
    return sorted(one for one in path.iterdir() if _counts(one) and one.is_file())


def _read(classes, size, source):
    pictures = [_pixels(file, size) for one in classes for file in one.files]
    labels = [label for label, one in enumerate(classes) for _ in one.files]
    images = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return Data(images, torch.tensor(labels), source, tuple(one.path.name for one in classes))


def _pixels(file, size):
    """uint8 [size, size, 3] of the picture in `file`.

    Raises:
        ValueError: there is none that can be read.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings(), Image.open(file) as picture:
            warnings.simplefilter("ignore")  # of a large picture Pillow warns, a huge one it refuses
            small = _in_eight_bits(ImageOps.exif_transpose(picture), picture.format)
            return np.asarray(small.resize((size, size), Image.Resampling.BILINEAR))
    except Exception as error:  # Pillow raises nearly everything, its own and Python's
        raise ValueError(f"{file} is no image that can be read: {' '.join(str(error).split())[:200]}") from error


def _in_eight_bits(picture, file_format):
    """`picture` of any mode as RGB, on white where it is transparent."""
    from PIL import Image

    if picture.mode[0] in "IF":
        picture = _scaled(picture, file_format)
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    if picture.mode == "La":
        picture = picture.convert("LA")
    clear = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")


def _scaled(picture, file_format):
    """A grey picture of 16 or 32 bits or of floats in 8 bits: by its mode, or by the largest number in it."""
    from PIL import Image

    numbers = np.asarray(picture, dtype=np.float64)
    if picture.mode.startswith("I;16") or file_format in ("PNG", "PPM"):
        ranges = (2**16 - 1,)
    else:
        ranges = (1, 2**8 - 1, 2**16 - 1, 2**31 - 1) if picture.mode == "F" else (2**8 - 1, 2**16 - 1, 2**31 - 1)
    top = next((top for top in ranges if numbers.max() <= top), None)
    if top is None:
        raise ValueError("its numbers are too large, or none")
    return Image.fromarray((numbers / top * 255).clip(0, 255).round().astype(np.uint8))
