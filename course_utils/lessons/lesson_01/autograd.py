"""Exercises of lesson 01."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 1 ── one line: a slope from two values

sloped = Exercise(
    "01-1",
    "slope",
    minutes=3,
    hints=(
        "One step to the right, one to the left: how far apart are the two places?",
        "The rise is `f(x + h) - f(x - h)`. Divide it by the distance between the two places.",
    ),
    remember="A step to each side beats a step to one side: the error shrinks with h², not with h.",
)


@sloped.probe
def look_at_slope(slope):
    x = torch.randn(4, dtype=torch.float64)
    yield "the slope of sin", slope(torch.sin, x, 0.1)
    yield "the slope of x³", slope(lambda x: x**3, x, 0.01)


@sloped.start
def slope_to_write(f, x, h):
    raise NotImplementedError  # one line: a step of h to each side


@sloped.solution
def to_each_side(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


@sloped.mistake("The two places are 2h apart, and you divide by h: your slope is exactly twice the right one.")
def forgets_the_two(f, x, h):
    return (f(x + h) - f(x - h)) / h


@sloped.mistake("You step to the right only. That is a slope, too, and a less exact one: take a step to each side.")
def to_the_right(f, x, h):
    return (f(x + h) - f(x)) / h


@sloped.mistake("You step to the left only. That is a slope, too, and a less exact one: take a step to each side.")
def to_the_left(f, x, h):
    return (f(x) - f(x - h)) / h


@sloped.mistake("The sign is turned: the value on the right minus the value on the left.")
def turned(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@sloped.mistake("That is the exact slope, without any h. Here it is to come from two values, a step of h to each side.")
def by_autograd(f, x, h):
    leaf = x.detach().clone().requires_grad_()
    f(leaf).sum().backward()
    return leaf.grad


@sloped.mistake("`a / 2 * h` is (a / 2) · h. Put the 2h into parentheses.")
def forgets_parentheses(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


# ── 2 ── fill in: subtraction for Value


class Value:
    """A number that remembers how it was made, as lesson 01 writes it."""

    def __init__(self, value, inputs=(), name=""):
        self.value, self.grad, self.name = value, 0.0, name
        self.inputs = inputs

    def __add__(self, other):
        return Value(self.value + other.value, [(self, 1.0), (other, 1.0)], "+")

    def __mul__(self, other):
        return Value(self.value * other.value, [(self, other.value), (other, self.value)], "×")


def slope_in(number, result):
    """By how much `result` grows per unit of `number`, added up over all ways between them."""
    inputs = getattr(result, "inputs", ())
    return 1.0 if result is number else sum(slope * slope_in(number, other) for other, slope in inputs)


subtracted = Exercise(
    "01-2",
    "minus",
    minutes=5,
    hints=(
        "Look at `__add__`. What changes in the value, and what in the slopes?",
        "By how much does a − b change if b grows by 1?",
    ),
    remember="One operation is a value and one slope for each input. With `Value.__sub__ = minus` your `Value` can "
    "write `a - b`.",
)


@subtracted.probe
def look_at_minus(minus):
    a, b = (Value(number) for number in torch.randn(2, dtype=torch.float64).tolist())
    result = minus(a, b)
    yield "what `minus` returns, by its class,", None if result is None else type(result).__name__
    yield "the value of a − b", result.value
    yield "whether the result has inputs", len(result.inputs) > 0
    yield "the list of slopes, in a and in b,", [slope_in(a, result), slope_in(b, result)]


@subtracted.start
def minus_to_write(self, other):  # called for self - other
    raise NotImplementedError  # its slopes, and the Value that has them


@subtracted.solution
def with_two_slopes(self, other):  # called for self - other
    slopes = [(self, 1.0), (other, -1.0)]
    return Value(self.value - other.value, slopes, "-")


@subtracted.mistake("Those are the slopes of an addition. If `other` grows by 1, the difference *falls* by 1.")
def slopes_of_addition(self, other):
    return Value(self.value - other.value, [(self, 1.0), (other, 1.0)], "-")


@subtracted.mistake("Those are the slopes of a multiplication.")
def slopes_of_multiplication(self, other):
    return Value(self.value - other.value, [(self, other.value), (other, self.value)], "-")


@subtracted.mistake("You subtract the wrong way round: `self` stands on the left of the minus.")
def wrong_way_round(self, other):
    return Value(other.value - self.value, [(self, -1.0), (other, 1.0)], "-")


@subtracted.mistake("The value is right, and it remembers nothing: without inputs and slopes `backward` ends there.")
def remembers_nothing(self, other):
    return Value(self.value - other.value)


@subtracted.mistake("You return the bare number. The result has to be a `Value`, or nothing can go back through it.")
def bare_number(self, other):
    return self.value - other.value


# ── 3 ── repair: accumulation

accumulated = Exercise(
    "01-3",
    "train_in_fours",
    minutes=5,
    hints=(
        "There are two mistakes. How many parts' gradients are in `.grad` when `step()` is called?",
        "Only one part's: the others have been cleared. Clear once for each *update*.",
        "The mean over four parts is the sum of the parts' means, each divided by 4.",
    ),
    remember="Accumulation clears once an update, and divides each part's loss by the number of parts.",
)


@accumulated.probe
def look_at_accumulation(train_in_fours):
    model = probes.classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    train_in_fours(model, probes.class_batches(batches=8), optimizer)
    yield "the tensor of all weights after 8 parts", probes.flat(model)


@accumulated.broken("It still trains badly: both mistakes are still there.")
def clears_and_does_not_divide(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X_part), y_part)
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()


@accumulated.solution
def accumulates(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        loss = F.cross_entropy(model(X_part), y_part) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()


@accumulated.mistake("One of two: the gradients of the four parts add up now, but each loss lacks its `/ 4`.")
def does_not_divide(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        loss = F.cross_entropy(model(X_part), y_part)
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()


@accumulated.mistake("You divide by the number of *all* parts. An update has four, however many updates there are.")
def divides_by_all(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        loss = F.cross_entropy(model(X_part), y_part) / len(micro_batches)
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()


@accumulated.mistake(
    "One of two: you divide by 4, but still clear before every part, so that only the last one counts."
)
def clears_each_part(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X_part), y_part) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()


@accumulated.mistake("Nothing clears the gradient any more: the second update pushes with all eight parts.")
def clears_never(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        loss = F.cross_entropy(model(X_part), y_part) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()


@accumulated.mistake("No weight moves. If you clear right before `step()`, it finds no gradient.")
def moves_nothing(model, micro_batches, optimizer):
    for i, (X_part, y_part) in enumerate(micro_batches):
        loss = F.cross_entropy(model(X_part), y_part) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.zero_grad()
            optimizer.step()


@accumulated.mistake("You update after every part. Four parts make one update.")
def updates_each_part(model, micro_batches, optimizer):
    for X_part, y_part in micro_batches:
        loss = F.cross_entropy(model(X_part), y_part) / 4
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


# ── 5 ── write: a gradient that leaves nothing behind

asked = Exercise(
    "01-5",
    "gradient_at",
    minutes=5,
    hints=(
        "The second call must not find what the first has left in `.grad`.",
        "Work on a leaf of your own: a copy of `x` that requires a gradient.",
        "`x.detach().clone().requires_grad_()` is such a copy.",
    ),
    remember="A fresh leaf for each question has no old gradient that anything could add to.",
)


@asked.probe
def look_at_gradient(gradient_at):
    x, scale = torch.randn(5), torch.randn(5)

    def f(x):
        return (scale * x**2).sum()

    yield "the gradient of f at x", gradient_at(f, x)
    yield "the gradient of f at x, asked for a second time,", gradient_at(f, x)
    yield "`x` afterwards", x
    yield "`x.requires_grad` afterwards", x.requires_grad


@asked.start
def gradient_to_write(f, x):
    raise NotImplementedError  # the gradient of f at x; x stays as it was


@asked.solution
def on_a_copy(f, x):
    leaf = x.detach().clone().requires_grad_()
    f(leaf).backward()
    return leaf.grad


@asked.mistake(
    "The second answer is exactly twice the right one: the gradient was not cleared between the two `backward()` calls."
)
def adds_up(f, x):
    x.requires_grad_()
    f(x).backward()
    return x.grad.clone()


@asked.mistake("The gradient is right, but the caller's `x` requires a gradient from now on: work on a copy.")
def leaves_it_recording(f, x):
    x.requires_grad_()
    x.grad = None
    f(x).backward()
    return x.grad.clone()


@asked.mistake("Nothing was recorded: `x` does not require a gradient, so `backward()` has no way to go.")
def records_nothing(f, x):
    f(x).backward()
    return x.grad


@asked.mistake("You return the value of f, not its gradient. `backward()` writes the gradient into the leaf's `.grad`.")
def returns_the_value(f, x):
    leaf = x.detach().clone().requires_grad_()
    y = f(leaf)
    y.backward()
    return y.detach()


EXERCISES = (sloped, subtracted, accumulated, asked)
