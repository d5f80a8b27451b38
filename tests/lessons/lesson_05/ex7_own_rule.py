import math

import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def own_clipped(p, g, s):
    g = g / max(1, g.norm() / 30)
    s["v"] = 0.9 * s.get("v", 0) + g
    return p - 0.003 * s["v"]


@answers.right
def own_adam(p, g, s):
    if "adam" not in s:
        s["p"] = torch.nn.Parameter(p.clone())
        s["adam"] = torch.optim.Adam([s["p"]], lr=0.05, betas=(0.9, 0.9))
    s["p"].grad = g
    s["adam"].step()
    return s["p"].detach().clone()


answers.wrong("flies_off")(lambda p, g, s: p - 0.5 * g)
answers.wrong("stands_still")(lambda p, g, s: p - 0 * g)
answers.wrong("knows_the_bottom")(lambda p, g, s: torch.ones_like(p))
memory = {}


@answers.wrong("remembers_elsewhere")
def own_with_a_global(p, g, s):
    memory["v"] = 0.9 * memory.get("v", 0) + g
    return p - 0.0003 * memory["v"]


@answers.unknown("Halfway it was at 4.1. Where the gradient stays the same, its steps shrink: the hundredth has 0.049")
def own_that_tires(p, g, s):
    s["lr"] = 0.97 * s.get("lr", 0.001)
    return p - s["lr"] * g


@answers.unknown("Halfway it was at 4. It has not arrived: its steps are too short for it, swing from wall to wall")
def own_with_little_momentum(p, g, s):
    s["v"] = 0.3 * s.get("v", 0) + g
    return p - 0.0005 * s["v"]


answers.unknown(
    "The height after 200 steps is 3.4717, and 0.005 or less is the goal. Halfway it was at 3.8. "
    "Nothing is kept in `s`: each step knows its own gradient only. It has not arrived:"
)(lambda p, g, s: p - 0.001 * g)
answers.unknown("What `own_rule` returns is 'a list of 2', and 'a tensor of shape [2]' is right.")(
    lambda p, g, s: [0.0, 1.0]
)
answers.unknown("Is a `return` missing?")(lambda p, g, s: None)


@answers.unknown("is 'NaN, not a number, after step 3', and 'it stays in the valley' is right.")
def own_that_breaks_down(p, g, s):
    s["steps"] = s.get("steps", 0) + 1
    return p if s["steps"] < 3 else p * math.nan


answers.wrong("climbs")(lambda p, g, s: p + 0.0001 * g)
answers.wrong("divides_by_zero")(lambda p, g, s: p - g * math.nan)
