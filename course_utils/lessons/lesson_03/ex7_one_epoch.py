"""03-7: the training loop, with two blanks."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "one_epoch",
    kind="write",
    title="Two blanks",
    size="fill in",
    minutes=3,
    text="The loop of lesson 02, for classes. Two lines are missing. `one_epoch` prints the loss of every hundredth "
    "batch and returns the mean over all images.",
    hints=(
        "Blank 1: `loss_fn` compares the logits, which `model(X)` gives, with the labels, in this order.",
        "Blank 2: `backward()` adds to what is in `.grad`. What is still in there from the batch before?",
        "`loss = loss_fn(model(X), y)` and `optimizer.zero_grad()`.",
    ),
    remember="Forward, loss, clear, backward, update: almost every PyTorch program has these five steps.",
)


@exercise.probe
# same: the last batch, which is smaller, tells what the sizes could hide
def probe(one_epoch, draw):
    size, features, classes = draw.size(6), draw.size(5), draw.size(10)
    model = probes.Watched(probes.classifier(draw, features, classes)).eval()
    batches = probes.class_batches(draw, 3, size, features, classes)
    batches += probes.class_batches(draw, 1, size - 4, features, classes)  # the last one is smaller
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.2)  # not the one that everybody would take
    mean = one_epoch(model, batches, optimizer, loss_fn)
    yield "`model.training` in every forward pass", all(model.modes)
    yield "the mean loss", mean
    yield "the tensor of all weights after 4 batches", probes.flat(model)


@exercise.solution
def solution(model, loader, optimizer, loss_fn):
    model.train()
    total = samples = 0
    for step, (X, y) in enumerate(loader):
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        samples += len(y)
        # same: what is printed is for people
        if step % 100 == 0:
            # same: likewise
            print(f"batch {step:4}: loss {loss.item():.3f}")
    return total / samples


exercise.starter(
    "loss = loss_fn(model(X), y)",
    "loss = ...  # blank 1: of this batch",
    "optimizer.zero_grad()",
    "raise NotImplementedError  # blank 2: before the way back",
)
exercise.edit("clears_never", "optimizer.zero_grad()", "pass").says(
    "The gradients are not cleared for each batch: it pushes with the sum of all gradients so far (lesson 01)."
)
exercise.edit("softmax_first", "loss_fn(model(X), y)", "loss_fn(model(X).softmax(dim=1), y)").says(
    "You apply softmax before the loss, which has a softmax inside. Hand it the logits as they are."
)
exercise.edit("exchanged", "loss_fn(model(X), y)", "loss_fn(y, model(X))").says(
    "The order: `loss_fn` takes the logits first, and then the labels."
)
exercise.edit("compares_answers", "loss_fn(model(X), y)", "loss_fn(model(X).argmax(dim=1), y)").says(
    "You hand over the *answers*, one number for each image. The loss is about all ten logits."
)
exercise.edit("updates_twice", "optimizer.zero_grad()", "optimizer.step()").says(
    "Blank 2 updates, and so does the last line: two updates a batch, and nothing is ever cleared."
)
exercise.edit(
    "moves_nothing",
    "optimizer.zero_grad()\n        loss.backward()",
    "loss.backward()\n        optimizer.zero_grad()",
).says("No weight moves. Is there a step, and does it find a gradient? Clear, then `backward()`, then `step()`.")
