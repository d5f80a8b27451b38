"""Axes in a row, each in a column of its own with all its labels, so that a picture can be cut between them."""

import numpy as np

MARGIN = 6  # pixels around each column, at the figure's usual dots an inch


class Row:
    """The places of a figure's axes.

    Attributes:
        columns: what part of the figure's width each column has. Just one, where the axes don't stand in a row.
    """

    def __init__(self, figure):
        """From here on the figure is laid out by `lay_out` only."""
        self._engine = figure.get_layout_engine()
        figure.set_layout_engine("none")
        self._axes = list(figure.axes)
        grids = {axes.get_gridspec() for axes in self._axes}
        grid = grids.pop() if len(grids) == 1 else None
        self.columns = [1.0]
        if grid and (grid.nrows, grid.ncols) == (1, len(self._axes)):
            ratios = np.array(grid.get_width_ratios(), float)
            self.columns = (ratios / ratios.sum()).tolist()

    def lay_out(self, figure):
        """Give each axes the room that its labels leave. Everything that will be seen has to be in place."""
        if len(self.columns) == len(self._axes) and figure.axes == self._axes:
            for _ in range(2):  # other ticks may fit, with other labels
                self._place(figure)
        elif self._engine is not None:
            self._engine.execute(figure)

    def _place(self, figure):
        renderer = figure.canvas.get_renderer()
        width, height = figure.bbox.size
        reach = np.array([_reach(axes, renderer) for axes in self._axes]) + MARGIN
        below, above = reach[:, 1].max(), reach[:, 3].max()  # in one line, whatever stands under and over them
        edges = width * np.cumsum([0.0, *self.columns])
        for axes, (left, _, right, _), start, end in zip(self._axes, reach, edges, edges[1:], strict=False):
            wide, high = max(end - start - left - right, 1), max(height - below - above, 1)
            axes.set_position([(start + left) / width, below / height, wide / width, high / height])
            axes.set_in_layout(True)  # as before


def _reach(axes, renderer):
    """How many pixels the labels of `axes` reach out of it: to the left, below, to the right, above."""
    whole = axes.get_tightbbox(renderer, for_layout_only=True)
    if whole is None:
        return 0, 0, 0, 0
    own = axes.get_window_extent(renderer)
    # In whole pixels: a hair's breadth must not move everything.
    return np.ceil(np.maximum([own.x0 - whole.x0, own.y0 - whole.y0, whole.x1 - own.x1, whole.y1 - own.y1], 0))
