"""clinic-5: changing a leaf in place."""

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "descend",
    kind="repair",
    title="Gradient descent by hand",
    minutes=4,
    text="`w` requires a gradient. Mean squared error, `steps` steps; the new `w` comes back. It stops in the first "
    "step: `RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.`",
    hints=(
        "PyTorch records what is done with `w`. Is the update part of the model?",
        "It is not. Which block switches the recording off?",
        "`with torch.no_grad():` around the update; and keep `-=`, so that `w` stays the same tensor.",
    ),
    remember="The update is no part of the graph: do it under `torch.no_grad()`, and in place, so that the leaf stays "
    "the leaf. Lesson 02 does it that way, and so does every optimizer.",
)


@exercise.probe
def probe(descend, draw):
    n, features, steps = draw.size(20), draw.size(3), draw.size(3)
    w, X, y = draw.randn(features), draw.randn(n, features), draw.randn(n)
    yield f"`w` after {steps} steps", descend(w.clone().requires_grad_(), X, y, 0.1, steps)
    yield "`w` after no step at all", descend(w.clone().requires_grad_(), X, y, 0.1, 0)


@exercise.solution
def solution(w, X, y, lr, steps):
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w


exercise.broken("        with torch.no_grad():\n            w -= lr * w.grad", "        w -= lr * w.grad").says(
    "The first step still stops it."
)
exercise.edit(
    "makes_a_result", "        with torch.no_grad():\n            w -= lr * w.grad", "        w = w - lr * w.grad"
).says(
    "`w = w - …` makes a *new* tensor, the result of an operation. Results keep no `.grad`, so the second step finds "
    "`None`. `w -= …` changes the leaf itself."
)
exercise.edit("makes_a_constant", "w -= lr * w.grad\n        w.grad = None", "w = w - lr * w.grad").says(
    "Under `no_grad`, `w = w - …` makes a new tensor that asks for no gradient, so the second `backward()` has "
    "nothing to do. `w -= …` changes the leaf itself."
)
exercise.edit("lets_gradients_add", "        w.grad = None\n", "").says(
    "The update works, but the gradient is not cleared any more: each step adds to the one before."
)
