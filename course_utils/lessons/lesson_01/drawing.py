"""What the pictures of lesson 01 are drawn with: points around the bowl, bars, the graph of a program."""

import numpy as np
import torch

from course_utils import plots
from course_utils.plots import graph

BOTTOM = np.array([2.0, -3.0])  # of the bowl


def ring_of_points(ax):
    """The 24 points that the copies of 01e share out, seen from above as the bowl is."""
    turn = np.arange(24) * 2 * np.pi / 24
    ax.plot(BOTTOM[0] + 3 * np.cos(turn), BOTTOM[1] + 3 * np.sin(turn), ".", color=plots.GREY)
    ax.set(xlabel="weight $w_1$", ylabel="weight $w_2$", xlim=(-6, 7), ylim=(-8, 4))
    ax.set_aspect("equal")


def bars(ax, found):
    """One bar for each difference, {label: number above 0}, with its number."""
    ax.barh(list(found), list(found.values()), color=plots.BLUE)
    for row, value in enumerate(found.values()):
        ax.text(value * 1.3, row, f"{value:.1g}", va="center")
    ax.set(xscale="log", xlabel="difference relative to the batch's gradient (log scale)")
    ax.set_xlim(min(found.values()) / 10, max(found.values()) * 30)
    ax.invert_yaxis()
    ax.grid(axis="x", alpha=0.3)


def run(program, ax):
    """Run a program of `ways` and draw its graph; returns its lines and what came out."""
    lines = ["x = torch.tensor(3.0,", "        requires_grad=True)", "a = 2 * x", *program.splitlines(), "c = a * b"]
    made = {"torch": torch}
    exec("\n".join(lines), made)  # as if the learner had typed them
    if made["c"].requires_grad:  # else it would be an error
        lines.append("c.backward()")
        made["c"].backward()
    graph.draw_boxes(ax, graph.recorded(**{name: made[name] for name in "xabc"}))
    return lines, f"c is {made['c']:g}, x.grad is {made['x'].grad}."
