"""SignPad: what is drawn is kept in a file beside the notebooks, whatever happens to the file."""

import numpy as np
import pytest
import torch

from course_utils import data
from course_utils.panels import DrawPad, SignPad
from course_utils.panels.draw_pad import strokes

LINE, BAR = [[[60, 60], [60, 220]]], [[[60, 60], [220, 60]]]
NAMES = ("arrow", "house", "spiral")


def filled(pad, **counts):
    for sign, count in counts.items():
        for _ in range(count):
            pad.keep(LINE, sign)
    return pad


def from_page(pad, do, **given):
    """What the page sends."""
    pad.main._handle_custom_msg({"do": do, **given}, [])


def sent(pad, monkeypatch):
    """The messages that the page gets from now on: [(content, bytes), …]."""
    messages = []
    monkeypatch.setattr(pad.main, "send", lambda content, buffers=(): messages.append((content, b"".join(buffers))))
    return messages


def first_ids(pad):
    return [id for _, ids in pad.main.signs for id in ids]


def test_nothing_is_written_before_something_is_kept(pad, folder):
    assert pad.counts == dict.fromkeys(NAMES, 0) and pad.chosen == "arrow"
    assert pad.sentence == "Draw 'arrow', then press Keep. 0 drawings so far."
    assert list(folder.iterdir()) == []


def test_what_is_kept_is_there_again_after_a_restart(pad):
    pad.keep(LINE)
    pad.chosen = "house"
    pad.keep(BAR)
    assert pad.sentence == "Draw 'house', then press Keep. 2 drawings so far."
    again = SignPad(classes=NAMES)
    assert again.counts == {"arrow": 1, "house": 1, "spiral": 0} and again.main.signs == pad.main.signs
    image = again._collection.signs.drawings[first_ids(again)[0]].image
    assert torch.equal(torch.from_numpy(image), (255 * strokes.image_of(LINE)[0, 0]).round().byte())


def test_a_name_is_added_changed_and_refused_in_a_sentence(pad):
    pad.add(" знак ")
    assert pad.chosen == "знак" and list(pad.counts) == [*NAMES, "знак"]
    pad.keep(LINE)
    pad.rename("знак", "sign")
    pad.rename("arrow", "pfeil")
    assert pad.counts == {"pfeil": 0, "house": 0, "spiral": 0, "sign": 1}
    assert list(SignPad(classes=NAMES).counts) == ["pfeil", "house", "spiral", "sign"]  # and no arrow beside it
    pad.add("arrow")  # a new one of this name may come
    assert list(SignPad(classes=NAMES).counts) == ["pfeil", "house", "spiral", "sign", "arrow"]
    for wrong in ("house", "", "  ", "x" * 31, "two\nlines", "a\x00"):
        with pytest.raises(ValueError, match=r"^(There is a sign called 'house' already\.$|a sign's name is )"):
            pad.add(wrong)
        with pytest.raises(ValueError):
            pad.rename("sign", wrong)
    with pytest.raises(ValueError, match=r"^sign is 'huose': .* Did you mean 'house'\?$"):
        pad.rename("huose", "home")
    with pytest.raises(ValueError, match=r"^chosen is 'moon': "):
        pad.chosen = "moon"


def test_letters_of_any_script_are_names(pad):
    for name in ("ع", "می‌خواهم", "愛", "👩‍🎨", "e\u0301"):
        pad.add(name)
    assert list(SignPad().counts)[3:] == ["ع", "می‌خواهم", "愛", "👩‍🎨", "é"]


def test_one_is_deleted_and_put_back_with_its_name_of_now(pad):
    filled(pad, arrow=2, house=1)
    first, second, third = first_ids(pad)
    pad.delete(first)
    pad.delete(third)
    assert first_ids(pad) == [second] and pad.main.deleted == 2
    pad.rename("house", "home")
    pad.put_back()
    assert pad.counts == {"arrow": 1, "home": 1, "spiral": 0} and pad.main.deleted == 1
    pad.put_back()
    pad.put_back()
    assert pad.counts == {"arrow": 2, "home": 1, "spiral": 0} == SignPad().counts
    with pytest.raises(ValueError, match="is not there any more"):
        pad.delete(12345)


def test_the_data_are_like_those_of_mnist(pad, capsys):
    filled(pad, arrow=3, spiral=4)
    train = pad.data()
    assert capsys.readouterr().out == "Data: your own signs, 7 drawings: arrow 3, spiral 4\n"
    assert (train.images.shape, train.images.dtype) == ((7, 1, 28, 28), torch.float32)
    assert (train.images.min(), train.images.max()) == (0, 1)
    assert train.labels.tolist() == [0, 0, 0, 1, 1, 1, 1] and train.labels.dtype == torch.int64
    assert train.classes == ("arrow", "spiral") and train.source == "your own signs"  # nothing can learn a house
    other = pad.data(classes=("spiral", "house", "arrow"))  # as a network knows them
    assert other.labels.tolist() == [2, 2, 2, 0, 0, 0, 0] and other.classes == ("spiral", "house", "arrow")
    filled(pad, house=1)
    assert len(pad.data(classes=("arrow", "spiral"))) == 7  # a house is strange to it


