"""A figure in two layers: what stays is drawn once, what a control changes is drawn on top of it."""

import struct
import threading
import weakref
import zlib

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

from course_utils.panels.base.row import Row
from course_utils.panels.base.screen import Screen
from course_utils.panels.base.themed import ThemedRenderer
from course_utils.plots import DPI

DRAWING = threading.RLock()  # matplotlib is not thread-safe
WIDEST = 1.8  # times as wide as it was made a figure may become, to fill its column
TALLEST = 1.25  # and so many times as high
_SHARPEST = weakref.WeakSet()  # the BlittedFigure with a sharp layer: all would take much memory, and it goes with it


class BlittedFigure:
    """Redraws a figure to a PNG in a fifth of the time that matplotlib needs for the whole of it.

    The lower layer (axes, ticks, background) is kept as pixels and drawn again only when the limits, scales, labels
    or ticks of an axes have changed. The upper layer holds the titles and every artist that was added or changed
    after the figure was passed in. It covers the lower layer: `zorder` counts only within a layer.

    Attributes:
        columns: what part of the picture's width each of its columns has, from left to right.
        width: of the last picture, in CSS pixels.
    """

    def __init__(self, figure):
        self._figure = figure
        self._made = tuple(figure.get_size_inches())
        self.width = self._made[0] * DPI
        self._row = Row(figure)
        self.columns = self._row.columns
        FigureCanvasAgg(figure)
        self._row.lay_out(figure)  # the first drawing, too, may ask how large its axes are
        figure.draw_without_rendering()  # from here on, only what a drawing has changed is stale
        self._bare = [_Bare(axes) for axes in figure.axes]
        self._laid_out = None
        self._kept = self._sharp = None  # a _Layer each, for pictures of ratio 1, and of more

    def clear(self):
        """Remove what was added. Colours start at the first again, and limits follow the new data only."""
        known = [bare.axes for bare in self._bare]
        for axes in self._figure.axes:
            if axes not in known:  # a colour bar, which the axes beside it know of as well; or a twin
                getattr(axes, "_colorbar", axes).remove()
        for bare in self._bare:
            bare.restore()

    def png(self, screen=None, ratio=1.0):
        """The figure as it is now, as bytes of a PNG file.

        Args:
            screen: a `Screen`, whose colours and room count; without one it is black on white and as wide as it was
                made.
            ratio: pixels for each CSS pixel.
        """
        screen = (screen or Screen())._replace(ratio=ratio)
        self.width, zoom, inches = self._size(screen)
        if inches != tuple(self._figure.get_size_inches()):
            self._figure.set_size_inches(inches)
        upper = [artist for bare in self._bare for artist in bare.upper()]
        state = self._lay_out()
        self._figure.set_dpi(DPI * zoom * ratio)
        layer = self._layer(screen)
        layer.prepare(upper, state)
        for artist in upper:
            artist.draw(layer.renderer)
        return layer.png()

    def _layer(self, screen):
        known = [layer for layer in (self._kept, self._sharp) if layer and layer.of == (self._figure, screen)]
        layer = known[0] if known else _Layer(self._figure, screen)
        if screen.ratio <= 1:
            self._kept = layer
        else:
            for other in list(_SHARPEST):
                other._sharp = None
            _SHARPEST.clear()
            _SHARPEST.add(self)
            self._sharp = layer
        return layer

    def _size(self, screen):
        """(CSS pixels of the whole width, zoom, (width, height) in inches) of a picture on `screen`.

        One with more room than it was made for becomes wider; one with less is made smaller, letters and all.
        """
        width, height = self._made
        room = width * DPI
        if screen.room is not None:
            across = screen.across
            alone = screen.room / (across * max(self.columns))
            room = int(min(screen.room if across >= len(self.columns) else alone, WIDEST * room))
        grown = room / (width * DPI)
        if grown <= 1:
            return room, grown, self._made
        return room, 1.0, (room / DPI, height * min(grown, TALLEST))

    def _lay_out(self):
        """Make room for the labels as they are now. Returns what the look of the lower layer depends on."""
        state = self._state()
        if state != self._laid_out:
            self._figure.set_dpi(DPI)
            self._row.lay_out(self._figure)
            state = self._laid_out = self._state()  # read again: other ticks may fit
        return state

    def _state(self):
        texts = [text.get_text() for text in self._figure.texts]
        size = self._figure.get_size_inches().tolist()
        return [bare.state() for bare in self._bare], list(self._figure.axes), texts, size


class _Layer:
    """The lower layer of a figure, in pixels, and what draws on it."""

    def __init__(self, figure, screen):
        self.of = figure, screen
        self._state = self._pixels = None
        self._agg = RendererAgg(*figure.bbox.size, figure.dpi)
        self.renderer = self._agg if screen.light else ThemedRenderer(self._agg, screen.ground, screen.text)

    def prepare(self, upper, state):
        """Have the figure there without the artists in `upper`; drawn again unless `state` is what it was then."""
        if state == self._state:
            self.renderer.restore_region(self._pixels)
            return
        visible = [artist for artist in upper if artist.get_visible() and not artist.get_animated()]
        for artist in visible:
            artist.set_visible(False)
        try:
            self.renderer.clear()
            self.of[0].draw(self.renderer)
        finally:
            for artist in visible:
                artist.set_visible(True)
        self._state, self._pixels = state, self.renderer.copy_from_bbox(self._agg.bbox)

    def png(self):
        """The pixels as bytes of an RGB PNG file, in half of Pillow's time, which tries five filters for each row."""
        pixels = np.asarray(self._agg.buffer_rgba())
        height, width, _ = pixels.shape
        rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row begins with its filter: none
        rows[:, 1:].reshape(height, width, 3)[...] = pixels[:, :, :3]
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )


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
            here = getattr(self.axes, f"get_{name}scale")(), getattr(self.axes, f"get_{name}lim")()
            if here != (scale, limits):
                self.axes.set(**{f"{name}scale": scale, f"{name}lim": limits})
            getattr(self.axes, f"set_autoscale{name}_on")(automatic)
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
