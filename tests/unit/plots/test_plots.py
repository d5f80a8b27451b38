"""Pictures: a figure with labelled axes, and a true sentence."""

import base64
import io

from PIL import Image

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


def test_a_picture_has_two_pixels_for_each_that_it_says_it_is_wide_and_no_transparent_ones():
    figure, _ = plots.new_figure(columns=2, width=3.0, height=2.0)
    bundle = plots.Picture(figure, "Two empty axes.")._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert image.size == (1200, 400) and ' width="600" ' in bundle["text/html"]
    assert image.convert("RGBA").getextrema()[3] == (255, 255)


def test_a_sentence_is_escaped_in_html():
    picture = plots.curves({"a": [1]}, "x", "y", 'if a < b & "so on".')
    assert "a &lt; b &amp; &quot;so on&quot;" in picture._repr_mimebundle_()["text/html"]
