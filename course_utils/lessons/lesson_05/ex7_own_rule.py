"""05-7: an open goal, a rule of one's own for Rosenbrock's valley."""

import torch

from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "own_rule",
    kind="goal",
    title="An open goal",
    minutes=12,
    text="Rosenbrock's valley, from (−1.5, 1). Write a rule of your own, settings included: `own_rule(p, g, s)` gives "
    'the new `p`. After **200 steps** it stands **below 0.005**. `descend(SURFACES["Rosenbrock"], own_rule, (-1.5, '
    "1.0), 200)[1][-1]` is its height there. The check moves the valley, too, so that nobody jumps to where they know "
    "the bottom to be.",
    hints=(
        "The walls are steep, so that long steps fly off; the floor is nearly level, so that short ones creep.",
        "Lesson 05's `momentum` gathers speed along the floor. Its steps are ten times `lr` long: which `lr`?",
        "Momentum 0.9 with a rate near 0.0005; or clip the gradient first, `g / max(1, g.norm() / 30)`, and go faster.",
    ),
    remember="Nobody asked for one of the eight: a rule is what you return for p, g and s.",
)


START, STEPS, GOAL = (-1.5, 1.0), 200, 0.005


def race(rule, shift=0.0):
    """Heights in Rosenbrock's valley, moved by `shift` in x and y, at the start and after each step."""
    p, s, heights = torch.tensor(START, dtype=torch.float64) + shift, {}, []
    for _ in range(STEPS + 1):
        x, y = (p - shift).tolist()
        heights.append((1 - x) ** 2 + 100 * (y - x**2) ** 2)
        # same: a rule that flies off ends above any such height, or at NaN: the loop ends early to save time
        if not heights[-1] < 1e12:  # NaN neither
            break  # same: the loop ends early to save time
        wall = y - x**2
        g = torch.tensor([-2 * (1 - x) - 400 * x * wall, 200 * wall], dtype=torch.float64)
        p = rule(p.clone(), g, s)
    return heights


@exercise.probe
def probe(own_rule, draw):
    p = own_rule(torch.tensor(START, dtype=torch.float64), torch.tensor([1.0, -1.0], dtype=torch.float64), {})
    yield "the shape, a list, of what `own_rule` returns", list(p.shape) if isinstance(p, torch.Tensor) else p
    heights = race(own_rule)
    # same: who flies off, far above any such height, hears so by a diagnosis; True and False are never shown
    yield f"the answer to *does it stay in the valley for {STEPS} steps?*", heights[-1] < 1e12
    # same: who goes another way hears so by a diagnosis; True and False are never shown
    yield "the answer to *does it go the same way again, with an empty `s`?*", race(own_rule) == heights
    yield f"the height after {STEPS} steps", AtMost(heights[-1], GOAL)
    # same: a rule that gets there in one valley and not in the other is far away in the end, one step earlier as well
    yield f"the height after {STEPS} steps in a valley whose bottom is elsewhere", AtMost(race(own_rule, 0.3)[-1], GOAL)


@exercise.solution
def solution(p, g, s):  # place [2], gradient [2], memory {}
    s["v"] = 0.9 * s.get("v", 0) + g
    return p - 0.0005 * s["v"]


exercise.starter("raise NotImplementedError  # the new p; settings are yours")
exercise.edit("flies_off", "0.0005", "0.1").says(
    "It flies off: the walls of this valley are steep. Shorter steps, or clip the gradient."
)
elsewhere = []


@exercise.mistake(
    "A second race, with an empty `s`, goes another way. Something is remembered elsewhere: a rule's memory belongs in "
    "`s`, or one race spoils the next. (Or it is drawn at random.)"
)
def remembers_elsewhere(p, g, s):
    elsewhere.append(g)
    return p - 0.0001 * sum(elsewhere[-5:])


exercise.edit("stands_still", 'p - 0.0005 * s["v"]', "p").says("You return `p` as it was: nothing moves.")
exercise.edit("knows_the_bottom", 'p - 0.0005 * s["v"]', "torch.ones_like(p)").says(
    "You jump to where you know the bottom to be. A rule knows the gradient, and no map."
)
