"""03-1: the validation set by the statistics of the training set."""

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "standardised",
    kind="write",
    title="Standardise",
    size="one line",
    minutes=3,
    text="Features on very different scales make a ravine (lesson 02). *Standardising* subtracts from each feature its "
    "mean and divides by its standard deviation. `standardised(X_train, X_valid)` returns the **validation** set, "
    "standardised. Whose mean, and whose deviation? Think of what each set is for.",
    hints=(
        "Validation data stand for examples that you don't have yet. Whose mean and deviation can you know?",
        "`X_train.mean(dim=0)` is one mean for each feature, [features]; `X_train.std(dim=0)` likewise.",
    ),
    remember="What is subtracted and divided by comes from the training set alone, for every set: it is learned like "
    "a weight.",
)


@exercise.probe
def probe(standardised, draw):
    rows, features = draw.size(40), draw.size(3)
    # So many rows to learn from that it makes no difference whether one divides by N or by N - 1.
    X_train = draw.randn(20_000, features) * (2 + 3 * draw.rand(features)) + draw.randn(features)
    X_valid = draw.randn(rows, features) * (2 + 3 * draw.rand(features)) + 5 * draw.randn(features)
    yield "the standardised validation set", standardised(X_train, X_valid)


@exercise.solution
def solution(X_train, X_valid):  # [N, features], [M, features]
    return (X_valid - X_train.mean(dim=0)) / X_train.std(dim=0)


exercise.starter("raise NotImplementedError  # one line: X_valid, standardised")
exercise.edit("by_its_own", "X_train.mean", "X_valid.mean", "X_train.std", "X_valid.std").says(
    "You use the validation set's own statistics. Each set then gets a scale of its own, and one number means two "
    "things."
)


@exercise.mistake("You take the statistics from all data: validation examples have a say in what they will judge.")
def by_all(X_train, X_valid):
    return solution(torch.cat([X_train, X_valid]), X_valid)


exercise.edit("one_for_all", "mean(dim=0)", "mean()", "std(dim=0)", "std()").says(
    "One mean and one deviation for the whole table. Each feature needs its own: `dim=0`."
)
exercise.edit("over_features", "mean(dim=0)", "mean(dim=1)", "std(dim=0)", "std(dim=1)").says(
    "The wrong dimension: `dim=1` is a mean over the features of one example. `dim=0` goes over examples."
)
exercise.edit("by_the_variance", "std(", "var(").says(
    "You divide by the variance. The standard deviation is its root, `std`."
)
exercise.edit("forgets_parentheses", "(X_valid - X_train.mean(dim=0))", "X_valid - X_train.mean(dim=0)").says(
    "`a - b / c` divides `b` alone. Put the subtraction into parentheses."
)
exercise.edit("only_centred", " / X_train.std(dim=0)", "").says(
    "You subtract the mean and stop there: divide by the standard deviation, too."
)
exercise.edit("the_other_set", "(X_valid -", "(X_train -").says(
    "That is the *training* set, standardised. The validation set is wanted."
)
