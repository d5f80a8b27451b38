from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()
answers.layers = [nn.Linear(4, 8), nn.Linear(8, 3)]


@answers.right
class OldStyle(nn.Module):
    def __init__(self):
        super(OldStyle, self).__init__()  # noqa: UP008 - how older tutorials write it
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, X):
        return self.layers(X)


@answers.right
class OutFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(8, 3)
        self.hidden = nn.Linear(4, 8)

    def forward(self, batch):
        return self.out(F.relu(self.hidden(batch)))


@answers.right
class WithOtherWeights(OutFirst):
    def __init__(self):
        super().__init__()
        nn.init.kaiming_normal_(self.hidden.weight)


@answers.wrong("ForgetsSuper")
class Net(nn.Module):
    def __init__(self):
        self.hidden = nn.Linear(4, 8)

    def forward(self, X):
        return X


@answers.wrong("MakesLayersInForward")
class Net(nn.Module):  # noqa: F811
    def __init__(self):
        super().__init__()

    def forward(self, X):
        return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))(X)


@answers.wrong("ReturnsNothing")
class Net(nn.Module):  # noqa: F811
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, X):
        X = self.layers(X)


@answers.unknown("`isinstance(Net(), nn.Module)` is False")
class NoModule:
    def __call__(self, X):
        return X


@answers.unknown("parameters' shapes has 6 entries, and 4 are right")
class OneLayerMore(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out, self.spare = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(2, 2)

    def forward(self, X):
        return self.out(self.hidden(X).relu())


@answers.unknown("The result for a batch of 5 is")
class Squeezed(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, X):
        return self.out(self.hidden(X).sigmoid())


@answers.unknown("The result for a batch of 5 is")
class WithDropout(OldStyle):
    def forward(self, X):
        return F.dropout(self.layers(X))


@answers.wrong("HidesItsLayers")
class OfTheClass(nn.Module):
    hidden, out = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, X):
        return self.out(self.hidden(X).relu())


@answers.unknown("The number of parameters of a new `Net()`, before its first batch, is 0, and 4 is right.")
class MadeAtFirstBatch(nn.Module):
    def forward(self, X):
        if not hasattr(self, "hidden"):
            self.hidden, self.out = nn.Linear(4, 8), nn.Linear(8, 3)
        return self.out(self.hidden(X).relu())


@answers.right
class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.LazyLinear(8), nn.LazyLinear(3)

    def forward(self, X):
        return self.out(self.hidden(X).relu())


@answers.unknown("The list of its parameters' shapes at [0] is '[2, 4]', and '[3, 8]' is right.")
class Narrower(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 2), nn.Linear(2, 3)

    def forward(self, X):
        return self.out(self.hidden(X).relu())
