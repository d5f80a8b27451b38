import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def limit(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return len(A) / torch.linalg.matrix_norm(A, 2).item() ** 2


answers.wrong("one_over_steepest")(lambda X: limit(X) / 2)
answers.wrong("hessian_without_two")(lambda X: limit(X) * 2)
answers.wrong("without_ones")(lambda X: len(X) / torch.linalg.matrix_norm(X, 2) ** 2)
answers.wrong("sums")(lambda X: limit(X) / len(X))


@answers.wrong("flattest")
def limit_flattest(X):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return len(A) / torch.linalg.svdvals(A)[-1] ** 2


answers.unknown("The limit for 50 examples of 3 features is")(lambda X: 5 * limit(X))
answers.unknown("The limit for 20 examples of 1 feature is")(lambda X: limit(X) * (1 if len(X) == 50 else 3))
