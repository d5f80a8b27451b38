import torch
from torch.nn import functional as F

from tests.lessons.clinic.common import elsewhere
from tests.lessons.exercise_answers import Answers

answers = Answers()


def over(batches_of, mean_of):
    """An epoch over `batches_of(dataloader)`; `mean_of(losses, dataloader)` is what it returns."""

    def train_epoch(model, dataloader, optimizer):
        losses = []
        for X, y in batches_of(dataloader):
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return mean_of(losses, dataloader)

    return train_epoch


whole = answers.right(over(iter, lambda losses, _: torch.stack(losses).mean()))
answers.right(over(lambda loader: (batch for batch in loader), lambda losses, _: sum(losses).item() / len(losses)))


@answers.right
def renamed(model, datloader, optimizer):
    return whole(model, datloader, optimizer)


@answers.wrong("half_renamed")
def half(model, datloader, optimizer):
    whole(model, datloader, optimizer)
    return 1 / len(dataloader)  # noqa: F821


answers.wrong("one_batch_only")(over(lambda loader: loader[:1], lambda losses, loader: sum(losses) / len(loader)))
answers.wrong("adds_up_only")(over(iter, lambda losses, _: sum(losses)))
answers.wrong("mean_over_images")(
    over(
        iter,
        lambda losses, loader: (
            sum(loss * len(y) for loss, (_, y) in zip(losses, loader, strict=True)) / sum(len(y) for _, y in loader)
        ),
    )
)
answers.wrong("last_loss_only")(over(iter, lambda losses, _: losses[-1]))
answers.unknown("The tensor of all weights after training is")(
    lambda model, dataloader, optimizer: elsewhere(
        lambda copied, loader: whole(copied, loader, torch.optim.SGD(copied.parameters(), lr=0.1))
    )(model, dataloader)
)
answers.unknown("The mean of the batches' losses is")(lambda *given: 2 * whole(*given))


answers.unknown("The mean of the batches' losses is")(
    over(iter, lambda losses, loader: sum(losses) / len(loader[0][1]))  # by the number of images
)
