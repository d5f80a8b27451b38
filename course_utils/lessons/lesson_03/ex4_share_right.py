"""03-4: the share of right answers, over batches of unequal size."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "share_right",
    kind="write",
    title="A test, from memory",
    size="write",
    minutes=8,
    text="`share_right(model, batches)` returns the share of all images that `model` gets right, from 0 to 1. "
    "`batches` is a list of pairs `(X, y)`; the last batch is smaller. It is a test: some layers have to be told so, "
    "and nothing needs to be recorded. Write it without looking at lesson 03.",
    hints=(
        "Two things come before the loop: the layers are told that this is a test, and nothing is recorded.",
        "`(model(X).argmax(dim=1) == y).sum().item()` counts the right ones of a batch.",
        "Add up the right ones, and `len(y)`, batch by batch. Divide once, at the end.",
    ),
    remember="Count, and divide once at the end. The mean of the batches' accuracies gives the images of a smaller "
    "last batch more weight than the others.",
)


@exercise.probe
def probe(share_right, draw):
    # As many classes as images in a full batch: `argmax` along the wrong dimension fits, and fails at the last batch.
    features, hidden, full = draw.size(4), draw.size(16), draw.size(10)
    model = draw.network(
        lambda: nn.Sequential(nn.Linear(features, hidden), nn.Dropout(0.5), nn.Linear(hidden, full))
    ).eval()
    batches = []
    for images, right in ((full, 8), (full, 7), (4, 1)):
        X = draw.randn(images, features)
        y = model(X).argmax(dim=1)
        y[right:] = (y[right:] + 1) % full  # same: one wrong label is as wrong as another
        batches.append((X, y))
    model = probes.Watched(model).train()  # same: the mode that is looked at is that of the `Watched`, new and training
    share = share_right(model, batches)
    yield "`model.training` in some forward pass", any(model.modes)
    yield "`torch.is_grad_enabled()` in some forward pass", any(model.recorded)
    yield f"the share of right answers in batches of {full}, {full} and 4", share


@exercise.solution
def solution(model, batches):  # batches: a list of (X, y)
    model.eval()
    right = images = 0
    with torch.no_grad():
        for X, y in batches:
            right += (model(X).argmax(dim=1) == y).sum().item()
            images += len(y)
    return right / images


exercise.starter("raise NotImplementedError  # the share of images that it gets right")
exercise.edit("mean_of_means", ".sum()", ".float().mean()", "len(y)", "1").says(
    "You take the mean of the batches' accuracies. The last batch is smaller, so its images weigh more than the others."
)
exercise.edit("over_the_images", "dim=1", "dim=0").says(
    "`argmax(dim=0)` goes down the batch: it names, for each class, an image. With 10 images and 10 classes nobody "
    "notices; the batch of 4 does not fit. The largest logit *of each image* is `argmax(dim=1)`."
)
exercise.edit("in_training_mode", "    model.eval()\n", "").says(
    "In some forward pass the model, or a layer in it, is in training mode, where dropout drops and batch norm looks "
    "at the batch. The evaluation mode of the whole model is to be on before the loop."
)
exercise.edit("records", "torch.no_grad()", "torch.enable_grad()").says(
    "The forward passes are recorded, for a `backward()` that never comes: put the loop under `with "
    "torch.no_grad():`. (`eval()` switches layers, not the recording.)"
)
exercise.edit("the_number", "right / images", "right").says(
    "That is the *number* of right answers. Divide it by the number of images."
)
exercise.edit("all_of_one_size", "right / images", "right / (len(batches) * len(batches[0][1]))").says(
    "You take every batch to be as large as the first one: count `len(y)` of each."
)
exercise.edit("divides_by_batches", "right / images", "right / len(batches)").says(
    "You divide by the number of *batches*. A share of the images divides by their number."
)
exercise.edit("the_last_batch", "right +=", "right =", "images +=", "images =").says(
    "Only the last batch counts: what the others gave is written over in every round."
)
exercise.edit("the_first_batch", "    return", "            return").says(
    "Only the first batch counts: a `return` inside the loop ends it there."
)
