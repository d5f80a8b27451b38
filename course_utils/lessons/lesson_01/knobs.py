"""Pictures of lesson 01: a slope in several ways, and gradients added up from parts."""

import numpy as np
import torch

from course_utils import plots

EXACT = 1e-17  # where an error of 0 is drawn on a logarithmic axis


def slope_axes(ax, f, window=(-2.2, 2.2)):
    """The curve of `f` (tensor to tensor) and the axes of `slopes`."""
    x = torch.linspace(*window, 300)
    ax.plot(x, f(x), color=plots.BLUE, linewidth=1.5, label="f")
    ax.set(xlabel="x", ylabel="f(x)", xlim=window, ylim=(-1.6, 1.6))
    ax.grid(alpha=0.3)


def slopes(ax, f, x, h, slope):
    """Two lines through the curve: the one through x ± h, and the tangent.

    Args:
        ax: Axes prepared by `slope_axes`.
        f: maps a tensor to a tensor.
        x, h: where, and how far to both sides.
        slope: of the tangent.
    """
    ends = torch.tensor([x - h, x + h], dtype=torch.float64)
    heights = f(ends)
    middle = f(torch.tensor(x, dtype=torch.float64)).item()
    reach = np.array([x - 1.0, x + 1.0])
    ax.plot(reach, middle + slope * (reach - x), "--", color=plots.GREEN, linewidth=2, label="tangent (autograd)")
    ax.plot(ends, heights, "o-", color=plots.ORANGE, linewidth=2, label="through x ± h")
    ax.legend(loc="upper left", fontsize=8)


def error_axes(ax, hs):
    """The axes of `errors` over these `hs`."""
    ax.set(xscale="log", yscale="log", xlabel="h (log scale)", ylabel="error of finite differences")
    ax.set(xlim=(hs[0], hs[-1]), ylim=(EXACT / 3, 30))
    ax.grid(alpha=0.3)


def errors(ax, hs, values, h, value):
    """The error against the step `h`, and the one in use.

    Args:
        ax: Axes prepared by `error_axes`.
        hs, values: the curve.
        h, value: the point in use.
    """
    ax.plot(hs, np.maximum(np.asarray(values), EXACT), color=plots.BLUE, linewidth=1.5)
    ax.plot([h], [max(value, EXACT)], "o", color=plots.ORANGE, markersize=10)


def accumulation_axes(axes, wanted, costs):
    """The three axes of `accumulation`, and memory and time for every number of parts.

    Args:
        axes: three Axes.
        wanted: [P], the gradient of the whole batch.
        costs: maps a number of parts k, from 1, to (megabytes, milliseconds).
    """
    reach = wanted.abs().max().item() * 1.1
    axes[0].plot([-reach, reach], [-reach, reach], "--", color=plots.GREY, linewidth=1)
    axes[0].set(xlabel="gradient of the batch", ylabel="added up from k parts", xlim=(-reach, reach))
    axes[1].set(
        xlabel="parts k", ylabel="relative difference", yscale="log", ylim=(1e-8, 1e2), xlim=(0, len(costs) + 1)
    )
    axes[2].set(xlabel="parts k", ylabel="times that of one batch", yscale="log")
    for ax in axes[1:]:
        ax.set_xlim(0, len(costs) + 1)
    for place, (name, color) in enumerate((("memory", plots.GREEN), ("time", plots.PURPLE))):
        values = [cost[place] / costs[1][place] for cost in costs.values()]
        axes[2].plot(list(costs), values, color=color, linewidth=2, label=name)
    axes[2].legend(fontsize=8)
    for ax in axes:
        ax.grid(alpha=0.3)


def accumulation(axes, wanted, found, differences, costs, k):
    """A gradient added up from parts, parameter by parameter, its difference, and its cost.

    Args:
        axes: three Axes prepared by `accumulation_axes`.
        wanted, found: [P], the gradient of the whole batch and that of the parts.
        differences: relative ones, for k = 1, 2, ...
        costs: as in `accumulation_axes`.
        k: the number of parts in use.
    """
    # Dots for all would hide each other, and most gradients are next to zero: these are spread over the range.
    ordered, places = wanted.sort()
    spread = torch.linspace(ordered[0].item(), ordered[-1].item(), 1500)
    dots = places[torch.searchsorted(ordered, spread).clamp(max=len(wanted) - 1).unique()]
    axes[0].plot(wanted[dots], found[dots], ".", color=plots.BLUE, markersize=3)
    reach = max(wanted.abs().max().item(), found.abs().max().item()) * 1.1
    axes[0].set_ylim(-reach, reach)
    ks = range(1, len(differences) + 1)
    drawn = np.maximum(differences, 1.5e-8)  # k = 1 is the batch itself: no difference
    axes[1].plot(ks, drawn, ".-", color=plots.BLUE, linewidth=1)
    axes[1].plot([k], [drawn[k - 1]], "o", color=plots.ORANGE, markersize=10)
    for place in (0, 1):
        axes[2].plot([k], [costs[k][place] / costs[1][place]], "o", color=plots.ORANGE, markersize=10)


def bars(values, xlabel, sentence):
    """One horizontal bar a label on a logarithmic axis, its number beside it.

    Args:
        values: maps a label to a number above 0.
        xlabel: with units.
        sentence: what to see.
    """
    figure, ax = plots.new_figure(width=7.5, height=0.45 * len(values) + 0.9)
    ax.barh(list(values), list(values.values()), color=plots.BLUE)
    for row, value in enumerate(values.values()):
        ax.text(value * 1.3, row, f"{value:.1g}", va="center")
    ax.set(xscale="log", xlabel=xlabel, xlim=(min(values.values()) / 10, max(values.values()) * 30))
    ax.invert_yaxis()
    ax.grid(axis="x", alpha=0.3)
    return plots.Picture(figure, sentence)
