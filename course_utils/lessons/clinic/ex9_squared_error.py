"""clinic-9: a column against a row."""

from torch import nn

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "squared_error",
    kind="repair",
    title="One answer for all",
    minutes=2,
    text="No error. `model` returns `[B, 1]`, `y` is `[B]`. After training, the prediction is the same for every "
    "example: near the mean of the targets.",
    hints=(
        "Print the shape of `prediction - y`.",
        "Make both a row, or both a column.",
        "`prediction.squeeze(1)` is a row [B]; `y.view(-1, 1)` is a column [B, 1].",
    ),
    remember="`[B, 1] - [B]` is `[B, B]`: every prediction against every target, in silence. `nn.MSELoss` warns, a "
    "formula of your own does not.",
)


@exercise.probe
def probe(squared_error, draw):
    n, features = draw.size(7), draw.size(3)
    X, y = draw.randn(n, features), draw.randn(n)
    model = draw.network(lambda: nn.Linear(features, 1))
    result = squared_error(model, X, y)
    yield "the loss", result
    yield "`loss.requires_grad`", result.requires_grad
    result.backward()
    yield "the gradient of the weights", model.weight.grad
    yield "the loss for a single example", squared_error(model, X[:1], y[:1])


@exercise.solution
def solution(model, X, y):
    prediction = model(X).squeeze(1)  # [B, 1] -> [B]
    return ((prediction - y) ** 2).mean()  # y: [B]


exercise.broken(".squeeze(1)  # [B, 1] -> [B]", "  # [B, 1]").says(
    "It still pulls every prediction to the mean of the targets."
)
exercise.edit("takes_the_sum", ".mean()", ".sum()").says(
    "The shapes are right, but you add up the squares: take their mean, or the loss grows with the batch."
)
exercise.edit("squares_the_mean", "((prediction - y) ** 2).mean()", "(prediction - y).mean() ** 2").says(
    "You square the mean error. Errors of different sign cancel; square first, then take the mean."
)
exercise.edit("takes_the_first_row", ".squeeze(1)", "[0]").says(
    "You compare one single prediction, the first, with all targets: `[0]` takes a row, not the column."
)
