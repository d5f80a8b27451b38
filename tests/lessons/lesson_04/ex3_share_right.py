import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


def sharing(dim=1, mode=False, recorded=False):
    def share(model, loader):
        right = []
        model.train(mode)
        with torch.set_grad_enabled(recorded):
            for X, y in loader:
                right += (model(X).max(dim).indices == y).tolist()
        return right.count(True) / len(right)

    return share


answers.right(sharing())
answers.right(sharing(dim=-1))
answers.wrong("forgets_eval")(sharing(mode=True))
answers.wrong("looks_down_the_batch")(sharing(dim=0))
answers.wrong("records")(sharing(recorded=True))


def share_switching(start, change):
    """The accuracy, where something is changed after the first batch."""

    def share(model, loader):
        right, before = [], torch.is_grad_enabled()
        start(model)
        for X, y in loader:
            right += (model(X).argmax(1) == y).tolist()
            change(model)
        torch.set_grad_enabled(before)
        return sum(right) / len(right)

    return share


answers.wrong("forgets_eval")(share_switching(lambda _: torch.set_grad_enabled(False), nn.Module.eval))
answers.wrong("records")(share_switching(nn.Module.eval, lambda _: torch.set_grad_enabled(False)))
answers.wrong("means_of_batches")(
    lambda model, loader: torch.tensor([sharing()(model, [batch]) for batch in loader]).mean()
)


@answers.wrong("divides_by_batches")
def share_per_batch(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(X).argmax(-1) == y).float().sum() for X, y in loader) / len(loader)


answers.unknown("and the accuracy at [1] is 0.1, and 0.9 is right.")(lambda model, loader: 1 - sharing()(model, loader))
answers.unknown("The accuracy on batches of 20, 20, 20 and 7 is 0.95, and 0.89552 is right.")(
    lambda model, loader: sharing()(model, loader[:3])
)


@answers.wrong("forgets_eval")
def share_of_a_flag(model, loader):
    model.training = False  # which does not reach the layers inside
    right = [(model(X).argmax(1) == y) for X, y in loader]
    return torch.cat(right).float().mean().item()
