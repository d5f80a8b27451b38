"""Exercises of lesson 03: data, training, a network."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 1 ── one line: statistics of the training set alone

scaled = Exercise(
    "03-1",
    "standardised",
    minutes=3,
    hints=(
        "Validation data stand for examples that you don't have yet. Whose mean and deviation can you know?",
        "`X_train.mean(dim=0)` is one mean for each feature, [features]; `X_train.std(dim=0)` likewise.",
    ),
    remember="What is subtracted and divided by comes from the training set alone, for every set: it is learned like a "
    "weight.",
)


@scaled.probe
def look_at_scaling(standardised):
    # So many rows that it makes no difference whether one divides by N or by N - 1.
    X_train = torch.randn(20_000, 3) * torch.tensor([1.0, 5.0, 0.2]) + torch.tensor([0.5, 3.0, -1.0])
    X_valid = torch.randn(40, 3) * torch.tensor([2.0, 3.0, 0.4]) + torch.tensor([1.0, 9.0, -2.0])
    yield "the standardised validation set", standardised(X_train, X_valid)


@scaled.start
def scaling_to_write(X_train, X_valid):  # [N, features], [M, features]
    raise NotImplementedError  # one line: X_valid, standardised


@scaled.solution
def by_the_training_set(X_train, X_valid):  # [N, features], [M, features]
    return (X_valid - X_train.mean(dim=0)) / X_train.std(dim=0)


@scaled.mistake(
    "You use the validation set's own statistics. Each set then gets a scale of its own, and one number means two "
    "things."
)
def by_its_own(X_train, X_valid):
    return (X_valid - X_valid.mean(dim=0)) / X_valid.std(dim=0)


@scaled.mistake("You take the statistics from all data: validation examples have a say in what they will judge.")
def by_all(X_train, X_valid):
    X = torch.cat([X_train, X_valid])
    return (X_valid - X.mean(dim=0)) / X.std(dim=0)


@scaled.mistake("One mean and one deviation for the whole table. Each feature needs its own: `dim=0`.")
def one_for_all(X_train, X_valid):
    return (X_valid - X_train.mean()) / X_train.std()


@scaled.mistake("The wrong dimension: `dim=1` is a mean over the features of one example. `dim=0` goes over examples.")
def over_features(X_train, X_valid):
    return (X_valid - X_train.mean(dim=1)) / X_train.std(dim=1)


@scaled.mistake("You divide by the variance. The standard deviation is its root, `std`.")
def by_the_variance(X_train, X_valid):
    return (X_valid - X_train.mean(dim=0)) / X_train.var(dim=0)


@scaled.mistake("`a - b / c` divides `b` alone. Put the subtraction into parentheses.")
def forgets_parentheses(X_train, X_valid):
    return X_valid - X_train.mean(dim=0) / X_train.std(dim=0)


@scaled.mistake("You subtract the mean and stop there: divide by the standard deviation, too.")
def only_centred(X_train, X_valid):
    return X_valid - X_train.mean(dim=0)


@scaled.mistake("That is the *training* set, standardised. The validation set is wanted.")
def the_other_set(X_train, X_valid):
    return (X_train - X_train.mean(dim=0)) / X_train.std(dim=0)


# ── 3 ── repair: two networks, and softmax twice

mended = Exercise(
    "03-3",
    "trained",
    minutes=5,
    hints=(
        "There are two mistakes. Does any weight of `model` move?",
        "Count how often `Net()` is called. Whose parameters does the optimizer hold?",
        "The other mistake is section 7's: what does `cross_entropy` want?",
    ),
    remember="One network, and its own parameters to the optimizer; logits to the loss, which has the softmax inside.",
)


class Steady(nn.Module):
    """The network that the check hands over; every new one starts with the same weights."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(5, 8)
        self.out = nn.Linear(8, 10)
        probes.fill(self)

    def forward(self, X):
        return self.out(self.hidden(X).relu())


@mended.probe
def look_at_mending(trained):
    result = trained(Steady, probes.class_batches(), 0.1)
    yield "what `trained` returns, part by part,", probes.kinds(result)
    model, losses = result
    yield "the list of losses", losses
    yield "the tensor of all weights after training", probes.flat(model)


