"""05-3: what optimizers keep, in bytes."""

import torch
from torch import nn

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "bytes_kept",
    kind="predict",
    title="Predict, then run",
    minutes=4,
    text="A network in `float32`: `nn.Linear(100, 50)`, ReLU, `nn.Linear(50, 10)`. How many *bytes* does each of "
    "these keep after a step, counters aside: plain SGD; SGD with momentum; Adam; and an Adam that was given the last "
    "layer's parameters only?",
    hints=(
        "`Linear(100, 50)` has 100 · 50 + 50 parameters, `Linear(50, 10)` has 50 · 10 + 10.",
        "Plain SGD keeps nothing, momentum one number for each parameter, Adam two. A number takes 4 bytes.",
        "An optimizer keeps numbers for the parameters that it was given, and for no others.",
    ),
    remember="The memory belongs to the parameters an optimizer *holds*. To train the last layer alone costs little.",
    value=True,
)


@exercise.probe
def probe(bytes_kept, draw):
    model = draw.network(lambda: nn.Sequential(nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10)))
    every, last = list(model.parameters()), model[2].parameters()
    optimizers = (
        torch.optim.SGD(every, 0.1),
        torch.optim.SGD(every, 0.1, momentum=0.9),
        torch.optim.Adam(every),
        torch.optim.Adam(last),
    )
    model(torch.ones(2, 100)).sum().backward()  # same: any gradient makes an optimizer keep something
    found = []
    for optimizer in optimizers:
        optimizer.step()
        kept = [pair for memory in optimizer.state_dict()["state"].values() for pair in memory.items()]
        found.append(sum(x.nbytes for name, x in kept if x is not None and name != "step"))  # without its counters
    # Compared as a whole, so that each way to be wrong has a name.
    yield "the list of the four numbers of bytes", bytes_kept
    assert found == [0, 22240, 44480, 4080]


@exercise.solution
def solution():
    return [0, 4 * 5560, 4 * 2 * 5560, 4 * 2 * 510]


exercise.starter("[..., ..., ..., ...]  # SGD, momentum, Adam, Adam (last layer)")
exercise.edit("counts_numbers", "4 * 5560, 4 * 2 * 5560, 4 * 2 * 510", "5560, 2 * 5560, 2 * 510").says(
    "Those are numbers, not bytes: each `float32` takes 4."
)
exercise.edit("without_biases", "4 * 5560, 4 * 2 * 5560, 4 * 2 * 510", "4 * 5500, 4 * 2 * 5500, 4 * 2 * 500").says(
    "You forgot the biases. They are parameters like the weights, with a memory of their own."
)
exercise.edit("one_for_adam", "4 * 2 * 5560, 4 * 2 * 510", "4 * 5560, 4 * 510").says(
    "Adam keeps two numbers for each parameter, m and v. You count one."
)
exercise.edit(
    "with_the_parameters", "0, 4 * 5560, 4 * 2 * 5560, 4 * 2 * 510", "4 * 5560, 4 * 2 * 5560, 4 * 3 * 5560, 4 * 3 * 510"
).says(
    "You count one number too many for each parameter: its value, or its gradient. Both are the network's, and stay "
    "when the optimizer is gone."
)
exercise.edit("all_layers_each_time", "510", "5560").says(
    "The last optimizer holds the last layer only: it knows nothing of the first."
)
exercise.edit("gradients_for_sgd", "[0,", "[4 * 5560,").says(
    "Plain SGD keeps nothing. The gradients belong to the parameters, in `.grad`."
)


def in_bytes(numbers, each, *more):
    """{wrong number: what gives it} for an optimizer that keeps `each` numbers for each of so many parameters."""
    right, found = 4 * each * numbers, {}
    for number, why in (
        (2 * right, "with eight bytes for each number; a `float32` takes four"),
        (right / 2, "with two bytes for each number; a `float32` takes four"),
        (8 * right, "in bits"),
        (right / 1000, "in kilobytes"),
        (right / 1024, "in units of 1,024 bytes"),
        (each * numbers, "numbers, not bytes"),
        (4 * (each + 1) * numbers, "with a number too many for each parameter, such as its gradient"),
        (right + 4 * 5560, "with the network's own bytes"),
        *more,
    ):
        found[number] = f"{found[number]}, or {why}" if number in found else why
    return found


exercise.because(
    {4 * 5560: "the bytes of the parameters, or of their gradients", 5560: "the number of parameters"},
    in_bytes(5560, 1, (4 * 5500, "without biases"), (4 * (5050 + 550), "with a bias for each input")),
    in_bytes(
        5560,
        2,
        (4 * 5560, "one number for each parameter, and Adam keeps two"),
        (8 * 5500, "without biases"),
        (8 * (5050 + 550), "with a bias for each input"),
        (8 * 5560 + 4 * 4, "with the counters, which are set aside"),
    ),
    in_bytes(
        510,
        2,
        (4 * 510, "one number for each parameter, and Adam keeps two"),
        (8 * 500, "without biases"),
        (8 * 550, "with a bias for each input"),
        (8 * 5050, "those of the *first* layer"),
        (8 * 510 + 2 * 4, "with the counters, which are set aside"),
        (8 * 5560, "those of both layers"),
    ),
)
