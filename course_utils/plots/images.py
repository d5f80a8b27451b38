"""Pictures of images and of what a classifier makes of them. Numbers in, `plots.Picture` out."""

import numpy as np
from matplotlib.figure import Figure

from course_utils import checks, plots
from course_utils.plots import Picture


def images(images, titles, sentence, rows=2):
    """Images in rows, each under its title.

    Args:
        images: float [N, channels, height, width] in 0..1, with 1 or 3 channels.
        titles: N texts.
        sentence: what to see.
        rows: how many.

    Raises:
        ValueError: there are more or fewer titles than images.
    """
    checks.same_length(images=images, titles=titles)
    images = np.asarray(images)
    columns = -(-len(images) // rows)
    figure = Figure(figsize=(0.85 * columns, 1.15 * rows), dpi=plots.DPI, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes:
        ax.axis("off")
    for image, title, ax in zip(images, titles, axes[: len(images)], strict=True):
        # matplotlib wants the channels last; a single one it draws with a colour map.
        ax.imshow(np.transpose(image, (1, 2, 0)), cmap="gray", vmin=0, vmax=1)
        ax.set_title(title, fontsize=9)
    return Picture(figure, sentence)


def confusion(labels, predictions, classes, source=""):
    """How often each class was taken for which: the number of mistakes in each cell, off the diagonal.

    Args:
        labels, predictions: int [N], what each example is and what it was taken for.
        classes: their names.
        source: of the data, for the title.

    Returns:
        A Picture; its sentence names the most frequent mistake.
    """
    count = len(classes)
    table = np.bincount(count * np.asarray(labels) + np.asarray(predictions), minlength=count**2).reshape(count, count)
    mistakes = table * (1 - np.eye(count, dtype=int))  # the many right ones would drown them
    figure, ax = plots.new_figure(width=5.6, height=4.6)
    image = ax.imshow(mistakes, cmap="Blues")
    for row, column in zip(*mistakes.nonzero(), strict=True):
        number = mistakes[row, column]
        color = "white" if number > mistakes.max() / 2 else "black"
        ax.text(column, row, number, ha="center", va="center", fontsize=8, color=color)
    ax.set_xticks(range(count), classes)
    ax.set_yticks(range(count), classes)
    title = f"{mistakes.sum()} mistakes among {len(labels):,}"
    ax.set(xlabel="taken for", ylabel="is", title=f"{title}\n{source}" if source else title)
    figure.colorbar(image, ax=ax, label="mistakes")
    if not mistakes.any():
        return Picture(figure, f"No mistake among {len(labels):,} examples.")
    worst, taken = np.unravel_index(mistakes.argmax(), mistakes.shape)
    often = f"{mistakes.max()} times a {classes[worst]} was taken for a {classes[taken]}"
    return Picture(figure, f"{mistakes.sum()} mistakes among {len(labels):,}; the most frequent: {often}.")
