"""The start page's knob: a walk down lesson 01's bowl, with a learning rate and an optimizer to choose."""

import functools

import numpy as np
import torch

from course_utils import plots
from course_utils.panels import Explorer, LogSlider
from course_utils.plots import landscape

CURVATURES, BOTTOM, START = (1.0, 4.0), (2.0, -3.0), (-4.0, 2.0)
STEPS = 30
OPTIMIZERS = {
    "SGD": torch.optim.SGD,
    "SGD, momentum 0.9": functools.partial(torch.optim.SGD, momentum=0.9),
    "Adam": torch.optim.Adam,
}
RATES = tuple(np.geomspace(0.003, 3.0, 61).tolist())  # where the slider stops
ARRIVED, AWAY = 1e-3, 1e4  # losses beyond these are drawn there


@functools.cache  # a knob comes back to where it was
def walks(optimizer, rates):
    """Walks of `STEPS` steps down the bowl, one for each learning rate.

    Args:
        optimizer: a key of `OPTIMIZERS`.
        rates: tuple of numbers.

    Returns:
        (paths, losses): float64 arrays [STEPS + 1, rates, 2] and [STEPS + 1, rates].
    """
    weights = [torch.tensor(START, dtype=torch.float64, requires_grad=True) for _ in rates]
    groups = [{"params": [w], "lr": rate} for w, rate in zip(weights, rates, strict=True)]
    walker = OPTIMIZERS[optimizer](groups)
    curvatures, bottom = torch.tensor(CURVATURES), torch.tensor(BOTTOM)
    paths, losses = [], []
    for _ in range(STEPS + 1):
        places = torch.stack(weights)
        loss = 0.5 * (curvatures * (places - bottom) ** 2).sum(dim=1)
        paths.append(places.detach())
        losses.append(loss.detach())
        walker.zero_grad()
        loss.sum().backward()
        walker.step()
    return torch.stack(paths).numpy(), torch.stack(losses).numpy()


def bowl():
    """A walk down the bowl, and how low it ends for every learning rate."""

    def background(axes):
        landscape.bowl_axes(axes[0])
        axes[1].set(xscale="log", yscale="log", xlabel="learning rate lr", ylabel=f"loss after {STEPS} steps")
        axes[1].set(xlim=(0.0025, 4.0), ylim=(ARRIVED / 2, AWAY * 2))
        for axis in (axes[1].xaxis, axes[1].yaxis):
            axis.set_major_formatter("{x:,g}")  # 0.01, which everybody reads, and no powers of ten
        start = walks("SGD", (0.1,))[1][0, 0]
        axes[1].axhline(start, color=plots.GREY, linestyle="--")
        axes[1].text(0.003, 1.3 * start, "loss at the start", color=plots.GREY)
        axes[1].grid(alpha=0.3)

    def draw(axes, lr, optimizer):
        paths, losses = walks(optimizer, (lr,))
        landscape.bowl(axes[0], np.diag(CURVATURES), BOTTOM, paths[:, 0])
        end = losses[-1, 0]
        axes[1].plot(RATES, walks(optimizer, RATES)[1][-1].clip(ARRIVED, AWAY), color=plots.BLUE, label=optimizer)
        axes[1].plot([lr], [np.clip(end, ARRIVED, AWAY)], "o", color=plots.ORANGE, markersize=11, label="your lr")
        axes[1].legend(loc="upper left")
        return f"{optimizer}, lr {lr:.3g}: loss {losses[0, 0]:.0f} at the start; after {STEPS} steps {_in_words(end)}."

    controls = {"lr": LogSlider(RATES[0], RATES[-1], value=0.01), "optimizer": list(OPTIMIZERS)}
    return Explorer(draw, background, columns=2, width=4.8, height=4.2, **controls)


def _in_words(loss):
    if loss < ARRIVED:
        return f"below {ARRIVED:g}: it has arrived"
    return f"above {AWAY:,.0f}: it has left the bowl" if loss > AWAY else f"{loss:.3g}"
