"""Pictures of lesson 03: two activations at one learning rate, a loss, gradients along the layers, overfitting.

A function that returns an Explorer is a knob: a cell hands it the learner's function and shows what it returns.
"""

import functools

import torch
from torch import nn

from course_utils import data, plots
from course_utils.panels import Explorer, LogSlider, Slider

LOOKS = {"sigmoid": (plots.BLUE, "-"), "ReLU": (plots.ORANGE, "--")}


def two_runs(small):
    """How far each of two activations gets with one learning rate; `small(activation, lr)` gives the Experiment."""
    runs = functools.cache(_accuracies)

    def draw(ax, small, lr):
        return f"lr {lr:.3g}: {_draw_runs(ax, runs(small, lr))}"

    return Explorer(draw, _run_axes, of=[small], width=7.0, height=3.6, lr=LogSlider(0.01, 10.0, value=0.03))


def two_rates(small):
    """The `Picture` of `two_runs` at two learning rates."""
    figure, axes = plots.new_figure(columns=2, width=4.6, height=3.3)
    said = []
    titles = {0.03: "two networks", 1.0: "the same two; one number is different"}
    for ax, (lr, title) in zip(axes, titles.items(), strict=True):  # which number, the lesson asks
        _run_axes(ax)
        said.append(f"lr {lr:g}: {_draw_runs(ax, _accuracies(small, lr))}")
        ax.set_title(title)
    return plots.Picture(figure, " ".join(said))


def _accuracies(small, lr):
    return {name: small(name.lower(), lr).run().valid_accuracy for name in LOOKS}


def _run_axes(ax):
    ax.set(xlabel="epoch", ylabel="accuracy (validation)", ylim=(0, 1.03), xlim=(0.5, 20.5))
    ax.locator_params(axis="x", integer=True)
    ax.axhline(0.1, color=plots.GREY, linestyle=":", linewidth=1)
    ax.text(20.3, 0.115, "guessing", ha="right", va="bottom", fontsize=8, color=plots.GREY)
    ax.grid(alpha=0.3)


def _draw_runs(ax, runs):
    for name, accuracies in runs.items():
        color, style = LOOKS[name]
        ax.plot(range(1, len(accuracies) + 1), accuracies, style, color=color, linewidth=2, label=name)
    ax.legend(loc="upper left", fontsize=9)
    ends = {name: accuracies[-1] for name, accuracies in runs.items()}
    return f"sigmoid {ends['sigmoid']:.0%}, ReLU {ends['ReLU']:.0%} after {len(runs['ReLU'])} epochs."


def loss(cross_entropy):
    """Ten probabilities and the loss, `cross_entropy(logits, y)`, where the right class has one logit, the rest 0."""

    def background(ax):
        ax.set(xlabel="class (7 is right)", ylabel="probability", ylim=(0, 1), xlim=(-0.6, 9.6))
        ax.set_xticks(range(10))

    def draw(ax, cross_entropy, right_logit):
        logits = torch.zeros(1, 10)
        logits[0, 7] = right_logit
        p = logits.softmax(dim=1)[0]
        ax.bar(range(10), p.tolist(), color=[plots.ORANGE if k == 7 else plots.BLUE for k in range(10)])
        found = float(cross_entropy(logits, torch.tensor([7])))
        return f"Logit {right_logit:g}: probability {p[7]:.3g}, loss {found:.3f}."

    right_logit = Slider(-10.0, 10.0, value=2.0, step=0.5)
    return Explorer(draw, background, of=[cross_entropy], width=5.5, height=3.0, right_logit=right_logit)


def traps(trapped):
    """Accuracy while training and on the test set of `trapped(sort, twice, shuffle, epochs)`, a History."""

    def draw(ax, trapped, sort, twice, shuffle, epochs):
        return _draw_program(ax, trapped(sort, twice, shuffle, epochs))

    controls = {"sort": False, "twice": False, "shuffle": False, "epochs": Slider(2, 20, value=5)}
    return Explorer(draw, _program_axes, of=[trapped], width=6.0, height=3.4, **controls)


