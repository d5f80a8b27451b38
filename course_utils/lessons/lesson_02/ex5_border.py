"""02-5: the learning rate that is too large."""

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "border",
    kind="write",
    title="The border",
    size="write",
    minutes=8,
    text=r"`border(X)`: the limit $2/\lambda_\text{max}$ for any features `X`. The model is "
    "`X @ w + b`, trained with the full batch and mean squared error.",
    hints=(
        "The bias is a weight as well, of a feature that is always 1.",
        "H = 2/N · AᵀA, where A is X with a column of ones. `torch.linalg.eigvalsh(H)` gives the curvatures.",
        "The steepest one decides: 2 / λ_max.",
    ),
    remember="The border is 2/λ_max, and the data alone tell where it is.",
)


@exercise.probe
def probe(border, draw):
    n, features = draw.size(50), draw.size(3)
    stretch = torch.arange(1.0, features + 1)
    yield f"the limit for {n} examples of {features} features", border(draw.randn(n, features) * stretch)
    n = draw.size(20)
    yield f"the limit for {n} examples of 1 feature", border(draw.randn(n, 1) + 2)


@exercise.solution
def solution(X):  # [N, features]
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    H = 2 / len(A) * A.T @ A
    return 2 / torch.linalg.eigvalsh(H).max().item()


exercise.starter("raise NotImplementedError  # the largest rate for X @ w + b, full batch")
exercise.edit("without_ones", "torch.cat([X, torch.ones(len(X), 1)], dim=1)", "X").says(
    "You left the bias out: A has a column of ones beside the features."
)
exercise.edit("one_over_steepest", "return 2", "return 1").says(
    "Your limit is exactly half the right one: it is 2/λ, since a step may overshoot by as much as it had."
)
exercise.edit("hessian_without_two", "H = 2", "H = 1").says(
    "Your limit is exactly twice the right one: the second derivative of a square has a 2, H = 2/N · AᵀA."
)
exercise.edit("flattest", "max()", "min()").says(
    "That is the limit of the *flattest* direction. The steepest one breaks first."
)
exercise.edit("sums", "2 / len(A)", "2").says("You divide by nothing: H is a *mean* over the N examples.")
