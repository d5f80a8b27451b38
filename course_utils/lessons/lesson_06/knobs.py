"""Drawings of how networks are put together. Numbers in, Picture out."""

from course_utils import plots

_BOX = {"boxstyle": "round,pad=0.35", "facecolor": "white", "linewidth": 1.8}
_ARROW = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "linewidth": 1.6}


def residual_block(skip=True):
    """A residual block as boxes and arrows: two convolutions in a row, and the way around them.

    Args:
        skip: draw the way around?
    """
    figure, ax = plots.new_figure(width=8.4, height=2.0)
    ax.axis("off")
    ax.set(xlim=(-0.3, 12.2), ylim=(-0.7, 2.1))
    boxes = [(1.9, "conv1 3×3"), (4.0, "ReLU"), (6.1, "conv2 3×3"), (8.1, "+" if skip else ""), (9.8, "ReLU")]
    boxes = [(at, label) for at, label in boxes if label]
    stops = [0.3, *(at for at, _ in boxes), 11.7]
    halves = [0.2, *(0.28 if label == "+" else 0.5 if label == "ReLU" else 0.85 for _, label in boxes), 0.35]
    for i in range(len(stops) - 1):
        _arrow(ax, (stops[i] + halves[i], 0), (stops[i + 1] - halves[i + 1], 0), plots.BLUE)
    for at, label in boxes:
        ax.text(at, 0, label, ha="center", va="center", fontsize=12, bbox={**_BOX, "edgecolor": plots.BLUE})
    ax.text(0.3, 0, "X", ha="center", va="center", fontsize=13)
    ax.text(11.75, 0, "out", ha="center", va="center", fontsize=13)
    if skip:
        ax.plot([0.65, 0.65, 8.1], [0, 1.3, 1.3], color=plots.ORANGE, linewidth=2)
        _arrow(ax, (8.1, 1.3), (8.1, 0.42), plots.ORANGE)
        ax.text(4.4, 1.42, "the skip: X as it is", ha="center", va="bottom", fontsize=11)
    around = "; the skip leads around both and is added before the last ReLU." if skip else "; there is no way around."
    return plots.Picture(figure, f"A block: convolution, ReLU, convolution, ReLU{around}")


def reading_order(chains, sentence):
    """In which order a recurrent network reads the rows of a batch: one line of arrows for each sequence.

    Args:
        chains: maps a title to sequences, each a list of labels in the order they are read.
        sentence: what to see.
    """
    figure, axes = plots.new_figure(columns=len(chains), width=4.6, height=2.9, squeeze=False)
    for ax, (title, sequences) in zip(axes[0], chains.items(), strict=True):
        longest = max(len(labels) for labels in sequences)
        for row, labels in enumerate(sequences):
            color = plots.COLORS[row % len(plots.COLORS)]
            for at, label in enumerate(labels):
                ax.text(at, -row, label, ha="center", va="center", fontsize=11, bbox={**_BOX, "edgecolor": color})
                if at:
                    _arrow(ax, (at - 0.7, -row), (at - 0.3, -row), color)
        ax.set(xlim=(-0.6, max(longest, 5) - 0.4), ylim=(0.6 - max(len(sequences), 4), 0.6), yticks=[])
        ax.set(xlabel="step in time", xticks=range(longest))
        ax.set_title(title, fontsize=11)
        ax.spines[["top", "left", "right"]].set_visible(False)
    return plots.Picture(figure, sentence)


def _arrow(ax, start, end, color):
    ax.annotate("", end, start, arrowprops={**_ARROW, "color": color})
