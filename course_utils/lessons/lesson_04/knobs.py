"""Pictures of lesson 04: convolutions, what a network makes of a moved digit, sizes, modes and photographs.

A function that returns an Explorer or a DrawPad is a knob: a cell hands it the learner's functions and shows what it
returns. The others take numbers and draw.
"""

import functools
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import models, plots
from course_utils.data import DIGIT_NAMES, batches, digits
from course_utils.lessons.lesson_04 import drawing
from course_utils.panels import DrawPad, Explorer, NumberGrid, Slider
from course_utils.panels.base import follow
from course_utils.training import train_epoch

MODES = {"eval()": plots.BLUE, "train()": plots.ORANGE}
STORED = pathlib.Path(__file__).parent / "stored" / "networks.npz"  # tools/stored makes it


def stored():
    """The two networks of the lesson, trained on 6,000 images of MNIST, and a test image of each digit.

    Returns:
        ({"MLP": model, "CNN": model}, float32 [10, 1, 28, 28] in 0..1, int64 [10]).
    """
    networks = {"MLP": models.mlp(hidden=(128, 256), activation="relu"), "CNN": models.cnn()}
    with np.load(STORED) as arrays:
        for name, model in networks.items():
            models.load_packed(model, arrays, name)
        images = torch.from_numpy(arrays["images"]).float() / 255
    return networks, images, torch.arange(10)


def moved(shift, networks, images, labels, digit=0):
    """What each network answers to an image that `shift(images, right, down)` has moved.

    Args:
        shift: the learner's.
        networks: {name: model}.
        images, labels: float32 [N, 1, 28, 28] and int64 [N].
        digit: the place of the first image shown.
    """

    @torch.no_grad()
    def draw(axes, shift, right, down, digit):
        X = shift(images[digit : digit + 1], right, down)
        probabilities = {name: model(X).softmax(dim=1)[0].tolist() for name, model in networks.items()}
        answers = [f"the {name} answers {np.argmax(values)}" for name, values in probabilities.items()]
        drawing.opinions(axes, X[0, 0], probabilities, DIGIT_NAMES)
        return f"It is a {labels[digit]}; {', '.join(answers)}."

    ways = {"right": Slider(-8, 8, value=0), "down": Slider(-8, 8, value=0)}
    digit = Slider(0, len(images) - 1, value=digit)
    return Explorer(draw, of=[shift], columns=2, width=4.2, height=3.2, **ways, digit=digit)


def kernels(convolve, presets, images):
    """The feature map that `convolve(image, kernel)` makes of one of the images, [N, 1, 28, 28], for any nine numbers.

    Args:
        convolve: the learner's.
        presets: {name: rows of numbers}.
        images: float32, of which 20 can be chosen.
    """

    def draw(axes, convolve, kernel, digit):
        image, kernel = images[digit, 0], torch.tensor(kernel)
        result = convolve(image, kernel)
        drawing.grey(axes[0], image, "image {}×{}".format(*image.shape))
        drawing.signed(axes[1], result, "feature map {}×{}".format(*result.shape))
        spread = f"from {result.min():.2f} to {result.max():.2f}"
        return f"Results {spread}; the kernel's numbers add up to {kernel.sum():.3g}."

    controls = {"kernel": NumberGrid(presets), "digit": Slider(0, 19, value=0)}
    return Explorer(draw, of=[convolve], columns=2, width=3.6, height=3.6, **controls)


def maps(feature_maps, model, image):
    """A pad to draw on, and beside it the first maps behind both activations of `model`.

    Args:
        feature_maps: the learner's: `feature_maps(model, image, layer)` gives [N, H, W].
        model: an `nn.Sequential` with activations at 1 and 4.
        image: shown until something is drawn, float32 [1, 1, 28, 28].
    """

    def view(ax, drawn):
        shown = drawn if drawn.any() else image
        found = [brightened(follow.current(feature_maps)(model, shown, layer)) for layer in (1, 4)]
        late = F.interpolate(found[1], size=found[0].shape[-2:])  # drawn larger
        drawing.tiles(ax, torch.cat([found[0], late]), columns=6)
        return "Upper two rows: after the first ReLU; lower two: after the second."

    return DrawPad(model, view=view)


