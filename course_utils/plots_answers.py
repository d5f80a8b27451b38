"""A right result and a learner's, side by side. Numbers in, `plots.Picture` out."""

import numpy as np

from course_utils import plots


def side_by_side(right, yours):
    """Two tables of numbers as colours on one scale; where they have the same shape, wrong cells are framed.

    Two rows of numbers are drawn as points instead, at heights of their values.

    Args:
        right, yours: float [N] or [rows, columns].
    """
    same = right.shape == yours.shape
    if right.ndim == yours.ndim == 1:
        return _rows(right, yours)
    tables = [np.atleast_2d(table) for table in (right, yours)]
    finite = np.concatenate([table[np.isfinite(table)] for table in tables])
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    figure, axes = plots.new_figure(columns=2, width=3.2, height=2.6)
    for ax, table, title, shape in zip(axes, tables, ("right", "yours"), (right.shape, yours.shape), strict=True):
        drawn = ax.imshow(table, cmap="cividis", vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        ax.set(title=f"{title}: {list(shape)}", xlabel="column", ylabel="row")
        ax.locator_params(integer=True)
    figure.colorbar(drawn, ax=list(axes), label="value")
    if not same:
        return plots.Picture(figure, _shapes(right, yours))
    wrong = np.argwhere(_differ(right, yours).reshape(tables[0].shape))
    for row, column in wrong[:200]:
        axes[1].add_patch(_frame(column, row))
    return plots.Picture(figure, f"{len(wrong)} of {right.size} numbers are wrong; they are framed.")


def _rows(right, yours):
    figure, ax = plots.new_figure(width=6.4, height=2.6)
    ax.plot(right, "o", color=plots.BLUE, markersize=7, label="right")
    ax.plot(yours, "x", color=plots.ORANGE, markersize=7, markeredgewidth=2, label="yours")
    ax.set(xlabel="place", ylabel="value")
    ax.locator_params(axis="x", integer=True)
    ax.grid(alpha=0.3)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    if right.shape != yours.shape:
        return plots.Picture(figure, _shapes(right, yours))
    wrong = _differ(right, yours).sum()
    return plots.Picture(figure, f"{wrong} of {right.size} numbers are wrong: there the cross is not on the point.")


def _shapes(right, yours):
    return f"The right result has the shape {list(right.shape)}, yours {list(yours.shape)}."


def _differ(right, yours):
    return ~np.isclose(right, yours, rtol=1e-4, atol=1e-5)


def _frame(column, row):
    """The frame around one cell."""
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=plots.RED, linewidth=1.5)
