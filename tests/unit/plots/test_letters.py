"""Names in any script: drawn with a font of the machine, else a sentence in the place of boxes."""

import pathlib

import matplotlib
import pytest
from matplotlib import font_manager

from course_utils import plots
from course_utils.plots import letters

SEEN_IN_DEJAVU_ALONE = "ʘ"  # and not in the font that stands for matplotlib's own below


def picture(name):
    figure, axes = plots.new_figure()
    axes.bar([name, "b"], [1, 2])
    axes.set(title=name)
    return plots.Picture(figure, "Two bars.")


@pytest.mark.parametrize("name", ["猫", "кот 猫", "קָט ᠮ", "\U0001f408"])
def test_letters_that_no_font_has_are_named(monkeypatch, name, recwarn):
    monkeypatch.setattr(letters, "_font_with", lambda letter: None)
    bundle = picture(name)._repr_mimebundle_()
    missing = [letter for letter in name if letter in bundle["text/plain"]]
    assert missing and "No font on this machine has the letters" in bundle["text/plain"]
    assert bundle["text/plain"] in bundle["text/html"] and list(recwarn) == []


def test_letters_that_another_font_has_are_drawn_with_it(monkeypatch, recwarn):
    """As on a machine whose plain font has no ʘ, and another one has."""
    folder = pathlib.Path(matplotlib.get_data_path(), "fonts", "ttf")
    poor = font_manager.FontProperties(fname=folder / "STIXGeneralBol.ttf").get_name()
    monkeypatch.setitem(matplotlib.rcParams, "font.family", [poor])
    letters._font_with.cache_clear()
    shown = picture("я猫"[:1] + SEEN_IN_DEJAVU_ALONE)
    assert shown._repr_mimebundle_()["text/plain"] == "Two bars." and list(recwarn) == []


def test_names_that_can_be_drawn_cost_nothing_and_other_warnings_are_passed_on():
    assert picture("Ä, ß, π and я")._repr_mimebundle_()["text/plain"] == "Two bars."

    def draw():
        import warnings

        warnings.warn("planted", UserWarning, stacklevel=1)
        return 1

    with pytest.warns(UserWarning, match="planted"):
        assert letters.drawn(picture("a").figure, draw) == (1, "")
