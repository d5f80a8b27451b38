"""Pictures of lesson 08."""

import numpy as np
import pytest
import torch

from course_utils.data import Data
from course_utils.lessons.lesson_08 import built, knobs
from course_utils.lessons.lesson_08.signs import digits_network, signs


def test_the_digits_network_is_a_new_one_each_time():
    one, other = digits_network(), digits_network()
    assert one[0].weight.equal(other[0].weight) and one[0].weight is not other[0].weight
    assert sum(p.numel() for p in one.parameters()) == 121_930


def test_what_is_asked_is_told_with_its_probability():
    panel = knobs.asked()
    panel.controls["sign"].value = "face"
    panel.controls["drawing"].value = 2
    image = signs("strange").images[2:3]
    chance, answer = digits_network()(image).softmax(dim=1)[0].max(dim=0)
    assert panel.sentence == f"It answers {answer.item()}, and is {chance.item():.0%} sure."
    assert np.allclose(panel.axes[0].images[-1].get_array(), image[0, 0])
    panel.close()


def test_ways_have_a_dot_for_each_seed():
    picture = knobs.ways({"one": [0.5, 0.7], "other": [1.0, 1.0]})
    (ax,) = picture.figure.axes
    assert [list(line.get_xdata()) for line in ax.lines[::2]] == [[0.5, 0.7], [1.0, 1.0]]
    assert picture.sentence == "A dot for each seed, a line at their mean: one 60%, other 100%."


def test_varied_drawings_are_the_learners(monkeypatch):
    def vary(image, degrees, shift, scale):
        return torch.full_like(image, degrees / 180)

    data = Data(torch.zeros(3, 1, 28, 28), torch.tensor([0, 1, 1]), "made", ("arrow", "house"))
    panel = knobs.varied(vary, data)
    panel.controls["degrees"].value, panel.controls["drawing"].value = 90, 1
    shown = [ax.images[-1].get_array().max() for ax in panel.axes]
    assert shown == [0] + [0.5] * 7 and "'house'" in panel.sentence
    panel.close()


def test_a_threshold_counts_what_is_still_answered():
    panel = knobs.threshold([0.9, 0.6, 0.95, 0.3], [True, True, False, True], [0.99, 0.2])
    panel.controls["least"].value = 0.9
    assert panel.sentence == (
        "At 0.90 it answers 50% of the known signs, 1 of them wrongly, and 1 of the strange ones."
    )
    panel.close()


def test_nobody_has_to_be_wrong():
    panel = knobs.threshold([0.9], [True], [0.5])
    assert "100% of the known signs, 0 of them wrongly, and 1 of the strange" in panel.sentence
    panel.close()


def test_a_photo_finds_its_drawing_once_all_is_prepared():
    panel = knobs.photographed(built.photographed, built.prepared, built.nearest)
    assert [control.value for name, control in panel.controls.items() if name != "photo"] == [False] * 3
    for name in ("flat", "invert", "cut"):
        panel.controls[name].value = True
    assert panel.axes[1].images[-1].get_array().shape == (28, 28)
    assert panel.sentence == "A photo of 'house'; most like it is a drawing of 'house'."
    panel.close()


def test_a_prepared_photo_fills_twenty_of_28_parts():
    image = built.prepared(built.photographed(signs("new").images[0], seed=3))
    on = (image[0] > 0.3).nonzero()
    extent = (on.amax(dim=0) - on.amin(dim=0) + 1).max().item()
    assert image.shape == (1, 28, 28) and extent == pytest.approx(20, abs=2)


def test_measures_have_three_columns():
    picture = knobs.measures({"one": [(0.1, 0.2, 0.3), (0.3, 0.4, 0.5)]})
    assert [ax.get_xlabel().split(" ")[0] for ax in picture.figure.axes] == ["precision", "recall", "F1"]
    assert picture.sentence.endswith("Mean F1: one 0.40.")


def test_a_cut_off_shows_what_the_learners_function_counts():
    panel = knobs.cut_off(lambda answers, y: (0.25, answers.float().mean().item(), 0.5))
    panel.controls["least"].value = 0.0
    assert panel.sentence == "Accuracy 9%; precision 25%, recall 100%, F1 0.50."
    panel.close()


def test_preparations_have_a_row_each():
    photos = [built.photographed(signs("new").images[i], i) for i in (0, 20)]
    picture = knobs.preparations(photos, built.prepared)
    assert len(picture.figure.axes) == 8
    assert [ax.get_ylabel() for ax in picture.figure.axes[::2]] == ["photo", "as it is", "inverted", "prepared"]
