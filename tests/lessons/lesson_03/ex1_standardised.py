import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def standardised(X_train, X_valid):
    std, mean = torch.std_mean(X_train, dim=0, keepdim=True)
    return X_valid / std - mean / std


answers.right(lambda X_train, X_valid: (X_valid - X_train.mean(0)) / X_train.var(0, correction=0).sqrt())
answers.wrong("by_its_own")(
    lambda train, valid: nn.functional.batch_norm(valid, None, None, training=True) * (1 - 1 / len(valid)) ** 0.5
)
answers.wrong("by_all")(lambda train, valid: standardised(torch.cat([valid, train]), valid))
answers.wrong("one_for_all")(lambda train, valid: valid.sub(train.mean()).div(train.std()))
answers.wrong("over_features")(lambda train, valid: (valid - train.mean(1)) / train.std(0))
answers.wrong("by_the_variance")(lambda train, valid: (valid - train.mean(0)) / train.std(0) ** 2)
answers.wrong("forgets_parentheses")(lambda train, valid: valid - (train.mean(0) / train.std(0)))
answers.wrong("only_centred")(lambda train, valid: valid - train.mean(0, keepdim=True))
answers.wrong("the_other_set")(lambda train, valid: standardised(train, train))
answers.unknown("The standardised validation set is")(lambda train, valid: valid / train.std(0))
answers.unknown("has the shape [40], and [40, 3] is right.")(lambda train, valid: standardised(train, valid)[:, 0])
