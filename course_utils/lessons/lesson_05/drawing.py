"""What the pictures of lesson 05 are drawn with: rows of seeds, races, ranges of learning rates."""

import numpy as np
import torch

from course_utils import plots
from course_utils.lessons.lesson_05 import sweeps

# One look for each racer, told apart by colour, line and marker; racers keep theirs from picture to picture.
_LINES = ("-", "--", ":", "-.", "-", "--", "-.", ":")
FLOOR = 1e-8  # heights below are drawn here
OUT_OF_SIGHT = 1e12  # a racer that is higher has left the picture; near 1e308 the axis itself would overflow


def looks(names):
    """What each of up to eight names looks like, from picture to picture: color, linestyle, marker by name.

    Raises:
        ValueError: more than eight names.
    """
    names = list(names)
    if len(names) > len(plots.COLORS):
        raise ValueError(f"names has {len(names)} names: at most {len(plots.COLORS)} can be told apart.")
    found = zip(names, plots.COLORS, _LINES, plots.MARKERS, strict=False)
    return {name: {"color": color, "linestyle": line, "marker": marker} for name, color, line, marker in found}


LOOK = looks(sweeps.OPTIMIZERS)


def seed_rows(ax, values, names, what):
    """One row a name: a dot for each seed and a bar at their mean.

    Args:
        ax: an Axes.
        values: [names, seeds] fractions; NaN where a run diverged: such a dot is left out, and "lost" is written.
        names: of the rows, from top to bottom.
        what: the label of the horizontal axis.
    """
    values, look = np.asarray(values, dtype=float), looks(names)
    for row, (name, shown) in enumerate(zip(names, values, strict=True)):
        color = look[name]["color"]
        ax.plot(shown, np.full(len(shown), row), "o", color=color, alpha=0.55, markersize=6)
        kept = shown[~np.isnan(shown)]
        if len(kept):
            ax.plot([kept.mean()] * 2, [row - 0.36, row + 0.36], color=color, linewidth=3)
        if len(kept) < len(shown):
            ax.text(0.02, row, f"{len(shown) - len(kept)} lost", va="center", fontsize=8)
    ax.set_yticks(range(len(values)), names)
    ax.set(xlabel=what, ylim=(len(values) - 0.5, -0.5))
    ax.grid(axis="x", alpha=0.3)


def grid(surface):
    """Heights of a surface, `surface(x, y)` of two numbers, from −2 to 2: (xs [41], ys [41], heights [41, 41])."""
    ticks = torch.linspace(-2, 2, 41, dtype=torch.float64)
    ys, xs = torch.meshgrid(ticks, ticks, indexing="ij")
    heights = torch.func.vmap(surface)(xs.flatten(), ys.flatten()).detach()
    return ticks.numpy(), ticks.numpy(), heights.view(41, 41).numpy()


def rings(ax, xs, ys, heights):
    """Rings of equal height, darker where it is lower; as many points lie between two rings as between any other two.

    Args:
        ax: an Axes.
        xs, ys: [columns] and [rows], where the heights were taken.
        heights: [rows, columns].
    """
    levels = np.unique(np.quantile(heights, np.linspace(0, 1, 15)))
    if len(levels) > 1:
        greys = np.linspace(0.6, 0.97, len(levels) - 1)
        ax.contourf(xs, ys, heights, levels, colors=[str(grey) for grey in greys])
    ax.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))


def race(axes, grid, paths, heights):
    """Paths over a surface, and how high each racer is after each step.

    Args:
        axes: two Axes: for the surface, and for the heights.
        grid: (xs, ys, heights) as `rings` takes them.
        paths: maps a racer to its places [steps + 1, 2], the start first; what is not finite is left out.
        heights: maps a racer to its heights [steps + 1]; those below FLOOR or beyond OUT_OF_SIGHT are not told apart.
    """
    rings(axes[0], *grid)
    for name, path in paths.items():
        path, height = np.array(path, dtype=float), np.array(heights[name], dtype=float)
        path[~np.isfinite(path).all(axis=1)] = np.nan
        height[~(height < OUT_OF_SIGHT)] = np.nan
        color, style = LOOK[name]["color"], LOOK[name]["linestyle"]
        axes[0].plot(*path.T, color=color, linestyle=style, linewidth=1.8)
        axes[0].plot(*path[-1:].T, color=color, marker=LOOK[name]["marker"], markersize=8, markeredgecolor="white")
        axes[1].plot(np.maximum(height, FLOOR), color=color, linestyle=style, linewidth=1.8, label=name)
    start = next(iter(paths.values()))[0]
    axes[0].plot(*start, marker="o", color="white", markeredgecolor="black", markersize=9)
    axes[0].set(xlabel="x", ylabel="y")
    axes[1].set(xlabel="step", ylabel="height f", yscale="log")
    axes[1].grid(alpha=0.3)
    axes[1].legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9, frameon=False)


def good_range(means, rates, within):
    """(least, best, greatest) rate around the best one with a mean, [rates], at most `within` below the best."""
    best = int(np.argmax(means))
    good = np.asarray(means) >= means[best] - within
    least = greatest = best
    while least > 0 and good[least - 1]:
        least -= 1
    while greatest < len(rates) - 1 and good[greatest + 1]:
        greatest += 1
    return rates[least], rates[best], rates[greatest]


def ranges(ax, found):
    """Bars from the least to the greatest good rate, {name: (least, best, greatest)}, a dot at the best one."""
    for row, (name, (least, best, greatest)) in enumerate(found.items()):
        color = LOOK[name]["color"]
        ax.plot([least, greatest], [row, row], color=color, linewidth=9, alpha=0.45, solid_capstyle="butt")
        ax.plot([least, greatest], [row, row], "|", color=color, markersize=14, markeredgewidth=2.5)
        ax.plot(best, row, "o", color=color, markeredgecolor="black", markersize=8)
    ax.set_yticks(range(len(found)), list(found))
    ax.set_ylim(len(found) - 0.5, -0.5)


def parts(ax, rows):
    """A bar for each part, from rows (worker, start, end, finished?); what was lost is red and hatched."""
    for worker, start, end, finished in rows:
        look = {"color": plots.BLUE, "alpha": 0.75} if finished else {"color": plots.RED, "hatch": "//"}
        ax.barh(worker, end - start, left=start, height=0.8, edgecolor="white", **look)
