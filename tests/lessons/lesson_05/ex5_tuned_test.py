import math

import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


def tuned(choose, report=lambda test: test.mean(1)):
    def tuned_test(valid, test):
        best = choose(valid, test)
        return report(torch.stack([row[i] for row, i in zip(test, best, strict=True)]))

    return tuned_test


def by_the_mean(valid, test=None):
    return valid.mean(-1).nan_to_num(-1).argmax(1)


answers.right(tuned(by_the_mean))


@answers.right
def tuned_in_loops(valid, test):
    found = []
    for rates, tests in zip(valid.tolist(), test, strict=True):
        means = [0 if math.isnan(sum(seeds)) else sum(seeds) for seeds in rates]
        found.append(tests[means.index(max(means))].mean())
    return found


answers.wrong("a_lost_run_is_0")(lambda valid, test: tuned(by_the_mean)(valid.nan_to_num(0), test))
answers.wrong("chooses_on_test")(tuned(lambda valid, test: test.sum(2).argmax(1)))
answers.wrong("chooses_by_the_last_seed")(tuned(lambda valid, test: valid.flip(2)[..., 0].argmax(1)))
answers.wrong("chooses_by_the_first_seed")(tuned(lambda valid, test: valid[..., 0].argmax(1)))
answers.wrong("chooses_by_the_best_seed")(tuned(lambda valid, test: valid.max(2).values.argmax(1)))
answers.wrong("one_rate_for_all")(tuned(lambda valid, test: [valid.mean(2).mean(0).argmax()] * len(valid)))
answers.wrong("reports_validation")(lambda valid, test: valid.mean(2).max(1).values)
answers.wrong("reports_the_best_seed")(tuned(by_the_mean, report=lambda test: test.max(1).values))
answers.wrong("takes_nan_for_the_largest")(tuned(lambda valid, test: valid.mean(-1).argmax(1)))
answers.wrong("forgives_lost_runs")(tuned(lambda valid, test: valid.nanmean(-1).argmax(1)))


@answers.wrong("a_rate_for_each_seed")
def tuned_seed_by_seed(valid, test):
    each = [tuned(by_the_mean)(valid[..., i : i + 1], test[..., i : i + 1]) for i in range(valid.shape[2])]
    return torch.stack(each).mean(0)


answers.unknown("The list of four test accuracies has 1 entries, and 4 are right.")(
    lambda valid, test: [tuned(by_the_mean)(valid, test).max()]
)
answers.unknown("The list of four test accuracies at [0] is")(tuned(by_the_mean, report=lambda test: 1 - test.mean(1)))
