"""01-4: what a gradient is with `detach`, and without."""

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "gradients",
    kind="predict",
    title="Predict, then run",
    minutes=3,
    text="`x = torch.tensor(2.0, requires_grad=True)`, `y = x * x.detach()`, `y.backward()`. What is `x.grad`? And "
    "what would it be without `detach`? Write down two numbers in place of the dots. Then run the three lines "
    "yourself.",
    hints=("`x.detach()` is the same number, 2, without a past.", "So y = x · 2, where the 2 is a constant."),
    remember="`detach` makes a constant: y = x · 2 has the slope 2. Without it y = x², with the slope 2x = 4.",
    value=True,
)


@exercise.probe
def probe(gradients, draw):
    x = torch.tensor(2.0, requires_grad=True)
    (x * x.detach()).backward()
    with_detach, x.grad = x.grad.item(), None
    (x * x).backward()
    # What is asked for is known here; the answer is compared as a whole, so that mistakes of both kinds have a name.
    yield "[with detach, without]", gradients
    assert [with_detach, x.grad.item()] == [2.0, 4.0]


@exercise.solution
def solution():
    return [2.0, 4.0]  # x.grad with detach, and without


exercise.starter("[..., ...]  # x.grad with detach, and without")
exercise.edit("no_gradient_at_all", "2.0", "0.0").says(
    "`detach` does not hide both factors: the first `x` still has its past, and a slope."
)
exercise.edit("none_at_all", "2.0", "None").says(
    "`detach` does not hide both factors: the first `x` still has its past, and gets a gradient."
)
exercise.edit("forgets_the_constant", "2.0", "1.0").says(
    "The second is right. With `detach`, y is a constant times x, and the constant is not 1."
)
exercise.edit("adds_up", "4.0", "6.0").says(
    "The first is right. The second has the first in it: two `backward()` calls add up, unless `.grad` is cleared."
)
exercise.edit("detach_changes_nothing", "2.0", "4.0").says(
    "With `detach` one of the factors is a constant, so only the other has a slope."
)
exercise.edit("one_factor_each_time", "4.0", "2.0").says(
    "The first is right. Without `detach` both factors change: y = x²."
)
exercise.edit("the_other_way_round", "2.0, 4.0", "4.0, 2.0").says(
    "Those are the two right numbers, the wrong way round: `detach` takes one of the slopes *away*."
)
exercise.because(
    {0: "as if both factors were constants", 1: "as if the constant were 1", 4: "as without `detach`"},
    {2: "as with `detach`", 6: "with the first one in it, if `.grad` is not cleared"}
    | {0: "as if nothing had a slope", 1: "as if y were x"},
)
