"""Exercises of lesson 03: a test function."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 4 ── write: the share of right answers, over batches of unequal size

scored = Exercise(
    "03-4",
    "share_right",
    minutes=8,
    hints=(
        "Two things come before the loop: the layers are told that this is a test, and nothing is recorded.",
        "`(model(X).argmax(dim=1) == y).sum().item()` counts the right ones of a batch.",
        "Add up the right ones, and `len(y)`, batch by batch. Divide once, at the end.",
    ),
    remember="Count, and divide once at the end. The mean of the batches' accuracies gives the images of a smaller "
    "last batch more weight than the others.",
)


def some_batch(model, size, right):
    """(X, y) of which `model`, in evaluation mode, gets the first `right` right."""
    X = torch.randn(size, 4)
    model.eval()
    with torch.no_grad():
        y = model(X).argmax(dim=1)
    model.train()
    y[right:] = (y[right:] + 1) % 10
    return X, y


@scored.probe
def look_at_share(share_right):
    model = nn.Sequential(nn.Linear(4, 16), nn.Dropout(0.5), nn.Linear(16, 10))
    batches = [some_batch(model, *sizes) for sizes in ((10, 8), (10, 9), (4, 1))]
    model = probes.Watched(model)
    share = share_right(model, batches)
    yield "`model.training` in some forward pass", any(model.modes)
    yield "`torch.is_grad_enabled()` in some forward pass", any(model.recorded)
    yield "the share of right answers in batches of 10, 10 and 4", share


@scored.start
def share_to_write(model, batches):  # batches: a list of (X, y)
    raise NotImplementedError  # the share of images that it gets right


@scored.solution
def counted_and_divided(model, batches):  # batches: a list of (X, y)
    model.eval()
    right = images = 0
    with torch.no_grad():
        for X, y in batches:
            right += (model(X).argmax(dim=1) == y).sum().item()
            images += len(y)
    return right / images


@scored.mistake(
    "You take the mean of the batches' accuracies. The last batch is smaller, so its images weigh more than the others."
)
def mean_of_means(model, batches):
    model.eval()
    with torch.no_grad():
        shares = [(model(X).argmax(dim=1) == y).float().mean().item() for X, y in batches]
    return sum(shares) / len(shares)


@scored.mistake(
    "`argmax(dim=0)` goes down the batch: it names, for each class, an image. With 10 images and 10 classes nobody "
    "notices; the batch of 4 does not fit. The largest logit *of each image* is `argmax(dim=1)`."
)
def over_the_images(model, batches):
    model.eval()
    right = images = 0
    with torch.no_grad():
        for X, y in batches:
            right += (model(X).argmax(dim=0) == y).sum().item()
            images += len(y)
    return right / images


@scored.mistake(
    "Some forward pass is in training mode, with dropout on: another accuracy at every call. `model.eval()` belongs "
    "before the loop."
)
def in_training_mode(model, batches):
    right = images = 0
    with torch.no_grad():
        for X, y in batches:
            right += (model(X).argmax(dim=1) == y).sum().item()
            images += len(y)
    return right / images


@scored.mistake(
    "The forward passes are recorded, for a `backward()` that never comes: put the loop under "
    "`with torch.no_grad():`. (`eval()` switches layers, not the recording.)"
)
def records(model, batches):
    model.eval()
    right = images = 0
    for X, y in batches:
        right += (model(X).argmax(dim=1) == y).sum().item()
        images += len(y)
    return right / images


@scored.mistake("That is the *number* of right answers. Divide it by the number of images.")
def the_number(model, batches):
    model.eval()
    with torch.no_grad():
        return sum((model(X).argmax(dim=1) == y).sum().item() for X, y in batches)


@scored.mistake("You take every batch to be as large as the first one: count `len(y)` of each.")
def all_of_one_size(model, batches):
    model.eval()
    with torch.no_grad():
        right = sum((model(X).argmax(dim=1) == y).sum().item() for X, y in batches)
    return right / (len(batches) * len(batches[0][1]))


@scored.mistake("Only the last batch counts: what the others gave is written over in every round.")
def the_last_batch(model, batches):
    model.eval()
    with torch.no_grad():
        for X, y in batches:
            share = (model(X).argmax(dim=1) == y).float().mean().item()
    return share


@scored.mistake("Only the first batch counts: a `return` inside the loop ends it there.")
def the_first_batch(model, batches):
    model.eval()
    right = images = 0
    with torch.no_grad():
        for X, y in batches:
            right += (model(X).argmax(dim=1) == y).sum().item()
            images += len(y)
            return right / images


EXERCISES = (scored,)
