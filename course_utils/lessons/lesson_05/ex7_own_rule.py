"""05-7: an open goal, a rule of one's own for Rosenbrock's valley."""

import math

import torch

from course_utils.exercises.compare import AtMost, kind
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
            break
        wall = y - x**2
        g = torch.tensor([-2 * (1 - x) - 400 * x * wall, 200 * wall], dtype=torch.float64)
        p = rule(p.clone(), g, s)
    return heights


def fate(heights, uphill):
    """What becomes of a rule, in words."""
    if math.isnan(heights[-1]):
        return f"NaN, not a number, after step {len(heights) - 1}"
    if heights[-1] < 1e12:  # same: who flies off is far above any such height
        return "it stays in the valley"
    return "it climbs" if uphill else "it flies off"


def seen_of(rule, heights):
    """What was seen of a rule that does not get there, in sentences."""
    s, moves = {}, []
    g = torch.tensor([1.0, -1.0], dtype=torch.float64)
    for _ in range(100):  # the steps have grown or shrunk by then
        moves.append(rule(torch.zeros(2, dtype=torch.float64), g.clone(), s).double().norm().item())
    told = f"Halfway it was at {heights[STEPS // 2]:.2g}. "
    if not s:
        told += "Nothing is kept in `s`: each step knows its own gradient only. "
    if moves[-1] < 0.7 * moves[0]:  # same: a share that nobody sees
        share = moves[-1] / moves[0]
        told += (
            f"Where the gradient stays the same, its steps shrink: the hundredth has {share:.2g} of the first's length."
        )
    else:
        told += "It has not arrived: its steps are too short for it, swing from wall to wall, or lead elsewhere."
    return told


@exercise.probe
def probe(own_rule, draw):
    start, g = torch.tensor(START, dtype=torch.float64), torch.tensor([1.0, -1.0], dtype=torch.float64)
    p = own_rule(start.clone(), g.clone(), {})
    yield "what `own_rule` returns", None if p is None else kind(p)
    heights = race(own_rule)
    uphill = (p - start) @ g > 0  # same: who climbs and who flies off hear so by a diagnosis, in its words
    yield f"what becomes of it in {STEPS} steps", fate(heights, uphill)
    # same: who goes another way hears so by a diagnosis; True and False are never shown
    yield "the answer to *does it go the same way again, with an empty `s`?*", race(own_rule) == heights
    why = "" if heights[-1] <= GOAL else seen_of(own_rule, heights)  # same: words, which decide nothing
    yield f"the height after {STEPS} steps", AtMost(heights[-1], GOAL, why)
    # same: a rule that gets there in one valley and not in the other is far away in the end, one step earlier as well
    yield f"the height after {STEPS} steps in a valley whose bottom is elsewhere", AtMost(race(own_rule, 0.3)[-1], GOAL)


@exercise.solution
def solution(p, g, s):  # place [2], gradient [2], memory {}
    s["v"] = 0.9 * s.get("v", 0) + g
    return p - 0.0005 * s["v"]


exercise.starter("raise NotImplementedError  # the new p; settings are yours")
exercise.edit("climbs", "p - 0.0005", "p + 0.0005").says(
    "Each step takes it higher: the gradient points uphill, and a step goes against it."
)


@exercise.mistake("It comes to NaN, not a number, at once: does something divide by 0 in the first step?")
def divides_by_zero(p, g, s):
    return p * (0 * g / 0)


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
