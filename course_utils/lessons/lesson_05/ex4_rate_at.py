"""05-4: a rate that warms up, and falls along a cosine."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "rate_at",
    kind="write",
    title="Warm-up and cosine",
    minutes=8,
    text="`rate_at(t, T, lr, warm)`: the rate of step `t`, of `T` in all. In `warm` equal parts it rises to `lr`: one "
    "part at step 0, all of it at step `warm - 1`. From `lr` at step `warm` it falls along half a wave of the cosine, "
    "and would be 0 at step `T`.",
    hints=(
        "Two cases: t below `warm`, and all others. In the first, step 0 gets one part of `warm`, not none.",
        "Of the T − warm other steps, what share is over at step t? That share goes from 0 towards 1.",
        "`lr / 2 * (1 + math.cos(math.pi * share))`, with `share = (t - warm) / (T - warm)`.",
    ),
    remember="A schedule is a function of t, no more. PyTorch's keep count of t, and write what they get into "
    "`param_groups`.",
)


@exercise.probe
def probe(rate_at, draw):
    warm, T = draw.number(5, 9), draw.number(40, 60)
    lr = 0.1 + draw.rand().item()
    yield f"the list of the {warm} rates of the warm-up", [rate_at(t, T, lr, warm) for t in range(warm)]
    yield "the list of the rates after it", [rate_at(t, T, lr, warm) for t in range(warm, T)]


@exercise.solution
def solution(t, T, lr, warm):  # t = 0, 1, …, T - 1
    import math

    if t < warm:
        return lr * (t + 1) / warm
    share = (t - warm) / (T - warm)  # of the way down: 0 … 1
    return lr / 2 * (1 + math.cos(math.pi * share))


exercise.starter("import math\n\nraise NotImplementedError  # the learning rate of step t")
exercise.edit("starts_at_zero", "(t + 1)", "t").says(
    "Your step 0 has the rate 0, and moves nothing. It gets one part of `warm`: (t + 1) / warm."
)
exercise.edit("without_warm_up", "lr * (t + 1) / warm", "lr").says(
    "The warm-up is missing: the full rate from step 0 on, at the moment when the network knows least."
)
exercise.edit("cosine_from_the_start", "(t - warm) / (T - warm)", "t / T").says(
    "The cosine does not wait for the warm-up, at whose end your rate leaps down. Count the share from `warm` on."
)
exercise.edit("does_not_arrive", "(T - warm)", "T").says(
    "You divide by T, and there are T − warm steps to go down in: at the end your rate is not near 0."
)
exercise.edit("forgets_the_half", "lr / 2", "lr").says(
    "Your rate is exactly twice the right one after the warm-up: 1 + cos goes from 2 to 0. Halve it."
)
exercise.edit("goes_below_zero", "lr / 2 * (1 + math.cos(math.pi * share))", "lr * math.cos(math.pi * share)").says(
    "A cosine alone goes from 1 to −1, and a negative rate climbs. Add 1, then halve."
)
exercise.edit("in_degrees", "math.pi", "180").says("`math.cos` takes radians. Half a turn is π, not 180.")
exercise.edit("comes_up_again", "math.pi", "2 * math.pi").says(
    "A whole turn, 2π, brings the rate up to lr again. Half a turn ends at 0."
)
exercise.edit("straight_down", "lr / 2 * (1 + math.cos(math.pi * share))", "lr * (1 - share)").says(
    "Your rate falls in a straight line. The cosine stays high for longer, and ends flat."
)
