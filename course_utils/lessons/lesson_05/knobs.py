"""Pictures of lesson 05: rows of seeds, lengths of steps, races on surfaces, ranges of learning rates.

A function that returns an Explorer is a knob: a cell hands it the learner's function and shows what it returns.
"""

import math

import numpy as np
import torch

from course_utils import plots
from course_utils.lessons.lesson_05 import drawing, sweeps
from course_utils.panels import Explorer, LogSlider, Slider

GROUPS = {
    "one of each kind": ["SGD", "momentum", "RMSprop", "Adam"],
    "SGD family": ["SGD", "momentum", "Nesterov"],
    "adaptive": ["RMSprop", "Adagrad", "Adadelta", "Adam"],
}
# In which order optimizers get rates to try: the common ones first.
ORDER = (0.001, 0.01, 0.1, 1.0, 0.003, 0.03, 0.3, 0.0003, 3.0)
DEATH = 8  # seconds after which a worker dies in 05e


def one_rate():
    """Stored runs of eight optimizers that all have the learning rate that is chosen; see `sweeps`."""

    def draw(ax, lr, images):
        found = sweeps.stored(images)
        column = np.abs(np.log(np.array(sweeps.RATES) / lr)).argmin()
        values = found.valid[:, column, :, -1]
        drawing.seed_rows(ax, values, list(sweeps.OPTIMIZERS), "validation accuracy (fraction)")
        ax.set(xlim=(0, 1.02), title=f"{images}: all eight with lr {sweeps.RATES[column]:g}")
        return f"All with lr {sweeps.RATES[column]:g}, the nearest that was run: {_podium(values)}."

    controls = {"lr": LogSlider(sweeps.RATES[0], sweeps.RATES[-1], value=0.001), "images": list(sweeps.IMAGES)}
    return Explorer(draw, width=7.0, height=3.7, **controls)


def _podium(values):
    """First and last of eight rows of seeds, in words; a lost run counts as 0."""
    means = np.nan_to_num(values).mean(axis=1)
    names = list(sweeps.OPTIMIZERS)
    first, last = means.argmax(), means.argmin()
    return f"first {names[first]}, {means[first]:.1%}; last {names[last]}, {means[last]:.1%}"


def two_comparisons(at_one, tested, names, lr):
    """The `Picture` of [names, seeds] accuracies on test images: all at one learning rate, and each tuned."""
    figure, axes = plots.new_figure(columns=2, width=4.6, height=3.4)
    for ax, values in zip(axes, (at_one, tested), strict=True):
        drawing.seed_rows(ax, values, names, "accuracy on test images (fraction)")
    axes[0].set(title=f"all at lr {lr:g}", xlim=(0, 1.02))
    axes[1].set(title="each at its own best lr", xlim=(0, 1.02), yticklabels=[])
    apart = [100 * np.ptp(np.nan_to_num(values).mean(axis=1)) for values in (at_one, tested)]
    return plots.Picture(figure, f"At one rate they lie {apart[0]:.0f} points apart, tuned {apart[1]:.1f}.")


def lengths(step_lengths, rules):
    """How long each rule's steps are on the learner's test bench, `step_lengths(rule, gradient=, flip=, lr=)`.

    Args:
        rules: {name: (rule, learning rate)}; the names are those of `sweeps.OPTIMIZERS`.
    """
    rates = {name: lr for name, (_, lr) in rules.items()}

    def draw(ax, step_lengths, *rules, gradient, flip):
        last = _lengths(ax, step_lengths, zip(rates.items(), rules, strict=True), gradient, flip)
        return f"Lengths of step 100: {', '.join(f'{name} {length:.2g}' for name, length in last.items())}."

    functions = [step_lengths, *(rule for rule, _ in rules.values())]
    controls = {"gradient": LogSlider(1e-4, 10.0, value=1.0), "flip": False}
    return Explorer(draw, width=7.5, height=3.8, of=functions, **controls)


