import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right((2, torch.tensor(4.0)))
answers.wrong("no_gradient_at_all")((0, 4))
answers.wrong("detach_changes_nothing")((4, 4))
answers.wrong("one_factor_each_time")((2, 2))
answers.wrong("the_other_way_round")((4, 2))
answers.unknown("[with detach, without] at [0] is 3, and 2 is right.")([3, 4])
