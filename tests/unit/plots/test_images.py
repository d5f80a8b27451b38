"""Pictures of images: as many as there are, and a table that counts mistakes alone."""

import pytest
import torch

from course_utils.plots import images


@pytest.mark.parametrize("channels", [1, 3])
def test_images_in_rows(channels):
    picture = images.images(torch.rand(7, channels, 8, 8), list("abcdefg"), "Seven.", rows=2)
    assert [ax.get_title() for ax in picture.figure.axes] == [*"abcdefg", ""]
    assert picture.png().startswith(b"\x89PNG") and picture.sentence == "Seven."


def test_a_title_for_each_image():
    with pytest.raises(ValueError, match="titles"):
        images.images(torch.rand(3, 1, 8, 8), ["a", "b"], "Three.")


def test_confusion_counts_mistakes_alone():
    picture = images.confusion(torch.tensor([0, 1, 1, 1, 2]), torch.tensor([0, 2, 2, 0, 2]), "abc", "made up")
    assert picture.sentence == "3 mistakes among 5; the most frequent: 2 times a b was taken for a c."
    ax = picture.figure.axes[0]
    assert ax.images[0].get_array().tolist() == [[0, 0, 0], [1, 0, 2], [0, 0, 0]]
    assert ax.get_title() == "3 mistakes among 5\nmade up" and sorted(text.get_text() for text in ax.texts) == [
        "1",
        "2",
    ]


def test_confusion_without_a_mistake():
    assert images.confusion([0, 1], [0, 1], "ab").sentence == "No mistake among 2 examples."
