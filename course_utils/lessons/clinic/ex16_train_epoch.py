"""clinic-16: a name misspelt."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train_epoch",
    kind="repair",
    title="A letter too few",
    minutes=2,
    text="It trains for one epoch and returns the mean of the batches' losses. It stops before the first batch: "
    "`NameError: name 'datloader' is not defined`.",
    hints=(
        "Python asks whether you meant another name. Where does that name come from?",
        "The loop and the function's first line have to spell it alike.",
    ),
    remember="A `NameError` is nearly always a spelling. In a notebook the misspelt name may exist, from a cell you "
    "ran an hour ago: then there is no error, and the program trains on the wrong data.",
)


@exercise.probe
def probe(train_epoch, draw):
    features, classes = draw.size(5), draw.size(4)
    model = probes.classifier(draw, features, classes)
    loader = probes.class_batches(draw, draw.size(3), draw.size(6), features, classes)
    loader += probes.class_batches(draw, 1, draw.size(2), features, classes)  # a smaller last batch
    yield "the mean of the batches' losses", train_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))
    yield "the tensor of all weights after training", probes.flat(model)


@exercise.solution
def solution(model, dataloader, optimizer):
    total = 0.0
    for X, y in dataloader:
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(dataloader)


exercise.broken("in dataloader:", "in datloader:").says("It still stops before the first batch.")
exercise.edit("half_renamed", "model, dataloader,", "model, datloader,", "in dataloader:", "in datloader:").says(
    "You renamed the argument. The last line still uses the old name, so it stops there, after training."
)
exercise.edit("one_batch_only", "in dataloader:", "in [next(iter(dataloader))]:").says(
    "It trains on one batch only: `for X, y in dataloader:` goes through all of them."
)
exercise.edit("adds_up_only", "total / len(dataloader)", "total").says(
    "You return the sum of the losses: divide it by the number of batches."
)
exercise.edit("last_loss_only", "total / len(dataloader)", "loss.item()").says(
    "You return the loss of the last batch, and not the mean over all batches."
)
exercise.edit(
    "mean_over_images", "loss.item()", "loss.item() * len(y)", "len(dataloader)", "sum(len(y) for _, y in dataloader)"
).says(
    "You take the mean over the images. The mean of the batches' losses is asked for, in which a smaller last batch "
    "counts as much as the others."
)