def brightened(maps):
    """Maps [N, H, W], each scaled so that its largest number is 1: [N, 1, H, W] in 0..1."""
    brightest = maps.amax(dim=(1, 2), keepdim=True).clamp(min=1e-6)
    return (maps / brightest).clamp(min=0).unsqueeze(1)


def shifted(accuracies):
    """Each network's accuracy on moved digits, {name: [at 0 pixels, at 1, …]}, as a `Picture`."""
    told = " and ".join(f"{values[4]:.0%} by the {name}" for name, values in accuracies.items())
    sentence = f"Moved by 4 pixels, of the digits are classified correctly: {told}."
    return plots.curves(accuracies, "shift to the right (pixels)", "accuracy (fraction)", sentence)


def two_places(shift, image, accuracies):
    """An image in two places, float [28, 28], and each network's accuracy there, {name: [at 0, at 1, …]}: a `Picture`.

    Where `shift` moves it: the learner's.
    """
    figure, axes = plots.new_figure(columns=3, width=3.2, height=3.0, width_ratios=[1, 1, 2])
    for ax, right in zip(axes, (0, 4), strict=False):
        drawing.grey(ax, shift(image, right), f"moved {right} pixels")
    for side, color, (name, values) in zip((-0.2, 0.2), plots.COLORS, accuracies.items(), strict=False):
        axes[2].bar((side, 1 + side), (values[0], values[4]), 0.4, color=color, label=name)
    axes[2].set_xticks((0, 1), ("moved 0 pixels", "moved 4 pixels"))
    axes[2].set(ylabel="accuracy (fraction)", ylim=(0, 1))
    axes[2].legend()
    return plots.Picture(figure, "A seven, the same moved by 4 pixels, and what that does to accuracy.")


def sizes(out_size):
    """Where a kernel stands first and last, and what `out_size(n, k, s, p, d)` says of the result."""

    def draw(axes, out_size, kernel, stride, padding, dilation, image):
        drawing.windows(axes, image, kernel, stride, padding, dilation)
        size = out_size(image, kernel, stride, padding, dilation)
        text = f"({image} + 2·{padding} − {dilation}·({kernel} − 1) − 1) // {stride} + 1 = {size}"
        try:
            layer = nn.Conv2d(1, 1, kernel, stride, padding, dilation)
            return f"{text}; PyTorch says {layer(torch.zeros(1, 1, image, image)).shape[-1]}."
        except RuntimeError:
            reach, whole = dilation * (kernel - 1) + 1, image + 2 * padding
            why = f"the kernel reaches over {reach} pixels, there are {whole}"
            return f"Impossible: {why}. The formula gives {text}."

    controls = {"kernel": Slider(1, 7, value=3), "stride": (1, 4), "padding": (0, 3), "dilation": (1, 3)}
    image = Slider(4, 12, value=8)
    return Explorer(draw, of=[out_size], columns=2, width=3.6, height=3.6, **controls, image=image, more=("image",))


def one_size():
    """The `Picture` of a kernel of 3 on 8×8 pixels with stride 2, which leaves a column out."""
    figure, axes = plots.new_figure(columns=2, width=3.4, height=3.4)
    count = drawing.windows(axes, 8, 3, 2, 0, 1)
    return plots.Picture(figure, f"Kernel 3, stride 2, no padding: {count}×{count}. No window touches the last column.")


def pools(shift, change, images):
    """A digit moved to the right before and after pooling, and by how much `change(before, after)` says it changed.

    Args:
        shift, change: the learner's.
        images: float32 [N, 1, 28, 28], of which 20 can be chosen.
    """
    kinds = {"max": F.max_pool2d, "mean": F.avg_pool2d}

    def draw(axes, shift, change, right, size, pool, digit):
        image = images[digit]
        after = shift(image, right)
        pooled, pooled_after = kinds[pool](image, size), kinds[pool](after, size)
        drawing.grey(axes[0], after[0], "image")
        drawing.grey(axes[1], pooled_after[0], f"{pool} pooling {size}×{size}")
        drawing.signed(axes[2], (pooled_after - pooled)[0], "change by the move")
        return f"Change by the move: pixels {change(image, after):.0%}, pooled {change(pooled, pooled_after):.0%}."

    controls = {"right": Slider(0, 4, value=1), "size": Slider(1, 7, value=2), "pool": list(kinds), "digit": (0, 19)}
    return Explorer(draw, of=[shift, change], columns=3, width=2.9, height=3.1, **controls, more=("digit",))


