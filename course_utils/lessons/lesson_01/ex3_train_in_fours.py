"""01-3: four parts' gradients for each update."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train_in_fours",
    kind="repair",
    title="Repair this",
    minutes=5,
    text="It should accumulate four parts for each update (the number of parts is a multiple of 4, all of one size). "
    "It trains, badly. There are *two* mistakes.",
    hints=(
        "There are two mistakes. How many parts' gradients are in `.grad` when `step()` is called?",
        "Only one part's: the others have been cleared. Clear once for each *update*.",
        "The mean over four parts is the sum of the parts' means, each divided by 4.",
    ),
    remember="Accumulation clears once an update, and divides each part's loss by the number of parts.",
)


@exercise.probe
def probe(train_in_fours, draw):
    size, features, classes = draw.size(6), draw.size(5), draw.size(10)
    model = probes.classifier(draw, features, classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    train_in_fours(model, probes.class_batches(draw, 8, size, features, classes), optimizer)
    yield "the tensor of all weights after 8 parts", probes.flat(model)


@exercise.solution
def solution(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        loss = F.cross_entropy(model(X_part), y_part) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()


exercise.broken(
    "        loss =",
    "        optimizer.zero_grad()\n        loss =",
    " / 4",
    "",
    "\n            optimizer.zero_grad()",
    "",
).says("It still trains badly: both mistakes are still there.")
exercise.edit("does_not_divide", " / 4", "").says(
    "One of two: the gradients of the four parts add up now, but each loss lacks its `/ 4`."
)
exercise.edit("divides_by_all", "/ 4", "/ len(micro_batches)").says(
    "You divide by the number of *all* parts. An update has four, however many updates there are."
)
exercise.edit(
    "clears_each_part",
    "loss = ",
    "optimizer.zero_grad()\n        loss = ",
    "optimizer.step()\n            optimizer.zero_grad()",
    "optimizer.step()",
).says("One of two: you divide by 4, but clear before four parts have added up: only the last one counts.")
exercise.edit("clears_never", "optimizer.zero_grad()", "pass").says(
    "Nothing clears the gradient any more: the second update pushes with all eight parts."
)
exercise.edit(
    "moves_nothing",
    "optimizer.step()\n            optimizer.zero_grad()",
    "optimizer.zero_grad()\n            optimizer.step()",
    idle=True,
).says(
    "No weight moves: `step()` finds no gradient. Either you clear it right before, or `backward()` starts from a "
    "number that has lost its way to the model (`.item()`, a new tensor)."
)
exercise.edit(
    "steps_each_part",
    "        if (i + 1) % 4 == 0:\n            optimizer.step()\n            optimizer.zero_grad()",
    "        optimizer.step()\n        if (i + 1) % 4 == 0:\n            optimizer.zero_grad()",
).says("You update after every part, and clear after four. Four parts make one update.")
exercise.edit("updates_each_part", "(i + 1) % 4 == 0", "True").says(
    "You update after every part. Four parts make one update."
)
