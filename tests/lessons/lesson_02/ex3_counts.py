import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right(torch.tensor([300, 3, 96]))
answers.wrong("one_epoch")((100, 1, 32))
answers.wrong("drops_the_last")((300, 3, 93))
answers.wrong("rounds_at_the_end")((300, 3, 94))
answers.wrong("counts_examples")((3000, 3000, 3000))
answers.unknown("the first is right, the second is too small (2), the third is right.")([300, 2, 96])
answers.wrong("fractions")([300, 3, 93.75])
answers.wrong("one_step_in_all")((300, 1, 96))
answers.wrong("batch_sizes")([30, 3000, 96])
answers.unknown("has the right numbers, in another order.")([3, 300, 96])
