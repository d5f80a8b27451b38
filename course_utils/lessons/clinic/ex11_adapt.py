"""clinic-11: an optimizer made too early."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "adapt",
    kind="repair",
    title="A new head that never moves",
    minutes=3,
    text="`model` has a last layer `head`, with 8 inputs and 20 outputs. It gets a new layer there, with `classes` "
    "outputs, and then all layers are trained further. No error; but after training the weights of the new layer are "
    "the random ones that it began with.",
    hints=(
        "When the optimizer is made, which layer is `model.head`? And afterwards?",
        "The optimizer keeps the parameters that it was given. It hears of no later change.",
    ),
    remember="An optimizer holds the parameters that there were when it was made. Change the network first, build the "
    "optimizer last.",
)


class Body(nn.Module):
    """The network that the check hands to `adapt`."""

    def __init__(self, features):
        super().__init__()
        self.body = nn.Linear(features, 8)
        self.head = nn.Linear(8, 20)

    def forward(self, X):
        return self.head(self.body(X).relu())


@exercise.probe
# same: the answer sees one size alone, the number of classes, and of the logits only the shape is looked at
def probe(adapt, draw):
    n, features, classes = draw.size(4), draw.size(5), draw.size(3)
    result = adapt(draw.network(lambda: Body(features)), classes, 0.25)
    yield "what `adapt` returns, part by part,", probes.kinds(result)
    model, optimizer = result
    logits = model(draw.randn(n, features))
    yield f"the shape of the logits for {n} examples and {classes} classes", list(logits.shape)
    yield "the list of whether the optimizer holds each parameter", probes.held(model, optimizer)
    yield "the list of whether it holds them when it is asked again", probes.held(model, optimizer)
    known = [id(p) for group in optimizer.param_groups for p in group["params"]]
    yield "whether the optimizer holds a parameter twice", len(set(known)) < len(known)
    yield "the list of whether each parameter still asks for a gradient", [p.requires_grad for p in model.parameters()]
    yield "the optimizer's learning rate", probes.rate(optimizer)


@exercise.solution
def solution(model, classes, lr):
    model.head = nn.Linear(8, classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer


exercise.broken(
    "    model.head = nn.Linear(8, classes)\n", "", "    return", "    model.head = nn.Linear(8, classes)\n    return"
).says("The new head still never moves.")
exercise.edit("trains_the_head_only", "model.parameters()", "model.head.parameters()").says(
    "The new last layer is trained, and nothing else: the optimizer holds the head's parameters only. (That is "
    "called *freezing* the body, and has its uses; here all of the network is to learn.)"
)
exercise.edit("freezes_the_body", "model.head =", "model.requires_grad_(False)\n    model.head =").says(
    "The body is frozen: its parameters ask for no gradient any more. Here all layers are to be trained further."
)
exercise.edit("renames_the_size", "model.head = nn.Linear(8, classes)", "model.head.out_features = classes").says(
    "`out_features` is a note of how the layer was made. Writing into it leaves the weights as they are."
)
exercise.edit(
    "puts_one_on_top", "model.head = nn.Linear(8, classes)", "model = nn.Sequential(model, nn.Linear(20, classes))"
).says(
    "A layer put on top of the old head turns its 20 outputs into the right number, but the old head is still there: "
    "replace it."
)