def first_kernels(before, after):
    """The first 16 kernels of a layer, [N, 1, 3, 3], before training and after, as a `Picture`."""

    def visible(kernels):  # the largest number of each to 1 or 0, zero to 0.5
        return 0.5 + 0.5 * kernels / kernels.abs().amax(dim=(1, 2, 3), keepdim=True)

    rows = {"before": visible(before[:16]), "after": visible(after[:16])}
    return drawing.mosaic(rows, "The first 16 of the 32 kernels, before and after training.")


def layer_by_layer(feature_maps, model, image):
    """An image [1, 1, 28, 28] above its first twelve maps behind each layer, as a `Picture`."""
    rows = {"image": image.expand(12, -1, -1, -1)}
    for layer, stage in ((1, "ReLU 1"), (2, "pool 1"), (4, "ReLU 2"), (5, "pool 2")):
        rows[stage] = brightened(feature_maps(model, image, layer))
    return drawing.mosaic(
        rows, "The image above its first twelve maps, layer by layer: 28, 26, 13, 11 and 5 pixels wide."
    )


def modes(answers_in):
    """The accuracy of a small network with BatchNorm and Dropout in one mode or the other, each digit by itself.

    Args:
        answers_in: the learner's: `answers_in(model, mode, X, batch_size)` gives the answers, int64 [N].
    """
    model = with_both_layers()

    def draw(ax, answers_in, mode, order, batch_size):
        each, accuracy = _each(answers_in, model, mode, order, batch_size)
        _bars_of_digits(ax, {mode: each})
        return f"{mode}, {order}, batches of {batch_size}: {accuracy:.0%} of 360 digits are right."

    controls = {"mode": list(MODES), "order": ["mixed", "sorted by label"]}
    return Explorer(draw, of=[answers_in], width=6.4, height=3.2, **controls, batch_size=Slider(4, 60, value=32))


def two_modes(answers_in):
    """The `Picture` of what one network answers in both modes, to digits that come sorted by label."""
    figure, ax = plots.new_figure(width=6.4, height=3.0)
    found = {mode: _each(answers_in, with_both_layers(), mode, "sorted by label", 32) for mode in MODES}
    _bars_of_digits(ax, {mode: each for mode, (each, _) in found.items()})
    told = ", ".join(f"{accuracy:.0%} in {mode}" for mode, (_, accuracy) in found.items())
    return plots.Picture(figure, f"The same weights, the same 360 digits, sorted by label: {told}.")


@functools.cache
def with_both_layers():
    """A network with BatchNorm and Dropout, trained on the 8×8 digits."""
    torch.manual_seed(0)
    hidden = (nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5))
    model = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(10):
        train_epoch(model, batches(digits()[0], batch_size=32, shuffle=True, seed=epoch), optimizer)
    return model


def _each(answers_in, model, mode, order, batch_size):
    X, y = digits()[1].tensors
    place = y.argsort(stable=True) if order != "mixed" else torch.arange(len(y))
    torch.manual_seed(0)  # Dropout's
    right = answers_in(model, mode, X[place], batch_size) == y[place]
    return [right[y[place] == label].float().mean().item() for label in range(10)], right.float().mean().item()


def _bars_of_digits(ax, found):
    drawing.bars_in_groups(ax, found, [MODES[mode] for mode in found])
    ax.set(xlabel="digit", ylabel="accuracy (fraction)", ylim=(0, 1.02), xticks=range(10))


def dropout(photo):
    """What `nn.Dropout` makes of an image, float [28, 28], for each share and mode."""

    def draw(ax, p, mode):
        torch.manual_seed(0)
        dropped = nn.Dropout(p).train(mode == "train()")(photo)
        ax.imshow(dropped.numpy(), cmap="gray", vmin=0, vmax=2)
        drawing.bare(ax, f"Dropout({p:.2f}), {mode}")
        return f"Mean {dropped.mean():.3f}; without dropout {photo.mean():.3f}."

    return Explorer(draw, width=3.6, height=3.6, p=Slider(0.0, 0.9, value=0.5), mode=["train()", "eval()"])


