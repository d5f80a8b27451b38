"""clinic-13: evaluating in training mode."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "accuracy",
    kind="repair",
    title="Another accuracy at each call",
    minutes=3,
    text="`model` has Dropout and BatchNorm layers. No error; but the same model on the same data gives another "
    "accuracy at each call.",
    hints=(
        "Which kinds of layers behave differently in a test, and who tells them that it is one?",
        "`no_grad` stops the recording. It tells no layer anything.",
        "`model.eval()` before the loop.",
    ),
    remember="`model.eval()` changes what Dropout and BatchNorm do; `no_grad` only stops the recording. A test needs "
    "the first for its result and the second for its memory.",
)


@exercise.probe
def probe(accuracy, draw):
    features, classes = draw.size(5), draw.size(3)

    def network():
        return nn.Sequential(nn.Linear(features, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, classes))

    model = probes.Watched(draw.network(network))
    batches = probes.class_batches(draw, draw.size(4), draw.size(20), features, classes)
    batches += probes.class_batches(draw, 1, draw.size(7), features, classes)  # a smaller last batch
    result = accuracy(model, batches)
    yield "the list of layers that are in training mode, batch by batch,", list(model.awake)
    yield "`torch.is_grad_enabled()`, batch by batch,", list(model.recorded)
    yield "the accuracy", result


@exercise.solution
def solution(model, batches):
    correct = count = 0
    model.eval()
    with torch.no_grad():
        for X, y in batches:
            correct += (model(X).argmax(dim=1) == y).sum().item()
            count += len(y)
    return correct / count


exercise.broken("    model.eval()\n", "").says("The layers are still in training mode.")
exercise.edit(
    "too_late", "    model.eval()\n", "", "count += len(y)", "count += len(y)\n            model.eval()"
).says("You call `eval()` after the first batch has already gone through: call it before the loop.")
exercise.edit("mean_of_means", ".sum().item()", ".float().mean().item()", "count += len(y)", "count += 1").says(
    "You take the mean of the batches' accuracies: the images of the smaller last batch weigh more than the others."
)
# as without any block
exercise.edit("eval_instead", "torch.no_grad()", "torch.enable_grad()").says(
    "`eval()` in place of `no_grad` gives the right number, but records every forward pass: it switches layers, not "
    "the recording. You want both."
)
exercise.edit("back_too_early", "count += len(y)", "count += len(y)\n            model.train()").says(
    "You switch back to `train()` inside the loop: only the first batch is evaluated in evaluation mode."
)
