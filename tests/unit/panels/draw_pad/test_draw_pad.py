"""DrawPad and the image behind it."""

import pytest
import torch
from torch import nn

from course_utils import data, models
from course_utils.panels import DrawPad
from course_utils.panels.draw_pad import strokes
from course_utils.panels.draw_pad.draw_pad import SEVEN

LINE = [[[60, 60], [60, 220]]]


def centre_of_mass(image):
    at = torch.arange(image.shape[-1]) + 0.5
    ink = image[0, 0] / image.sum()
    return (ink.sum(dim=1) * at).sum().item(), (ink.sum(dim=0) * at).sum().item()


@pytest.mark.parametrize("drawn", [LINE, SEVEN, [[[10, 10]]], [[[5, 5], [275, 5]], [[5, 5], [5, 20]]]])
def test_a_drawing_is_centred_by_its_mass_and_fits_the_box(drawn):
    image = strokes.image_of(drawn)
    assert image.shape == (1, 1, 28, 28)
    assert image.min() >= 0
    assert image.max() <= 1
    rows, columns = image[0, 0].sum(dim=1).nonzero(), image[0, 0].sum(dim=0).nonzero()
    extent = max(rows.max() - rows.min(), columns.max() - columns.min()) + 1
    assert extent == 20
    assert centre_of_mass(image) == pytest.approx((14, 14), abs=0.51)


def test_where_and_how_large_it_is_drawn_makes_no_difference():
    here = [[[100, 80], [180, 80], [130, 180]]]
    there = [[[x + 60, y + 50] for x, y in here[0]]]
    assert torch.equal(strokes.image_of(here), strokes.image_of(there))


def test_the_probabilities_follow_the_drawing():
    torch.manual_seed(0)
    model = models.mlp().train()
    pad = DrawPad(model)
    assert pad.probabilities == []
    pad.strokes = SEVEN
    with torch.no_grad():
        expected = model(pad.image).softmax(dim=1)[0].tolist()
    assert pad.probabilities == pytest.approx(expected)
    assert pad.sentence.startswith("Most likely ")
    assert model.training  # left as it was
    pad.strokes = SEVEN + LINE
    before = pad.probabilities
    pad.undo()
    assert pad.probabilities == pytest.approx(expected) != before
    pad.clear()
    assert (pad.probabilities, pad.sentence) == ([], "Draw a digit.")
    pad.close()


@pytest.mark.trains
def test_a_network_trained_on_the_digits_recognises_drawn_ones(empty_data_dir, offline):
    train, _ = data.mnist()  # the digits, enlarged
    torch.manual_seed(0)
    model = models.mlp(activation="relu")
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(train.images), train.labels).backward()
        optimizer.step()
    pad = DrawPad(model)
    pad.strokes = [[[140, 40], [140, 240]]]
    assert pad.sentence.startswith("Most likely 1")
    pad.strokes = [
        [[140, 40], [90, 80], [80, 140], [90, 200], [140, 240], [190, 200], [200, 140], [190, 80], [140, 40]]
    ]
    assert pad.sentence.startswith("Most likely 0")


def test_a_model_of_the_wrong_shape_shows_a_sentence_beside_the_pad():
    pad = DrawPad(nn.Sequential(nn.Flatten(), nn.Linear(784, 3)))
    pad.strokes = LINE
    assert "the model returned [1, 3]: it must be [1, 10]" in pad.error
    assert len(pad.errors) == 1


def test_a_pad_needs_a_model():
    with pytest.raises(TypeError, match="model is a str: it must map images to logits"):
        DrawPad("mlp")


def test_headless_the_pad_shows_a_drawn_seven(monkeypatch):
    monkeypatch.setenv("COURSE_HEADLESS", "1")
    bundle = DrawPad(models.mlp())._repr_mimebundle_()
    assert bundle["text/plain"].startswith("Most likely ")
    assert "image/png" in bundle


def test_a_view_beside_the_pad_follows_the_drawing():
    def view(axes, image):
        axes.imshow(image[0, 0].numpy())
        return f"{image.count_nonzero()} pixels of ink."

    pad = DrawPad(models.mlp(), view=view)
    assert pad.side.widget.sentence == "0 pixels of ink."
    blank = pad.side.widget.png
    pad.strokes = LINE
    drawn = f"{pad.image.count_nonzero()} pixels of ink."
    assert pad.side.widget.sentence == drawn and pad.side.widget.png != blank
    assert len(pad.picture().figure.axes) == 3 and pad.picture().sentence.endswith(drawn)
    assert pad.probabilities and pad.errors == []


def test_an_error_in_the_view_is_shown_beside_it(monkeypatch):
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    pad = DrawPad(models.mlp(), view=lambda axes, image: 1 / 0 if image.any() else "Nothing yet.")
    pad.strokes = LINE
    assert isinstance(pad.errors[0], ZeroDivisionError) and "ZeroDivisionError" in pad.side.widget.error
    assert pad.probabilities  # the pad itself goes on


HOSTILE = {
    "strokes must be a list of lists of points": [1, 2],
    "strokes have 1,000,000 points: they may have 20,000": [[[1, 2]] * 1_000_000],
    "strokes hold ['a', 'b']: a point is [x, y]": [[["a", "b"]]],
    "strokes hold [nan, 1]": [[[float("nan"), 1]]],
    "strokes hold [1e+300, 1]": [[[1e300, 1]]],
    "strokes hold [1, 2, 3]": [[[1, 2, 3]]],
    "strokes hold [[1], [2]]": [[[[1], [2]]]],
    "strokes hold None": [[None]],
}


@pytest.mark.parametrize("sentence", HOSTILE)
def test_strokes_that_cannot_be_are_refused_in_a_sentence_and_the_pad_goes_on(sentence, monkeypatch):
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    seen = []
    pad = DrawPad(models.mlp(), view=lambda axes, image: seen.append(image) or "A look.")
    pad.strokes = HOSTILE[sentence]
    assert sentence in pad.error and len(seen) == 1
    pad.strokes = LINE
    assert pad.error == "" and len(pad.probabilities) == 10 and len(seen) == 2
    pad.main.set_state({"strokes": HOSTILE[sentence]})  # as a page sends it
    assert sentence in pad.error and pad.strokes == LINE
    pad.main.set_state({"strokes": []})
    assert pad.error == "" and pad.strokes == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"normalize": 0.5}, r"normalize is 0.5: it must be a pair \(mean, std\)"),
        ({"normalize": (0.5, 0)}, "normalize's std is 0"),
        ({"normalize": ("0.5", 1)}, "normalize's mean is '0.5': it must be a finite number"),
        ({"classes": 10}, "classes is 10: it must hold the names of the classes"),
    ],
)
def test_what_it_is_given_is_looked_at_when_it_is_made(arguments, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        DrawPad(lambda X: X, **arguments)
