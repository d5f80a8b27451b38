"""Answers to the exercises of the lessons as learners write them."""

import torch
from exercise_answers import right, unknown, wrong
from torch.nn import functional as F

# ── Lesson 01 ──


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

# ── Lesson 02 ──


@right("02-1")
def loss_of(theta, X, y):
    return F.mse_loss(torch.cat([X, torch.ones(len(X), 1)], dim=1) @ theta, y)


wrong("02-1", "without_bias")(lambda theta, X, y: F.mse_loss(X @ theta[:2], y))
wrong("02-1", "sum_of_squares")(lambda theta, X, y: loss_of(theta, X, y) * len(y))
wrong("02-1", "one_each")(lambda theta, X, y: (y - theta[2] - X @ theta[:2]).square())
wrong("02-1", "square_of_mean")(lambda theta, X, y: (y - theta[2] - X @ theta[:2]).mean().square())
wrong("02-1", "root")(lambda theta, X, y: loss_of(theta, X, y) ** 0.5)
wrong("02-1", "column_minus_row")(lambda theta, X, y: (X @ theta[:2].view(2, 1) + theta[2] - y).square().mean())
unknown("02-1", "The loss of 20 examples is")(lambda theta, X, y: 3 * loss_of(theta, X, y))
unknown("02-1", "The loss of 7 examples is")(lambda theta, X, y: loss_of(theta, X, y) * (1 if len(y) == 20 else 2))


def training(backward=True, clear=True, late=False, shape=(-1, 1), bias=True):
    def train(model, loader, lr):
        for X, y in loader:
            loss = F.mse_loss(model(X), y.view(shape))
            with torch.no_grad():
                if late:
                    for p in model.parameters():
                        p -= lr * (p.grad if p.grad is not None else 0)
            if clear:
                model.zero_grad()
            loss.backward()
            with torch.no_grad():
                if not late:
                    model[0].weight -= lr * model[0].weight.grad
                    model[0].bias -= lr * bias * model[0].bias.grad

    return train


right("02-2")(training())
wrong("02-2", "clears_never")(training(clear=False))
wrong("02-2", "steps_first")(training(late=True))
wrong("02-2", "loses_the_view")(training(shape=(-1,)))
unknown("02-2", "The weights after 5 batches")(lambda model, loader, lr: training()(model, loader[1:], lr))


@unknown("02-2", "The bias after 5 batches")
def train_without_bias(model, loader, lr):
    training()(model, loader, lr)
    model[0].bias.data.zero_()


right("02-3")(torch.tensor([300, 3, 96]))
wrong("02-3", "one_epoch")((100, 1, 32))
wrong("02-3", "drops_the_last")((300, 3, 93))
wrong("02-3", "rounds_at_the_end")((300, 3, 94))
wrong("02-3", "counts_examples")((3000, 3000, 3000))
unknown("02-3", "at [1] is 1, and 3 is right.")([300, 1, 96])


@right("02-4")
@torch.no_grad()
def step(parameters, lr):
    for p in parameters:
        p.add_(p.grad, alpha=-lr)
        p.grad.zero_()


@right("02-4")
def step_sgd(parameters, lr):
    optimizer = torch.optim.SGD(parameters, lr=lr)
    optimizer.step()
    optimizer.zero_grad()


wrong("02-4", "uphill")(lambda parameters, lr: step(parameters, -lr))


@wrong("02-4", "does_not_clear")
def step_only(parameters, lr):
    torch.optim.SGD(parameters, lr=lr).step()


@wrong("02-4", "renames")
def step_in_a_list(parameters, lr):
    parameters = [(p - lr * p.grad).detach() for p in parameters]


@wrong("02-4", "records")
def step_recorded(parameters, lr):
    for p in parameters:
        p.sub_(lr * p.grad)


unknown("02-4", "The first parameter after two steps is")(lambda parameters, lr: step(parameters, lr / 2))
unknown("02-4", "The second parameter after two steps is")(lambda parameters, lr: step(parameters[:1], lr))


@right("02-5")
def limit(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return len(A) / torch.linalg.matrix_norm(A, 2).item() ** 2


wrong("02-5", "one_over_steepest")(lambda X: limit(X) / 2)
wrong("02-5", "hessian_without_two")(lambda X: limit(X) * 2)
wrong("02-5", "without_ones")(lambda X: len(X) / torch.linalg.matrix_norm(X, 2) ** 2)
wrong("02-5", "sums")(lambda X: limit(X) / len(X))


@wrong("02-5", "flattest")
def limit_flattest(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return len(A) / torch.linalg.svdvals(A)[-1] ** 2


unknown("02-5", "The limit for 50 examples of 3 features is")(lambda X: 5 * limit(X))
unknown("02-5", "The limit for 20 examples of 1 feature is")(lambda X: limit(X) * (1 if len(X) == 50 else 3))

right("02-6")(["SGD, momentum 0.9", 0.0038])
wrong("02-6", "plain_descent")(["SGD", 1.0])
wrong("02-6", "too_long_steps")(("Adam", 1000.0))
unknown("02-6", "The loss after 30 steps with stretch 10 is 19.227, and 0.2 or less is the goal.")(("Adam", 0.01))
unknown("02-6", "and 0.2 or less is the goal.")(("Adam", 0.0))  # it goes nowhere, and so not up
unknown("02-6", "and 0.2 or less is the goal.")(("Adam", 10.0))  # up and down again, at the end below where it began
unknown("02-6", "The first of the two is 'AdamW', and 'an optimizer of the knob' is right.")(("AdamW", 0.2))
unknown("02-6", "The first of the two is 0.2, and 'an optimizer of the knob' is right.")((0.2, "Adam"))
unknown("02-6", "Your choice, an optimizer and a learning rate, is 'Adam', and 'a pair' is right.")("Adam")
