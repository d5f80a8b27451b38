"""01-1: the slope of a function from two of its values."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "slope",
    kind="write",
    title="A slope",
    size="one line",
    minutes=3,
    text="`slope(f, x, h)`: the slope of `f` at `x` by finite differences, with a step of `h` to *each* side.",
    hints=(
        "One step to the right, one to the left: how far apart are the two places?",
        "The rise is `f(x + h) - f(x - h)`. Divide it by the distance between the two places.",
    ),
    remember="A step to each side beats a step to one side: the error shrinks with h², not with h.",
)


@exercise.probe
def probe(slope, draw):
    x = draw.randn(draw.size(4)).double()
    # So curved that each h gives a slope of its own, and neither even nor odd.
    yield "the slope of sin 20x + x²", slope(lambda x: (20 * x).sin() + x**2, x, 0.03)
    yield "the slope of x³", slope(lambda x: x**3, x, 0.2)


@exercise.solution
def solution(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


exercise.starter("raise NotImplementedError  # one line: a step of h to each side")
exercise.edit("forgets_the_two", "(2 * h)", "h").says(
    "The two places are 2h apart, and you divide by h: your slope is exactly twice the right one."
)
exercise.edit("to_the_right", "f(x - h)", "f(x)", "(2 * h)", "h").says(
    "You step to the right only. That is a slope, too, and a less exact one: take a step to each side."
)
exercise.edit("to_the_left", "f(x + h)", "f(x)", "(2 * h)", "h").says(
    "You step to the left only. That is a slope, too, and a less exact one: take a step to each side."
)
exercise.edit("turned", "f(x + h) - f(x - h)", "f(x - h) - f(x + h)").says(
    "The sign is turned: the value on the right minus the value on the left."
)


@exercise.mistake(
    "That is the exact slope, or one by a much smaller step. Here it is to come from two values, a step of `h` to each "
    "side."
)
def by_autograd(f, x, h):
    leaf = x.detach().clone().requires_grad_()
    f(leaf).sum().backward()
    return leaf.grad


exercise.edit("forgets_parentheses", "(2 * h)", "2 * h").says(
    "`a / 2 * h` is (a / 2) · h. Put the 2h into parentheses."
)
