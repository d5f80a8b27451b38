"""Exercises of lesson 04 about how a network's answers are counted."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 3 ── repair: an accuracy that is too low for every network

counted = Exercise(
    "04-3",
    "share_right",
    minutes=6,
    hints=(
        "There are two mistakes. The first: `logits` is [10, 10]. Which of the two dimensions are the classes?",
        "`argmax(0)` looks down the batch. The second mistake: which mode is the network in?",
        "`argmax(1)`, and `model.eval()` before the loop.",
    ),
    remember="`argmax(0)` asked of each class which *image* has most of it. Ten images and ten classes hid that: with "
    "another batch size it would have raised an error.",
)


@counted.probe
def look_at_share(share_right):
    model = probes.classifier()
    tens, mixed = (mostly_right(model, sizes) for sizes in ((10, 10, 10, 10), (20, 20, 20, 7)))
    watched = probes.Watched(model)
    share = share_right(watched, tens)
    yield "the list of `model.training` in the forward pass and the accuracy", [any(watched.modes), share]
    yield "`torch.is_grad_enabled()` in the forward pass", any(watched.recorded)
    yield "the accuracy on batches of 20, 20, 20 and 7", share_right(watched, mixed)


def mostly_right(model, sizes):
    """Batches of these sizes, labelled as the model answers: but for one image in each, and four in a batch of 7."""
    batches = []
    with torch.no_grad():
        for size in sizes:
            X = torch.randn(size, 5)
            y = model(X).argmax(1)
            y[: 4 if size == 7 else 1] += 1
            batches.append((X, y % 10))
    return batches


@counted.broken("It is still far too low, and the network still in training mode.")
def down_the_batch_in_training_mode(model, loader):
    correct = count = 0
    with torch.no_grad():
        for X, y in loader:
            correct += (model(X).argmax(0) == y).sum().item()
            count += len(y)
    return correct / count


@counted.solution
def along_the_logits(model, loader):
    correct = count = 0
    model.eval()
    with torch.no_grad():
        for X, y in loader:
            correct += (model(X).argmax(1) == y).sum().item()
            count += len(y)
    return correct / count


@counted.mistake(
    "One of two: the accuracy is right for a network without Dropout and BatchNorm. Yours is tested in training mode, "
    "and there they still drop, and look at the batch."
)
def forgets_eval(model, loader):
    correct = count = 0
    with torch.no_grad():
        for X, y in loader:
            correct += (model(X).argmax(1) == y).sum().item()
            count += len(y)
    return correct / count


@counted.mistake("One of two: the mode is right. `argmax(0)` still looks down the batch, not along the logits.")
def looks_down_the_batch(model, loader):
    correct = count = 0
    model.eval()
    with torch.no_grad():
        for X, y in loader:
            correct += (model(X).argmax(0) == y).sum().item()
            count += len(y)
    return correct / count


@counted.mistake("Both are repaired, and `no_grad` got lost: every forward pass is recorded, for nothing.")
def records(model, loader):
    correct = count = 0
    model.eval()
    for X, y in loader:
        correct += (model(X).argmax(1) == y).sum().item()
        count += len(y)
    return correct / count


@counted.mistake("You average the batches' accuracies. The 7 images of the last batch then weigh as much as 20.")
def means_of_batches(model, loader):
    shares = []
    model.eval()
    with torch.no_grad():
        for X, y in loader:
            shares.append((model(X).argmax(1) == y).float().mean().item())
    return sum(shares) / len(shares)


@counted.mistake("You divide by the number of batches. An accuracy is a share of the *images*.")
def divides_by_batches(model, loader):
    return along_the_logits(model, loader) * sum(len(y) for _, y in loader) / len(loader)


# ── 4 ── one line: the accuracy of one class

shared = Exercise(
    "04-4",
    "class_accuracy",
    minutes=4,
    hints=(
        "`logits.argmax(1) == y` says of each image whether it was read right.",
        "Of these, take the ones whose *label* is c: `(...)[y == c]`. Then their mean.",
    ),
    remember="How many of the *sevens* are read right? That divides by the sevens there are. How often is the answer "
    "*seven* right? That divides by the answers, and is another question.",
)


@shared.probe
def look_at_class(class_accuracy):
    for classes, count in ((4, 40), (3, 25)):
        y = torch.cat([torch.arange(classes), torch.randint(classes, (count - classes,))])
        logits = torch.randn(count, classes) + F.one_hot(y, classes)
        yield f"the accuracy of class 1 of {classes}", class_accuracy(logits, y, 1)


@shared.start
def class_to_write(logits, y, c):  # [N, classes], [N], one of the classes
    raise NotImplementedError  # one line: the accuracy of class c


@shared.solution
def of_those_there_are(logits, y, c):  # [N, classes], [N], one of the classes
    return (logits.argmax(1) == y)[y == c].float().mean().item()


def counts(logits, y, c):
    """Of class c: how many images were read right, how many there are, how often it was answered."""
    answers = logits.argmax(1)
    return [found.sum().item() for found in ((answers == c) & (y == c), y == c, answers == c)]


@shared.mistake("You divide by *all* images, of which class c is only a part. Divide by the images labelled c.")
def divides_by_all(logits, y, c):
    return counts(logits, y, c)[0] / len(y)


@shared.mistake(
    "You divide by how often the network *answers* c. That says how far to trust this answer (its precision); the "
    "accuracy of a class divides by the images that have its label."
)
def of_those_answered(logits, y, c):
    right, _, answered = counts(logits, y, c)
    return right / answered


@shared.mistake("You count the right answers. Divide by how many images of class c there are.")
def only_counts(logits, y, c):
    return counts(logits, y, c)[0]


@shared.mistake("That is the share of *wrong* answers.")
def share_of_wrong(logits, y, c):
    return 1 - of_those_there_are(logits, y, c)


@shared.mistake("You don't use c: that is the accuracy of all classes together.")
def all_together(logits, y, c):
    return (logits.argmax(1) == y).float().mean().item()


@shared.mistake("In per cent? Here and in the lesson an accuracy is a fraction from 0 to 1.")
def in_per_cent(logits, y, c):
    return 100 * of_those_there_are(logits, y, c)


@shared.mistake("You return a verdict on each image of the class. Take their mean: `.float().mean()`.")
def verdicts(logits, y, c):
    return (logits.argmax(1) == y)[y == c]


EXERCISES = (counted, shared)
