"""04-7: the training loop, with four blanks."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "one_epoch",
    kind="write",
    title="Four blanks",
    size="fill in",
    minutes=5,
    text="One epoch, as in lesson 03, and it counts the right answers, too. `one_epoch` returns two means over all "
    "images: loss and accuracy.",
    hints=(
        "Blanks 1 and 2: the model maps `X` to logits; `loss_fn` compares them with the labels, in this order.",
        "Blank 3 is three lines: clear the gradients, compute them, update the parameters.",
        "Blank 4 is the line taken apart above: it counts, so its last steps are `.sum().item()`.",
    ),
    remember="The network is new, the loop is not. From here on it is `train_epoch`: the same lines, to the last bit.",
)


@exercise.probe
# same: the last batch, which is smaller, tells what the sizes could hide
def probe(one_epoch, draw):
    size, features, classes = draw.size(6), draw.size(5), draw.size(10)
    model = probes.Watched(probes.classifier(draw, features, classes))
    batches = []
    # same: the last one is of another size
    for count in (size, size, size, size - 4):
        X = draw.randn(count, features)
        # same: mostly right or mostly wrong answers, both are counted
        y = model.model(X).argmax(1)
        y[:1] += 1  # same: one wrong label is as wrong as another
        batches.append((X, y % classes))
    model.eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.2)  # not the one that everybody would take
    means = one_epoch(model, batches, optimizer, loss_fn)
    yield "the tensor of all weights after 4 batches", probes.flat(model)
    yield "the pair of the mean loss and the accuracy", means
    yield "`model.training` in every forward pass", all(model.modes)


@exercise.solution
def solution(model, loader, optimizer, loss_fn):
    model.train()
    total = correct = samples = 0
    for X, y in loader:
        logits = model(X)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        correct += (logits.argmax(1) == y).sum().item()
        samples += len(logits)
    return total / samples, correct / samples


STEPS = "optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()"
exercise.starter(
    "logits = model(X)",
    "logits = ...  # blank 1: forward",
    "loss = loss_fn(logits, y)",
    "loss = ...  # blank 2: loss",
    STEPS,
    "raise NotImplementedError  # blank 3: clear, backward, update",
    "correct += (logits.argmax(1) == y).sum().item()",
    "correct += ...  # blank 4: how many answers are right",
)
exercise.edit("clears_never", "optimizer.zero_grad()", "pass").says(
    "The gradients are not cleared for each batch: it pushes with the sum of all gradients so far (lesson 01)."
)
exercise.edit(
    "moves_nothing", STEPS, "loss.backward()\n        optimizer.zero_grad()\n        optimizer.step()", idle=True
).says("No weight moves. Is there a step, and does it find a gradient? Clear, then `backward()`, then `step()`.")
exercise.edit("steps_first", STEPS, "optimizer.step()\n        optimizer.zero_grad()\n        loss.backward()").says(
    "`step()` comes before `backward()`: each update uses the gradient of the batch *before*."
)
exercise.edit("softmax_first", "loss_fn(logits, y)", "loss_fn(logits.softmax(dim=1), y)").says(
    "You apply softmax before the loss, which has a softmax inside. Hand it the logits as they are."
)
exercise.edit("exchanged", "loss_fn(logits, y)", "loss_fn(y, logits)").says(
    "The order: `loss_fn` takes the logits first, and then the labels."
)
exercise.edit("looks_down_the_batch", "argmax(1)", "argmax(0)").says(
    "`argmax(0)` looks down the batch: for each class, which *image* has most of it. Along the logits is `argmax(1)`."
)
exercise.edit("a_share_of_each_batch", ".sum().item()", ".float().mean().item()").says(
    "The training is right. Blank 4 takes a mean, and `samples` divides once more: count, with `.sum()`."
)
exercise.edit("counts_mistakes", "argmax(1) == y", "argmax(1) != y").says(
    "The training is right. Blank 4 counts the *wrong* answers."
)
