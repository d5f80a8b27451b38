"""02-3: how many steps some epochs are."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "counts",
    kind="predict",
    title="Predict, then run",
    minutes=5,
    text="Three epochs of 1,000 examples: how many steps are that with batches of 10, of 1,000, of 32? Write down "
    "three numbers. Then put `1000` in place of `10` into `published`, run its cell, and call `published()`: near "
    "which losses and weights does it end?",
    hints=(
        "A step a batch. How many batches are 1,000 examples, in batches of 10? Of 1,000?",
        "32 does not divide 1,000: the last batch is smaller, and counts as one.",
    ),
    remember="300, 3 and 96 steps. With batches of 1,000, three epochs are three steps: at lr 0.03 the loss falls by "
    "about an eighth in each, and is still above 20 at the end, the weights far from 2 and −3.4.",
    value=True,
)


@exercise.probe
def probe(counts, draw):
    yield "the list of steps for batches of 10, 1,000 and 32", counts


@exercise.solution
def solution():
    # same: 3.0 is 3
    return [3 * 100, 3 * 1, 3 * 32]  # 1,000 / 32 = 31.25


exercise.starter("[..., ..., ...]  # steps with batches of 10, 1,000 and 32")
exercise.edit("one_epoch", "3 * 100, 3 * 1, 3 * 32", "100, 1, 32").says(
    "That is one epoch. Training goes through the data three times."
)
exercise.edit("drops_the_last", "3 * 32", "3 * 31").says(
    "You drop the last, smaller batch. A DataLoader hands it out, unless told `drop_last=True`."
)
exercise.edit("rounds_at_the_end", "3 * 32", "94").says(
    "You rounded 93.75 up at the end. Each *epoch* ends with a smaller batch, which is a whole step."
)
exercise.edit("fractions", "3 * 32", "93.75").says(
    "There is no part of a step: the last, smaller batch of an epoch is a step, too."
)
exercise.edit("one_step_in_all", "3 * 1,", "1,").says("One batch of 1,000 is one *epoch*. How many epochs are there?")
exercise.edit("batch_sizes", "3 * 100, 3 * 1, 3 * 32", "30, 3000, 96").says(
    "You multiply the sizes of the batches. How many batches are there in an epoch?"
)
exercise.edit("counts_examples", "3 * 100, 3 * 1, 3 * 32", "3000, 3000, 3000").says(
    "Those are examples, not steps: an epoch meets 1,000 of them whatever the batch."
)
exercise.because(
    {100: "one epoch", 10: "the size of a batch", 1000: "the examples of an epoch", 3000: "examples, not steps"},
    {1: "one epoch", 1000: "the examples of an epoch", 3000: "examples, not steps"},
    {
        32: "one epoch",
        31: "one epoch, without its smaller last batch",
        93: "without the smaller last batches",
        94: "rounded once, at the end; each epoch ends with a smaller batch",
        93.75: "not rounded; a smaller batch is a whole step",
        3000: "examples, not steps",
    },
)
