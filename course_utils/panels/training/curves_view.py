"""The canvas that shows curves while they grow, and the table of earlier runs."""

import pathlib

import anywidget
import traitlets

_HERE = pathlib.Path(__file__).parent


class CurvesView(anywidget.AnyWidget):
    """Loss and accuracy against epochs for the run at hand and for earlier ones, drawn in the front end.

    Each trait holds all there is to show, so that a page that is reloaded, or a second view, shows the same.

    Attributes:
        points: of the run at hand: float32 [n, 3] as bytes: epochs, loss, accuracy (NaN where there is none).
        run: the run at hand: name, color (index), epochs, tests [[epochs, loss, accuracy]] on the data named held_out,
            marks [[epochs, text]], diverged (None or epochs), cells (its row in the table).
        ghosts: earlier runs, each like `run`, with points, id, visible, and trained: False for one that is listed only.
        head: the table's column names.
        chance: what one gets who has learned nothing: name, and loss and accuracy or None.
        headline: what to press, or what came of it.
        status: what is going on, updated often.
        progress: of the run, 0..1.
        sentence: what to see; updated seldom, read aloud.
        code, panel_code: the text of the Experiment, and of a panel in this state.
        error: what went wrong.
        printed: what the model has printed, its end.
        has_accuracy, has_copy: True where there are accuracies, and a button to copy the code.
    """

    # Texts, as in `PictureView`; one module of two files.
    _esm = "".join((_HERE / name).read_text(encoding="utf-8") for name in ("plot.js", "curves.js"))
    _css = (_HERE / "curves.css").read_text(encoding="utf-8")
    points = traitlets.Bytes(b"").tag(sync=True)
    run = traitlets.Dict().tag(sync=True)
    ghosts = traitlets.List().tag(sync=True)
    head = traitlets.List().tag(sync=True)
    chance = traitlets.Dict().tag(sync=True)
    headline = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    progress = traitlets.Float(0.0).tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    panel_code = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    printed = traitlets.Unicode("").tag(sync=True)
    has_accuracy = traitlets.Bool(True).tag(sync=True)
    has_copy = traitlets.Bool(True).tag(sync=True)
