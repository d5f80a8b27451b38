"""Answers to the bug clinic as learners write them: networks and how they are made."""

import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong


@right("clinic-1")
class OldStyle(nn.Module):
    def __init__(self):
        super(OldStyle, self).__init__()  # noqa: UP008 - how older tutorials write it
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, X):
        return self.layers(X)


@right("clinic-1")
class OutFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(8, 3)
        self.hidden = nn.Linear(4, 8)

    def forward(self, batch):
        return self.out(F.relu(self.hidden(batch)))


@right("clinic-1")
class WithOtherWeights(OutFirst):
    def __init__(self):
        super().__init__()
        nn.init.kaiming_normal_(self.hidden.weight)


@wrong("clinic-1", "ForgetsSuper")
class Net(nn.Module):
    def __init__(self):
        self.hidden = nn.Linear(4, 8)

    def forward(self, X):
        return X


@wrong("clinic-1", "MakesLayersInForward")
class Net(nn.Module):  # noqa: F811
    def __init__(self):
        super().__init__()

    def forward(self, X):
        return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))(X)


@wrong("clinic-1", "ReturnsNothing")
class Net(nn.Module):  # noqa: F811
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, X):
        X = self.layers(X)


@right("clinic-2")
def start(MyModel, lr):
    model = MyModel()
    return [model, torch.optim.SGD([*model.parameters()], lr)]


@wrong("clinic-2", "builds_two")
def start_two(MyModel, lr):
    optimizer = torch.optim.SGD(MyModel().parameters(), lr=lr)
    return MyModel(), optimizer


@wrong("clinic-2", "returns_the_class")
def start_class(MyModel, lr):
    network = MyModel()
    return MyModel, torch.optim.SGD(network.parameters(), lr=lr)


@right("clinic-10")
class Net10(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [layer for _ in range(3) for layer in (nn.Linear(4, 4), nn.ReLU())]
        self.all = nn.Sequential(*layers, nn.Linear(4, 2))

    def forward(self, X):
        return self.all(X)


@right("clinic-10")
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


@right("clinic-10")
class OrthogonalWeights(Registered):
    def __init__(self):
        super().__init__()
        for i in range(3):
            nn.init.orthogonal_(getattr(self, f"hidden{i}").weight)


@wrong("clinic-10", "SharesOneLayer")
class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.out = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, X):
        for _ in range(3):
            X = self.layer(X).relu()
        return self.out(X)


@wrong("clinic-10", "SequentialOfAList")
class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)]
        self.body = nn.Sequential(self.hidden)


@wrong("clinic-10", "LosesTheActivation")
class Linear3(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, X):
        return self.d(self.c(self.b(self.a(X))))


@right("clinic-11")
def adapt_added(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head = nn.Linear(model.head.in_features, classes)
    optimizer.add_param_group({"params": model.head.parameters()})
    return model, optimizer


@wrong("clinic-11", "trains_the_head_only")
def adapt_frozen(model, classes, lr):
    head = model.head = nn.Linear(8, classes)
    return model, torch.optim.SGD([head.weight, head.bias], lr=lr)


@wrong("clinic-11", "renames_the_size")
def adapt_renamed(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head.out_features = classes
    return model, optimizer


@wrong("clinic-11", "puts_one_on_top")
def adapt_on_top(model, classes, lr):
    both = nn.Sequential(model, nn.Linear(20, classes))
    return both, torch.optim.SGD(both.parameters(), lr=lr)


# ── What no mistake has a name for, but the check still sees ──


@unknown("clinic-1", "`isinstance(Net(), nn.Module)` is False")
class NoModule:
    def __call__(self, X):
        return X


@unknown("clinic-1", "parameters' shapes has 6 entries, and 4 are right")
class OneLayerMore(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out, self.spare = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(2, 2)

    def forward(self, X):
        return self.out(self.hidden(X).relu())


@unknown("clinic-1", "The result for a batch of 5 is")
class Squeezed(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, X):
        return self.out(self.hidden(X).sigmoid())


@unknown("clinic-2", "The optimizer's learning rate is 0.5, and 0.25 is right.")
def start_fast(MyModel, lr):
    model = MyModel()
    return model, torch.optim.SGD(model.parameters(), lr=2 * lr)


@unknown("clinic-2", "at [1] is 'Adam', and 'SGD' is right.")
def start_adam(MyModel, lr):
    model = MyModel()
    return model, torch.optim.Adam(model.parameters(), lr=lr)


@unknown("clinic-2", "at [0] is 'the class Small', and 'Small' is right.")
def start_class_and_adam(MyModel, lr):
    return MyModel, torch.optim.Adam(MyModel().parameters(), lr=lr)


@unknown("clinic-10", "`isinstance(Net(), nn.Module)` is False")
class NoModule10(NoModule):
    pass


@unknown("clinic-10", "parameters' shapes has 6 entries, and 8 are right")
class OneLayerLess(nn.Module):
    def __init__(self):
        super().__init__()
        self.all = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, X):
        return self.all(X)


@unknown("clinic-11", "at [1] is 'Adam', and 'SGD' is right.")
def adapt_adam(model, classes, lr):
    model.head = nn.Linear(8, classes)
    return model, torch.optim.Adam(model.parameters(), lr=lr)


@unknown("clinic-11", "The optimizer's learning rate is 0.5, and 0.25 is right.")
def adapt_fast(model, classes, lr):
    return adapt_added(model, classes, 2 * lr)


@unknown("clinic-11", "The optimizer's learning rate is a list of 2, and a number is needed.")
def adapt_carefully(model, classes, lr):
    model.head = nn.Linear(8, classes)
    groups = [{"params": model.head.parameters()}, {"params": model.body.parameters(), "lr": lr / 10}]
    return model, torch.optim.SGD(groups, lr=lr)


@unknown("clinic-11", "The list of whether the optimizer holds each parameter at [1] is False, and True is right.")
def adapt_without_biases(model, classes, lr):
    model.head = nn.Linear(8, classes)
    return model, torch.optim.SGD([model.body.weight, model.head.weight], lr=lr)
