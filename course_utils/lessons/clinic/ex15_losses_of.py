"""clinic-15: losses that hold on to their past."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "losses_of",
    kind="repair",
    title="Memory that fills up",
    minutes=3,
    text="A validation loop: the loss of each batch, to be plotted. Memory grows with every batch. And the plot "
    "fails: `RuntimeError: Can't call numpy() on Tensor that requires grad.`",
    hints=(
        "Print one entry of the list. What does it say besides the number?",
        "A tensor with a `grad_fn` keeps all that `backward()` would need. You need one number.",
        "`loss.item()`, or `torch.no_grad()` around the loop.",
    ),
    remember="A loss that is kept keeps its graph, and with it the activations of a whole forward pass. Keep "
    "`loss.item()`.",
)


@exercise.probe
def probe(losses_of, draw):
    losses = losses_of(probes.classifier(draw), probes.class_batches(draw))
    yield "the list of losses", losses
    graphs = [isinstance(loss, torch.Tensor) and loss.grad_fn is not None for loss in losses]
    yield "the list of whether each loss still holds its graph", graphs


@exercise.solution
def solution(model, batches):
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        losses.append(loss.item())
    return losses


exercise.broken(".item()", "").says("Memory still grows with every batch.")
exercise.edit(
    "keeps_the_last", "    losses = []\n    for X, y in batches:\n", "    for X, y in batches:\n        losses = []\n"
).says("Only the last loss is left: the list is made anew in every round, or written over.")
exercise.edit("switches_off_a_result", "loss.item()", "loss.requires_grad_(False)").says(
    "`requires_grad` belongs to leaves; a loss is the result of an operation and can't give it up. Take the number "
    "out of it, or don't record at all."
)
exercise.edit("returns_the_mean", "return losses", "return sum(losses) / len(losses)").says(
    "You return one number, the mean. All losses are wanted, one a batch."
)
