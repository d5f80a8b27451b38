import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def training(clear="before", squeeze=lambda logits: logits, swap=False, updates=1, mode=True, means=False):
    def one_epoch(model, loader, optimizer, loss_fn):
        model.train(mode)
        losses, counts = [], []
        for X, y in loader:
            pair = (squeeze(model(X)), y)
            loss = loss_fn(*(pair[::-1] if swap else pair))
            if clear == "before":
                model.zero_grad()
            if updates == 2:
                optimizer.step()
            loss.backward()
            if clear == "after":
                model.zero_grad()
            optimizer.step()
            losses.append(loss.item())
            counts.append(1 if means else len(y))
        return sum(loss * count for loss, count in zip(losses, counts, strict=True)) / sum(counts)

    return one_epoch


answers.right(training())


@answers.right
def by_torch(model, loader, optimizer, loss_fn):
    model.train()
    losses = []
    for X, y in loader:
        for p in model.parameters():
            p.grad = None
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        losses += [loss.detach().expand(len(y))]
    return torch.cat(losses).mean().item()


answers.wrong("clears_never")(training(clear="never"))
answers.wrong("softmax_first")(training(squeeze=torch.nn.Softmax(dim=-1)))
answers.wrong("exchanged")(training(swap=True))
answers.wrong("compares_answers")(training(squeeze=lambda logits: logits.max(dim=1).indices))
answers.wrong("updates_twice")(training(clear="never", updates=2))
answers.wrong("moves_nothing")(training(clear="after"))
answers.unknown("The mean loss is")(training(means=True))
answers.unknown("`model.training` in every forward pass is False, and True is right.")(training(mode=False))


@answers.unknown("`model.training` in every forward pass is False, and True is right.")
def as_it_is(model, loader, optimizer, loss_fn):
    losses = [loss_fn(model(X), y) for X, y in loader]
    model.train()
    return sum(losses).item()


@answers.unknown("`model.training` in every forward pass is False, and True is right.")
def first_batch_alone(model, loader, optimizer, loss_fn):
    model.train()
    for X, _ in loader:
        model(X)
        model.eval()


answers.unknown("The mean loss is")(training(squeeze=lambda logits: logits.softmax(dim=0)))


@answers.unknown("The tensor of all weights after 4 batches is")
def one_update_more(model, loader, optimizer, loss_fn):
    mean = by_torch(model, loader, optimizer, loss_fn)
    optimizer.step()
    return mean


@answers.unknown("Your code never uses its argument `loss_fn`.")
def one_epoch_by_the_usual_loss(model, loader, optimizer, loss_fn):
    model.train()
    total = samples = 0
    for X, y in loader:
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        samples += len(y)
    return total / samples
