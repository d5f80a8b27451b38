"""The stored drawings."""

import numpy as np
import pytest
import torch

from course_utils.lessons.lesson_08.signs import signs
from tools.stored import lesson_08


@pytest.mark.parametrize(("part", "each"), [("train", 10), ("held_out", 10), ("new", 20)])
def test_a_part_has_equally_many_of_each_sign(part, each):
    data = signs(part)
    assert data.classes == ("arrow", "heart", "house", "spiral", "star")
    assert data.labels.bincount().tolist() == [each] * 5
    assert data.images.shape == (5 * each, 1, 28, 28) and data.images.dtype == torch.float32
    assert data.images.min() == 0 and data.images.max() == 1
    assert "made by a script" in data.source


def test_the_strange_ones_are_of_one_sign_that_no_part_has():
    data = signs("strange")
    assert data.classes == ("face",) and data.labels.tolist() == [0] * 20


def test_no_drawing_is_in_two_parts():
    every = torch.cat([signs(part).images.flatten(1) for part in ("train", "held_out", "new", "strange")])
    assert len(every.unique(dim=0)) == len(every) == 220


def test_a_part_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="part is 'test': it must be one of train, held_out, new, strange"):
        signs("test")


def test_they_are_what_the_script_draws():
    """To a grey level: the pad's image is a sum of floats, which machines round differently."""
    made = lesson_08.made()["signs"]
    for part in ("train", "held_out", "new", "strange"):
        stored = (255 * signs(part).images[:, 0]).round().numpy()
        assert np.abs(made[part].astype(int) - stored).max() <= 1
