"""clinic-2: the class instead of an object."""

import torch
from torch import nn

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "start",
    kind="repair",
    title="A stranger called self",
    minutes=2,
    text="`start` is given a class and has to return a network and its optimizer. It stops: `TypeError: "
    "Module.parameters() missing 1 required positional argument: 'self'`.",
    hints=(
        "The error says that `self` is missing. Who is `self`, when you call a method of an object?",
        "`MyModel` is the plan of a network. Where is one built?",
    ),
    remember="A class is a plan; calling it builds an object. `missing 1 required positional argument: 'self'` nearly "
    "always means that the parentheses are missing.",
)


class Small(nn.Linear):
    """The network that the check hands to `start`."""

    def __init__(self):
        super().__init__(3, 2)


@exercise.probe
def probe(start, draw):
    result = start(Small, 0.25)
    yield "what `start` returns, part by part,", probes.kinds(result)
    model, optimizer = result
    yield "the list of whether the optimizer holds each parameter", probes.held(model, optimizer)
    yield "the optimizer's learning rate", probes.rate(optimizer)


@exercise.solution
def solution(MyModel, lr):
    model = MyModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer


exercise.broken("MyModel()", "MyModel").says("It still stops.")
exercise.edit("builds_two", "model.parameters()", "MyModel().parameters()").says(
    "The optimizer holds other weights than those of the network that you return: a second network's, or copies. So "
    "training moves what nobody uses."
)
exercise.edit("returns_the_class", "MyModel()", "MyModel", "model.parameters()", "model().parameters()").says(
    "The optimizer holds a network now, but what you return as `model` is still the class."
)