def seven(step_lengths, rules):
    """The `Picture` of the same for a gradient that is always 1."""
    figure, ax = plots.new_figure(width=7.5, height=3.8)
    racers = [((name, lr), rule) for name, (rule, lr) in rules.items()]
    last = _lengths(ax, step_lengths, racers, 1.0, False)
    short, long = min(last, key=last.get), max(last, key=last.get)
    ends = f"{short} {last[short]:.2g} to {long} {last[long]:.2g}"
    return plots.Picture(figure, f"The gradient is always 1. Lengths of step 100: from {ends}.")


def _lengths(ax, step_lengths, racers, gradient, flip):
    last = {}
    for (name, lr), rule in racers:
        found = step_lengths(rule, steps=100, gradient=gradient, flip=flip, lr=lr)
        ax.plot(range(1, 101), found, label=name, markevery=0.2, **drawing.LOOK[name])
        last[name] = found[-1]
    ax.set(xlabel="step t", ylabel="length of the step", xscale="log", yscale="log", ylim=(1e-7, 2.0))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    ax.grid(alpha=0.3)
    return last


def effort(best_columns, valid, names, rates):
    """One optimizer may try all rates, the others some of them; `best_columns` [names] chooses by validation.

    Args:
        best_columns: from [names, rates, seeds] to the column of each name.
        valid: validation accuracies [names, rates, seeds].
        rates: those of `ORDER`, in any order.
    """
    columns = [rates.index(rate) for rate in ORDER]

    def draw(ax, best_columns, favourite, others_try):
        tried = sorted(columns[:others_try])
        chosen = np.array(tried)[np.asarray(best_columns(valid[:, tried]))]
        place = names.index(favourite)
        chosen[place] = np.asarray(best_columns(valid))[place]
        found = valid[range(len(names)), chosen]
        drawing.seed_rows(ax, found, names, "validation accuracy (fraction)")
        ax.set_yticks(range(len(names)), [f"{name}, lr {rates[at]:g}" for name, at in zip(names, chosen, strict=True)])
        ax.set_xlim(0, 1.02)
        means = np.nan_to_num(found).mean(axis=1)
        rank = 1 + int((means > means[place]).sum())
        shown = "the rate 0.001" if others_try == 1 else f"{others_try} rates"
        return (
            f"{favourite} tried nine rates, each of the others {shown}: {favourite} is number {rank} of {len(names)}."
        )

    controls = {"favourite": list(names)[::-1], "others_try": Slider(1, len(ORDER))}
    return Explorer(draw, width=7.2, height=3.7, of=[best_columns], **controls)


def bias(step_lengths, adam):
    """Lengths of Adam's first steps with bias correction and without: `step_lengths(adam, correct=, beta1=, …)`."""

    def background(ax):
        ax.set(xlabel="step t", ylabel="length of the step", ylim=(2e-4, 1.0), xscale="log", yscale="log")
        ax.grid(alpha=0.3)

    def draw(ax, step_lengths, adam, beta1, beta2):
        longest = 0.0
        for correct, label in ((True, "with correction"), (False, "without")):
            found = step_lengths(adam, steps=300, lr=0.01, beta1=beta1, beta2=beta2, correct=correct)
            ax.plot(range(1, 301), found, "-" if correct else "--", linewidth=2, label=label)
            first, longest = found[0] / 0.01, max(found) / 0.01
        ax.legend()
        return f"Without: first step {first:.2g}, longest {longest:.2g} times lr."

    controls = {"beta1": [0.9, 0.0, 0.5, 0.99], "beta2": [0.999, 0.9, 0.99, 0.9999]}
    return Explorer(draw, background, width=6.5, height=3.4, of=[step_lengths, adam], **controls)


def plane(surface, places):
    """The `Picture` of a surface from above, with a star at each of `places`, pairs x, y."""
    figure, ax = plots.new_figure(width=6.2, height=4.8)
    drawing.rings(ax, *drawing.grid(surface))
    for place in places:
        ax.plot(*place, "*", color=plots.ORANGE, markersize=16)
    ax.set(xlabel="x", ylabel="y", aspect="equal")
    middle = surface(*torch.zeros(2, dtype=torch.float64)).item()
    return plots.Picture(
        figure,
        f"A plane through three trained networks (stars): between them lies a mountain, loss {middle:.2f} at the "
        "middle. Dark is low.",
    )


