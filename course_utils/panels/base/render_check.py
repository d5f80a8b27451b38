"""A check that the front end renders widgets."""

import pathlib

import anywidget
import traitlets

_HERE = pathlib.Path(__file__).parent


class RenderCheck(anywidget.AnyWidget):
    """A widget that tells the kernel that it was rendered.

    Attributes:
        text: what it says; changes when the front end has answered.
        seen: True once the front end has answered.
    """

    _esm = _HERE / "render_check.js"
    seen = traitlets.Bool(False).tag(sync=True)
    text = traitlets.Unicode("Widgets: not seen by the kernel yet").tag(sync=True)

    @traitlets.observe("seen")
    def _on_seen(self, change):
        self.text = "✓ Widgets: rendered here, and the kernel hears them."
