"""02-4: one step of plain SGD."""

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "step",
    kind="write",
    title="An optimizer by hand",
    size="write",
    minutes=5,
    text="`step(parameters, lr)` does what `optimizer.step()` and `optimizer.zero_grad()` do for plain SGD: it moves "
    "each parameter of the list in place, and clears its gradient.",
    hints=(
        "Lesson 02 has these lines, in section 2: an update for each parameter, with the recording switched off.",
        "`parameter -= lr * parameter.grad` under `torch.no_grad()`, then `parameter.grad = None`.",
    ),
    remember="That is all of plain SGD: read `.grad`, move against it in place, clear.",
)


@exercise.probe
# same: a step sees no size
def probe(step, draw):
    n, rows, columns = draw.size(4), draw.size(2), draw.size(3)
    parameters = [draw.randn(rows, columns).requires_grad_(), draw.randn(columns).requires_grad_()]
    for _ in range(2):  # same: what is left of a gradient shows at the second step
        ((draw.randn(n, rows) @ parameters[0]).square().mean() + parameters[1].square().sum()).backward()
        step(list(parameters), 0.1)  # a list of its own: a new tensor in it is in no model
    # As a list, so that a mistake in one of them is told from the same in both.
    yield "the list of the two parameters after two steps", [p.detach().clone() for p in parameters]


@exercise.solution
def solution(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            parameter -= lr * parameter.grad
            parameter.grad = None


exercise.starter("raise NotImplementedError  # move each in place, clear its gradient")
exercise.edit("uphill", "-=", "+=").says("Uphill! The gradient points to where the loss *grows*: subtract.")
exercise.edit("does_not_clear", "parameter.grad = None", "pass").says(
    "The gradient is not cleared: the second step pushes with both."
)
exercise.edit(
    "renames",
    "parameter -= lr",
    "old, parameter = parameter, parameter - lr",
    "parameter.grad = None",
    "old.grad = None",
    idle=True,
).says(
    "No parameter has moved. What moves one is a change in place, by a gradient that has not been cleared yet: "
    "`p = p - …` only gives a name to a new tensor."
)
exercise.edit("records", "with torch.no_grad():", "if True:").says(
    "The update is recorded, and a leaf can't be changed in place then: put it under `torch.no_grad()`."
)