def race(descend, surfaces, rules):
    """A race down one of some surfaces: `descend(surface, rule, start, steps, lr=)` gives places and heights.

    Args:
        surfaces: {name: function of x and y}.
        rules: {name: (rule, …)}, with every name of `GROUPS`.
    """
    names = list(rules)
    grids = {}

    def draw(axes, descend, *rules, surface, racers, lr_sgd, lr_adaptive, x, y, steps):
        if surface not in grids:
            grids[surface] = drawing.grid(surfaces[surface])
        paths, heights = {}, {}
        for name in GROUPS[racers]:
            lr = lr_sgd if name in GROUPS["SGD family"] else lr_adaptive
            found = descend(surfaces[surface], rules[names.index(name)], (x, y), steps, lr=lr)
            paths[name], heights[name] = found
        drawing.race(axes, grids[surface], paths, heights)
        last = {name: seen[-1] for name, seen in heights.items()}
        order = sorted(last, key=lambda name: (math.isnan(last[name]), last[name]))
        return f"Height after {steps} steps: {', '.join(f'{name} {last[name]:.2g}' for name in order)}."

    controls = {
        "surface": list(surfaces),
        "racers": list(GROUPS),
        "lr_sgd": LogSlider(1e-4, 1.0, value=0.01, label="lr of the SGD family"),
        "lr_adaptive": LogSlider(1e-3, 3.0, value=0.05, label="lr of the others"),
        "x": Slider(-2.0, 2.0, value=-1.5, step=0.1, label="start x"),
        "y": Slider(-2.0, 2.0, value=1.0, step=0.1, label="start y"),
        "steps": [100, 30, 300],
    }
    functions = [descend, *(rule for rule, *_ in rules.values())]
    return Explorer(draw, columns=2, width=4.8, height=4.0, more=("steps",), of=functions, **controls)


def good_ranges():
    """Stored runs: how far the learning rates reach that are good, and how good each is; see `sweeps`."""

    def draw(axes, images, within, epoch):
        last = min(epoch, sweeps.stored(images).valid.shape[-1])
        width = _hills(axes, images, within, last)
        widest, narrowest = max(width, key=width.get), min(width, key=width.get)
        told = f"{widest} (a factor of {width[widest]:.3g}), narrowest {narrowest} ({width[narrowest]:.3g})"
        return f"{images}, after epoch {last}, within {within:g} points of its best: widest {told}."

    controls = {"images": list(sweeps.IMAGES)[::-1], "within": Slider(0.5, 10.0, value=2.0, step=0.5)}
    return Explorer(draw, columns=2, width=4.9, height=3.7, **controls, epoch=Slider(1, 30, value=30))


def hills():
    """The `Picture` of the same for the 8×8 digits, within two points."""
    figure, axes = plots.new_figure(columns=2, width=4.9, height=3.7)
    width = _hills(axes, "8×8 digits", 2.0, 30)
    told = ", ".join(f"{name} {width[name]:.3g}" for name in ("SGD", "RMSprop", "Adam"))
    return plots.Picture(figure, f"8×8 digits. Greatest good rate over least good rate: {told}.")


def _hills(axes, images, within, epoch):
    """Draw them; returns how many times the least good rate the greatest is, by name."""
    rates, found = sweeps.RATES, sweeps.stored(images).valid
    means = np.nan_to_num(found[..., epoch - 1].mean(axis=2))  # a lost run counts as 0
    ranges = {name: drawing.good_range(row, rates, within / 100) for name, row in zip(drawing.LOOK, means, strict=True)}
    for row, name in zip(means, drawing.LOOK, strict=True):
        axes[0].plot(rates, row, markersize=4, **drawing.LOOK[name])
    drawing.ranges(axes[1], ranges)
    axes[0].set(ylabel="validation accuracy (mean of 3)", ylim=(0, 1.03))
    for ax in axes:
        ax.set(xscale="log", xlabel="learning rate", xlim=(rates[0] / 1.5, rates[-1] * 1.5))
        ax.grid(alpha=0.3)
    return {name: greatest / least for name, (least, _, greatest) in ranges.items()}