@pytest.mark.parametrize("counts", [{}, {"arrow": 9}, {"arrow": 3, "house": 2, "spiral": 2}])
def test_what_a_script_has_drawn_stands_in_for_too_few(pad, counts, capsys):
    filled(pad, **counts)
    made = data.Data(torch.zeros(2, 1, 28, 28), torch.tensor([0, 1]), "drawings made by a script", ("arrow", "star"))
    assert pad.data(stand_in=made) is made
    assert capsys.readouterr().out.startswith("Data: drawings made by a script, 2 images. ")
    for given in ({}, {"stand_in": made, "classes": ("arrow", "house")}):  # a network of other classes
        with pytest.raises(ValueError, match=r"^Draw at least two signs first, 3 times each, and keep them\. So far: "):
            pad.data(**given)


def test_own_drawings_take_their_place_as_soon_as_there_are_enough(pad):
    made = data.Data(torch.zeros(1, 1, 28, 28), torch.tensor([0]), "drawings made by a script", ("arrow",))
    assert pad.data(stand_in=made) is made
    filled(pad, arrow=3, house=3)
    assert pad.data(stand_in=made).source == "your own signs"


def test_a_trained_network_recognises_what_is_drawn_on_a_pad(pad):
    for at in range(5):
        pad.keep([[[60 + at, 60], [60, 220 - at]]], "arrow")
        pad.keep([[[60, 60 + at], [220 - at, 60]]], "house")
    train = pad.data()
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(model(train.images), train.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    asked = DrawPad(model, classes=train.classes, prompt="Draw one of your signs.", example=train.images[:1])
    assert asked.sentence == "Draw one of your signs."
    assert asked.picture().sentence.startswith("Most likely arrow")  # where nobody can draw
    asked.strokes = [[[100, 200], [250, 201]]]
    assert asked.sentence.startswith("Most likely house")
    asked.clear()
    assert asked.sentence == "Draw one of your signs."


# What the page sends


def test_the_page_keeps_chooses_names_and_deletes(pad):
    from_page(pad, "keep", id=7, sign="house", strokes=LINE)
    from_page(pad, "add", name="moon")
    from_page(pad, "rename", sign="spiral", name="snail")
    assert pad.main.signs == [["arrow", []], ["house", [7]], ["snail", []], ["moon", []]] and pad.chosen == "snail"
    from_page(pad, "delete", id=7)
    from_page(pad, "put back")
    assert pad.counts["house"] == 1 and pad.error == "" and pad.errors == []


def test_a_drawing_belongs_to_the_sign_that_was_chosen_when_it_was_kept(pad):
    """A busy kernel hears of everything later, and not always in order."""
    pad.main.chosen = "spiral"
    from_page(pad, "keep", id=1, sign="arrow", strokes=LINE)
    assert pad.main.signs[0] == ["arrow", [1]] and pad.chosen == "spiral"


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("There is a sign called 'house' already.", {"do": "add", "name": "house"}),
        ("a sign's name is ''", {"do": "rename", "sign": "house", "name": " "}),
        ("strokes are empty: draw something first.", {"do": "keep", "id": 1, "sign": "house", "strokes": []}),
        ("strokes have 20,001 points", {"do": "keep", "id": 1, "sign": "a", "strokes": [[[1, 1]] * 20_001]}),
        ("strokes hold [nan, 1]", {"do": "keep", "id": 1, "sign": "a", "strokes": [[[float("nan"), 1]]]}),
        ("a sign's name is 3", {"do": "keep", "id": 1, "sign": 3, "strokes": LINE}),
        ("id is 9007199254740992", {"do": "keep", "id": 2**53, "sign": "a", "strokes": LINE}),
        ("id is 'x'", {"do": "keep", "id": "x", "sign": "a", "strokes": LINE}),
        ("This drawing is not there any more.", {"do": "delete", "id": 5}),
    ],
)
def test_what_cannot_be_is_told_and_the_pad_goes_on(pad, sentence, message, monkeypatch):
    messages = sent(pad, monkeypatch)
    from_page(pad, **message)
    assert sentence in pad.error and pad.errors == []
    assert messages[-1][0] == {"refused": message.get("id")}  # the page puts the drawing back on the square
    from_page(pad, "keep", id=3, sign="house", strokes=LINE)
    assert pad.error == "" and pad.counts == {"arrow": 0, "house": 1, "spiral": 0}


def test_the_page_gets_the_pixels_of_one_drawing_for_one_that_is_kept(pad, monkeypatch):
    """However many there are; all come only to a page that is new."""
    filled(pad, arrow=500)
    messages = sent(pad, monkeypatch)
    from_page(pad, "keep", id=11, sign="house", strokes=BAR)
    ((content, pixels),) = messages
    assert content == {"pixels": [11]} and pixels == pad._collection.signs.drawings[11].image.tobytes()
    from_page(pad, "send", ids=[11, *first_ids(pad)[:9], 99])
    content, pixels = messages[-1]
    assert content["pixels"] == [11, *first_ids(pad)[:9]] and len(pixels) == 10 * 28 * 28


def test_headless_the_contact_sheet_is_shown(pad, monkeypatch):
    monkeypatch.setenv("COURSE_HEADLESS", "1")
    assert pad._repr_mimebundle_()["text/plain"] == pad.sentence
    filled(pad, arrow=2, spiral=21)
    picture = pad.picture()
    (axes,) = picture.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["arrow 2", "house 0", "spiral 21"]
    sheet = axes.images[0].get_array().reshape(3, 28, -1, 28).sum(axis=(1, 3)) > 0
    assert sheet.sum(axis=1).tolist() == [2, 0, 20]
    assert SignPad(file="none.npz").picture().sentence.startswith("Name your first sign")


def test_it_draws_from_no_stream_of_the_notebooks(pad):
    import random

    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    filled(pad, arrow=2)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before[1:]
