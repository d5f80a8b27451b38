import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()
answers.layers = [nn.Conv2d(3, 5, 3), nn.Conv2d(5, 5, 3), nn.Conv2d(3, 5, 1)]


class Widens(nn.Module):
    """A block as a learner may write it; `form` brings the mistakes."""

    padding, kernel = 1, 1

    def __init__(self, inputs, outputs):
        super().__init__()
        self.shortcut = nn.Conv2d(inputs, outputs, self.kernel, padding=self.kernel // 2)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=self.padding)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=self.padding)

    def forward(self, X):
        residue = self.second(self.first(X).relu())
        return (self.shortcut(X) + residue).relu()


answers.right(Widens)


@answers.right
class InOne(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        first, second = nn.Conv2d(inputs, outputs, 3, padding="same"), nn.Conv2d(outputs, outputs, 3, padding="same")
        self.layers = nn.ModuleDict(
            {"way": nn.Sequential(first, nn.ReLU(), second), "skip": nn.Conv2d(inputs, outputs, 1)}
        )

    def forward(self, X):
        return torch.clamp(self.layers["way"](X) + self.layers["skip"](X), min=0)


@answers.right
class WithOtherWeights(Widens):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        nn.init.dirac_(self.shortcut.weight)
        nn.init.normal_(self.first.weight, std=0.01)


@answers.wrong("NothingOnTheSkip")
class MakesItInForward(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.a = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.b = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, X):
        skip = nn.Conv2d(X.shape[1], self.b.out_channels, 1)
        return F.relu(self.b(F.relu(self.a(X))) + skip(X))


@answers.wrong("ThreeByThree")
class Wide(Widens):
    kernel = 3


@answers.wrong("AddsAfterTheLast")
class Late(Widens):
    def forward(self, X):
        return self.shortcut(X) + self.second(self.first(X).relu()).relu()


@answers.wrong("NothingBetween")
class Linear(Widens):
    def forward(self, X):
        return (self.shortcut(X) + self.second(self.first(X))).relu()


@answers.wrong("NoLastReLU")
class Open(Widens):
    def forward(self, X):
        return self.shortcut(X) + self.second(self.first(X).relu())


@answers.wrong("Concatenates")
class Both(Widens):
    def forward(self, X):
        return torch.cat((self.second(self.first(X).relu()), self.shortcut(X)), 1).relu()


@answers.wrong("ForgetsPadding")
class Bare(Widens):
    padding = 0


@answers.unknown("The result for 2 images is")
class Minus(Widens):
    def forward(self, X):
        return (self.second(self.first(X).relu()) - self.shortcut(X)).relu()


@answers.unknown("`isinstance(Widen(3, 5), nn.Module)` is False")
class NoModule:
    def __init__(self, inputs, outputs):
        self.inputs = inputs
