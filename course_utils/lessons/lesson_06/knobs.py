"""Pictures of lesson 06: what reaches the first block, what a list loses, who knows of whom, what a file forgets.

A function that returns an Explorer is a knob: a cell hands it the learner's function and shows what it returns.
"""

import functools
import io

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from course_utils import plots
from course_utils.data import digits
from course_utils.panels import Explorer, Slider

_BOX = {"boxstyle": "round,pad=0.35", "facecolor": "white", "linewidth": 1.8}
_ARROW = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "linewidth": 1.6}


def embedded(count, size=28):
    """The first of the embedded digits, enlarged, [count, 1, size, size], and their labels: no download."""
    train, _ = digits()
    images = F.interpolate(train.images[:count], size=(size, size), mode="bilinear", align_corners=False)
    return images, train.labels[:count]


def gradients(deep, gradient_sizes, X=None, y=None, he=None):
    """Length of the gradient of each block of `deep(depth, skip)`, as `gradient_sizes(model, X, y)` finds it.

    Args:
        X, y: a batch; default: 64 of the embedded digits.
        he: None, or a function that gives a model He's start; then the start can be chosen.
    """
    X, y = embedded(64) if X is None else (X, y)

    def background(ax):
        ax.set(xlabel="block (1 is nearest to the input)", ylabel="length of the gradient", yscale="log")
        ax.set(xlim=(0, 31), ylim=(1e-24, 1e9))
        ax.grid(alpha=0.3)

    def draw(ax, deep, gradient_sizes, *he, skip, depth, start="PyTorch's"):
        torch.manual_seed(0)
        model = deep(depth, skip)
        if start != "PyTorch's":
            he[0](model)
        sizes = gradient_sizes(model, X, y)
        with torch.no_grad():
            loss = F.cross_entropy(model(X), y).item()
        ax.plot(range(1, depth + 1), sizes, "o-", color=plots.BLUE)
        ratio = f"{sizes[0] / sizes[-1]:.1e}" if sizes[-1] else "0 over 0"
        return f"First block over last: {ratio}. Loss before training: {loss:.3g}."

    controls = {"skip": False, "depth": Slider(1, 30, value=20)}
    if he is not None:
        controls["start"] = ["PyTorch's", "He's"]
    functions = [deep, gradient_sizes, *([he] if he else [])]
    return Explorer(draw, background, of=functions, width=6.5, height=3.4, **controls)


def with_and_without(sizes):
    """The `Picture` of the lengths of the blocks' gradients, {with skip?: list}."""
    sentence = "Without the skip the gradient shrinks from block to block on its way back; with it, it stays level."
    return _blocks({"with skip": sizes[True], "without": sizes[False]}, sentence)


def two_cures(sizes):
    """The `Picture` of the lengths of the blocks' gradients, {which of the two cures: list}."""
    sentence = "Each cure alone keeps the gradient alive; both together make it more than ten thousand times larger."
    return _blocks(sizes, sentence)


def _blocks(sizes, sentence):
    axes = "block (1 is nearest to the input)", "length of the gradient"
    return plots.curves(sizes, *axes, sentence, log=True, first=1)


def tower(train_tower):
    """How far each layer moves when `train_tower(n, kind)` trains; it returns the accuracy and a number a layer."""
    kinds = {"list": list, "ModuleList": nn.ModuleList}
    trained = functools.cache(lambda train_tower, n, kind: train_tower(n, kinds[kind]))  # each once, until it is edited

    def draw(ax, train_tower, kind, n):
        accuracy, moved = trained(train_tower, n, kind)
        ax.bar(range(len(moved)), moved, color=plots.BLUE)
        ax.set_xticks(range(len(moved)), ["first", *map(str, range(len(moved) - 2)), "out"])
        ax.set(xlabel="layer", ylabel="moved, as share of its length", ylim=(0, 2))
        return f"{kind}, {n} layers in the middle: accuracy {accuracy:.1%}."

    controls = {"kind": list(kinds), "n": Slider(0, 8, value=3)}
    return Explorer(draw, of=[train_tower], width=6.0, height=3.2, **controls)


def _along(accuracy, places, xlabel, where, **control):
    """The curve of a function of one number, and where the control stands on it."""
    curves = functools.cache(lambda accuracy: [accuracy(place) for place in places])  # until it is edited

    def background(ax):
        ax.set(xlabel=xlabel, ylabel="accuracy (fraction)", ylim=(0, 1))
        ax.grid(alpha=0.3)

    def draw(ax, accuracy, **values):
        (here,) = values.values()
        found = accuracy(here)
        ax.plot(places, curves(accuracy), color=plots.BLUE)
        ax.plot(here, found, "o", color=plots.ORANGE, markersize=10)
        return f"{where.format(here)}: accuracy {found:.1%}."

    return Explorer(draw, background, of=[accuracy], width=6.0, height=3.2, **control)


def between(accuracy_at):
    """`accuracy_at(share)` along the line from one set of parameters, share 0, to another, share 1, and beyond."""
    shares = torch.linspace(-1, 3, 41).tolist()
    start = Slider(-1.0, 3.0, value=0.5, step=0.05)
    return _along(accuracy_at, shares, "share of the way (0: start, 1: end)", "At {:g} of the way", share=start)


