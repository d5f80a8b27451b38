"""Pictures of the bug clinic: two programs that differ in one line, and one batch learnt by heart."""

import functools

import torch
from torch import nn
from torch.nn import functional as F

from course_utils import plots, runtime
from course_utils.data import digits
from course_utils.panels import Explorer, LogSlider, Slider

STEPS = 300
FLOOR = 1e-4  # where a loss of 0 is drawn on a logarithmic axis
LOSSES = {"A": F.cross_entropy, "B": lambda logits, y: F.cross_entropy(logits.softmax(dim=1), y)}
COLORS = {"A": plots.BLUE, "B": plots.ORANGE}


def new_model():
    """64-32-10 with ReLU, always with the same weights."""
    return runtime.RandomState(0).call(
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    )


def steps(loss_of, lr, batches):
    """Train a new model by SGD on (X, y) after (X, y); yields it and the loss after each step."""
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = loss_of(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield model, loss.item()


@functools.cache  # a knob comes back to where it was
def run(program, lr):
    """(losses of all steps, accuracies on the test images after every tenth) of a program on the 8×8 digits."""
    train, test = digits()
    draw = torch.Generator().manual_seed(0)
    rows = (torch.randint(len(train), (64,), generator=draw) for _ in range(STEPS))
    losses, accuracies = [], []
    for model, loss in steps(LOSSES[program], lr, ((train.images[r], train.labels[r]) for r in rows)):
        losses.append(loss)
        if len(losses) % 10 == 0:
            with torch.no_grad():
                accuracies.append((model(test.images).argmax(dim=1) == test.labels).float().mean().item())
    return losses, accuracies


def two_programs():
    """Loss and test accuracy of programs A and B, the chosen one bright. B has a softmax before `cross_entropy`."""

    def draw(axes, program, lr):
        for name in sorted(LOSSES, key=lambda name: name == program):  # the chosen one lies over the other
            draw_run(axes, name, lr, color=COLORS[name] if name == program else "lightgrey")
        plots.legend_above(axes[0], {f"program {name}": {"color": COLORS[name]} for name in LOSSES})
        losses, accuracies = run(program, lr)
        return f"Program {program}, lr {lr:.3g}: loss {losses[-1]:.3g}, accuracy {accuracies[-1]:.0%} at the end."

    controls = {"program": list(LOSSES), "lr": LogSlider(0.01, 10.0, value=1.0)}
    return Explorer(draw, run_axes, columns=2, width=4.8, height=3.8, **controls)


def run_axes(axes):
    """The two axes of `draw_run`."""
    axes[0].set(xlabel="step", ylabel="loss", ylim=(0, 2.6))
    axes[1].set(xlabel="step", ylabel="accuracy on test images", ylim=(0, 1))
    axes[1].yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    for ax in axes:
        ax.set_xlim(0, STEPS)
        ax.grid(alpha=0.3)


def draw_run(axes, program, lr, **look):
    losses, accuracies = run(program, lr)
    axes[0].plot(range(1, STEPS + 1), losses, linewidth=1.5, **look)
    axes[1].plot(range(10, STEPS + 1, 10), accuracies, linewidth=1.5, **look)


def both(lr):
    """The `Picture` of both programs at one learning rate."""
    figure, axes = plots.new_figure(columns=2, width=3.7, height=3.0)
    run_axes(axes)
    for name in LOSSES:
        draw_run(axes, name, lr, color=COLORS[name], label=f"program {name}")
    axes[1].legend(loc="lower right")
    ends = " and ".join(f"{run(name, lr)[1][-1]:.0%} with {name}" for name in LOSSES)
    return plots.Picture(figure, f"Both losses fall. At the end {ends} of the test images are right.")


@functools.cache
def regression(zero_grad, lr):
    """The losses of 200 steps of SGD on a small regression, with gradients cleared or not."""
    draw = torch.Generator().manual_seed(0)
    X = torch.randn(60, 5, generator=draw)
    y = X @ torch.randn(5, generator=draw) + 0.1 * torch.randn(60, generator=draw)
    w = torch.zeros(5, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr)
    losses = []
    for _ in range(200):
        loss = F.mse_loss(X @ w, y)
        if zero_grad:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def regression_axes(ax):
    """The axes of `draw_regression`."""
    ax.set(xlabel="step", ylabel="mean squared error", xlim=(0, 200), ylim=(0, 6))
    ax.grid(alpha=0.3)


def draw_regression(ax, zero_grad, lr):
    losses = regression(zero_grad, lr)
    ax.plot(losses, color=plots.BLUE if zero_grad else plots.ORANGE, linewidth=2)
    last = losses[100:]
    how = "on" if zero_grad else "off"
    return f"zero grad {how}, lr {lr:.3g}: the last 100 losses lie between {min(last):.2g} and {max(last):.2g}."


def rest():
    """The loss of a small regression, with and without `zero_grad`."""
    controls = {"zero_grad": False, "lr": LogSlider(0.001, 0.3, value=0.05)}
    return Explorer(draw_regression, regression_axes, width=7.5, height=3.4, **controls)


def never_at_rest(lr):
    """The `Picture` of both losses at one learning rate."""
    figure, axes = plots.new_figure(columns=2, width=3.7, height=3.0)
    for ax, zero_grad in zip(axes, (True, False), strict=True):
        regression_axes(ax)
        draw_regression(ax, zero_grad, lr)
        ax.set_title("it comes to rest" if zero_grad else "it never does")
    return plots.Picture(figure, "The same regression: left it comes to rest, right the loss falls and climbs again.")


def by_heart(loss_of):
    """The loss of a model that trains on one small batch again and again, by the learner's `loss_of(logits, y)`."""
    train, _ = digits()

    def background(ax):
        ax.set(xlabel="step", ylabel="loss on the batch (log scale)", yscale="log", xlim=(0, STEPS), ylim=(FLOOR, 10))
        ax.grid(alpha=0.3)

    def draw(ax, loss_of, images, lr):
        batch = train.images[:images], train.labels[:images]
        losses = [loss for _, loss in steps(loss_of, lr, [batch] * STEPS)]
        ax.plot(range(1, STEPS + 1), [max(loss, FLOOR) for loss in losses], color=plots.BLUE, linewidth=2)
        return f"{images} images, lr {lr:.3g}: loss {losses[0]:.3g} at the start, {losses[-1]:.2g} at the end."

    controls = {"images": Slider(1, 64, value=16), "lr": LogSlider(0.01, 10.0, value=1.0)}
    return Explorer(draw, background, of=[loss_of], width=7.5, height=3.4, **controls)
