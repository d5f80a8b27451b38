import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def losses_of(model, batches):
    with torch.no_grad():
        return [F.cross_entropy(model(X), y) for X, y in batches]


answers.right(lambda model, batches: [float(F.cross_entropy(model(X), y).detach()) for X, y in batches])


@answers.wrong("keeps_the_last")
def losses_last(model, batches):
    for X, y in batches:
        losses = [F.cross_entropy(model(X), y).item()]
    return losses


@answers.wrong("switches_off_a_result")
def losses_switched(model, batches):
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        loss.requires_grad = False
        losses.append(loss)
    return losses


@answers.wrong("returns_the_mean")
@torch.no_grad()
def losses_mean(model, batches):
    return torch.stack([F.cross_entropy(model(X), y) for X, y in batches]).mean().item()


answers.unknown("Memory still grows with every batch")(
    lambda model, batches: [loss.item() for loss in [F.cross_entropy(model(X), y) for X, y in batches]]
)
answers.unknown("The list of losses at [0] is")(lambda model, batches: [2 * loss for loss in losses_of(model, batches)])


@answers.unknown("Whether a parameter has a gradient afterwards is True, and False is right.")
def losses_set_free(model, batches):
    losses = [F.cross_entropy(model(X), y) for X, y in batches[:1]]
    losses[0].backward()
    return [loss.item() for loss in losses] + losses_of(model, batches[1:])
