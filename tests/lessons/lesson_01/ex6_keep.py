import numpy as np
import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right(0.84)
answers.right(0.8)
answers.right(0.885)
answers.right(torch.tensor(0.84))
answers.right(np.float32(0.85))
answers.right(np.array([0.84]))
answers.wrong("swings")(1)
answers.wrong("swings")(0.89)
answers.wrong("creeps")(0)
answers.wrong("creeps")(0.79)
answers.unknown("`keep`, a share of the old gradient, is 83, and 'from 0 to 1' is right.")(83)
answers.unknown("`keep`, a share of the old gradient, is -0.83")(-0.83)
answers.unknown("`keep` is 'much', and 'a number' is right.")("much")
answers.unknown("`keep`, a share of the old gradient, is 1.5, and 'from 0 to 1' is right.")(1.5)
