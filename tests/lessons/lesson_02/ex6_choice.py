import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right(["SGD, momentum 0.9", 0.0038])
answers.wrong("plain_descent")(["SGD", 1.0])
answers.wrong("too_long_steps")(("Adam", 1000.0))
answers.right(("Adam", torch.tensor(0.2)))
answers.wrong("too_small")(("Adam", 0.01))
answers.wrong("too_small")(("SGD, momentum 0.9", 0.001))
answers.unknown("The second of the two is 0.0, and 'a number above 0' is right.")(("Adam", 0.0))
answers.wrong("too_large")(("Adam", 10.0))  # up and down again, at the end below where it began
answers.unknown("The second of the two is 'a fifth', and 'a number above 0' is right.")(("Adam", "a fifth"))
answers.unknown("The first of the two is 'AdamW', and 'an optimizer of the knob' is right.")(("AdamW", 0.2))
answers.unknown("The first of the two is 0.2, and 'an optimizer of the knob' is right.")((0.2, "Adam"))
answers.unknown("Your choice, an optimizer and a learning rate, is 'Adam', and 'a pair' is right.")("Adam")
