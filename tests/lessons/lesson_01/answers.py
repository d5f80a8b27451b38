"""Answers to the exercises of lesson 01 as learners write them."""

import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong


@right("01-1")
def slope(f, x, h):
    left, right = f(x - h), f(x + h)
    return (right - left) / h / 2


@right("01-1")
def slope_of_two(f, x, h):
    return 0.5 * ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h)


wrong("01-1", "forgets_the_two")(lambda f, x, h: 2 * slope(f, x, h))
wrong("01-1", "to_the_right")(lambda f, x, h: -(f(x) - f(x + h)) / h)
wrong("01-1", "to_the_left")(lambda f, x, h: (f(x - h) - f(x)) / -h)
wrong("01-1", "turned")(lambda f, x, h: slope(f, x, -h) * -1)
wrong("01-1", "by_autograd")(lambda f, x, h: torch.autograd.functional.jvp(f, x, torch.ones_like(x))[1])
wrong("01-1", "forgets_parentheses")(lambda f, x, h: h * (f(x + h) - f(x - h)) / 2)
unknown("01-1", "The slope of sin is")(lambda f, x, h: 0 * x)
unknown("01-1", "The slope of x³ is")(lambda f, x, h: slope(torch.sin, x, 0.1))


class Value:
    def __init__(self, value, inputs=(), name=""):
        self.value, self.grad, self.name = value, 0.0, name
        self.inputs = inputs

    def __mul__(self, other):
        return Value(self.value * other.value, [(self, other.value), (other, self.value)])


@right("01-2")
def minus(self, other):
    return Value(self.value - other.value, ((other, -1), (self, 1)))


right("01-2")(lambda a, b: a + b * Value(-1.0))
right("01-2")(lambda a, b: a + Value(-1.0) * b)
right("01-2")(lambda a, b: Value(a.value - b.value, [(a, 0.5), (a, 0.5), (b, -1)]))
right("01-2")(lambda a, b: a * Value(3.0) + a * Value(-2.0) + b * Value(-1.0))

wrong("01-2", "slopes_of_addition")(lambda a, b: Value(a.value - b.value, [(b, 1), (a, 1)]))
wrong("01-2", "slopes_of_multiplication")(lambda a, b: Value(a.value - b.value, [(b, a.value), (a, b.value)]))
wrong("01-2", "wrong_way_round")(lambda a, b: minus(b, a))
wrong("01-2", "remembers_nothing")(lambda a, b: Value(a.value - b.value, []))
wrong("01-2", "bare_number")(lambda a, b: a.value - b.value)
unknown("01-2", "What `minus` returns, by its class, is `None`")(lambda a, b: None)
unknown("01-2", "The value of a − b is")(lambda a, b: Value(3 * a.value, [(a, 1), (b, -1)]))
unknown("01-2", "The list of slopes, in a and in b, at [1] is 3, and -1 is right.")(
    lambda a, b: Value(a.value - b.value, [(a, 1), (b, 3)])
)
unknown("01-2", "The list of slopes, in a and in b, at [1] is 0, and -1 is right.")(
    lambda a, b: Value(a.value - b.value, [(a, 1)])
)
unknown("01-2", "The list of slopes, in a and in b, at [0] is 0")(
    lambda a, b: Value(a.value - b.value, [(Value(a.value), 1), (Value(b.value), -1)])
)
unknown("01-2", "The list of slopes, in a and in b, at [0] is 0")(
    lambda a, b: Value(a.value - b.value, [(a.value, 1), (b.value, -1)])
)


def accumulating(k=4, divide=4, clear=lambda i, k: (i + 1) % k == 0, before=False):
    def train(model, micro_batches, optimizer):
        for i, (X, y) in enumerate(micro_batches):
            (F.cross_entropy(model(X), y) / divide).backward()
            if before and (i + 1) % k == 0:
                model.zero_grad()
            if (i + 1) % k == 0:
                optimizer.step()
            if clear(i, k):
                model.zero_grad()

    return train


right("01-3")(accumulating())


@right("01-3")
def train_at_once(model, micro_batches, optimizer):
    for i in range(0, len(micro_batches), 4):
        optimizer.zero_grad()
        losses = [F.cross_entropy(model(X), y) for X, y in micro_batches[i : i + 4]]
        (sum(losses) / 4).backward()
        optimizer.step()


@wrong("01-3", "clears_each_part")
def train_clearing(model, micro_batches, optimizer):
    for i, (X, y) in enumerate(micro_batches):
        model.zero_grad()
        (F.cross_entropy(model(X), y) * 0.25).backward()
        if i % 4 == 3:
            optimizer.step()


wrong("01-3", "does_not_divide")(accumulating(divide=1))
wrong("01-3", "divides_by_all")(accumulating(divide=8))
wrong("01-3", "clears_never")(accumulating(clear=lambda i, k: False))
wrong("01-3", "moves_nothing")(accumulating(before=True))
wrong("01-3", "updates_each_part")(accumulating(k=1))
unknown("01-3", "The tensor of all weights after 8 parts is")(accumulating(k=2))

right("01-4")((2, torch.tensor(4.0)))
wrong("01-4", "no_gradient_at_all")((0, 4))
wrong("01-4", "detach_changes_nothing")((4, 4))
wrong("01-4", "one_factor_each_time")((2, 2))
wrong("01-4", "the_other_way_round")((4, 2))
unknown("01-4", "[with detach, without] at [0] is 3, and 2 is right.")([3, 4])


@right("01-5")
def gradient(f, x):
    x = torch.tensor(x.tolist(), requires_grad=True)
    return torch.autograd.grad(f(x), x)[0]


@wrong("01-5", "adds_up")
def gradient_adding(f, x):
    x.requires_grad = True
    y = f(x)
    y.backward()
    return x.grad.detach().clone()


@wrong("01-5", "leaves_it_recording")
def gradient_recording(f, x):
    return torch.autograd.grad(f(x.requires_grad_()), x)[0]


@wrong("01-5", "records_nothing")
def gradient_unrecorded(f, x):
    y = f(x.clone())
    y.backward()
    return x.grad


@wrong("01-5", "returns_the_value")
def gradient_value(f, x):
    return f(x)


unknown("01-5", "The gradient of f at x is")(lambda f, x: 3 * gradient(f, x))


@unknown("01-5", "`x` afterwards is")
def gradient_stepping(f, x):
    found = gradient(f, x)
    if hasattr(f, "asked"):  # it steps at the second call, after which the check looks at x
        x += 0.1
    f.asked = True
    return found


right("01-6")(0.84)
wrong("01-6", "keeps_all")(1)
wrong("01-6", "keeps_nothing")(0)
unknown(
    "01-6", "The distance from the bottom after 100 steps with `keep` 0.5 is 0.7788, and 0.01 or less is the goal."
)(0.5)
unknown("01-6", "`keep` is 'much', and 'a number' is right.")("much")
