import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right((4640, 48, 110))
answers.right(torch.tensor([4640, 48, 110]))
answers.wrong("one_convolution")([2320, 44, 550])
answers.wrong("forgets_the_biases")([4608, 48, 100])
answers.wrong("flat_kernels")((320, 48, 550))
answers.wrong("one_bias")([4640, 44, 550])
answers.wrong("layers_without_biases")([4640, 40, 100])
answers.wrong("five_layers")([4640, 48, 550])
answers.unknown("The count for `Residual(16)` is 7: too small.")([7, 48, 110])
answers.unknown("`numbers` is [4640, 48], and 'a list of three' is right.")([4640, 48])
