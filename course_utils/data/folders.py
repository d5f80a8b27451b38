"""Pictures of one's own, from a folder."""

import pathlib

import torch

from course_utils import checks
from course_utils.data import files
from course_utils.data.splits import split
from course_utils.data.tensors import Data


def image_folder(path, size=32, test=0.2, seed=0):
    """Images of one's own: a folder with one subfolder a class.

    If `path` holds the folders `train` and `test`, these are the two parts; otherwise a random
    part of all images is held out.

    Args:
        path: the folder.
        size: images are scaled to `size`×`size` pixels, RGB.
        test: how much to hold out, as in `split`.
        seed: of that choice.

    Returns:
        (train, test): two `Data`; images float32 [N, 3, size, size] in 0..1, labels int64 [N].

    Raises:
        FileNotFoundError: no such folder, or no image in it.
        ValueError: a file is no image torchvision can read, or train and test have other classes.
    """
    checks.whole("size", size, least=1)
    path = pathlib.Path(path).expanduser()
    if not path.is_dir():
        raise FileNotFoundError(f"path is {str(path)!r}: there is no such folder.")
    if not ((path / "train").is_dir() and (path / "test").is_dir()):
        return split(_read_folder(path, size), test, seed)
    pair = _read_folder(path / "train", size), _read_folder(path / "test", size)
    if pair[0].classes != pair[1].classes:
        raise ValueError(f"path is {str(path)!r}: train has the classes {pair[0].classes}, test has {pair[1].classes}.")
    return pair


def _read_folder(path, size):
    files.torchvision_datasets()
    from torchvision import datasets, transforms

    steps = transforms.Compose([transforms.Resize((size, size)), transforms.ToTensor()])
    folder = datasets.ImageFolder(path, transform=steps)
    images = []
    for file, _ in folder.samples:
        try:
            images.append(steps(folder.loader(file)))
        except OSError as error:
            raise ValueError(f"{file} is no image that can be read: {error}") from error
    return Data(torch.stack(images), torch.tensor(folder.targets), f"the images in {path.name}", tuple(folder.classes))
