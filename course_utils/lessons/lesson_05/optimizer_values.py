"""Exercises of lesson 05 that ask for a prediction, or set a goal."""

import torch
from torch import nn

from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise

# ── 3 ── predict, then run: what is kept

predicted = Exercise(
    "05-3",
    "bytes_kept",
    minutes=4,
    hints=(
        "`Linear(100, 50)` has 100 · 50 + 50 parameters, `Linear(50, 10)` has 50 · 10 + 10.",
        "Plain SGD keeps nothing, momentum one number for each parameter, Adam two. A number takes 4 bytes.",
        "An optimizer keeps numbers for the parameters that it was given, and for no others.",
    ),
    remember="The memory belongs to the parameters an optimizer *holds*. To train the last layer alone costs little.",
    value=True,
)


def kept(optimizer, model):
    """Bytes that an optimizer keeps after a step, without its counters."""
    model(torch.ones(2, 100)).sum().backward()
    optimizer.step()
    memories = optimizer.state_dict()["state"].values()
    return sum(x.nbytes for s in memories for name, x in s.items() if x is not None and name != "step")


@predicted.probe
def look_at_bytes(bytes_kept):
    model = nn.Sequential(nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10))
    every, last = list(model.parameters()), model[2].parameters()
    optimizers = (
        torch.optim.SGD(every, 0.1),
        torch.optim.SGD(every, 0.1, momentum=0.9),
        torch.optim.Adam(every),
        torch.optim.Adam(last),
    )
    found = [kept(optimizer, model) for optimizer in optimizers]
    # Compared as a whole, so that each way to be wrong has a name.
    yield "the list of the four numbers of bytes", bytes_kept
    assert found == [0, 22240, 44480, 4080]


@predicted.start
def bytes_to_guess():
    return [..., ..., ..., ...]  # SGD, momentum, Adam, Adam (last layer)


@predicted.solution
def bytes_of_each():
    return [0, 4 * 5560, 4 * 2 * 5560, 4 * 2 * 510]


@predicted.mistake("Those are numbers, not bytes: each `float32` takes 4.")
def counts_numbers():
    return [0, 5560, 11120, 1020]


@predicted.mistake("You forgot the biases. They are parameters like the weights, with a memory of their own.")
def without_biases():
    return [0, 22000, 44000, 4000]


@predicted.mistake("Adam keeps two numbers for each parameter, m and v. You count one.")
def one_for_adam():
    return [0, 22240, 22240, 2040]


@predicted.mistake("You count the parameters with it. They are the network's, and stay when the optimizer is gone.")
def with_the_parameters():
    return [22240, 44480, 66720, 6120]


@predicted.mistake("The last optimizer holds the last layer only: it knows nothing of the first.")
def all_layers_each_time():
    return [0, 22240, 44480, 44480]


@predicted.mistake("Plain SGD keeps nothing. The gradients belong to the parameters, in `.grad`.")
def gradients_for_sgd():
    return [22240, 22240, 44480, 4080]


# ── 7 ── an open goal: a rule of one's own

START, BOTTOM, STEPS, GOAL = (-1.5, 1.0), (1.0, 1.0), 200, 0.005

raced = Exercise(
    "05-7",
    "own_rule",
    minutes=12,
    hints=(
        "The walls are steep, so that long steps fly off; the floor is nearly level, so that short ones creep.",
        "Section 2's `momentum` gathers speed along the floor. Its steps are ten times `lr` long: which `lr`?",
        "Momentum 0.9 with a rate near 0.0005; or clip the gradient first, `g / max(1, g.norm() / 30)`, and go faster.",
    ),
    remember="Nobody asked for one of the eight: a rule is what you return for p, g and s.",
)


def race(rule, shift=0.0):
    """Heights in Rosenbrock's valley, moved by `shift` in x and y, at the start and after each step."""
    p, s, heights = torch.tensor(START, dtype=torch.float64) + shift, {}, []
    for _ in range(STEPS + 1):
        x, y = (p - shift).tolist()
        heights.append((1 - x) ** 2 + 100 * (y - x**2) ** 2)
        if not heights[-1] < 1e12:  # NaN neither
            break
        wall = y - x**2
        g = torch.tensor([-2 * (1 - x) - 400 * x * wall, 200 * wall], dtype=torch.float64)
        p = rule(p.clone(), g, s)
    return heights


@raced.probe
def look_at_race(own_rule):
    p = own_rule(torch.tensor(START, dtype=torch.float64), torch.tensor([1.0, -1.0], dtype=torch.float64), {})
    yield "the shape, a list, of what `own_rule` returns", list(p.shape) if isinstance(p, torch.Tensor) else p
    heights = race(own_rule)
    yield f"the answer to *does it stay in the valley for {STEPS} steps?*", heights[-1] < 1e12
    yield "the answer to *does it go the same way again, with an empty `s`?*", race(own_rule) == heights
    yield f"the height after {STEPS} steps", AtMost(heights[-1], GOAL)
    yield f"the height after {STEPS} steps in a valley whose bottom is elsewhere", AtMost(race(own_rule, 0.3)[-1], GOAL)


@raced.start
def rule_to_write(p, g, s):  # place [2], gradient [2], memory {}
    raise NotImplementedError  # the new p; settings are yours


@raced.solution
def slow_momentum(p, g, s):  # place [2], gradient [2], memory {}
    s["v"] = 0.9 * s.get("v", 0) + g
    return p - 0.0005 * s["v"]


@raced.mistake("It flies off: the walls of this valley are steep. Shorter steps, or clip the gradient.")
def flies_off(p, g, s):
    return p - 0.1 * g


@raced.mistake(
    "A second race, with an empty `s`, goes another way. Something is remembered elsewhere: a rule's memory belongs in "
    "`s`, or one race spoils the next. (Or it is drawn at random.)"
)
def remembers_elsewhere(p, g, s):
    elsewhere.append(g)
    return p - 0.0001 * sum(elsewhere[-5:])


elsewhere = []


@raced.mistake("You return `p` as it was: nothing moves.")
def stands_still(p, g, s):
    return p


@raced.mistake("You jump to where you know the bottom to be. A rule knows the gradient, and no map.")
def knows_the_bottom(p, g, s):
    return torch.tensor(BOTTOM, dtype=torch.float64)


EXERCISES = (predicted, raced)
