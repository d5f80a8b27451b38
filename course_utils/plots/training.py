"""Pictures of training: curves of runs, and second views beside them.

A second view is any function `view(axes, run)` that draws what it likes of the run and returns the sentence
that says what to see.
"""

import numpy as np
from matplotlib import ticker

from course_utils import plots


class _Plain(ticker.LogFormatter):
    """Labels the ticks a LogFormatter labels, with plain numbers: 2.3, not 2.3 × 10⁰."""

    def __call__(self, x, pos=None):
        return f"{x:g}" if super().__call__(x, pos) else ""


def training_curves(runs, held_out_losses, held_out_accuracies, has_accuracy=True, beside=False):
    """Loss, and accuracy where there is one, against epochs.

    Args:
        runs: (name, points) each, the last being the one at hand; points [n, 3]: epochs, loss, accuracy or NaN.
        held_out_losses, held_out_accuracies: of the last run, after each epoch.
        has_accuracy: False if the targets are numbers.
        beside: True to leave the second Axes, that of accuracy, to another picture.

    Returns:
        (figure, ax): `ax` is the Axes left empty, or None.
    """
    has_accuracy = has_accuracy and not beside
    figure, axes = plots.new_figure(columns=1 + (has_accuracy or beside), width=5, height=3.4, squeeze=False)
    columns = [(1, "loss", held_out_losses), (2, "accuracy (fraction)", held_out_accuracies)][: 1 + has_accuracy]
    for ax, (column, name, held_out) in zip(axes[0], columns, strict=False):
        for number, (label, points) in enumerate(runs):
            last = number == len(runs) - 1
            color = plots.COLORS[number % len(plots.COLORS)]
            ax.plot(points[:, 0], points[:, column], color=color, linewidth=2 if last else 1, label=label)
        ax.plot(
            np.arange(1, len(held_out) + 1),
            held_out,
            "o",
            color=color,
            fillstyle="none",
            label="held out" if len(held_out) else None,
        )
        ax.set(xlabel="epochs", ylabel=name)
        ax.grid(alpha=0.3)
    axes[0, 0].set_yscale("log")
    axes[0, 0].yaxis.set_major_formatter(_Plain())
    axes[0, 0].yaxis.set_minor_formatter(_Plain(labelOnlyBase=False, minor_thresholds=(2, 0.4)))
    axes[0, 0].legend(fontsize="small")
    return figure, axes[0, 1] if beside else None


def gradient_sizes(axes, run):
    """A second view: the length of the gradient of each layer's weights, in the order of the layers.

    Args:
        axes: an Axes.
        run: anything with a `model` whose parameters have had their gradients computed.

    Returns:
        The sentence that says what to see.
    """
    weights = [(name, p) for name, p in run.model.named_parameters() if p.dim() > 1 and p.grad is not None]
    axes.set(xlabel="layer", ylabel="size of the gradient (norm)", yscale="log", ylim=(1e-7, 1e2))
    if not weights:
        axes.set_xticks([])
        return "No gradient has been computed yet."
    names = [name.removesuffix(".weight") for name, _ in weights]
    sizes = [p.grad.norm().item() for _, p in weights]
    axes.bar(range(len(sizes)), np.clip(sizes, 1.2e-7, 1e2), color=plots.BLUE)
    axes.set_xticks(range(len(sizes)), names)
    if len(sizes) == 1 or not sizes[-1] > 0:
        return f"The gradient of layer {names[0]} has the length {sizes[0]:.2g}."
    return f"The gradient of the first layer is {sizes[0] / sizes[-1]:.2g} times as long as that of the last."
