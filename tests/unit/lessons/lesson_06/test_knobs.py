"""Pictures of lesson 06 show what the functions they are given return."""

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.lessons.lesson_06 import built, knobs


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_gradients_are_drawn_block_by_block_and_a_start_is_offered_where_there_is_one():
    starts = []

    def sizes(model, X, y):
        return [10.0**-k for k in range(len(model) - 5)]

    def he(model):
        starts.append(model)

    knob = knobs.gradients(built.deep, sizes, he=he)
    assert list(knob.controls) == ["skip", "depth", "start"]
    knob.controls["depth"].value = 5
    assert knob.axes.lines[0].get_ydata() == pytest.approx([1, 0.1, 0.01, 1e-3, 1e-4])
    assert knob.sentence.startswith("First block over last: 1.0e+04. Loss before training: 2.3")
    knob.controls["start"].value = "He's"
    assert len(starts) == 1
    assert list(knobs.gradients(built.deep, built.gradient_sizes).controls) == ["skip", "depth"]


def test_a_tower_is_trained_once_for_each_setting():
    asked = []

    def train_tower(n, kind):
        asked.append((n, kind))
        return 0.5, [0.1] * (n + 2)

    knob = knobs.tower(train_tower)
    for n in (0, 3, 0):
        knob.controls["n"].value = n
        assert len(knob.axes.patches) == n + 2
    knob.controls["kind"].value = "ModuleList"
    assert asked == [(3, list), (0, list), (0, nn.ModuleList)]
    assert knob.sentence == "ModuleList, 0 layers in the middle: accuracy 50.0%."


def test_a_curve_and_where_the_control_stands():
    knob = knobs.between(lambda share: abs(share) / 4)
    knob.controls["share"].value = -0.5
    curve, point = knob.axes.lines
    assert len(curve.get_xdata()) == 41 and point.get_xydata() == pytest.approx(np.array([[-0.5, 0.125]]))
    assert knob.sentence == "At -0.5 of the way: accuracy 12.5%."
    knob = knobs.silence(lambda count: 1 - count / 256)
    assert knob.sentence == "128 of 256 neurons off: accuracy 50.0%."


def test_whose_answers_change():
    knob = knobs.company(built.Copied, built.who_changes)
    knob.controls["replaced"].value = 5
    assert knob.sentence == "Image 5 turns black; 2 other answers change."
    knob.controls["mended"].value = True
    assert knob.sentence == "Image 5 turns black; 0 other answers change."


def test_answers_of_a_frozen_network():
    knob = knobs.frozen(lambda model, X, passes, training: [0.0] * passes + [0.2 * training])
    assert knob.sentence == "After 10 passes in eval() mode: moved by 0%."
    knob.controls["train_mode"].value = True
    assert knob.sentence == "After 10 passes in train() mode: moved by 20%."


def test_what_is_unfrozen_from_the_end():
    knob = knobs.unfrozen({"conv1": 100, "relu": 0, "layer1": 700, "fc": 200})
    assert knob.sentence == "Orange is trained: 200 of 1,000 parameters, 20.00%."
    knob.controls["down_to"].value = "layer1"
    assert knob.sentence == "Orange is trained: 900 of 1,000 parameters, 90.00%."
    assert len(knob.axes.patches) == 3


@pytest.mark.trains
def test_a_run_that_goes_on():
    knob = knobs.resume(built.run, built.save, built.resume)
    assert knob.sentence.endswith("Parameters equal to the last bit.")
    straight, border, after = (line.get_ydata() for line in knob.axes.lines)
    assert list(straight[20:]) == list(after) and len(border) == 2
    knob.controls["forget"].value = "optimizer"
    assert knob.sentence.endswith("apart.")
    picture = knobs.resumed([3.0, 2.0, 1.0, 0.5], {"everything": [1.0, 0.5], "nothing": [3.0, 3.0]})
    (ax,) = picture.figure.axes
    assert ax.lines[-1].get_xydata() == pytest.approx(np.array([[2, 3], [3, 3]]))


@pytest.mark.trains
def test_a_table_is_drawn_in_its_own_units():
    knob = knobs.table(built.train_table, built.standardised, built.r2)
    centres = {}
    for how in knobs.TABLES:
        knob.controls["the_table"].value = how
        *_, dots = knob.axes.lines
        measured, predicted = dots.get_xydata().T
        assert len(measured) == 72 and measured.max() > 200
        centres[how] = predicted.mean()
    raw, _, both = centres.values()
    assert raw < 50 and 120 < both < 180
    assert knob.sentence.startswith("Features and target standardised: R² 0.")


def test_where_training_stops():
    knob = knobs.patience(lambda losses, patience: (patience + 2, 2), {"train": [3, 2, 1], "valid": [0.5, 0.4, 0.6]})
    assert knob.sentence == "Patience 5: stops after epoch 7, keeps epoch 2, loss 0.400."


@pytest.mark.parametrize("skip", [True, False])
def test_the_skip_is_drawn_where_there_is_one(skip):
    picture = knobs.residual_block(skip)
    (ax,) = picture.figure.axes
    assert ("+" in texts(ax)) is skip and len(ax.lines) == skip
    assert [text for text in texts(ax) if "conv" in text] == ["conv1 3×3", "conv2 3×3"]
    assert ("added" in picture.sentence) is skip


def test_arrows_lead_from_box_to_box():
    for skip, count in ((True, 7), (False, 5)):
        (ax,) = knobs.residual_block(skip).figure.axes
        arrows = [text for text in ax.texts if not text.get_text()]
        assert len(arrows) == count


def test_each_sequence_is_a_line_of_its_own():
    picture = knobs.reading_order({"one": [["a", "b", "c"]], "three": [["a"], ["b"], ["c"]]})
    one, three = picture.figure.axes
    places = {text.get_text(): text.get_position() for text in one.texts if text.get_text()}
    assert places == {"a": (0, 0), "b": (1, 0), "c": (2, 0)}
    assert sum(not text.get_text() for text in one.texts) == 2  # arrows
    places = {text.get_text(): text.get_position() for text in three.texts}
    assert places == {"a": (0, 0), "b": (0, -1), "c": (0, -2)}
    assert picture.sentence == "one, one sequence; three, 3 sequences. Each arrow hands on the state."
    assert one.get_xlabel() == "step in time"


def test_the_embedded_digits_are_enlarged():
    images, labels = knobs.embedded(5, 32)
    assert images.shape == (5, 1, 32, 32) and labels.dtype == torch.int64
