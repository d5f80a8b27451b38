"""03-3: two networks where one is meant, and softmax twice."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "trained",
    kind="repair",
    title="Repair this",
    minutes=5,
    text="The loss is near 2.30 for ever. `Net` is a class like your `MLP`; `trained` builds one, trains it for one "
    "epoch, and returns it with the loss of each batch. *Two* things are wrong.",
    hints=(
        "There are two mistakes. Does any weight of `model` move?",
        "Count how often `Net()` is called. Whose parameters does the optimizer hold?",
        "The other mistake: what does `cross_entropy` want, logits or probabilities?",
    ),
    remember="One network, and its own parameters to the optimizer; logits to the loss, which has the softmax inside.",
)


@exercise.probe
def probe(trained, draw):
    features, hidden, classes = draw.size(5), draw.size(8), draw.size(10)

    class Steady(nn.Module):
        """A network of which every new one starts with the same weights."""

        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(features, hidden)
            self.out = nn.Linear(hidden, classes)
            probes.fill(self)

        def forward(self, X):
            return self.out(self.hidden(X).relu())

    batches, images = draw.size(4), draw.size(6)
    result = trained(Steady, probes.class_batches(draw, batches, images, features, classes), 0.1)
    yield "what `trained` returns, part by part,", probes.kinds(result)
    model, losses = result
    yield "the list of losses", losses
    yield "the tensor of all weights after training", probes.flat(model)


@exercise.solution
def solution(Net, batches, lr):
    model, losses = Net(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


exercise.broken("model.parameters()", "Net().parameters()", "model(X)", "model(X).softmax(dim=1)").says(
    "Both mistakes are still there: nothing is learned."
)
exercise.edit("still_two_networks", "model.parameters()", "Net().parameters()").says(
    "The second softmax is gone. But the network that you return has not been trained by all batches: is there one "
    "network, whose parameters the optimizer holds from beginning to end, and do their gradients live until `step()`?"
)
exercise.edit("returns_another", "return model,", "return Net(),").says(
    "The losses are right. But you return a new network, and not the one that was trained."
)
exercise.edit("still_softmax_twice", "model(X)", "model(X).softmax(dim=1)").says(
    "One of two: the network moves now, slowly, because the softmax still comes twice."
)
exercise.edit("softmax_down_the_batch", "model(X)", "model(X).softmax(dim=0)").says(
    "The network moves now. But the softmax still comes twice, and with `dim=0` it runs over the images of the batch."
)
exercise.edit("asks_the_class", "model.parameters()", "Net.parameters()").says(
    "`Net` is the class, a plan without weights. Ask the object you have built: `model.parameters()`."
)
