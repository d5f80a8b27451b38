import math

import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def trained(T_max=lambda loader, epochs: len(loader) * epochs, optimizers=1, calls="batch"):
    def train(model, loader, epochs):
        for epoch in range(epochs):
            if epoch < optimizers:
                optimizer = torch.optim.SGD(model.parameters(), 0.1, 0.9)
                scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max(loader, epochs))
            for X, y in loader:
                model.zero_grad()
                F.cross_entropy(model(X), y).backward()
                if calls == "first":
                    scheduler.step()
                optimizer.step()
                if calls == "batch":
                    scheduler.step()
            if calls == "epoch":
                scheduler.step()

    return train


answers.right(trained())


@answers.right
def train_by_formula(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for t, (X, y) in enumerate(list(loader) * epochs):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 + math.cos(math.pi * t / (epochs * len(loader))))
        optimizer.zero_grad()
        F.cross_entropy(model(X), y).backward()
        optimizer.step()


answers.wrong("counts_epochs")(trained(T_max=lambda loader, epochs: epochs))
answers.wrong("begins_anew")(trained(optimizers=100))
answers.wrong("counts_one_epoch")(trained(T_max=lambda loader, epochs: len(loader)))
answers.wrong("a_stair_for_each_epoch")(trained(T_max=lambda loader, epochs: epochs, calls="epoch"))
answers.wrong("steps_the_rate_first")(trained(calls="first"))
answers.wrong("never_steps_the_rate")(trained(calls="never"))


@answers.wrong("a_scheduler_in_each_epoch")
def train_with_schedulers(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(epochs):
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
        for X, y in loader:
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()


answers.unknown("The tensor of all weights after 3 epochs is")(
    lambda model, loader, epochs: trained()(model, loader, epochs + 1)
)