def photograph(seen):
    """A photograph, and what `seen(photo, size)` leaves of it for a network.

    Args:
        seen: the learner's: [3, H, W] in 0..1 -> [3, size, size] in −1..1.
    """

    def draw(axes, seen, size, channel, undone):
        photo = flower()
        axes[0].imshow(_last(photo))
        drawing.bare(axes[0], "photograph {1}×{2}".format(*photo.shape))
        X = seen(photo, size)
        shown = X * 0.5 + 0.5 if undone else X.clamp(0, 1)
        if channel == "all three":
            axes[1].imshow(_last(shown), interpolation="nearest")
        else:
            place = ["red", "green", "blue"].index(channel)
            axes[1].imshow(shown[place].numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        drawing.bare(axes[1], f"for the network {size}×{size}")
        return f"{size}×{size} pixels of 3 channels: {X.numel():,} numbers, from {X.min():.2f} to {X.max():.2f}."

    controls = {"size": Slider(4, 128, value=128), "channel": ["all three", "red", "green", "blue"], "undone": True}
    return Explorer(draw, of=[seen], columns=2, width=3.6, height=3.6, **controls)


@functools.cache
def flower():
    """A photograph that comes with scikit-learn, cut to a square: float32 [3, 427, 427] in 0..1."""
    from sklearn.datasets import load_sample_image

    return torch.from_numpy(load_sample_image("flower.jpg")[:, 100:527].copy()).permute(2, 0, 1).float() / 255


def _last(X):
    """The channels last, as matplotlib wants them."""
    return X.permute(1, 2, 0).numpy()


def as_a_network_gets_it(seen):
    """The `Picture` of a photograph in three sizes, the last as it is when nobody undoes the normalisation."""
    figure, axes = plots.new_figure(columns=3, width=2.8, height=3.3)
    small = seen(flower(), 32)
    titles = ("427×427, 0 to 1", "32×32, shown right", "32×32, not undone")
    for ax, title, X in zip(axes, titles, (flower(), small * 0.5 + 0.5, small.clamp(0, 1)), strict=True):
        ax.imshow(_last(X), interpolation="nearest")
        drawing.bare(ax, title)
    return plots.Picture(
        figure, "What you see, what a network gets, and what you see of that if you forget to undo it."
    )


def classes(names, each, accuracy, source):
    """The accuracy of each class, floats, and that of all together, as a `Picture`."""
    figure, ax = plots.new_figure(width=6, height=3.4)
    ax.barh(names, each, color=plots.BLUE)
    ax.axvline(accuracy, color=plots.GREY, linestyle="--")
    ax.set(xlabel="accuracy (fraction)", ylabel="class", xlim=(0, 1))
    ax.invert_yaxis()
    return plots.Picture(figure, f"{source}: accuracy of each class; dashed: of all together.")


def epochs(history):
    """Accuracy and loss after each epoch, on training and test data.

    Args:
        history: maps "train" and "test" to one pair (loss, accuracy) an epoch.

    Returns:
        A Picture of two panels.
    """
    figure, axes = plots.new_figure(columns=2, width=4.4, height=3.2)
    for (name, pairs), color, style in zip(history.items(), plots.COLORS, ("-o", "--s"), strict=False):
        numbers = range(1, len(pairs) + 1)
        for ax, values in zip(axes, ([a for _, a in pairs], [loss for loss, _ in pairs]), strict=True):
            ax.plot(numbers, values, style, color=color, label=name)
    for ax, label in zip(axes, ("accuracy (fraction)", "mean loss"), strict=True):
        ax.set(xlabel="epoch", ylabel=label, xticks=numbers)
        ax.grid(alpha=0.3)
        ax.legend()
    told = ", ".join(f"{name} accuracy {pairs[0][1]:.1%} to {pairs[-1][1]:.1%}" for name, pairs in history.items())
    return plots.Picture(figure, f"From the first epoch to the last: {told}.")