def silence(accuracy_without):
    """`accuracy_without(count)` for every number of 256 neurons that are switched off."""
    counts = list(range(0, 257, 16))
    start = Slider(0, 256, value=128, step=8)
    return _along(
        accuracy_without, counts, "hidden neurons switched off (of 256)", "{} of 256 neurons off", switched_off=start
    )


def company(make, who_changes, X=None):
    """How much the answers of a network, `make(mended)`, change when one image of a batch turns black.

    Args:
        who_changes: `who_changes(model, X, replaced)` returns a number for each image.
        X: eight images; default: of the embedded digits.
    """
    X = embedded(8)[0] if X is None else X

    def background(ax):
        ax.set(xlabel="image in the batch", ylabel="change of its logits (norm)", xlim=(-0.6, 7.6), ylim=(0, 1.2))

    def draw(ax, make, who_changes, replaced, mended):
        torch.manual_seed(0)
        changes = who_changes(make(mended), X, replaced)
        ax.bar(range(8), changes, color=[plots.ORANGE if i == replaced else plots.BLUE for i in range(8)])
        others = sum(change > 0 for change in changes) - 1
        return f"Image {replaced} turns black; {others} other answers change."

    controls = {"replaced": Slider(0, 7, value=3), "mended": False}
    return Explorer(draw, background, of=[make, who_changes], width=6.0, height=3.0, **controls)


def frozen(drift, passes=10):
    """`drift(model, X, passes, training)`: how far a ResNet-18's answers move while images pass through it."""
    from torchvision.models import resnet18  # a second, and for one notebook alone

    torch.manual_seed(0)
    model, X = resnet18(weights=None, num_classes=10), embedded(8, 32)[0].expand(-1, 3, -1, -1)

    def background(ax):
        ax.set(xlabel="pass", ylabel="moved, as share of length", ylim=(-0.05, None))
        ax.grid(alpha=0.3)

    def draw(ax, drift, train_mode):
        moved = drift(model, X, passes, train_mode)
        ax.plot(moved, "o-", color=plots.ORANGE)
        return f"After {passes} passes in {'train()' if train_mode else 'eval()'} mode: moved by {moved[-1]:.0%}."

    return Explorer(draw, background, of=[drift], width=6.0, height=3.2, train_mode=False)


def moved(drifts):
    """The `Picture` of how far answers have moved, {mode: list, one number a pass}."""
    sentence = "All parameters are frozen. In train() mode the answers move all the same, from the first pass on."
    return plots.curves(drifts, "pass", "answers have moved", sentence)


def unfrozen(counts):
    """How many parameters are trained if a network is unfrozen from its end; `counts` is {part: parameters}."""
    counts = {name: count for name, count in counts.items() if count}
    total = sum(counts.values())

    names = list(counts)

    def background(ax):
        ax.set(yscale="log", ylim=(50, 3e7), ylabel="parameters", xlabel="part")
        ax.set_xticks(range(len(names)), names)

    def draw(ax, down_to):
        free = names[names.index(down_to) :]
        colors = [plots.ORANGE if name in free else "#bbbbbb" for name in names]
        ax.bar(range(len(names)), list(counts.values()), color=colors)
        count = sum(counts[name] for name in free)
        return f"Orange is trained: {count:,} of {total:,} parameters, {count / total:.2%}."

    return Explorer(draw, background, width=6.5, height=3.2, down_to=names[::-1])


def resume(run, save, resume, data=None):
    """A run that is stopped half-way, saved and resumed from the file, over one that is not.

    Args:
        run: `run(data, epochs)` returns a model, its optimizer and the losses.
        save: `save(file, model, optimizer, epoch)`.
        resume: `resume(file, data, forget=…)` returns the model and its further losses.
        data: a TensorDataset; default: 640 of the embedded digits.
    """
    data = TensorDataset(*embedded(640)) if data is None else data

    def background(ax):
        ax.set(xlabel="step", ylabel="loss (cross-entropy)", ylim=(0, 2.6))

    def draw(ax, run, save, resume, forget):
        straight, _, losses = run(data, 4)
        model, optimizer, first = run(data, 2)
        file = io.BytesIO()
        save(file, model, optimizer, 2)
        file.seek(0)
        model, second = resume(file, data, forget=forget)
        _resumed(ax, losses, len(first), {"resumed": second})
        pairs = zip(straight.parameters(), model.parameters(), strict=True)
        gap = max((p - q).abs().max().item() for p, q in pairs)
        verdict = "equal to the last bit" if gap == 0 else f"up to {gap:.2g} apart"
        return f"Blue: never stopped. Orange: resumed. Parameters {verdict}."

    forget = ["nothing", "optimizer", "random numbers"]
    return Explorer(draw, background, of=[run, save, resume], width=6.5, height=3.2, forget=forget)


