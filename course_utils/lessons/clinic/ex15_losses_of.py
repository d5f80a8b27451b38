"""clinic-15: losses that hold on to their past."""

import weakref

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
    model, nodes, held = probes.classifier(draw), [], []

    class Watched(torch.autograd.Function):
        """Changes nothing; its node lives as long as the graph that it belongs to."""

        @staticmethod
        def forward(node, logits):
            held.append(sum(one() is not None for one in nodes))  # same: all there and none are told apart
            nodes.append(weakref.ref(node))
            return logits.clone()

        @staticmethod
        def backward(node, gradient):
            return gradient

    model.register_forward_hook(lambda module, given, logits: Watched.apply(logits))
    losses = losses_of(model, probes.class_batches(draw))
    yield "the list of losses", losses
    # That of the batch before may be there: its loss has a name until the next one has it.
    yield "whether graphs of earlier batches are kept", max(held, default=0) > 1  # same: all are kept, or none
    filled = any(p.grad is not None for p in model.parameters())  # same: all have one, or none has
    yield "whether a parameter has a gradient afterwards", filled


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
).says("Only the last loss is left.")
exercise.edit("switches_off_a_result", "loss.item()", "loss.requires_grad_(False)").says(
    "`requires_grad` belongs to leaves; a loss is the result of an operation and can't give it up. Take the number "
    "out of it, or don't record at all."
)
exercise.edit("returns_the_mean", "return losses", "return sum(losses) / len(losses)").says(
    "You return one number, the mean. All losses are wanted, one a batch."
)
