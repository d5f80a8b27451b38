import math

import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def rate_with_minimum(t, T, lr, warm):
    up, down = (t + 1) / warm, math.cos(math.pi / 2 * (t - warm) / (T - warm)) ** 2
    return torch.tensor(lr * (up if t < warm else down))


def rate(start=1, down=lambda t, T, warm: 0.5 + 0.5 * math.cos(math.pi * (t - warm) / (T - warm))):
    return lambda t, T, lr, warm: lr * ((t + start) / warm if t < warm else down(t, T, warm))


answers.right(rate())
answers.wrong("starts_at_zero")(rate(start=0))
answers.wrong("without_warm_up")(lambda t, T, lr, warm: lr if t < warm else rate()(t, T, lr, warm))
answers.wrong("cosine_from_the_start")(rate(down=lambda t, T, warm: (1 + math.cos(t * math.pi / T)) / 2))
answers.wrong("does_not_arrive")(rate(down=lambda t, T, warm: (1 + math.cos((t - warm) * math.pi / T)) / 2))
answers.wrong("forgets_the_half")(rate(down=lambda t, T, warm: 1 + math.cos(math.pi * (t - warm) / (T - warm))))
answers.wrong("goes_below_zero")(rate(down=lambda t, T, warm: math.cos((t - warm) / (T - warm) * math.pi)))
answers.wrong("in_degrees")(rate(down=lambda t, T, warm: 0.5 + 0.5 * math.cos((t - warm) / (T - warm) * 180)))
answers.wrong("comes_up_again")(rate(down=lambda t, T, warm: math.cos(math.pi * (t - warm) / (T - warm)) ** 2))
answers.wrong("straight_down")(rate(down=lambda t, T, warm: 1 - (t - warm) / (T - warm)))
answers.unknown("rates of the warm-up at [0] is")(rate(start=3))
answers.unknown("The list of the rates after it at [0] is")(rate(down=lambda t, T, warm: 0.5))
