"""Pictures: a figure with labelled axes, and a true sentence."""

from course_utils import plots


def test_a_picture_is_a_png_and_a_sentence():
    picture = plots.curves({"a": [1.0, 2.0], "b": [2.0, 1.0]}, "step", "loss", "b falls.", log=True)
    figure, sentence = picture
    assert picture.png().startswith(b"\x89PNG") and sentence.endswith(".")
    bundle = picture._repr_mimebundle_()
    assert f'alt="{sentence}"' in bundle["text/html"] and f">{sentence}</figcaption>" in bundle["text/html"]
    assert bundle["text/plain"] == repr(picture) == sentence
    for ax in figure.axes:
        assert not ax.axison or ax.get_xlabel()


def test_a_sentence_is_escaped_in_html():
    picture = plots.curves({"a": [1]}, "x", "y", 'if a < b & "so on".')
    assert "a &lt; b &amp; &quot;so on&quot;" in picture._repr_mimebundle_()["text/html"]
