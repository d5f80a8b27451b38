import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def training(backward=True, clear=True, late=False, shape=(-1, 1), bias=True):
    def train(model, loader, lr):
        for X, y in loader:
            loss = F.mse_loss(model(X), y.view(shape))
            with torch.no_grad():
                if late:
                    for p in model.parameters():
                        p -= lr * (p.grad if p.grad is not None else 0)
            if clear:
                model.zero_grad()
            loss.backward()
            with torch.no_grad():
                if not late:
                    model[0].weight -= lr * model[0].weight.grad
                    model[0].bias -= lr * bias * model[0].bias.grad

    return train


answers.right(training())
answers.wrong("clears_never")(training(clear=False))
answers.wrong("steps_first")(training(late=True))
answers.wrong("loses_the_view")(training(shape=(-1,)))
answers.unknown("The weights and the bias after 5 batches")(lambda model, loader, lr: training()(model, loader[1:], lr))


@answers.unknown("The weights and the bias after 5 batches is 0 at [2]")
def train_without_bias(model, loader, lr):
    training()(model, loader, lr)
    model[0].bias.data.zero_()
