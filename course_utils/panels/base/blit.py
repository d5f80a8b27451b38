"""A figure in two layers: what stays is drawn once, what a control changes is drawn on top of it."""

import io
import threading

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

DRAWING = threading.RLock()  # matplotlib is not thread-safe


class BlittedFigure:
    """Redraws a figure to a PNG in a fifth of the time that matplotlib needs for the whole of it.

    The lower layer (axes, ticks, background) is kept as pixels and drawn again only when the limits, scales, labels
    or ticks of an axes have changed. The upper layer holds the titles and every artist that was added or changed
    after the figure was passed in. It covers the lower layer: `zorder` counts only within a layer.
    """

    def __init__(self, figure):
        self._figure = figure
        self._canvas = FigureCanvasAgg(figure)
        self._canvas.draw()  # from here on, only what a drawing has changed is stale
        self._bare = [_Bare(axes) for axes in figure.axes]
        self._lower = None
        self._seen = None

    def clear(self):
        """Remove what was added. Colours start at the first again, and limits follow the new data only."""
        known = [bare.axes for bare in self._bare]
        for axes in self._figure.axes:
            if axes not in known:  # a colour bar, a twin
                axes.remove()
        for bare in self._bare:
            bare.restore()

    def png(self):
        """The figure as it is now, as bytes of a PNG file."""
        upper = [artist for bare in self._bare for artist in bare.upper()]
        state = self._state()
        if state != self._seen:
            self._draw_lower(upper)
            # Read again: drawing makes the ticks.
            self._seen = self._state()
        self._canvas.restore_region(self._lower)
        for artist in upper:
            artist.axes.draw_artist(artist)
        # Zero-copy, RGB: faster PNG.
        pixels = Image.frombuffer(
            "RGBA", self._canvas.get_width_height(), self._canvas.buffer_rgba(), "raw", "RGBA", 0, 1
        )
        buffer = io.BytesIO()
        pixels.convert("RGB").save(buffer, format="png", compress_level=1)
        return buffer.getvalue()

    def _state(self):
        """Everything that the look of the lower layer depends on, to be compared."""
        texts = [text.get_text() for text in self._figure.texts]
        return [bare.state() for bare in self._bare], list(self._figure.axes), texts

    def _draw_lower(self, upper):
        if self._figure.get_layout_engine() is not None:
            self._canvas.draw()  # lays out with everything in place
            self._figure.set_layout_engine("none")  # once: laying out again costs as much as drawing
        visible = [artist for artist in upper if artist.get_visible() and not artist.get_animated()]
        for artist in visible:
            artist.set_visible(False)
        try:
            self._canvas.draw()
        finally:
            for artist in visible:
                artist.set_visible(True)
        self._lower = self._canvas.copy_from_bbox(self._figure.bbox)


class _Bare:
    """Restores an Axes, before each drawing, to what the background left."""

    def __init__(self, axes):
        self.axes = axes
        titles = (axes.title, axes._left_title, axes._right_title)
        for title in titles:
            title.set_animated(True)  # matplotlib places it with the lower layer, but does not draw it there
        self._kept = {id(artist) for artist in axes.get_children()}
        # Ignore stale frames: every limit change marks them, and `state` has the limits.
        frame = [*axes.spines.values(), axes.xaxis, axes.yaxis, axes.patch]
        self._fixed = [artist for artist in axes.get_children() if artist not in frame and artist not in titles]
        self._changing = list(titles)
        self._texts = [(text, text.get_text()) for text in (*titles, axes.xaxis.label, axes.yaxis.label)]
        self._data_limits = axes.dataLim.frozen()
        self._scales = [
            ("x", axes.get_xscale(), axes.get_xlim(), axes.get_autoscalex_on()),
            ("y", axes.get_yscale(), axes.get_ylim(), axes.get_autoscaley_on()),
        ]
        tickers = [ticker for axis in (axes.xaxis, axes.yaxis) for ticker in (axis.major, axis.minor)]
        self._tickers = [(ticker, ticker.locator, ticker.formatter) for ticker in tickers]

    def restore(self):
        for artist in self.axes.get_children():
            if id(artist) not in self._kept:
                artist.remove()
        for artist, text in self._texts:
            artist.set_text(text)
        self.axes.set_prop_cycle(matplotlib.rcParams["axes.prop_cycle"])
        self.axes.dataLim = self._data_limits.frozen()
        for name, scale, limits, automatic in self._scales:
            self.axes.set(**{f"{name}scale": scale, f"{name}lim": limits})
            self.axes.autoscale(automatic, axis=name)
        for ticker, locator, formatter in self._tickers:  # setting a scale has put matplotlib's own in their places
            ticker.locator, ticker.formatter = locator, formatter

    def upper(self):
        """The artists of the upper layer, in the order in which they are drawn."""
        touched = [artist for artist in self._fixed if artist.stale]
        self._changing += touched
        self._fixed = [artist for artist in self._fixed if artist not in touched]
        added = [artist for artist in self.axes.get_children() if id(artist) not in self._kept]
        return sorted(self._changing + added, key=lambda artist: artist.get_zorder())

    def state(self):
        axes = self.axes
        return [
            [axis.get_view_interval().tolist(), axis.get_scale(), axis.label.get_text(), axis.get_visible()]
            + [axis.get_tick_params(which) for which in ("major", "minor")]
            + [axis.get_majorticklocs().tolist(), axis.get_minorticklocs().tolist()]
            + [axis.get_major_formatter().format_ticks(axis.get_majorticklocs())]
            for axis in (axes.xaxis, axes.yaxis)
        ] + [len(self._changing)]
