import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def gradient(f, x):
    x = torch.tensor(x.tolist(), requires_grad=True)
    return torch.autograd.grad(f(x), x)[0]


@answers.wrong("adds_up")
def gradient_adding(f, x):
    x.requires_grad = True
    y = f(x)
    y.backward()
    return x.grad.detach().clone()


answers.wrong("leaves_it_recording")(lambda f, x: torch.autograd.grad(f(x.requires_grad_()), x)[0])


@answers.wrong("records_nothing")
def gradient_unrecorded(f, x):
    y = f(x.clone())
    y.backward()
    return x.grad


answers.wrong("returns_the_value")(lambda f, x: f(x))
answers.unknown("The gradient of f at x is")(lambda f, x: 3 * gradient(f, x))


@answers.unknown("`x` afterwards is")
def gradient_stepping(f, x):
    found = gradient(f, x)
    if hasattr(f, "asked"):  # it steps at the second call, after which the check looks at x
        x += 0.1
    f.asked = True
    return found


@answers.unknown("The gradient of another function at another point is")
def gradient_remembered(f, x, known=[]):  # noqa: B006 - what it is about
    if not known:
        known.append(gradient(f, x))
    return known[0].clone()