def decay(pulled):
    """Mean weights of two sorts under weight decay: `pulled(kind, decay)` [steps + 1, 2], noisy and quiet."""
    kinds = torch.optim.Adam, torch.optim.AdamW

    def background(axes):
        for ax, kind in zip(axes, kinds, strict=True):
            ax.set(xlabel="step", ylabel="mean weight", ylim=(-0.1, 1.2), title=kind.__name__)
            ax.grid(alpha=0.3)

    def draw(axes, pulled, weight_decay):
        ends = []
        for ax, kind in zip(axes, kinds, strict=True):
            noisy, quiet = pulled(kind, weight_decay).T
            ax.plot(noisy, color=plots.ORANGE, label="noisy, size 10")
            ax.plot(quiet, "--", color=plots.BLUE, label="quiet, size 0.1")
            ax.legend(loc="lower left", fontsize=8)
            ends.append(f"{kind.__name__} {noisy[-1]:.2f} and {quiet[-1]:.2f}")
        return f"After {len(noisy) - 1} steps, noisy and quiet: {'; '.join(ends)}."

    weight_decay = [0.1, 0.0, 0.01, 0.3, 1.0]
    return Explorer(draw, background, columns=2, width=4.6, height=3.2, of=[pulled], weight_decay=weight_decay)


def schedules(scored, names):
    """Rates and losses step by step under a schedule: `scored(name, lr)` also gives validation loss and accuracy."""

    def background(axes):
        axes[0].set(xlabel="step", ylabel="rate, as share of lr", ylim=(0, 1.05))
        axes[1].set(xlabel="step", ylabel="loss of the batch", yscale="log", ylim=(1e-4, 20))
        for ax in axes:
            ax.grid(alpha=0.3)

    def draw(axes, scored, schedule, lr):
        used, losses, loss, accuracy = scored(schedule, lr)
        axes[0].plot([rate / lr for rate in used], color=plots.BLUE, linewidth=2)
        axes[1].plot(losses, color=plots.ORANGE, linewidth=1)
        return f"{schedule}, lr {lr:g}: validation loss {loss:.3f}, accuracy {accuracy:.1%}."

    controls = {"schedule": list(names), "lr": [0.3, 0.003, 0.01, 0.03, 0.1]}
    return Explorer(draw, background, columns=2, width=4.6, height=3.2, of=[scored], **controls)


def shares(plan):
    """Who trains which part when, by `plan(workers, parts, dies)`: rows (worker, start, end, finished?), in seconds."""

    def background(ax):
        ax.set(xlabel="seconds", xlim=(0, 40), ylim=(7.6, -0.6), yticks=range(8))
        ax.set_ylabel("worker")
        ax.grid(axis="x", alpha=0.3)

    def draw(ax, plan, workers, parts, dies):
        rows = plan(workers, parts, DEATH if dies else None)
        drawing.parts(ax, rows)
        lost = sum(end - start for _, start, end, finished in rows if not finished)
        return f"{parts} parts are done after {max(row[2] for row in rows):.1f} s; {lost:.1f} s of work are lost."

    controls = {"workers": Slider(1, 8, value=3), "parts": Slider(1, 24, value=3), "dies": False}
    return Explorer(draw, background, width=7.0, height=3.4, of=[plan], **controls)


def two_cuts(plan):
    """The `Picture` of three workers of whom one dies: three large parts, and eight small ones."""
    figure, axes = plots.new_figure(columns=2, width=4.4, height=2.6)
    ends = {}
    for ax, parts in zip(axes, (3, 8), strict=True):
        rows = plan(3, parts, DEATH)
        drawing.parts(ax, rows)
        ends[parts] = max(row[2] for row in rows)
        ax.set(title=f"{parts} parts", xlabel="seconds", ylabel="worker")
        ax.set(xlim=(0, 20), ylim=(2.6, -0.6), yticks=range(3))
    said = " and ".join(f"{parts} parts after {end:.1f} s" for parts, end in ends.items())
    return plots.Picture(figure, f"Worker 0 dies after {DEATH} s, and its part is lost, red: {said} all is done.")
