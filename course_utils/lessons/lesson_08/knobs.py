"""Pictures of lesson 08: a network asked about signs, ways to train on few drawings, varied drawings, strange ones.

A function that returns an Explorer is a knob: a cell hands it the learner's functions and shows what it returns. The
others take numbers and draw.
"""

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from course_utils import plots, runtime
from course_utils.data import DIGIT_NAMES, digits
from course_utils.lessons.lesson_08.signs import digits_network, signs
from course_utils.panels import Explorer, Slider


def asked():
    """A drawing of a sign, and how probable lesson 04's network finds each digit."""
    model, drawings, faces = digits_network(), signs("train"), signs("strange")
    names = [*drawings.classes, *faces.classes]

    @torch.no_grad()
    def draw(axes, sign, drawing):
        which = names.index(sign)
        own = drawings.images[drawings.labels == which] if which < len(drawings.classes) else faces.images
        image = own[drawing : drawing + 1]
        probabilities = model(image).softmax(dim=1)[0]
        grey(axes[0], image[0, 0], "what the network gets")
        axes[1].bar(range(10), probabilities, color=plots.BLUE)
        axes[1].set_xticks(range(10), DIGIT_NAMES)
        axes[1].set(ylim=(0, 1), xlabel="digit", ylabel="probability")
        answer = int(probabilities.argmax())
        return f"It answers {answer}, and is {probabilities[answer]:.0%} sure."

    controls = {"sign": names, "drawing": Slider(0, 9, value=0)}
    return Explorer(draw, columns=2, width=3.6, height=3.0, **controls)


def ways(scores):
    """The accuracies of ways to train, {name: one a seed}, a dot each and a line at the mean, as a `Picture`."""
    figure, ax = plots.new_figure(width=6.6, height=0.9 + 0.5 * len(scores))
    for row, ((_, found), color) in enumerate(zip(scores.items(), plots.COLORS, strict=False)):
        ax.plot(found, row + np.linspace(-0.12, 0.12, len(found)), "o", color=color)
        ax.plot([np.mean(found)] * 2, [row - 0.3, row + 0.3], color=color)
    ax.set_yticks(range(len(scores)), scores)
    ax.set(xlabel="accuracy on held-out drawings (fraction)", ylim=(len(scores) - 0.5, -0.5))
    ax.grid(axis="x", alpha=0.3)
    means = ", ".join(f"{name} {np.mean(found):.0%}" for name, found in scores.items())
    return plots.Picture(figure, f"A dot for each seed, a line at their mean: {means}.")


def varied(vary, data):
    """A drawing and seven that `vary(image, degrees, shift, scale)` makes of it, for any drawing of `data`."""

    def draw(axes, vary, drawing, degrees, shift, scale):
        torch.manual_seed(0)
        image = data.images[drawing]
        grey(axes[0], image[0], "as drawn")
        for ax in axes[1:]:
            grey(ax, vary(image, degrees, shift, scale)[0], "")
        name = data.classes[data.labels[drawing]]
        return f"Left a drawing of {name!r}, then seven that the network would get instead. Is each still one?"

    ways = {"degrees": Slider(0, 180, value=15), "shift": Slider(0.0, 0.5, value=0.1, step=0.05)}
    scale = Slider(0.0, 0.5, value=0.2, step=0.05)
    drawing = Slider(0, len(data) - 1, value=0)
    return Explorer(draw, of=[vary], columns=8, width=1.05, height=1.35, **ways, scale=scale, drawing=drawing)


def threshold(known, right, strange):
    """What a network still answers if it has to be at least so sure.

    Args:
        known: how sure it is of new drawings of its signs, floats [N] in 0..1.
        right: were these answers right? Booleans [N].
        strange: how sure it is of drawings of a sign that it never saw, floats [M].
    """
    known, right, strange = (np.asarray(one) for one in (known, right, strange))
    groups = (("right", known[right], plots.BLUE), ("wrong", known[~right], plots.ORANGE), ("face", strange, plots.RED))

    def draw(ax, least):
        for row, (_, sure, color) in enumerate(groups):
            spread = np.linspace(-0.25, 0.25, max(1, len(sure)))
            ax.plot(sure, row + spread[: len(sure)], "o", color=color, alpha=0.6, markersize=4)
        ax.axvline(least, color=plots.GREY, linestyle="--")
        ax.set_yticks(range(3), [f"{name} ({len(sure)})" for name, sure, _ in groups])
        ax.set(xlabel="how sure (largest probability)", xlim=(0, 1.02), ylim=(2.5, -0.5))
        told = f"{(known >= least).mean():.0%} of the known signs, {(known[~right] >= least).sum()}"
        return f"At {least:.2f} it answers {told} of them wrongly, and {(strange >= least).sum()} of the strange ones."

    return Explorer(draw, width=6.6, height=2.6, least=Slider(0.2, 1.0, value=0.5, step=0.01))


def grey(ax, image, title):
    """An image, float [height, width], 0 black and 1 white, on Axes without ticks."""
    ax.imshow(np.asarray(image), cmap="gray", vmin=0, vmax=1)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, fontsize=11)


