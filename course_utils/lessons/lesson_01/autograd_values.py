"""Exercises of lesson 01 whose answer is a value: a prediction, a goal."""

import torch

from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise

# ── 4 ── predict, then run: detach

predicted = Exercise(
    "01-4",
    "gradients",
    minutes=3,
    hints=("`x.detach()` is the same number, 2, without a past.", "So y = x · 2, where the 2 is a constant."),
    remember="`detach` makes a constant: y = x · 2 has the slope 2. Without it y = x², with the slope 2x = 4.",
    value=True,
)


@predicted.probe
def look_at_prediction(gradients):
    x = torch.tensor(2.0, requires_grad=True)
    (x * x.detach()).backward()
    with_detach, x.grad = x.grad.item(), None
    (x * x).backward()
    # What is asked for is known here; the answer is compared as a whole, so that mistakes of both kinds have a name.
    yield "[with detach, without]", gradients
    assert [with_detach, x.grad.item()] == [2.0, 4.0]


@predicted.start
def guess_to_make():
    return [..., ...]  # x.grad with detach, and without


@predicted.solution
def constant_factor():
    return [2.0, 4.0]  # x.grad with detach, and without


@predicted.mistake("`detach` does not hide both factors: the first `x` still has its past, and the slope 2.")
def no_gradient_at_all():
    return [0.0, 4.0]


@predicted.mistake("With `detach` one of the factors is a constant, so only the other has a slope.")
def detach_changes_nothing():
    return [4.0, 4.0]


@predicted.mistake("The first is right. Without `detach` both factors change: y = x², with the slope 2x.")
def one_factor_each_time():
    return [2.0, 2.0]


@predicted.mistake("Those are the two right numbers, the wrong way round: `detach` takes one of the slopes *away*.")
def the_other_way_round():
    return [4.0, 2.0]


# ── 6 ── an open goal: how much of the old gradient to keep

reached = Exercise(
    "01-6",
    "keep",
    minutes=10,
    hints=(
        "Below 0.5 it creeps, at 1 it swings for ever. Somewhere in between it arrives.",
        "Try steps of 0.05 between 0.7 and 0.95, and watch the last distance.",
    ),
    remember="With lr 0.01, keeping some 85 % of the old gradient comes closest. Less creeps, more swings.",
    value=True,
)


@reached.probe
def look_at_goal(keep):
    number = isinstance(keep, (int, float)) and not isinstance(keep, bool)
    yield "`keep`", "a number" if number else keep
    bottom, curvature = torch.tensor([2.0, -3.0]), torch.tensor([1.0, 4.0])
    w, v = torch.tensor([-4.0, 2.0]), torch.zeros(2)
    for _ in range(100):
        v = keep * v + curvature * (w - bottom)
        w = w - 0.01 * v
    yield f"the distance from the bottom after 100 steps with `keep` {keep}", AtMost((w - bottom).norm().item(), 0.01)


@reached.start
def keep_to_find():
    return ...  # a number from 0 to 1


@reached.solution
def a_good_part():
    return 0.85


@reached.mistake("All of it is kept: that is the forgotten line again, and it never comes to rest.")
def keeps_all():
    return 1.0


@reached.mistake("Nothing is kept: plain descent, still more than 2 away after 100 steps.")
def keeps_nothing():
    return 0.0


EXERCISES = (predicted, reached)
