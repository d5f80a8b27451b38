"""04-3: an accuracy that is too low for every network."""

import torch

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "share_right",
    kind="repair",
    title="Repair this",
    minutes=6,
    text="The accuracy of a network with ten classes, over batches of ten. With `strong` and `batches(test, "
    "batch_size=10)` it runs without an error, and returns about 15 %. There are *two* mistakes; "
    "`strong` shows only one.",
    hints=(
        "There are two mistakes. The first: `logits` is [10, 10]. Which of the two dimensions are the classes?",
        "`argmax(0)` looks down the batch. The second mistake: which mode is the network in?",
        "`argmax(1)`, and `model.eval()` before the loop.",
    ),
    remember="`argmax(0)` asked of each class which *image* has most of it. Ten images and ten classes hid that: with "
    "another batch size it would have raised an error.",
)


@exercise.probe
def probe(share_right, draw):
    model, n = probes.classifier(draw), draw.size(20)
    mixed = mostly_right(model, draw, [(n, 1), (n, 1), (n, 1), (7, 4)])
    tens = mostly_right(model, draw, [(10, 1)] * 4)  # as many images as classes
    watched = probes.Watched(model)
    share = share_right(watched, tens)
    yield "the list of `model.training` in the forward pass and the accuracy", [any(watched.modes), share]
    yield "`torch.is_grad_enabled()` in the forward pass", any(watched.recorded)
    yield f"the accuracy on batches of {n}, {n}, {n} and 7", share_right(watched, mixed)


def mostly_right(model, draw, sizes):
    """Batches of (number of images, number of wrong labels); the other labels are what the model answers."""
    batches = []
    for size, wrong in sizes:
        X = draw.randn(size, 5)
        y = model(X).argmax(1)
        y[:wrong] += 1  # same: one wrong label is as wrong as another
        batches.append((X, y % 10))
    return batches


@exercise.solution
def solution(model, loader):
    correct = count = 0
    model.eval()
    with torch.no_grad():
        for X, y in loader:
            correct += (model(X).argmax(1) == y).sum().item()
            count += len(y)
    return correct / count


exercise.broken("    model.eval()\n", "", "argmax(1)", "argmax(0)").says(
    "It is still far too low, and the network still in training mode."
)
exercise.edit("forgets_eval", "    model.eval()\n", "").says(
    "One of two: the accuracy is right for a network without Dropout and BatchNorm. Yours is tested in training "
    "mode, and there they still drop, and look at the batch."
)
exercise.edit("looks_down_the_batch", "argmax(1)", "argmax(0)").says(
    "One of two: the mode is right. `argmax(0)` still looks down the batch, not along the logits."
)


@exercise.mistake("Both are repaired, and `no_grad` got lost: every forward pass is recorded, for nothing.")
def records(model, loader):
    correct = count = 0
    model.eval()
    for X, y in loader:
        correct += (model(X).argmax(1) == y).sum().item()
        count += len(y)
    return correct / count


@exercise.mistake("You average the batches' accuracies. The 7 images of the last batch then weigh as much as 20.")
def means_of_batches(model, loader):
    shares = []
    model.eval()
    with torch.no_grad():
        for X, y in loader:
            shares.append((model(X).argmax(1) == y).float().mean().item())
    return sum(shares) / len(shares)


exercise.edit("divides_by_batches", "correct / count", "correct / len(loader)").says(
    "You divide by the number of batches. An accuracy is a share of the *images*."
)
