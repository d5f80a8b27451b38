import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()

answers.right((2, torch.tensor(4.0)))
answers.wrong("no_gradient_at_all")((0, 4))
answers.wrong("detach_changes_nothing")((4, 4))
answers.wrong("one_factor_each_time")((2, 2))
answers.wrong("the_other_way_round")((4, 2))
answers.unknown("[with detach, without] – the first is too large (3), the second is right.")([3, 4])
answers.wrong("none_at_all")((None, 4))
answers.wrong("forgets_the_constant")([1, 4])
answers.wrong("adds_up")([2, 6])
answers.unknown("the first is no number, but 'x', the second is no number, but '2x'.")(["x", "2x"])
