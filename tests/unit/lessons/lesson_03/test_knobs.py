"""Pictures of lesson 03 show the numbers they are given."""

import types

import numpy as np
import pytest
import torch

from course_utils.lessons.lesson_03 import built, knobs

ENDS = {("sigmoid", 0.03): 0.1, ("relu", 0.03): 0.9, ("sigmoid", 1.0): 0.95, ("relu", 1.0): 0.3}


def heights(ax):
    return [bar.get_height() for bar in ax.patches]


@pytest.fixture
def trained():
    """What was run, as (activation, lr)."""
    return []


@pytest.fixture
def small(trained):
    """A learner's `small`, whose runs end as ENDS says."""

    def small(activation, lr):
        def run():
            trained.append((activation, lr))
            return types.SimpleNamespace(valid_accuracy=[0.1, ENDS[activation, lr]])

        return types.SimpleNamespace(run=run)

    return small


def test_two_runs_at_one_rate(small, trained):
    knob = knobs.two_runs(small)
    assert knob.sentence == "lr 0.03: sigmoid 10%, ReLU 90% after 2 epochs."
    knob.controls["lr"].value = 1.0
    assert knob.sentence == "lr 1: sigmoid 95%, ReLU 30% after 2 epochs."
    lines = {line.get_label(): line.get_ydata()[-1] for line in knob.axes.lines}
    assert (lines["sigmoid"], lines["ReLU"]) == (0.95, 0.3)
    knob.controls["lr"].value = 0.03
    assert len(trained) == 4  # a rate that is chosen again is not trained again
    knob.close()


def test_the_picture_has_both_rates(small):
    figure, sentence = knobs.two_rates(small)
    ends = [[line.get_ydata()[-1] for line in ax.lines[1:]] for ax in figure.axes]
    assert ends == [[0.1, 0.9], [0.95, 0.3]]
    assert sentence == "lr 0.03: sigmoid 10%, ReLU 90% after 2 epochs. lr 1: sigmoid 95%, ReLU 30% after 2 epochs."


def test_the_loss_is_the_learners():
    knob = knobs.loss(lambda logits, y: logits[0, y[0]] + 0.5)
    knob.controls["right_logit"].value = 0.0
    assert knob.sentence == "Logit 0: probability 0.1, loss 0.500."
    assert heights(knob.axes) == pytest.approx(10 * [0.1])
    knob.close()


def test_a_program_and_its_switches():
    def trapped(sort=False, twice=False, shuffle=False, epochs=5):
        end = 0.2 if twice else 0.9
        return types.SimpleNamespace(train_accuracy=epochs * [end], test_accuracy=epochs * [0.1 if sort else end])

    knob = knobs.traps(trapped)
    assert knob.sentence == "training 90%, test 90%."
    knob.controls["sort"].value, knob.controls["epochs"].value = True, 3
    assert knob.sentence == "training 90%, test 10%." and len(knob.axes.lines[0].get_xdata()) == 3
    knob.close()
    _, sentence = knobs.three_programs(trapped)
    assert sentence == (
        "as it should be: training 90%, test 90%. sorted: training 90%, test 10%. softmax twice: training 20%, "
        "test 20%."
    )


def test_slopes_are_multiplied():
    knob = knobs.slopes(lambda function, x: torch.full_like(x, 0.5), {"half": lambda x: x / 2, "none": torch.relu})
    knob.controls["layers"].value, knob.controls["x"].value = 3, 2.0
    assert knob.sentence == "half at x = 2: slope 0.5; after 3 of them 0.12 of a gradient is left."
    assert knob.axes[0].lines[-1].get_xydata().tolist() == [[2.0, 1.0]]
    knob.close()


def test_the_bars_are_the_gradients_of_the_layers():
    knob = knobs.depth(built.deep, lambda model, X, y: [0.01, *[0.1] * (len(model) // 2 - 2), len(y) / 64])
    knob.controls["depth"].value = 4
    assert heights(knob.axes) == pytest.approx([0.01, 0.1, 0.1, 0.1, 1.0])
    assert knob.sentence == "The first layer's gradient is 0.01 times the last layer's."
    knob.close()
    assert set(knobs.STARTS) == {"PyTorch's", "Xavier", "Xavier, gain 4", "He"}


def test_a_setting_is_studied_once():
    studied = []

    def study(images, weight_decay, dropout):
        studied.append((images, weight_decay, dropout))
        return types.SimpleNamespace(
            train_loss=[2.0, 0.1], valid_loss=[0.5, 0.5 + weight_decay], valid_accuracy=[0.1, 0.8]
        )

    knob = knobs.overfitting(study)
    for decay in (0.1, 0.0, 0.1):
        knob.controls["weight_decay"].value = decay
    assert knob.sentence == "Validation loss: least 0.50, at last 0.60; accuracy 80.0%."
    assert studied == [(300, 0.0, 0.0), (300, 0.1, 0.0)]
    figure, sentence = knobs.learned_and_fooled(study(300, 0.0, 0.0), {0: 0.97, 4: 0.38})
    assert figure.axes[1].lines[0].get_ydata().tolist() == [0.97, 0.38]
    assert sentence.endswith("Four pixels to the right: 38% of the test images are right.")
    knob.close()


def test_a_pushed_image_and_what_it_is_taken_for():
    def shift(images, right, down):
        return torch.roll(images, (down, right), (2, 3))

    def reader(images):  # the column of the ink
        return 100 * torch.nn.functional.one_hot(images[0, 0].sum(0).argmax(), 10)[None].float()

    image = torch.zeros(1, 10, 10)
    image[0, 0, 2] = 1.0
    knob = knobs.shifted(shift, lambda right, down: right / 10, reader, image)
    knob.controls["right"].value = 3
    assert knob.sentence == "Taken for a 5. All test images so: 30.0% are right."
    assert np.asarray(knob.axes[0].images[-1].get_array())[0, 5] == 1
    assert heights(knob.axes[1])[5] == pytest.approx(1.0)
    knob.close()
