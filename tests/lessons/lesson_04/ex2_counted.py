import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right((1216, torch.tensor(4096), 16384.0))
answers.right(torch.tensor([1216, 4096, 16384]))
answers.wrong("forgets_the_biases")((1200, 4096, 16384))
answers.wrong("one_bias")((1201, 4096, 16384))
answers.wrong("one_channel")((416, 4096, 16384))
answers.wrong("without_padding")((1216, 14 * 14 * 16, 30 * 30 * 16))
answers.wrong("without_stride")((1216, 32 * 32 * 16, 64 * 64 * 16))
answers.wrong("one_map")((1216, 16 * 16, 32 * 32))
answers.wrong("doubles")((1216, 4096, 2 * 4096))
answers.unknown("the first is too small (1000), the second is right")([1000, 4096, 16384])
answers.unknown("has 2 entries, and 3 are right.")([1216, 4096])
answers.unknown("the third is too large (16385).")([1216, 4096, 16385])
