"""clinic-8: softmax twice."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "train",
    kind="repair",
    title="Stuck at 1.46",
    minutes=3,
    text="No error. It learns, slowly. Hours later nearly every digit is right, and the loss is still above 1.46. "
    "`model` returns logits for ten classes, `[B, 10]`.",
    hints=(
        "What is the loss of a network that is always right and perfectly sure? Compute it for one image.",
        "Read what `F.cross_entropy` wants: probabilities, or logits?",
        "Logits. It takes the softmax itself, so yours is one too many.",
    ),
    remember="`cross_entropy` and `nn.CrossEntropyLoss` take logits: the softmax is inside. Twice flattens the "
    "gradients, and the loss of ten classes can't fall below 1.46.",
)


@exercise.probe
def probe(train, draw):
    model = probes.classifier(draw)
    yield "the list of losses", train(model, probes.class_batches(draw), 0.1)
    yield "the tensor of all weights after training", probes.flat(model)


@exercise.solution
def solution(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        logits = model(X)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


exercise.broken(
    "logits = model(X)", "probabilities = model(X).softmax(dim=1)", "(logits, y)", "(probabilities, y)"
).says("The losses are still the ones that can't fall below 1.46.")
exercise.edit("forgets_the_logarithm", "F.cross_entropy(logits, y)", "F.nll_loss(logits.softmax(dim=1), y)").says(
    "`nll_loss` wants *logarithms* of probabilities. Given the probabilities themselves, it gives a negative loss."
)
exercise.edit("softmax_down_the_batch", "(logits, y)", "(logits.softmax(dim=0), y)").says(
    "The softmax still comes twice, and now it runs down the batch (`dim=0`), over different images."
)
exercise.edit("squeezes_with_a_sigmoid", "(logits, y)", "(logits.sigmoid(), y)").says(
    "A sigmoid instead of the softmax squeezes the logits into 0..1 all the same: leave them as they are."
)