@mended.broken("Both mistakes are still there: nothing is learned.")
def two_mistakes(Net, batches, lr):
    model, losses = Net(), []
    optimizer = torch.optim.SGD(Net().parameters(), lr=lr)
    for X, y in batches:
        loss = F.cross_entropy(model(X).softmax(dim=1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


@mended.solution
def one_network_and_logits(Net, batches, lr):
    model, losses = Net(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


@mended.mistake(
    "One of two: the second softmax is gone. But the optimizer still holds the parameters of *another* network, so "
    "the one that you return never moves."
)
def still_two_networks(Net, batches, lr):
    model, losses = Net(), []
    optimizer = torch.optim.SGD(Net().parameters(), lr=lr)
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


@mended.mistake("One of two: the network moves now, slowly, because the softmax still comes twice.")
def still_softmax_twice(Net, batches, lr):
    model, losses = Net(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = F.cross_entropy(model(X).softmax(dim=1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


@mended.mistake(
    "The network moves now. But the softmax still comes twice, and with `dim=0` it runs over the images of the batch."
)
def softmax_down_the_batch(Net, batches, lr):
    model, losses = Net(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = F.cross_entropy(model(X).softmax(dim=0), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


@mended.mistake("`Net` is the class, a plan without weights. Ask the object you have built: `model.parameters()`.")
def asks_the_class(Net, batches, lr):
    model, losses = Net(), []
    optimizer = torch.optim.SGD(Net.parameters(), lr=lr)
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


# ── 5 ── write: an MLP of any widths

stacked = Exercise(
    "03-5",
    "build_mlp",
    minutes=8,
    hints=(
        "Each linear layer joins two neighbours, `widths[i]` and `widths[i + 1]`. Four widths have three such pairs.",
        "Collect the layers in a list: a linear layer and a ReLU, again and again. Which ReLU is one too many?",
        "`nn.Sequential(*layers)` takes them out of the list, one by one.",
    ),
    remember="An activation stands *between* two layers. After the last one it would cut off every logit below 0.",
)


@stacked.probe
def look_at_stack(build_mlp):
    X = torch.randn(7, 6)  # before a network is built, which draws as many numbers as it likes
    model = build_mlp([6, 5, 4, 3])
    yield "what `build_mlp` returns", "a module" if isinstance(model, nn.Module) else model
    yield "the list of the parameters' shapes of `build_mlp([6, 5, 4, 3])`", probes.shapes(model)
    probes.fill(model)
    yield "the table of logits of 7 examples", model(X)
    single = build_mlp([6, 2])
    probes.fill(single)
    yield "the result of `build_mlp([6, 2])`, a single layer,", single(X)


@stacked.start
def stack_to_write(widths):  # [6, 5, 4, 3]: 6 inputs, 3 logits
    raise NotImplementedError  # an nn.Sequential, ReLU between its layers


@stacked.solution
def between_the_layers(widths):  # [6, 5, 4, 3]: 6 inputs, 3 logits
    layers = []
    for i in range(len(widths) - 1):
        layers += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])  # no ReLU after the last


@stacked.mistake("There is a ReLU after the last layer as well: no logit can be below 0. Leave the last one out.")
def one_too_many(widths):
    layers = []
    for i in range(len(widths) - 1):
        layers += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
    return nn.Sequential(*layers)


@stacked.mistake("There is no activation, so all these layers together are one linear layer (section 2).")
def without_activation(widths):
    return nn.Sequential(*[nn.Linear(widths[i], widths[i + 1]) for i in range(len(widths) - 1)])


@stacked.mistake("The last layer is missing: four widths make *three* linear layers.")
def stops_too_early(widths):
    layers = []
    for i in range(len(widths) - 2):
        layers += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
    return nn.Sequential(*layers)


@stacked.mistake("Inputs and outputs are exchanged: it is `nn.Linear(inputs, outputs)`.")
def turned(widths):
    layers = []
    for i in range(len(widths) - 1):
        layers += [nn.Linear(widths[i + 1], widths[i]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@stacked.mistake("`nn.Sequential` takes layers, not a list of layers: unpack it with a star, `nn.Sequential(*layers)`.")
def sequential_of_a_list(widths):
    layers = []
    for i in range(len(widths) - 1):
        layers += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
    return nn.Sequential(layers[:-1])


@stacked.mistake("You return the list of layers. A list can't be called: make a network of it with `nn.Sequential`.")
def returns_the_list(widths):
    layers = []
    for i in range(len(widths) - 1):
        layers += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
    return layers[:-1]


EXERCISES = (scaled, mended, stacked)
