"""Answers to the bug clinic as learners write them: loops that measure."""

import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong


@right("clinic-3")
@torch.no_grad()
def accuracy(model, X, y):
    model.eval()
    return (model(X).argmax(1) == y).sum().item() / len(y)


@right("clinic-3")
def accuracy_inference(model, X, y):
    was = model.training
    model.eval()
    with torch.inference_mode():
        right = (model(X).argmax(1) == y).float().mean()
    model.train(was)
    return right


@wrong("clinic-3", "records")
def accuracy_detached(model, X, y):
    model.eval()
    return (model(X).detach().argmax(1) == y).float().mean().item()


@wrong("clinic-3", "stays_in_training_mode")
@torch.no_grad()
def accuracy_training(model, X, y):
    return (model(X).argmax(1) == y).float().mean().item()


@wrong("clinic-3", "stays_in_training_mode")
@torch.no_grad()
def accuracy_too_late(model, X, y):
    model(X)
    return accuracy(model, X, y)


@wrong("clinic-3", "never_records_again")
def accuracy_switched(model, X, y):
    torch.set_grad_enabled(False)
    model.eval()
    return (model(X).argmax(1) == y).float().mean().item()


@right("clinic-13")
def accuracy_13(model, batches):
    was, right, count = model.training, 0, 0
    model.train(False)
    for X, y in batches:
        with torch.no_grad():
            right += (model(X).argmax(1) == y).sum()
        count += len(y)
    model.train(was)
    return right / count


@wrong("clinic-13", "too_late")
def accuracy_late(model, batches):
    hits = []
    for X, y in batches:
        with torch.no_grad():
            hits.append(model(X).argmax(1) == y)
        model.eval()
    return torch.cat(hits).float().mean().item()


@wrong("clinic-13", "eval_instead")
def accuracy_eval(model, batches):
    model.eval()
    return torch.cat([model(X).argmax(1) == y for X, y in batches]).float().mean().item()


@wrong("clinic-13", "back_too_early")
@torch.no_grad()
def accuracy_back(model, batches):
    hits = []
    model.eval()
    for X, y in batches:
        hits.append(model(X).argmax(1) == y)
        model.train()
    return torch.cat(hits).float().mean().item()


@right("clinic-14")
def mean_loss(model, batches):
    total = sum(F.cross_entropy(model(X), y, reduction="sum") for X, y in batches)
    return total.detach() / sum(len(y) for _, y in batches)


@right("clinic-14")
@torch.no_grad()
def mean_loss_at_once(model, batches):
    X, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    return F.cross_entropy(model(X), y).item()


@wrong("clinic-14", "divides_by_batches")
@torch.no_grad()
def mean_loss_batches(model, batches):
    return sum(F.cross_entropy(model(X), y, reduction="sum").item() for X, y in batches) / len(batches)


@wrong("clinic-14", "divides_twice")
@torch.no_grad()
def mean_loss_twice(model, batches):
    samples = sum(len(y) for _, y in batches)
    return sum(F.cross_entropy(model(X), y).item() / samples for X, y in batches)


@wrong("clinic-14", "takes_all_for_full")
@torch.no_grad()
def mean_loss_full(model, batches):
    size = len(batches[0][0])
    return sum(F.cross_entropy(model(X), y, reduction="sum").item() / size for X, y in batches) / len(batches)


@wrong("clinic-14", "drops_the_last")
@torch.no_grad()
def mean_loss_dropped(model, batches):
    full = [batch for batch in batches if len(batch[1]) == len(batches[0][1])][: len(batches) - 1]
    return sum(F.cross_entropy(model(X), y).item() for X, y in full) / len(full)


@right("clinic-15")
def losses_of(model, batches):
    with torch.no_grad():
        return [F.cross_entropy(model(X), y) for X, y in batches]


@right("clinic-15")
def losses_detached(model, batches):
    return [float(F.cross_entropy(model(X), y).detach()) for X, y in batches]


@wrong("clinic-15", "keeps_the_last")
def losses_last(model, batches):
    for X, y in batches:
        losses = [F.cross_entropy(model(X), y).item()]
    return losses


@wrong("clinic-15", "switches_off_a_result")
def losses_switched(model, batches):
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        loss.requires_grad = False
        losses.append(loss)
    return losses


@wrong("clinic-15", "returns_the_mean")
@torch.no_grad()
def losses_mean(model, batches):
    return torch.stack([F.cross_entropy(model(X), y) for X, y in batches]).mean().item()


# ── What no mistake has a name for, but the check still sees ──


@unknown("clinic-3", "The accuracy is")
@torch.no_grad()
def errors(model, X, y):
    model.eval()
    return (model(X).argmax(1) != y).float().mean().item()


@unknown("clinic-13", "The accuracy is")
def accuracy_of_the_last(model, batches):
    accuracy_13(model, batches)
    return sum((y == 0).sum().item() for _, y in batches) / 1000


@unknown("clinic-14", "The mean loss over two batches of 5 is")
def mean_loss_of_many(model, batches):
    return mean_loss(model, batches) * (1 if len(batches) > 2 else 2)


@unknown("clinic-15", "The list of losses at [0] is")
def losses_doubled(model, batches):
    return [2 * loss for loss in losses_of(model, batches)]
