import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def mean_loss(model, batches):
    total = sum(F.cross_entropy(model(X), y, reduction="sum") for X, y in batches)
    return total.detach() / sum(len(y) for _, y in batches)


@answers.right
@torch.no_grad()
def mean_loss_at_once(model, batches):
    X, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    return F.cross_entropy(model(X), y).item()


@answers.wrong("divides_by_batches")
@torch.no_grad()
def mean_loss_batches(model, batches):
    return sum(F.cross_entropy(model(X), y, reduction="sum").item() for X, y in batches) / len(batches)


@answers.wrong("divides_twice")
@torch.no_grad()
def mean_loss_twice(model, batches):
    samples = sum(len(y) for _, y in batches)
    return sum(F.cross_entropy(model(X), y).item() / samples for X, y in batches)


@answers.wrong("takes_all_for_full")
@torch.no_grad()
def mean_loss_full(model, batches):
    size = len(batches[0][0])
    return sum(F.cross_entropy(model(X), y, reduction="sum").item() / size for X, y in batches) / len(batches)


@answers.wrong("drops_the_last")
@torch.no_grad()
def mean_loss_dropped(model, batches):
    full = [batch for batch in batches if len(batch[1]) == len(batches[0][1])][: len(batches) - 1]
    return sum(F.cross_entropy(model(X), y).item() for X, y in full) / len(full)


answers.unknown("The mean loss over two batches of 5 is")(
    lambda model, batches: mean_loss(model, batches) * (1 if len(batches) > 2 else 2)
)
