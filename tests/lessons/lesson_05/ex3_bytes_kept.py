import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


answers.right((0, 22240, 44480, torch.tensor(4080)))
answers.wrong("counts_numbers")((0, 5560, 2 * 5560, 2 * 510))
answers.wrong("without_biases")((0, 4 * 5500, 8 * 5500, 8 * 500))
answers.wrong("one_for_adam")((0, 22240, 22240, 4 * 510))
answers.wrong("with_the_parameters")((22240, 2 * 22240, 3 * 22240, 12 * 510))
answers.wrong("all_layers_each_time")((0, 22240, 44480, 44480))
answers.wrong("gradients_for_sgd")((22240, 22240, 44480, 4080))
answers.unknown("the fourth is too large (8160: with eight bytes for each number; a `float32` takes four).")(
    [0, 22240, 44480, 8160]
)
answers.unknown("the second is too large (22241)")([0, 22241, 44480, 4080])
