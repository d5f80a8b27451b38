"""01-6: how much of the old gradient to keep."""

import torch

from course_utils.exercises.compare import as_number
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
    number = as_number(keep)
    yield "`keep`", keep if number is None else "a number"
    yield "`keep`, a share of the old gradient,", "from 0 to 1" if 0 <= number <= 1 else number
    bottom, curvature = torch.tensor([2.0, -3.0]), torch.tensor([1.0, 4.0])
    w, v = torch.tensor([-4.0, 2.0]), torch.zeros(2)
    passed = False
    for _ in range(100):
        v = number * v + curvature * (w - bottom)
        w = w - 0.01 * v
        passed = passed or bool(w[0] > bottom[0])  # same: it is never exactly there
    distance = (w - bottom).norm().item()
    # same: who swings or creeps hears so by a diagnosis; these words are never shown
    yield "how it moves", "it arrives" if distance < 0.01 else "it swings" if passed else "it creeps"


@exercise.solution
def solution():
    return 0.85


exercise.starter("...  # a number from 0 to 1")
exercise.edit("swings", "0.85", "1.0").says(
    "It runs past the bottom and is still more than 0.01 away after 100 steps: so much of the old gradient is kept "
    "that it swings. (If all of it is, it never comes to rest.) Keep less."
)
exercise.edit("creeps", "0.85", "0.0").says(
    "It has not got there in 100 steps: it creeps, as plain descent does, still more than 0.01 away. Keep more."
)
