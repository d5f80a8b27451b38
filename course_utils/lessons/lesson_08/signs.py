"""What lesson 08 begins with: stored drawings, which stand in for a learner's own, and a network that knows digits."""

import pathlib

import numpy as np
import torch

from course_utils import catalog, checks, models
from course_utils.data import Data

NETWORKS = catalog.ROOT / "course_utils" / "lessons" / "lesson_04" / "stored" / "networks.npz"
STORED = pathlib.Path(__file__).parent / "stored" / "signs.npz"  # tools/stored makes it
PARTS = ("train", "held_out", "new", "strange")
SOURCE = "drawings made by a script, by no hand"


def digits_network():
    """Lesson 04's CNN, trained on 6,000 images of MNIST: [B, 1, 28, 28] -> logits [B, 10]. A new one at each call."""
    model = models.cnn()
    with np.load(NETWORKS) as arrays:
        models.load_packed(model, arrays, "CNN")
    return model


def signs(*parts):
    """Drawings of five signs, ten of each to train on, ten held out, twenty new; or twenty of a sign nobody trains on.

    Args:
        parts: one or more of "train", "held_out" and "new"; or "strange" alone.

    Returns:
        A `Data`: images float32 [N, 1, 28, 28] in 0..1, labels int64 [N]. In "strange" the only class has its own name.

    Raises:
        ValueError: no part has this name; none is given, or "strange" beside others.
    """
    for part in parts:
        checks.one_of("part", part, PARTS)
    if not parts or (len(parts) > 1 and "strange" in parts):
        raise ValueError(f"parts are {parts}: give one or more of train, held_out and new, or strange alone.")
    with np.load(STORED) as arrays:
        images = torch.from_numpy(np.concatenate([arrays[part] for part in parts])).unsqueeze(1).float() / 255
        if parts == ("strange",):
            return Data(images, torch.zeros(len(images), dtype=torch.int64), SOURCE, (str(arrays["strange name"]),))
        labels = torch.from_numpy(np.concatenate([arrays[f"{part} labels"] for part in parts]))
        return Data(images, labels, SOURCE, tuple(map(str, arrays["names"])))


def unseen(held_out):
    """What stands in for new drawings: the script's, or a learner's own `held_out`, which then says that it is no test.

    Args:
        held_out: a `Data` of the script's drawings, or of a learner's.
    """
    if held_out.source == SOURCE:
        return signs("new")
    return Data(
        *held_out.tensors, "held-out drawings for want of new ones (no test: they helped to choose)", held_out.classes
    )
