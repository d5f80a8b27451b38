"""What lesson 04's knobs draw: images, feature maps, windows, opinions. Numbers in, drawn on Axes."""

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils import plots


def signed(ax, values, title):
    """A table of numbers as colours: blue below 0, white at 0, red above.

    Args:
        ax: an Axes.
        values: float [height, width].
        title: of the Axes.
    """
    values = np.asarray(values)
    limit = max(abs(values.min()), abs(values.max()), 1e-6)
    ax.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit)
    bare(ax, title)


def grey(ax, image, title):
    """An image, 0 black and 1 white.

    Args:
        ax: an Axes.
        image: float [height, width].
        title: of the Axes.
    """
    ax.imshow(np.asarray(image), cmap="gray", vmin=0, vmax=1)
    bare(ax, title)


def mosaic(rows, sentence):
    """Images side by side, a labelled row of them each.

    Args:
        rows: maps a label to images, float [N, 1, height, width] in 0..1; rows may differ in size.
        sentence: what to see.
    """
    figure = Figure(figsize=(8.4, 0.75 * len(rows) + 0.1), dpi=100, layout="constrained")
    for ax, (label, images) in zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows.items(), strict=True):
        images = np.asarray(images)[:, 0]
        gap = np.full((images.shape[1], max(1, images.shape[2] // 9)), np.nan)  # nothing is drawn where it is NaN
        strip = np.concatenate([part for image in images for part in (image, gap)][:-1], axis=1)
        ax.imshow(strip, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        ax.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=10)
        bare(ax, "")
        ax.spines[:].set_visible(False)
    return plots.Picture(figure, sentence)


def tiles(ax, images, columns):
    """Images of one size as tiles of one picture.

    Args:
        ax: an Axes.
        images: float [N, 1, height, width] in 0..1.
        columns: how many in a row.
    """
    images = np.pad(np.asarray(images)[:, 0], ((0, -len(images) % columns), (0, 2), (0, 2)), constant_values=np.nan)
    count, height, width = images.shape
    table = images.reshape(count // columns, columns, height, width).transpose(0, 2, 1, 3)
    ax.imshow(table.reshape(-1, columns * width), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    bare(ax, "")
    ax.spines[:].set_visible(False)


def windows(axes, size, kernel, stride, padding, dilation):
    """Where a kernel stands on an image for its first and its last result, and the results.

    Args:
        axes: two Axes: for the image with its padding, and for the results.
        size: of the image, size×size.
        kernel, stride, padding, dilation: of the convolution. Where the kernel does not fit, it is drawn sticking out.

    Returns:
        The number of results in a row; 0 where the kernel does not fit.
    """
    reach = dilation * (kernel - 1) + 1
    whole = size + 2 * padding
    count = max(0, (whole - reach) // stride + 1)
    left, right = axes
    _cells(left, range(whole), "white", plots.GREY)
    _cells(left, range(padding, padding + size), "#d9d9d9", plots.GREY)
    colors = (plots.BLUE, plots.ORANGE) if count else (plots.RED,)
    for color, place in zip(colors, dict.fromkeys((0, max(count - 1, 0))), strict=False):
        start = place * stride
        _cells(left, range(start, start + reach, dilation), color, "black", alpha=0.75)
        left.add_patch(Rectangle((start - 0.5, start - 0.5), reach, reach, fill=False, edgecolor=color, linewidth=2))
    _limits(left, max(whole, reach))
    bare(left, f"image {size}×{size}" + (f", padding {padding}" if padding else ""))
    if count:
        _cells(right, range(count), "#d9d9d9", plots.GREY)
        _cells(right, [0], plots.BLUE, "black")
        if count > 1:
            _cells(right, [count - 1], plots.ORANGE, "black")
    _limits(right, max(whole, reach))
    bare(right, f"result {count}×{count}" if count else "no result")
    return count


def opinions(axes, image, probabilities, classes):
    """An image, and how probable each network finds each class.

    Args:
        axes: two Axes.
        image: float [height, width] in 0..1.
        probabilities: maps a network's name to floats, one a class.
        classes: their names.
    """
    grey(axes[0], image, "what both networks see")
    bars_in_groups(axes[1], probabilities, plots.COLORS)
    axes[1].set_xticks(range(len(classes)), classes)
    axes[1].set(ylim=(0, 1), xlabel="class", ylabel="probability")


def bars_in_groups(ax, rows, colors):
    """A bar for each number of each row, {label: numbers}, those of one place beside each other; a legend above."""
    wide, bars = 0.8 / len(rows), []
    for number, (label, values) in enumerate(rows.items()):
        places = np.arange(len(values)) + (number - (len(rows) - 1) / 2) * wide
        bars.append(ax.bar(places, values, wide, color=colors[number], label=label))
    # These bars alone: the axes remember those of pictures before.
    ax.legend(handles=bars, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(rows), frameon=False)


def _cells(ax, places, face, edge, alpha=1.0):
    squares = [Rectangle((column - 0.5, row - 0.5), 1, 1) for row in places for column in places]
    ax.add_collection(PatchCollection(squares, facecolor=face, edgecolor=edge, linewidth=0.6, alpha=alpha))


def _limits(ax, size):
    ax.set(xlim=(-0.7, size - 0.3), ylim=(size - 0.3, -0.7))
    ax.set_aspect("equal")


def bare(ax, title):
    """Axes without ticks, under a title."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, fontsize=11)
