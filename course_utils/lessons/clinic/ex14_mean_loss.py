"""clinic-14: the mean of means."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "mean_loss",
    kind="repair",
    title="Two friends, two losses",
    minutes=3,
    text="The same weights, the same 10,000 test images. With batches of 100 this function gives one loss, with "
    "batches of 32 another. It has to be the mean over all samples, whatever the batches.",
    hints=(
        "100 examples in batches of 32: how large is the last batch, and how much does it weigh in your mean?",
        "`F.cross_entropy` gives the mean of a batch. How do you get the sum back?",
        "Add `loss.item() * len(y)`, and divide by the number of examples.",
    ),
    remember="The mean of the batches' means is the mean over samples only if all batches have one size. Add up "
    "`loss.item() * len(y)` and divide by the number of samples.",
)


@exercise.probe
# same: the last batch, of two images, tells what the sizes could hide
def probe(mean_loss, draw):
    model = probes.classifier(draw)
    n, m = draw.size(8), draw.size(5)
    batches = [*probes.class_batches(draw, batches=3, size=n), *probes.class_batches(draw, batches=1, size=2)]
    yield f"the mean loss over batches of {n}, {n}, {n} and 2", mean_loss(model, batches)
    yield f"the mean loss over two batches of {m}", mean_loss(model, probes.class_batches(draw, batches=2, size=m))


@exercise.solution
def solution(model, batches):
    total, count = 0.0, 0
    with torch.no_grad():  # same: the check looks at the mean alone
        for X, y in batches:
            loss = F.cross_entropy(model(X), y)
            total += loss.item() * len(y)
            count += len(y)
    return total / count


exercise.broken(
    "total, count = 0.0, 0",
    "total = 0.0",
    " * len(y)\n            count += len(y)",
    "",
    "total / count",
    "total / len(batches)",
).says("The result still changes with the size of the batches.")
exercise.edit("divides_by_batches", "total / count", "total / len(batches)").says(
    "You add up over samples, but still divide by the number of *batches*."
)
exercise.edit("divides_twice", "loss.item() * len(y)", "loss.item()").says(
    "You divide the sum of the batches' means by the number of samples: each mean is a mean already."
)
exercise.edit("takes_all_for_full", "total / count", "total / (len(batches) * len(batches[0][1]))").says(
    "You take every batch to be as large as the first one (or the last): count `len(y)` of each batch instead."
)
exercise.edit("drops_the_last", "in batches:", "in batches[:-1]:").says(
    "You leave the last, smaller batch out. Its samples count like all others."
)