def resumed(losses, runs):
    """The `Picture` of a run's losses, and of runs that were resumed half-way, {what the file held: losses}."""
    figure, ax = plots.new_figure(width=7.5, height=3.4)
    _resumed(ax, losses, len(losses) - len(next(iter(runs.values()))), runs)
    ax.set(xlabel="step", ylabel="loss (cross-entropy)")
    ax.legend(title="the file held")
    return plots.Picture(
        figure,
        "Blue was never stopped. Resumed with everything, the losses are the same; without Adam's state, higher.",
    )


def _resumed(ax, losses, start, runs):
    ax.plot(losses, color=plots.BLUE, linewidth=4, alpha=0.4)
    ax.axvline(start - 0.5, color=plots.GREY, linestyle="--")
    for (name, after), color, style in zip(runs.items(), (plots.ORANGE, plots.RED), ("-", ":"), strict=False):
        ax.plot(range(start, start + len(after)), after, style, color=color, label=name)


TABLES = {
    "as it comes": (False, False),
    "features standardised": (True, False),
    "features and target standardised": (True, True),
}


def table(train_table, standardised, r2):
    """What a network that `train_table(train, valid)` trains predicts of scikit-learn's diabetes table.

    Args:
        standardised: `standardised(values, rows)` returns the values with mean 0 and deviation 1 in these rows.
        r2: `r2(model, data)`.
    """

    def draw(ax, train_table, standardised, r2, the_table):
        return f"{the_table.capitalize()}: R² {_predicted(ax, train_table, standardised, r2, *TABLES[the_table]):.2f}."

    functions = [train_table, standardised, r2]
    return Explorer(draw, _measured, of=functions, width=5.6, height=4.4, the_table=list(TABLES))


def raw_and_standardised(train_table, standardised, r2):
    """The `Picture` of two choices of `table`: as the columns come, and all standardised."""
    figure, axes = plots.new_figure(columns=2, width=4.4, height=3.8)
    for ax, scaled in zip(axes, (False, True), strict=True):
        _measured(ax)
        score = _predicted(ax, train_table, standardised, r2, scaled, scaled)
        ax.set_title(f"{'standardised' if scaled else 'as they come'}: R² {score:.2f}")
    return plots.Picture(
        figure, "As the columns come, all get nearly the same low number; standardised, they scatter around the line."
    )


@functools.cache
def diabetes():
    """(X [442, 10], y [442, 1]) as `load_diabetes` gives them, float32."""
    from sklearn.datasets import load_diabetes

    read = load_diabetes()
    return torch.from_numpy(read.data).float(), torch.from_numpy(read.target).float().view(-1, 1)


def _measured(ax):
    ax.plot([0, 360], [0, 360], "--", color=plots.GREY, linewidth=1)
    ax.set(xlabel="measured progress", ylabel="predicted progress", xlim=(0, 360), ylim=(-10, 360))
    ax.grid(alpha=0.3)


def _predicted(ax, train_table, standardised, r2, features_too, target_too):
    """Train, draw what it predicts for 72 people against what was measured, and return R²."""
    X, y = diabetes()
    torch.manual_seed(0)
    rows = torch.randperm(len(X))
    train, valid = rows[:282], rows[282:354]
    inputs = standardised(X, train) if features_too else X
    targets = standardised(y, train) if target_too else y
    held = TensorDataset(inputs[valid], targets[valid])
    model, _ = train_table(TensorDataset(inputs[train], targets[train]), held)
    with torch.no_grad():
        answers = model(inputs[valid])
    if target_too:  # back to the units of the table
        answers = answers * y[train].std(0) + y[train].mean(0)
    ax.plot(y[valid].flatten(), answers.flatten(), "o", color=plots.BLUE, markersize=5)
    return r2(model, held)


def patience(stops_after, losses):
    """Where `stops_after(losses, patience)` ends training, and what it keeps, on {"train": …, "valid": …}."""

    def background(ax):
        for (name, found), color, line in zip(losses.items(), (plots.BLUE, plots.ORANGE), ("-", "--"), strict=True):
            ax.plot(range(1, len(found) + 1), found, line, color=color, label=name)
        ax.set(xlabel="epoch", ylabel="mean squared error", ylim=(0, 1))

    def draw(ax, stops_after, patience):
        stop, best = stops_after(losses["valid"], patience)
        lowest = losses["valid"][best - 1]
        ax.axvline(stop, color=plots.GREY, linestyle=":", label="stops")
        ax.plot(best, lowest, "*", color=plots.ORANGE, markersize=14, label="kept")
        ax.legend()
        return f"Patience {patience}: stops after epoch {stop}, keeps epoch {best}, loss {lowest:.3f}."

    return Explorer(draw, background, of=[stops_after], width=6.5, height=3.4, patience=Slider(1, 40, value=5))


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


def reading_order(chains):
    """In which order a recurrent network reads the rows of a batch: one line of arrows for each sequence.

    Args:
        chains: maps a title to sequences, each a list of labels in the order they are read.
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
    told = (
        f"{title}, {'one sequence' if len(rows) == 1 else f'{len(rows)} sequences'}" for title, rows in chains.items()
    )
    return plots.Picture(figure, f"{'; '.join(told)}. Each arrow hands on the state.")


def _arrow(ax, start, end, color):
    ax.annotate("", end, start, arrowprops={**_ARROW, "color": color})
