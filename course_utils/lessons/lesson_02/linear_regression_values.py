"""Exercises of lesson 02 whose answer is a value: a prediction, a goal."""

import torch

from course_utils import data
from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise

# ── 3 ── predict, then run: how many steps

counted = Exercise(
    "02-3",
    "counts",
    minutes=5,
    hints=(
        "A step a batch. How many batches are 1,000 examples, in batches of 10? Of 1,000?",
        "32 does not divide 1,000: the last batch is smaller, and counts as one.",
    ),
    remember="300, 3 and 96 steps. With batches of 1,000, three epochs are three steps: at lr 0.03 the loss falls by "
    "about an eighth in each, and is still above 20 at the end.",
    value=True,
)


@counted.probe
def look_at_steps(counts):
    yield "the list of steps for batches of 10, 1,000 and 32", counts


@counted.start
def steps_to_guess():
    return [..., ..., ...]  # steps with batches of 10, 1,000 and 32


@counted.solution
def counted_up():
    return [3 * 100, 3 * 1, 3 * 32]  # 1,000 / 32 = 31.25


@counted.mistake("That is one epoch. Training goes through the data three times.")
def one_epoch():
    return [100, 1, 32]


@counted.mistake("You drop the last, smaller batch. A DataLoader hands it out, unless told `drop_last=True`.")
def drops_the_last():
    return [300, 3, 93]


@counted.mistake("You rounded 93.75 up at the end. Each *epoch* has a smaller batch at its end: 3 · 32.")
def rounds_at_the_end():
    return [300, 3, 94]


@counted.mistake("Those are examples, not steps: an epoch meets 1,000 of them whatever the batch.")
def counts_examples():
    return [3000, 3000, 3000]


# ── 6 ── an open goal: a ravine

reached = Exercise(
    "02-6",
    "choice",
    minutes=10,
    hints=(
        "Plain SGD gets no lower than 7: the steep direction allows only tiny steps.",
        "Adam divides each step by the size of the gradient, so the stretch hardly matters to it. Which rate?",
        "Near 0.2.",
    ),
    remember="Adam near 0.2 does it; so does momentum near 0.0038, in a narrow valley of good rates.",
    value=True,
)

OPTIMIZERS = {
    "SGD": lambda p, lr: torch.optim.SGD(p, lr),
    "SGD, momentum 0.9": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "Adam": lambda p, lr: torch.optim.Adam(p, lr),
}


@reached.probe
def look_at_choice(choice):
    is_pair = isinstance(choice, (list, tuple)) and len(choice) == 2
    yield "your choice, an optimizer and a learning rate,", "a pair" if is_pair else choice
    optimizer, lr = choice
    yield "the first of the two", "an optimizer of the knob" if optimizer in list(OPTIMIZERS) else optimizer
    yield "what the optimizer is", "one that can" if optimizer != "SGD" else "plain SGD"
    train, _ = data.regression()
    A = torch.cat([train.X * torch.tensor([1.0, 10.0]), torch.ones(len(train.X), 1)], dim=1)
    theta = torch.zeros(3, requires_grad=True)
    opt = OPTIMIZERS[optimizer]([theta], lr)
    losses = []
    for _ in range(31):
        loss = (A @ theta - train.y.flatten()).square().mean()
        losses.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
    yield "where the loss goes", "down" if losses[-1] <= losses[0] else "up"
    yield "the loss after 30 steps with stretch 10", AtMost(losses[-1], 0.2)


@reached.start
def choice_to_make():
    return ...  # ("SGD", "SGD, momentum 0.9" or "Adam", a learning rate)


@reached.solution
def adam():
    return ("Adam", 0.2)


@reached.mistake(
    "Plain SGD gets no lower than 7 in 30 steps, at any rate: what the steep direction allows is too little for the "
    "flat one."
)
def plain_descent():
    return ("SGD", 0.01)


@reached.mistake("The loss ends above where it began: at this learning rate each step overshoots.")
def too_long_steps():
    return ("SGD, momentum 0.9", 0.1)


EXERCISES = (counted, reached)
