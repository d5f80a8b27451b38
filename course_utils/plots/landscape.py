"""A bowl from above and a way down it, as lessons 01 and 02 draw them. Numbers in, drawn on Axes."""

import numpy as np

from course_utils import plots

BOWL_LOOKS = {
    "least loss": {"color": plots.GREEN, "marker": "*", "markersize": 18, "linestyle": "none"},
    "start": {"color": plots.GREY, "marker": "o", "markersize": 8, "linestyle": "none"},
    "one dot a step": {"color": plots.ORANGE, "marker": ".", "markersize": 6, "linewidth": 1.2},
}
BOWL_WINDOW = (-6.0, 10.0, -10.0, 4.0)  # w1 from, to, w2 from, to: where lesson 02's bowl and its paths are seen


def bowl_axes(ax):
    """Labels, limits and legend of `bowl`: what stays the same whatever it shows."""
    ax.set(xlabel="weight $w_1$", ylabel="weight $w_2$", xlim=BOWL_WINDOW[:2], ylim=BOWL_WINDOW[2:])
    ax.set_aspect("equal")  # a ravine must look like one
    plots.legend_above(ax, BOWL_LOOKS)


def bowl(ax, hessian, best, path):
    """Rings of equal loss of a quadratic loss in two weights, and a path down (or up) it.

    Args:
        ax: Axes prepared by `bowl_axes`.
        hessian: [2, 2], the second derivatives of the loss, a NumPy array.
        best: [2], where the loss is least.
        path: [steps + 1, 2], the weights before the first step and after each.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    curvatures, directions = np.linalg.eigh(hessian)
    angle = np.linspace(0, 2 * np.pi, 120)
    circle = np.array([np.cos(angle), np.sin(angle)])
    # loss − least loss = ½ Σ λ·distance², so a ring's half axes are √(2·rise/λ).
    rings = [
        np.transpose(np.array(best)[:, None] + directions @ (np.sqrt(2 * rise / curvatures)[:, None] * circle))
        for rise in (0.5, 3, 8, 16, 32, 64, 128)
    ]
    fading = np.linspace(0.75, 0.27, len(rings))  # opacity
    # One artist for all rings: each costs a knob's answer a third of a millisecond.
    ax.add_collection(LineCollection(rings, colors=[to_rgba(plots.BLUE, alpha) for alpha in fading], linewidths=1))
    for (label, look), points in zip(BOWL_LOOKS.items(), (best, path[0], path.T), strict=True):
        ax.plot(*points, label=label, **look)