def cut_off(counts):
    """How sure a network is that each test digit is an 8, and what `counts(answers, y)` says of a threshold.

    Args:
        counts: the learner's: booleans [N] and targets [N] -> (precision, recall, F1).
    """
    train, test = digits()
    keep = torch.ones(len(train), dtype=torch.bool)
    keep[(train.labels == 8).nonzero()[14:, 0]] = False
    X, y = train.images[keep].flatten(1), (train.labels[keep] == 8).float()
    target = (test.labels == 8).float()

    def train_it():
        model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        for _ in range(300):
            rows = torch.randint(len(X), (64,))
            loss = nn.functional.binary_cross_entropy_with_logits(model(X[rows])[:, 0], y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return model(test.images.flatten(1))[:, 0].sigmoid().detach()

    probability = runtime.RandomState(0).call(train_it)

    def draw(ax, counts, least):
        answers = probability >= least
        for row, color in enumerate((plots.BLUE, plots.ORANGE)):
            own = probability[target == row]
            ax.plot(own, row + np.linspace(-0.3, 0.3, len(own)), "o", color=color, alpha=0.5, markersize=4)
        ax.axvline(least, color=plots.GREY, linestyle="--")
        ax.set_yticks(range(2), ["no 8 (327)", "an 8 (33)"])
        ax.set(xlabel="probability of an 8", xlim=(-0.02, 1.02), ylim=(1.5, -0.5))
        precision, recall, f1 = counts(answers, target)
        accuracy = (answers == (target == 1)).float().mean()
        return f"Accuracy {accuracy:.0%}; precision {precision:.0%}, recall {recall:.0%}, F1 {f1:.2f}."

    return Explorer(draw, of=[counts], width=6.6, height=2.6, least=Slider(0.0, 1.0, value=0.5, step=0.01))


def measures(results):
    """Precision, recall and F1 of ways to train, {name: one triple a seed}, as a `Picture`."""
    figure, axes = plots.new_figure(columns=3, width=2.6, height=2.2, sharey=True)
    for column, (ax, name) in enumerate(zip(axes, ("precision", "recall", "F1"), strict=True)):
        for row, (rows, color) in enumerate(zip(results.values(), plots.COLORS, strict=False)):
            found = [one[column] for one in rows]
            ax.plot(found, row + np.linspace(-0.12, 0.12, len(found)), "o", color=color)
            ax.plot([np.mean(found)] * 2, [row - 0.3, row + 0.3], color=color)
        ax.set(xlabel=f"{name} (fraction)", xlim=(-0.05, 1.05), ylim=(len(results) - 0.5, -0.5))
        ax.set_yticks(range(len(results)), results)
        ax.grid(axis="x", alpha=0.3)
    means = ", ".join(f"{name} {np.mean([one[2] for one in rows]):.2f}" for name, rows in results.items())
    return plots.Picture(figure, f"A dot for each seed, a line at their mean. Mean F1: {means}.")


def photographed(photograph, prepared, nearest):
    """A photo, what `prepared(photo, flat, invert, cut)` makes of it, and the training drawing that is most like it.

    Args:
        photograph: the notebook's: a drawing and a seed -> a photo [1, H, W].
        prepared: the learner's: a photo -> [1, 28, 28].
        nearest: lesson 08's: data and images -> labels.
    """
    train, new = signs("train"), signs("new")

    def draw(axes, photograph, prepared, nearest, photo, flat, invert, cut):
        paper = photograph(new.images[5 * photo], 5 * photo)
        image = prepared(paper, flat, invert, cut)
        answer = train.classes[nearest(train, image[None]).item()]
        alike = train.images[(train.images - image).flatten(1).norm(dim=1).argmin()]
        for ax, shown, title in zip(axes, (paper, image, alike), ("photo", "prepared", answer), strict=True):
            grey(ax, shown[0], title)
        return f"A photo of {new.classes[new.labels[5 * photo]]!r}; most like it is a drawing of {answer!r}."

    switches = {"flat": False, "invert": False, "cut": False}
    photo = Slider(0, 19, value=9)
    return Explorer(draw, of=[photograph, prepared, nearest], columns=3, width=2.4, height=2.8, photo=photo, **switches)


def preparations(photos, prepared):
    """Photos, [1, H, W] each, above what `prepared` makes of them with no switch, one and all, as a `Picture`."""
    rows = {
        "photo": lambda photo: photo,
        "as it is": lambda photo: prepared(photo, False, False, False),
        "inverted": lambda photo: prepared(photo, False, True, False),
        "prepared": prepared,
    }
    figure = Figure(figsize=(6.4, 5.2), dpi=100, layout="constrained")
    for axes, (name, change) in zip(figure.subplots(len(rows), len(photos)), rows.items(), strict=True):
        for ax, photo in zip(axes, photos, strict=True):
            grey(ax, change(photo)[0], "")
        axes[0].set_ylabel(name)
    return plots.Picture(figure, "Photos, and what the network gets: as they are, inverted, and prepared.")
