from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()
answers.layers = [nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)]


@answers.right
class Net10(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [layer for _ in range(3) for layer in (nn.Linear(4, 4), nn.ReLU())]
        self.all = nn.Sequential(*layers, nn.Linear(4, 2))

    def forward(self, X):
        return self.all(X)


@answers.right
class Registered(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(4, 2)
        for i in range(3):
            self.add_module(f"hidden{i}", nn.Linear(4, 4))

    def forward(self, X):
        for i in range(3):
            X = getattr(self, f"hidden{i}")(X).relu()
        return self.out(X)


@answers.right
class OrthogonalWeights(Registered):
    def __init__(self):
        super().__init__()
        for i in range(3):
            nn.init.orthogonal_(getattr(self, f"hidden{i}").weight)


@answers.wrong("SharesOneLayer")
class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.out = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, X):
        for _ in range(3):
            X = self.layer(X).relu()
        return self.out(X)


@answers.wrong("SequentialOfAList")
class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)]
        self.body = nn.Sequential(self.hidden)


@answers.wrong("LosesTheActivation")
class Linear3(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, X):
        return self.d(self.c(self.b(self.a(X))))


@answers.unknown("`isinstance(Net(), nn.Module)` is False")
class NoModule:
    def __call__(self, X):
        return X


@answers.unknown("parameters' shapes has 6 entries, and 8 are right")
class OneLayerLess(nn.Module):
    def __init__(self):
        super().__init__()
        self.all = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, X):
        return self.all(X)


@answers.wrong("FindsThemItself")
class Gathers(nn.Module):
    def __init__(self):
        super().__init__()
        self.all = [nn.Linear(4, width) for width in (4, 4, 4, 2)]
        self.last = self.all[-1]

    def parameters(self, recurse=True):
        return (p for layer in self.all for p in layer.parameters())

    def forward(self, X):
        for layer in self.all[:3]:
            X = layer(X).relu()
        return self.last(X)