def three_programs(trapped):
    """The `Picture` of `traps`: without one, with sorted images, and with a softmax too many."""
    figure, axes = plots.new_figure(columns=3, width=3.2, height=3.1, sharey=True)
    said = []
    for ax, (name, settings) in zip(
        axes, {"as it should be": {}, "sorted": {"sort": True}, "softmax twice": {"twice": True}}.items(), strict=True
    ):
        _program_axes(ax)
        said.append(f"{name}: {_draw_program(ax, trapped(**settings))}")
        ax.set_title(name)
        ax.label_outer()
    return plots.Picture(figure, " ".join(said))


def _program_axes(ax):
    ax.set(xlabel="epoch", ylabel="accuracy (fraction)", ylim=(0, 1.03))
    ax.locator_params(axis="x", integer=True)
    ax.grid(alpha=0.3)


def _draw_program(ax, history):
    epochs = range(1, len(history.train_accuracy) + 1)
    ax.plot(epochs, history.train_accuracy, "o-", color=plots.BLUE, label="training")
    ax.plot(epochs, history.test_accuracy, "s--", color=plots.ORANGE, label="test")
    ax.legend(loc="center right", fontsize=9)
    return f"training {history.train_accuracy[-1]:.0%}, test {history.test_accuracy[-1]:.0%}."


def slopes(slope, functions):
    """Activations, {name: function}, beside their `slope(function, x)`, and what several leave of a gradient."""
    grid = torch.linspace(-6, 6, 241)

    def background(axes):
        axes[0].set(xlabel="x", ylabel="f(x)", ylim=(-1.5, 6.2))
        axes[1].set(xlabel="x", ylabel="slope f'(x)", ylim=(-0.2, 1.3))
        for ax in axes:
            ax.grid(alpha=0.3)

    def draw(axes, slope, activation, x, layers):
        function, point = functions[activation], torch.tensor([x])
        steep = slope(function, point).item()
        for ax, curve, at in zip(
            axes, (function(grid), slope(function, grid)), (function(point).item(), steep), strict=True
        ):
            ax.plot(grid, curve, color=plots.BLUE, linewidth=2)
            ax.plot([x], [at], "o", color=plots.ORANGE, markersize=9)
        left = f"after {layers} of them {steep**layers:.2g} of a gradient is left"
        return f"{activation} at x = {x:g}: slope {steep:.3g}; {left}."

    controls = {"activation": list(functions), "x": Slider(-6.0, 6.0, value=1.0, step=0.5), "layers": Slider(1, 8)}
    return Explorer(draw, background, columns=2, width=4.5, height=3.2, of=[slope], **controls)


ACTIVATIONS = {"sigmoid": nn.Sigmoid, "ReLU": nn.ReLU, "tanh": nn.Tanh}
STARTS = ("PyTorch's", "Xavier", "Xavier, gain 4", "He")


def depth(deep, gradient_norms):
    """`gradient_norms(model, X, y)`, a number for each layer, of `deep(depth, activation, start)` for 8×8 digits."""

    def draw(ax, deep, gradient_norms, depth, activation, start):
        return _draw_depth(ax, deep, gradient_norms, depth, activation, start)

    controls = {"depth": [2, 4, 8], "activation": list(ACTIVATIONS), "start": list(STARTS)}
    return Explorer(draw, _depth_axes, of=[deep, gradient_norms], width=6.5, height=3.4, **controls)


def two_depths(deep, gradient_norms):
    """The `Picture` of `depth` for eight layers of two kinds."""
    figure, axes = plots.new_figure(columns=2, width=4.6, height=3.3)
    said = []
    for ax, activation, start in zip(axes, ("sigmoid", "ReLU"), ("PyTorch's", "He"), strict=True):
        _depth_axes(ax)
        said.append(f"{activation}: {_draw_depth(ax, deep, gradient_norms, 8, activation, start)}")
        ax.set_title(f"8 layers, {activation}, {start} weights")
    return plots.Picture(figure, " ".join(said))


