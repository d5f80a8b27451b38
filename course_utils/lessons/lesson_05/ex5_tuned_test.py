"""05-5: a fair figure for each optimizer."""

import math

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "tuned_test",
    kind="write",
    title="A fair figure",
    minutes=8,
    text="A sweep has left two tensors `[optimizers, rates, seeds]`: accuracies on validation and on test images. "
    "`tuned_test(valid, test)` returns what section 5 would report: for each optimizer one test accuracy, at its own "
    "best rate. Choose and report by the mean over the seeds. NaN in `valid` is a lost run: that rate counts as 0.",
    hints=(
        "First the choice: a mean over the seeds, then the best rate of each row. Of `valid`, not of `test`.",
        "What is the mean of [0.9, NaN, 0.9]? And what does `argmax` make of it? `nan_to_num(0)` helps.",
        "`rows = torch.arange(len(best))`, and `test[rows, best]` is [optimizers, seeds].",
    ),
    remember="Chosen on one set, reported from another, for each its own rate, over all seeds, lost runs included.",
)


@exercise.probe
def probe(tuned_test, draw):
    optimizers, rates, seeds = draw.size(4), draw.size(6), draw.size(3)
    valid, test = draw.rand(2, optimizers, rates, seeds)
    yield (
        f"the list of {'four' if optimizers == 4 else optimizers} test accuracies",
        tuned_test(valid.clone(), test.clone()),
    )
    # One rate has lost one run and is best in the others; one has lost a run and is bad anyway; and one has lost a run,
    # and would be best even with 0 in its place.
    # same: other numbers serve as well
    valid[0] = 0.8 + 0.1 * draw.rand(rates, seeds)
    valid[0, 2, :3], valid[1, 3, :3] = torch.tensor([[0.95, math.nan, 0.95], [0.1, 0.1, math.nan]])
    # same: other numbers serve as well
    valid[2] = 0.3 + 0.1 * draw.rand(rates, seeds)
    valid[2, 1, :3] = torch.tensor([0.95, math.nan, 0.95])
    yield "the list of test accuracies, where three runs were lost,", tuned_test(valid.clone(), test.clone())


@exercise.solution
def solution(valid, test):  # both [optimizers, rates, seeds]
    # same: the largest mean is the largest sum, and all are above 0
    means = valid.mean(dim=2).nan_to_num(0)  # [optimizers, rates]
    best = means.argmax(dim=1)  # [optimizers]
    rows = torch.arange(len(best))
    return test[rows, best].mean(dim=1).tolist()


exercise.starter("raise NotImplementedError  # a list: each optimizer's test accuracy, tuned")
exercise.edit("chooses_on_test", "valid.mean", "test.mean").says(
    "You choose on test data: each optimizer gets its luckiest test result, and the figure is too good to come again."
)
exercise.edit("chooses_by_the_last_seed", "valid.mean(dim=2)", "valid[:, :, -1]").says(
    "You choose by the last seed alone. One seed ranks luck: take the mean of all of them."
)
exercise.edit("chooses_by_the_first_seed", "valid.mean(dim=2)", "valid[:, :, 0]").says(
    "You choose by the first seed alone. One seed ranks luck: take the mean of all of them."
)
exercise.edit("chooses_by_the_best_seed", "valid.mean(dim=2).nan_to_num(0)", "valid.nan_to_num(0).amax(dim=2)").says(
    "You choose by the best seed. That rewards a rate for one lucky run: take the mean."
)
exercise.edit("one_rate_for_all", "means.argmax(dim=1)", "means.mean(dim=0).argmax().expand(len(test))").says(
    "One rate for all: you compare at one shared lr, and pick the winner by picking it. Each gets its own."
)
exercise.edit("reports_validation", "test[rows, best].mean(dim=1)", "means.amax(dim=1)").says(
    "You report the validation accuracy that you chose by. The best of six is partly lucky: report what *test* says."
)
exercise.edit("reports_the_best_seed", "test[rows, best].mean(dim=1)", "test[rows, best].amax(dim=1)").says(
    "The choice is fair, the report is not: you give the best seed's test accuracy. Give the mean."
)


@exercise.mistake("Each seed chooses a rate of its own. A rate is chosen once, by the mean of the seeds.")
def a_rate_for_each_seed(valid, test):
    best = valid.nan_to_num(0).argmax(dim=1, keepdim=True)  # [optimizers, 1, seeds]
    return test.gather(1, best).mean(dim=(1, 2)).tolist()


exercise.edit("takes_nan_for_the_largest", ".nan_to_num(0)", "").says(
    "Where a run was lost, the mean is NaN, and `argmax` takes NaN for the largest: you choose what broke."
)
exercise.edit("a_lost_run_is_0", "valid.mean(dim=2).nan_to_num(0)", "valid.nan_to_num(0).mean(dim=2)").says(
    "You put 0 in the place of the lost run, and its rate may still win by the others. The *rate* counts as 0: take "
    "the mean first, which is NaN then."
)
exercise.edit("forgives_lost_runs", "valid.mean(dim=2).nan_to_num(0)", "valid.nanmean(dim=2)").says(
    "You leave lost runs out of the mean. A rate that loses one run in three then looks as good as any."
)
