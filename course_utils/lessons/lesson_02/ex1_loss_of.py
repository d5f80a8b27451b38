"""02-1: a loss from the three numbers of a line's model."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "loss_of",
    kind="write",
    title="A loss",
    size="one line",
    minutes=3,
    text="`loss_of(theta, X, y)`: the mean squared error of the three numbers in `theta` (two weights, then the bias). "
    "When the check is content, compare `best`, the referee's numbers, with `learned`, on the *test* set: "
    "`loss_of(best, test.X, test.y.flatten())`. Is the referee better there, too?",
    hints=(
        "`theta[:2]` are the weights, `theta[2]` is the bias.",
        "The prediction is `X @ theta[:2] + theta[2]`. Its squared distance from `y`, and then the mean.",
    ),
    remember="On the test set `best` and `learned` both have a loss near 0.0001. The referee need not win: it is the "
    "best on the *training* set.",
)


@exercise.probe
def probe(loss_of, draw):
    for n in (draw.size(20), draw.size(7)):
        yield f"the loss of {n} examples", loss_of(draw.randn(3), draw.randn(n, 2), draw.randn(n))


@exercise.solution
def solution(theta, X, y):  # [3], [N, 2], [N]
    return ((X @ theta[:2] + theta[2] - y) ** 2).mean()


exercise.starter("raise NotImplementedError  # one line: the mean squared error")
exercise.edit("without_bias", " + theta[2]", "").says("You leave the bias out: `theta[2]` belongs to every prediction.")
exercise.edit("sum_of_squares", "mean()", "sum()").says(
    "You add the squares up. The loss is their mean, or it would grow with the number of examples."
)
exercise.edit("one_each", ".mean()", "").says("You return one loss for each example: take their mean.")
exercise.edit("square_of_mean", ") ** 2).mean()", ").mean() ** 2)").says(
    "You take the mean first and square it then. Errors of different sign cancel that way."
)
exercise.edit("root", "mean()", "mean().sqrt()").says(
    "You take the root as well. The loss here is the mean squared error itself."
)
exercise.edit("column_minus_row", "theta[:2]", "theta[:2, None]").says(
    "Lesson 02's trap: a column minus a row is a square. Keep both [N]."
)
