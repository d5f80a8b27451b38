"""Bug clinic: classes and their objects, layers and who finds them."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 1 ── a method that Python never calls

network = Exercise(
    "clinic-1",
    "Net",
    minutes=2,
    hints=(
        "The layers are made in a method. Print something in it: is it ever called?",
        "Python calls one method by itself when an object is made. Compare its name letter by letter.",
        "It is `__init__`, with two underscores on each side.",
    ),
    remember="Python calls `__init__` by its name. Under any other name it is one more method that nobody calls, and "
    "no error says so until a layer is missing.",
)


@network.probe
def look_at_network(Net):
    X = torch.randn(5, 4)  # before a network is built, which draws as many numbers as it likes
    model = Net()
    yield "`isinstance(Net(), nn.Module)`", isinstance(model, nn.Module)
    model(X)  # the stated failure comes before anything else is looked at
    yield "the list of its parameters' shapes", probes.shapes(model)
    probes.fill(model)
    yield "the result for a batch of 5", model(X)


@network.broken("The first batch still stops it.")
class MisspeltInit(nn.Module):
    def __inti__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, X):
        X = self.hidden(X).relu()  # [B, 4] -> [B, 8]
        return self.out(X)  # [B, 8] -> [B, 3]


@network.solution
class Initialised(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, X):
        X = self.hidden(X).relu()  # [B, 4] -> [B, 8]
        return self.out(X)  # [B, 8] -> [B, 3]


@network.mistake(
    "`__init__` is called now, but it doesn't call `super().__init__()` first. That call prepares the place where a "
    "Module keeps its layers."
)
class ForgetsSuper(nn.Module):
    def __init__(self):
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, X):
        return self.out(self.hidden(X).relu())


@network.mistake(
    "You make the layers in `forward`: new random ones at every call. `parameters()` finds none, so nothing can learn."
)
class MakesLayersInForward(nn.Module):
    def forward(self, X):
        X = nn.Linear(4, 8)(X).relu()
        return nn.Linear(8, 3)(X)


@network.mistake("`forward` computes the result and keeps it to itself: its `return` is missing.")
class ReturnsNothing(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, X):
        self.out(self.hidden(X).relu())


# ── 2 ── the class instead of an object

started = Exercise(
    "clinic-2",
    "start",
    minutes=2,
    hints=(
        "The error says that `self` is missing. Who is `self`, when you call a method of an object?",
        "`MyModel` is the plan of a network. Where is one built?",
    ),
    remember="A class is a plan; calling it builds an object. `missing 1 required positional argument: 'self'` "
    "nearly always means that the parentheses are missing.",
)


class Small(nn.Module):
    """The network that the check hands to `start`."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, X):
        return self.layer(X)


@started.probe
def look_at_start(start):
    result = start(Small, 0.25)
    yield "what `start` returns, part by part,", probes.kinds(result)
    model, optimizer = result
    yield "the list of whether the optimizer holds each parameter", probes.held(model, optimizer)
    yield "the optimizer's learning rate", probes.rate(optimizer)


@started.broken("It still stops.")
def keeps_the_class(MyModel, lr):
    model = MyModel
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer


@started.solution
def calls_the_class(MyModel, lr):
    model = MyModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer


@started.mistake(
    "You build two networks: one that you return, and one for the optimizer. Each has weights of its own, so training "
    "moves the one that nobody uses."
)
def builds_two(MyModel, lr):
    model = MyModel()
    optimizer = torch.optim.SGD(MyModel().parameters(), lr=lr)
    return model, optimizer


@started.mistake("The optimizer holds a network now, but what you return as `model` is still the class.")
def returns_the_class(MyModel, lr):
    model = MyModel
    optimizer = torch.optim.SGD(model().parameters(), lr=lr)
    return model, optimizer


# ── 10 ── layers in a plain list

deep = Exercise(
    "clinic-10",
    "Net",
    minutes=3,
    hints=(
        "Count: `len(list(Net().parameters()))`. How many should there be, for four layers?",
        "A Module finds layers in its attributes, but does not look into Python's lists.",
        "`nn.ModuleList` is the list that it does look into.",
    ),
    remember="A Module knows the layers and parameters that are its attributes, or in a Module that is. Layers in a "
    "plain list compute, but are not trained, not saved and not moved to the GPU.",
)


