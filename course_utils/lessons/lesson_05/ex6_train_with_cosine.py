"""05-6: a schedule that starts anew in each epoch."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train_with_cosine",
    kind="repair",
    title="Repair this",
    minutes=5,
    text="The rate should fall from 0.1 to 0 *once*, along a cosine, a little after each batch. There are *two* "
    "mistakes.",
    hints=(
        "There are two mistakes. Print `scheduler.get_last_lr()` after each step. How often does it begin anew?",
        "The optimizer, with its velocity, and the scheduler belong in front of the loop.",
        "`T_max` counts calls of `scheduler.step()`. How many are there in all?",
    ),
    remember="An optimizer remembers, a scheduler counts. Make each once, and say how many steps there are in all.",
)


@exercise.probe
def probe(train_with_cosine, draw):
    images, features, classes, epochs = draw.size(20), draw.size(5), draw.size(10), draw.size(3)
    batches = draw.size(epochs + 1)  # more than epochs, so that it shows which of the two `T_max` counts
    model = probes.classifier(draw, features, classes)
    train_with_cosine(model, probes.class_batches(draw, batches, images, features, classes), epochs)
    yield f"the tensor of all weights after {epochs} epochs", probes.flat(model)


@exercise.solution
def solution(model, loader, epochs):
    from torch.optim.lr_scheduler import CosineAnnealingLR

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    for _ in range(epochs):
        for X, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(X), y).backward()
            optimizer.step()
            scheduler.step()  # once a batch, as it should be


exercise.broken(
    "    optimizer = ",
    "    for _ in range(epochs):\n        optimizer = ",
    "    scheduler =",
    "        scheduler =",
    " * len(loader)",
    "",
    "    for _ in range(epochs):\n",
    "",
).says("The rate still does not fall to 0 once: both mistakes are still there.")
exercise.edit("counts_epochs", "epochs * len(loader)", "epochs").says(
    "One of two: both are made once now. `T_max` still counts epochs, and `scheduler.step()` is called for each "
    "batch: the rate swings down and up again."
)
exercise.edit(
    "begins_anew",
    "    optimizer = torch",
    "    for _ in range(epochs):\n        optimizer = torch",
    "    scheduler = Cosine",
    "        scheduler = Cosine",
    "    for _ in range(epochs):\n",
    "",
).says(
    "One of two: `T_max` counts all batches now. The optimizer is still made anew in each epoch: its rate starts "
    "from the top, and its velocity from 0."
)
exercise.edit(
    "a_scheduler_in_each_epoch",
    "    scheduler = Cosine",
    "    for _ in range(epochs):\n        scheduler = Cosine",
    "    for _ in range(epochs):\n",
    "",
).says("The optimizer is made once, the scheduler is not: in each epoch a new one begins to count from 0.")
exercise.edit("counts_one_epoch", "epochs * len(loader)", "len(loader)").says(
    "`T_max` counts the batches of *one* epoch: in the second the rate comes up again."
)
exercise.edit(
    "a_stair_for_each_epoch",
    "epochs * len(loader)",
    "epochs",
    "            scheduler.step()",
    "        scheduler.step()",
).says(
    "Your rate falls from 0.1 to 0 once, in stairs, one for each epoch. That is a schedule too; asked for was a rate "
    "that falls a little after each batch."
)
exercise.edit(
    "steps_the_rate_first",
    "optimizer.step()\n            scheduler.step()",
    "scheduler.step()\n            optimizer.step()",
).says("`scheduler.step()` comes before `optimizer.step()`: the first and largest rate is never used.")
exercise.edit("never_steps_the_rate", "            scheduler.step()  # once a batch, as it should be", "").says(
    "Nobody calls `scheduler.step()` any more: the rate stays at 0.1."
)
