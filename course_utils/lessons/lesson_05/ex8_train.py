"""05-8: the whole training loop, on a blank page."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train",
    kind="write",
    title="The loop, on a blank page",
    minutes=6,
    text="Two blanks in lesson 03, four in lesson 04, and now the page is empty. `train(model, loader, optimizer, "
    "epochs)` trains with cross-entropy, in training mode. It returns a list: for each epoch the mean loss over its "
    "*images*, each measured just before the step that used it. The last batch may be smaller.",
    hints=(
        "Two loops, one in the other: for each epoch, for each batch `X, y` of the loader. What comes before them?",
        "Inside: logits, loss, `zero_grad()`, `backward()`, `step()`. And note `loss.item() * len(y)`.",
        "At the end of each epoch append the sum of what you noted, divided by the number of images.",
    ),
    remember="Forward, loss, zero_grad, backward, step: five lines train everything in this course.",
)


@exercise.probe
# same: the last batch, which is smaller, tells what the sizes could hide
def probe(train, draw):
    size, features, classes, epochs = draw.size(6), draw.size(5), draw.size(4), draw.size(2)
    loader = probes.class_batches(draw, draw.size(3), size, features, classes)
    loader += probes.class_batches(draw, 1, size // 2, features, classes)  # a smaller last batch
    model = probes.Watched(probes.classifier(draw, features, classes)).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.5)
    result = train(model, loader, optimizer, epochs)
    yield "what `train` returns", type(result).__name__
    yield f"the number of entries after {epochs} epochs", len(result)
    yield "the tensor of all weights afterwards", probes.flat(model)
    yield "the list of answers to *was this forward pass in training mode?*", model.modes
    graphs = [isinstance(mean, torch.Tensor) and mean.requires_grad for mean in result]
    yield "the list of answers to *does this entry still hold its graph?*", graphs
    yield "the list of mean losses", [float(mean) for mean in result]


@exercise.solution
def solution(model, loader, optimizer, epochs):
    model.train()
    means = []
    for _ in range(epochs):
        total = images = 0
        for X, y in loader:
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            images += len(y)
        means.append(total / images)
    return means


exercise.starter("raise NotImplementedError  # the whole loop; return each epoch's mean loss")
exercise.edit("clears_never", "            optimizer.zero_grad()\n", "").says(
    "The gradients are not cleared for each step: it uses the sum of all of them so far (lesson 01)."
)
exercise.edit("never_steps", "            optimizer.step()\n", "").says(
    "No weight has moved: `step()` is missing, or `zero_grad()` throws away what `backward()` has just written (02-2)."
)
exercise.edit(
    "steps_first",
    "            optimizer.zero_grad()\n            loss.backward()\n            optimizer.step()",
    "            optimizer.step()\n            optimizer.zero_grad()\n            loss.backward()",
).says("`step()` comes before `backward()`: each update uses the gradient of the batch before.")
exercise.edit("one_epoch", "range(epochs)", "range(1)").says("You train for one epoch, whatever `epochs` says.")
exercise.edit("softmax_twice", "model(X)", "model(X).softmax(dim=1)").says(
    "`cross_entropy` has the softmax inside: give it the logits (lesson 03)."
)
exercise.edit("not_in_training_mode", "    model.train()\n", "").says(
    "The model came in eval mode and stayed there: Dropout is off, and BatchNorm uses old averages. `model.train()` "
    "comes first (04c)."
)
exercise.edit("returns_nothing", "    return means", "    pass", idle=True).says(
    "It returns nothing: `return` the list, outside of both loops."
)
exercise.edit(
    "returns_in_the_loop", "        means.append(total / images)\n    return means", "        return means"
).says("It trains for one epoch and returns a list without entries.")
exercise.edit("keeps_graphs", "loss.item() * len(y)", "loss * len(y)").says(
    "The losses are tensors that hold their graphs, so memory grows with each batch. `loss.item()` takes the number "
    "out (01d)."
)
exercise.edit("the_last_loss", "total / images", "loss.item()").says(
    "You return the loss of the epoch's *last batch*. Asked for is the mean over all images (lesson 02)."
)
exercise.edit("mean_of_means", " * len(y)", "", "images += len(y)", "images += 1").says(
    "You return the mean of the batches' means. The last batch is smaller: each of its images counts for more than "
    "the others."
)
exercise.edit("sums", "total / images", "total").says("You return the sum over the images. Divide by their number.")
exercise.edit("divides_by_batches", "images += len(y)", "images += 1").says(
    "You add up losses of images and divide by the number of *batches*."
)
exercise.edit(
    "never_starts_anew",
    "    means = []\n",
    "    means = []\n    total = images = 0\n",
    "        total = images = 0\n        for",
    "        for",
).says("The first epoch is right. Later ones still hold the sums of the first: start again from 0 in each epoch.")
exercise.edit(
    "measures_after_the_step",
    "total += loss.item() * len(y)",
    "total += F.cross_entropy(model(X), y).item() * len(y)",
).says("You measure the loss *after* the step, in a forward pass of its own.")
