import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def slope(f, x, h):
    left, right = f(x - h), f(x + h)
    return (right - left) / h / 2


answers.right(lambda f, x, h: 0.5 * ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h))
answers.wrong("forgets_the_two")(lambda f, x, h: 2 * slope(f, x, h))
answers.wrong("to_the_right")(lambda f, x, h: -(f(x) - f(x + h)) / h)
answers.wrong("to_the_left")(lambda f, x, h: (f(x - h) - f(x)) / -h)
answers.wrong("turned")(lambda f, x, h: slope(f, x, -h) * -1)
answers.wrong("by_autograd")(lambda f, x, h: torch.autograd.functional.jvp(f, x, torch.ones_like(x))[1])
answers.wrong("forgets_parentheses")(lambda f, x, h: h * (f(x + h) - f(x - h)) / 2)
answers.unknown("The slope of sin 20x + x² is")(lambda f, x, h: 0 * x)
answers.unknown("The slope of x³ is")(lambda f, x, h: slope(lambda x: (20 * x).sin() + x**2, x, 0.03))
