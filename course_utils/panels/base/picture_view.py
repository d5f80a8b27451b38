"""A picture and the sentence under it, as one widget."""

import pathlib

import anywidget
import traitlets

_HERE = pathlib.Path(__file__).parent


class PictureView(anywidget.AnyWidget):
    """Shows a PNG, the sentence that says what to see (also the picture's text alternative), and an error."""

    _esm = _HERE / "picture.js"
    _css = _HERE / "picture.css"
    png = traitlets.Bytes(b"").tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
