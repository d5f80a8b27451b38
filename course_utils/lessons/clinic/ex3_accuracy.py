"""clinic-3: `no_grad` without its parentheses."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "accuracy",
    kind="repair",
    title="The test that will not begin",
    minutes=2,
    text="`TypeError: 'type' object does not support the context manager protocol`. (Python 3.10 says "
    "`AttributeError: __enter__`.) The result has to be the accuracy, with nothing recorded for `backward()`.",
    hints=(
        "`with` needs an object that knows what to do at the beginning and at the end. What is `torch.no_grad`?",
        "It is a class. Program 2 was about that.",
    ),
    remember="`with torch.no_grad():` has parentheses: `with` wants an object, and calling the class makes one.",
)


@exercise.probe
def probe(accuracy, draw):
    n, features, classes = draw.size(50), draw.size(4), draw.size(3)
    model = probes.Watched(
        draw.network(lambda: nn.Sequential(nn.Linear(features, 16), nn.Dropout(0.5), nn.Linear(16, classes)))
    )
    result = accuracy(model, draw.randn(n, features), draw.labels(n, classes))
    yield "`model.training` in the forward pass", any(model.modes)
    yield "`torch.is_grad_enabled()` in the forward pass", any(model.recorded)
    yield "the accuracy", result


@exercise.solution
def solution(model, X, y):
    model.eval()
    with torch.no_grad():
        logits = model(X)
    return (logits.argmax(dim=1) == y).float().mean().item()


exercise.broken("no_grad()", "no_grad").says("It still stops.")
exercise.edit("records", "    with torch.no_grad():\n        logits", "    logits").says(
    "The error is gone because `no_grad` is gone. Autograd is on in the forward pass: what it records is for nothing."
)
exercise.edit("stays_in_training_mode", "    model.eval()\n", "").says(
    "A forward pass is in training mode now: `no_grad` does not switch Dropout off."
)
exercise.edit(
    "never_records_again", "    with torch.no_grad():\n        logits", "    torch.set_grad_enabled(False)\n    logits"
).says(
    "You switch recording off and never on again: the next training loop would fail with *element 0 of tensors does "
    "not require grad*. A `with` block switches it on again at its end."
)
