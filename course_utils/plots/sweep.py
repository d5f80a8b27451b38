"""Pictures of many runs: settings × learning rates × seeds. Numbers in, `plots.Picture` out."""

import numpy as np
from scipy import stats

from course_utils import plots
from course_utils.plots import Picture


def heat_map(values, rows, rates, what="validation accuracy", source="", decimals=0):
    """The mean over seeds for each setting and learning rate, ± their standard deviation, written into each cell.

    Args:
        values: [rows, rates, seeds] fractions in 0..1; NaN where a run diverged.
        rows: names of the settings, for example of optimizers.
        rates: the learning rates.
        what: what the values are, and of which set.
        source: of the data, for the title.
        decimals: of the percentages in the cells.

    Returns:
        A Picture; its sentence names the best cell of each row.

    Raises:
        ValueError: the shape of `values` is not that of `rows` and `rates`; some are no fractions.
    """
    values = _checked(values, rows, rates)
    seeds = values.shape[2]
    # Divided by n - 1, as in `interval`. A single seed has no spread to estimate; it shows 0.
    means, spreads = values.mean(axis=2), values.std(axis=2, ddof=min(1, seeds - 1))
    lost = np.isnan(values).sum(axis=2)
    figure, ax = plots.new_figure(width=max(6.4, 1.6 + 0.85 * len(rates)), height=1.4 + 0.5 * len(rows))
    shades = _colormap()
    image = ax.imshow(means, cmap=shades, aspect="auto", vmin=0, vmax=1)
    for row in range(len(rows)):
        for column in range(len(rates)):
            mean, spread = means[row, column], spreads[row, column]
            shown = f"{100 * mean:.{decimals}f} ± {100 * spread:.{decimals}f}"
            text = f"{lost[row, column]} lost" if lost[row, column] else shown
            dark = np.isnan(mean) or mean < 0.6
            color = "black" if np.isnan(mean) else "white" if dark else "black"
            ax.text(column, row, text, ha="center", va="center", fontsize=8, color=color)
    ax.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="learning rate", title=_title(f"{what} in %, mean ± deviation over {seeds} seeds", source))
    figure.colorbar(image, ax=ax, label="fraction")
    best = [_best(means[row]) for row in range(len(rows))]
    told = [
        f"{name} at {rates[column]:g} ({means[row, column]:.1%})" if column is not None else f"{name} nowhere"
        for row, (name, column) in enumerate(zip(rows, best, strict=True))
    ]
    return Picture(figure, f"Best learning rate by {what}: {', '.join(told)}.")


def tuned_bars(chosen_by, values, rows, rates, what="test accuracy", source=""):
    """Each setting at its own best learning rate: chosen on one set of values, shown on another.

    Args:
        chosen_by: [rows, rates, seeds], for example validation accuracies, NaN where a run diverged.
        values: [rows, rates, seeds], for example test accuracies of the same runs.
        rows, rates, what, source: as in `heat_map`.

    Returns:
        A Picture: mean, 95 % interval of the mean (Student's t over seeds), and each seed as a dot.

    Raises:
        ValueError: the shapes differ; some are no fractions; fewer than two seeds; a setting diverged at every
            rate.
    """
    chosen_by, values = _checked(chosen_by, rows, rates), _checked(values, rows, rates)
    seeds = values.shape[2]
    if seeds < 2:
        raise ValueError(f"values has {seeds} seed: an interval needs at least 2.")
    figure, ax = plots.new_figure(width=max(5.0, 1.8 + 0.9 * len(rows)), height=3.8)
    labels, told = [], []
    for row, name in enumerate(rows):
        column = _best(chosen_by[row].mean(axis=1))
        if column is None:
            raise ValueError(f"{name} diverged at every learning rate: there is none to choose.")
        shown = values[row, column]
        mean, half = shown.mean(), interval(shown)
        color = plots.COLORS[row % len(plots.COLORS)]
        # A band, not a bar: a bar would have to begin at 0, where no difference could be seen.
        ax.bar(row, 2 * half, bottom=mean - half, color=color, alpha=0.4)
        ax.hlines(mean, row - 0.4, row + 0.4, color="black")
        ax.plot(row + np.linspace(-0.25, 0.25, seeds), shown, ".", color=color, markeredgecolor="black")
        labels.append(f"{name}\nlr {rates[column]:g}")
        told.append(f"{name} {mean:.1%} ± {half:.1%}")
    ax.set_xticks(range(len(rows)), labels, fontsize=9)
    ax.use_sticky_edges = False
    ax.margins(y=0.1)
    ax.set(ylabel=f"{what} (fraction)", title=_title(f"each at its best learning rate, {seeds} seeds", source))
    ax.grid(axis="y", alpha=0.3)
    return Picture(figure, f"{what[:1].upper()}{what[1:]} once tuned, mean and 95 % interval: {', '.join(told)}.")


def every_seed(values, rows, what="test accuracy", source="", names=None):
    """The same comparison once for every seed: what you would have concluded from it alone.

    Args:
        values: [rows, seeds] fractions, NaN where a run diverged; the seeds are paired.
        rows, what, source: as in `heat_map`.
        names: of the seeds; 0, 1, 2, … if left out.

    Returns:
        A Picture; its sentence counts how often each setting wins.

    Raises:
        ValueError: the shape of `values` is not that of `rows`; some are no fractions.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or len(values) != len(rows):
        raise ValueError(f"values has the shape {list(values.shape)}: it must be [{len(rows)} rows, seeds].")
    _refuse_no_fractions(values)
    seeds = values.shape[1]
    figure, ax = plots.new_figure(width=7, height=3.6)
    for row, name in enumerate(rows):
        look = {"color": plots.COLORS[row % len(plots.COLORS)], "marker": plots.MARKERS[row % len(plots.MARKERS)]}
        ax.plot(range(seeds), values[row], linestyle=":", label=name, **look)
    winners = np.where(np.isnan(values), -np.inf, values).argmax(axis=0)
    ax.set_xticks(range(seeds), names)
    ax.set(xlabel="seed", ylabel=f"{what} (fraction)", title=_title("which seed did you pick?", source))
    ax.grid(alpha=0.3)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    counts = [(int((winners == row).sum()), name) for row, name in enumerate(rows)]
    told = ", ".join(f"{name} with {count}" for count, name in sorted(counts, key=lambda pair: -pair[0]) if count)
    return Picture(figure, f"Of {seeds} seeds, each looked at alone, the winner is: {told}.")


def interval(values):
    """Half the width of the 95 % interval of the mean of `values`, by Student's t: t·s/√n."""
    values = np.asarray(values, dtype=float)
    return float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


def _colormap():
    """Viridis, told apart by everyone and in print, with light grey for what diverged."""
    import matplotlib

    return matplotlib.colormaps["viridis"].with_extremes(bad="#dddddd")


def _best(means):
    return None if np.isnan(means).all() else int(np.nanargmax(means))


def _title(text, source):
    return f"{text}\n{source}" if source else text


def _checked(values, rows, rates):
    values = np.asarray(values, dtype=float)
    if values.ndim != 3 or values.shape[:2] != (len(rows), len(rates)):
        raise ValueError(
            f"values has the shape {list(values.shape)}: it must be [{len(rows)} rows, {len(rates)} rates, seeds]."
        )
    _refuse_no_fractions(values)
    return values


def _refuse_no_fractions(values):
    wrong = values[~np.isnan(values) & ~((values >= 0) & (values <= 1))]
    if wrong.size:
        raise ValueError(
            f"values holds {wrong[0]:g}: they must be fractions in 0..1, such as accuracies; a loss is none."
        )
