"""01-6: how much of the old gradient to keep."""

import torch

from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "keep",
    kind="goal",
    title="An open goal",
    minutes=10,
    text="On the knob with `keep`, set `lr` to 0.01. Plain descent is still more than 2 away after 100 "
    "steps. Find a `keep` that ends below 0.01, without touching `lr`.",
    hints=(
        "Below 0.5 it creeps, at 1 it swings for ever. Somewhere in between it arrives.",
        "Try steps of 0.05 between 0.7 and 0.95, and watch the last distance.",
    ),
    remember="With lr 0.01, keeping some 85 % of the old gradient comes closest. Less creeps, more swings.",
    value=True,
)


@exercise.probe
def probe(keep, draw):
    number = isinstance(keep, (int, float)) and not isinstance(keep, bool)
    yield "`keep`", "a number" if number else keep
    bottom, curvature = torch.tensor([2.0, -3.0]), torch.tensor([1.0, 4.0])
    w, v = torch.tensor([-4.0, 2.0]), torch.zeros(2)
    for _ in range(100):
        v = keep * v + curvature * (w - bottom)
        w = w - 0.01 * v
    yield f"the distance from the bottom after 100 steps with `keep` {keep}", AtMost((w - bottom).norm().item(), 0.01)


@exercise.solution
def solution():
    return 0.85


exercise.starter("...  # a number from 0 to 1")
exercise.edit("keeps_all", "0.85", "1.0").says(
    "All of it is kept: that is the forgotten line again, and it never comes to rest."
)
exercise.edit("keeps_nothing", "0.85", "0.0").says(
    "Nothing is kept: plain descent, still more than 2 away after 100 steps."
)
