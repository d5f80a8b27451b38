"""The bowl of lessons 01 and 02: its rings lie where they should."""

import numpy as np

from course_utils import plots
from course_utils.plots import landscape


def test_rings_are_where_the_loss_is_equal():
    _, ax = plots.new_figure()
    hessian, best = np.array([[2.0, 0.5], [0.5, 8.0]]), np.array([1.0, -2.0])
    landscape.bowl_axes(ax)
    landscape.bowl(ax, hessian, best, np.zeros((3, 2)))
    rings = ax.collections[0].get_segments()
    assert len(rings) == 7
    for ring in rings:
        from_best = ring - best
        rise = 0.5 * np.einsum("ni,ij,nj->n", from_best, hessian, from_best)
        assert np.allclose(rise, rise[0])
