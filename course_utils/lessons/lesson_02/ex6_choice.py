"""02-6: an optimizer and a rate for a ravine."""

import torch

from course_utils import data
from course_utils.exercises.compare import AtMost, as_number
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "choice",
    kind="goal",
    title="An open goal",
    minutes=10,
    text="The knob above: `stretch` 10, 30 steps, any learning rate and optimizer. Plain SGD gets no lower than "
    "7. Bring the loss below 0.2. Then write down how.",
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


@exercise.probe
def probe(choice, draw):
    is_pair = isinstance(choice, (list, tuple)) and len(choice) == 2
    yield "your choice, an optimizer and a learning rate,", "a pair" if is_pair else choice
    optimizer, lr = choice[0], as_number(choice[1])
    yield "the first of the two", "an optimizer of the knob" if optimizer in list(OPTIMIZERS) else optimizer
    yield "the second of the two", "a number above 0" if lr is not None and lr > 0 else choice[1]
    # same: who takes plain SGD hears so by a diagnosis; these words are never shown
    yield "what the optimizer is", "one that can" if optimizer != "SGD" else "plain SGD"
    train, _ = data.regression()
    A = torch.cat([train.X * torch.tensor([1.0, 10.0]), torch.ones(len(train.X), 1)], dim=1)

    def descended(lr):
        """The loss before each of 30 steps and after the last."""
        theta = torch.zeros(3, requires_grad=True)
        opt, losses = OPTIMIZERS[optimizer]([theta], lr), []
        for _ in range(31):
            loss = (A @ theta - train.y.flatten()).square().mean()
            losses.append(loss.item())
            opt.zero_grad()
            loss.backward()
            opt.step()
        return losses

    losses = descended(lr)
    # same: no loss ends exactly where it began
    yield "where the loss goes", "down" if losses[-1] <= losses[0] else "up"
    # same: whose rate is too small or too large hears so by a diagnosis; these words are never shown
    size = "right" if losses[-1] <= 0.2 else "too small" if descended(1.2 * lr)[-1] < losses[-1] else "too large"
    yield "the size of the learning rate", size
    # same: who misses the goal hears so by a diagnosis
    yield "the loss after 30 steps with stretch 10", AtMost(losses[-1], 0.2)


@exercise.solution
def solution():
    return ("Adam", 0.2)


exercise.starter('...  # ("SGD", "SGD, momentum 0.9" or "Adam", a learning rate)')
exercise.edit("plain_descent", '("Adam", 0.2)', '("SGD", 0.01)').says(
    "Plain SGD gets no lower than 7 in 30 steps, at any rate: what the steep direction allows is too little for the "
    "flat one."
)
exercise.edit("too_long_steps", '("Adam", 0.2)', '("SGD, momentum 0.9", 0.1)').says(
    "The loss ends above where it began: at this learning rate each step overshoots."
)
exercise.edit("too_small", "0.2", "0.05").says(
    "After 30 steps the loss is still above 0.2, and at a rate a fifth larger it would be lower: try a larger one."
)
exercise.edit("too_large", "0.2", "2.0").says(
    "After 30 steps the loss is still above 0.2, and a rate a fifth larger would bring it no lower: try a smaller one."
)
