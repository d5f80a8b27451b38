import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right((4640, 48, 110))
answers.right(torch.tensor([4640, 48, 110]))
answers.wrong("one_convolution")((2320, 48, 110))
answers.wrong("forgets_the_biases")(torch.tensor([4608, 40, 100]))
answers.wrong("flat_kernels")((320, 48, 110.0))
answers.wrong("one_bias")((4640, 44, 110))
answers.wrong("layers_without_biases")((4640, 40, 110))
answers.wrong("five_layers")((4640, 48, 550))
answers.unknown("– the first is too small (7), the second is right, the third is right.")([7, 48, 110])
answers.unknown(
    "the first is too small (2320: one of the two convolutions), the second is right, the third is too large"
)([2320, 48, 550])
answers.unknown("`numbers` is [4640, 48], and 'a list of three' is right.")([4640, 48])