@deep.probe
def look_at_depth(Net):
    X = torch.randn(6, 4)
    model = Net()
    yield "`isinstance(Net(), nn.Module)`", isinstance(model, nn.Module)
    yield "the list of its parameters' shapes", probes.shapes(model)
    probes.fill(model)
    yield "the result for a batch of 6", model(X)


@deep.broken("It still has no more to learn with than one layer.")
class PlainList(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(4, 4) for _ in range(3)]
        self.out = nn.Linear(4, 2)

    def forward(self, X):
        for layer in self.hidden:
            X = layer(X).relu()
        return self.out(X)  # [B, 4] -> [B, 2]


@deep.solution
class InAModuleList(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.out = nn.Linear(4, 2)

    def forward(self, X):
        for layer in self.hidden:
            X = layer(X).relu()
        return self.out(X)  # [B, 4] -> [B, 2]


@deep.mistake(
    "`[layer] * 3` is three times the *same* layer: one set of weights, used three times. Make a new one each time."
)
class SharesOneLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(4, 4)] * 3)
        self.out = nn.Linear(4, 2)

    def forward(self, X):
        for layer in self.hidden:
            X = layer(X).relu()
        return self.out(X)


@deep.mistake("`nn.Sequential` takes layers, not a list of layers: unpack it with a star, `nn.Sequential(*layers)`.")
class SequentialOfAList(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential([nn.Linear(4, 4) for _ in range(3)])
        self.out = nn.Linear(4, 2)

    def forward(self, X):
        return self.out(self.hidden(X))


@deep.mistake("All layers are found now, but the `relu` between them is lost: four linear layers in a row are one.")
class LosesTheActivation(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(*[nn.Linear(4, 4) for _ in range(3)])
        self.out = nn.Linear(4, 2)

    def forward(self, X):
        return self.out(self.hidden(X))


# ── 11 ── an optimizer made too early

adapted = Exercise(
    "clinic-11",
    "adapt",
    minutes=3,
    hints=(
        "When the optimizer is made, which layer is `model.head`? And afterwards?",
        "The optimizer keeps the parameters that it was given. It hears of no later change.",
    ),
    remember="An optimizer holds the parameters that there were when it was made. Change the network first, build the "
    "optimizer last.",
)


class Body(nn.Module):
    """The network that the check hands to `adapt`."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(5, 8)
        self.head = nn.Linear(8, 20)

    def forward(self, X):
        return self.head(self.body(X).relu())


@adapted.probe
def look_at_adapting(adapt):
    result = adapt(Body(), 3, 0.25)
    yield "what `adapt` returns, part by part,", probes.kinds(result)
    model, optimizer = result
    yield "the shape of the logits for 4 examples and 3 classes", list(model(torch.randn(4, 5)).shape)
    yield "the list of whether the optimizer holds each parameter", probes.held(model, optimizer)
    yield "the optimizer's learning rate", probes.rate(optimizer)


@adapted.broken("The new head still never moves.")
def optimizer_first(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head = nn.Linear(8, classes)
    return model, optimizer


@adapted.solution
def optimizer_last(model, classes, lr):
    model.head = nn.Linear(8, classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer


@adapted.mistake(
    "The new last layer is trained, and nothing else: the optimizer holds the head's parameters only. (That is "
    "called *freezing* the body, and has its uses; here all of the network is to learn.)"
)
def trains_the_head_only(model, classes, lr):
    model.head = nn.Linear(8, classes)
    optimizer = torch.optim.SGD(model.head.parameters(), lr=lr)
    return model, optimizer


@adapted.mistake("`out_features` is a note of how the layer was made. Writing into it leaves the weights as they are.")
def renames_the_size(model, classes, lr):
    model.head.out_features = classes
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer


@adapted.mistake(
    "A layer put on top of the old head turns its 20 outputs into the right number, but the old head is still there: "
    "replace it."
)
def puts_one_on_top(model, classes, lr):
    model = nn.Sequential(model, nn.Linear(20, classes))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer


EXERCISES = (network, started, deep, adapted)