def _depth_axes(ax):
    ax.set(xlabel="layer, from input to output", ylabel="gradient norm", yscale="log")
    ax.set(ylim=(1e-8, 1e5), xlim=(0.4, 9.6), xticks=range(1, 10))
    ax.grid(axis="y", alpha=0.3)


def _draw_depth(ax, deep, gradient_norms, depth, activation, start):
    torch.manual_seed(0)
    X, y = data.load("digits")[0][:64]
    norms = gradient_norms(deep(depth, ACTIVATIONS[activation], start), X, y)
    ax.bar(range(1, len(norms) + 1), norms, color=plots.BLUE)
    return f"The first layer's gradient is {norms[0] / norms[-1]:.2g} times the last layer's."


def overfitting(study):
    """Training and validation loss of `study(images, weight_decay, dropout)`, which gives a History."""
    studied = functools.cache(lambda study, *settings: study(*settings))

    def draw(ax, study, images, weight_decay, dropout):
        return _draw_overfitting(ax, studied(study, images, weight_decay, dropout))

    controls = {
        "images": [300, 100, 1000], "weight_decay": [0.0, 0.001, 0.01, 0.1], "dropout": [0.0, 0.3, 0.5, 0.7],
    }  # fmt: skip
    return Explorer(draw, _overfitting_axes, of=[study], width=6.5, height=3.4, **controls)


def _overfitting_axes(ax):
    ax.set(xlabel="epoch", ylabel="mean loss", ylim=(0, 2.4))
    ax.grid(alpha=0.3)


def _draw_overfitting(ax, history):
    epochs = range(1, len(history.train_loss) + 1)
    ax.plot(epochs, history.train_loss, color=plots.BLUE, linewidth=2, label="training")
    ax.plot(epochs, history.valid_loss, "--", color=plots.ORANGE, linewidth=2, label="validation")
    ax.legend(loc="upper right")
    least, last = min(history.valid_loss), history.valid_loss[-1]
    return f"Validation loss: least {least:.2f}, at last {last:.2f}; accuracy {history.valid_accuracy[-1]:.1%}."


def shifted(shift, shifted_accuracy, reader, image):
    """An image, [1, height, width], pushed by some pixels, what `reader` makes of it, and the accuracy on all images.

    Args:
        shift: of images by (right, down).
        shifted_accuracy: of all test images pushed by (right, down).
        reader: images to logits.
        image: one of them.
    """

    def background(axes):
        axes[0].set(xlabel="pixel", ylabel="pixel")
        axes[1].set(xlabel="class", ylabel="probability", ylim=(0, 1))
        axes[1].set_xticks(range(10))

    def draw(axes, shift, shifted_accuracy, right, down):
        pushed = shift(image[None], right, down)
        with torch.no_grad():
            p = reader(pushed).softmax(dim=1)[0]
        axes[0].imshow(pushed[0, 0].numpy(), cmap="gray", vmin=0, vmax=1)
        axes[1].bar(range(10), p.tolist(), color=plots.BLUE)
        return f"Taken for a {p.argmax()}. All test images so: {shifted_accuracy(right, down):.1%} are right."

    controls = {"right": Slider(-8, 8, value=0), "down": Slider(-8, 8, value=0)}
    return Explorer(draw, background, columns=2, width=3.6, height=3.2, of=[shift, shifted_accuracy], **controls)


def learned_and_fooled(history, moved):
    """The `Picture` of a History that overfits, and of accuracies, {pixels that all images are pushed: fraction}."""
    figure, axes = plots.new_figure(columns=2, width=4.6, height=3.3)
    _overfitting_axes(axes[0])
    said = _draw_overfitting(axes[0], history)
    axes[1].plot(list(moved), list(moved.values()), "o-", color=plots.BLUE, linewidth=2)
    axes[1].set(xlabel="test images pushed right (pixels)", ylabel="accuracy (fraction)", ylim=(0, 1.03))
    axes[1].grid(alpha=0.3)
    return plots.Picture(figure, f"{said} Four pixels to the right: {moved[4]:.0%} of the test images are right.")
