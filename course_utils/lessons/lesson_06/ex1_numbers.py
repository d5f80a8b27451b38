"""06-1: predict how many numbers three models train."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "numbers",
    kind="predict",
    title="Predict, then run",
    minutes=5,
    text="How many numbers does each of these train: `Residual(16)`, "
    "`nn.ModuleList([nn.Linear(6, 4), nn.Linear(4, 4)])`, and `nn.Sequential(*[nn.Linear(10, 10)] * 5)`? On paper "
    "first; then let `parameters()` count.",
    hints=(
        "A 3×3 convolution from 16 to 16 channels has 16 kernels of 16 · 9 numbers, and a bias for each.",
        "A linear layer from 6 to 4 has 6 · 4 weights, and a bias for each of its 4 outputs.",
        "`* 5` copies the reference: how many layers are there?",
    ),
    remember="2 · (16 · 16 · 9 + 16) = 4,640; (6 · 4 + 4) + (4 · 4 + 4) = 48; one layer of 10 · 10 + 10 = 110, used "
    "five times.",
    value=True,
)


@exercise.probe
def probe(numbers, draw):
    entries = numbers.tolist() if hasattr(numbers, "tolist") else numbers
    three = isinstance(entries, (list, tuple)) and len(entries) == 3
    yield "`numbers`", "a list of three" if three else entries
    block, two, shared = entries
    # One by one, so that one wrong count is reported at a time.
    yield "the count for `Residual(16)`", block
    yield "the count for the `nn.ModuleList`", two
    yield "the count for `nn.Sequential(*[nn.Linear(10, 10)] * 5)`", shared


@exercise.solution
def solution():
    return [2 * (16 * 16 * 9 + 16), 6 * 4 + 4 + 4 * 4 + 4, 10 * 10 + 10]


exercise.starter("[..., ..., ...]  # Residual(16), the ModuleList, the Sequential")
exercise.edit("one_convolution", "2 * (16 * 16 * 9 + 16)", "16 * 16 * 9 + 16").says(
    "You count one of the block's two convolutions."
)
exercise.edit(
    "forgets_the_biases",
    "(16 * 16 * 9 + 16)",
    "(16 * 16 * 9)",
    "6 * 4 + 4 + 4 * 4 + 4",
    "6 * 4 + 4 * 4",
    "10 * 10 + 10",
    "10 * 10",
).says("The convolutions' biases are missing: one number for each channel that comes out.")
exercise.edit("flat_kernels", "16 * 16 * 9", "16 * 9").says(
    "Each kernel reaches through *all* 16 channels that go in: 16 · 9 numbers, not 9."
)
exercise.edit("one_bias", "6 * 4 + 4 + 4 * 4 + 4", "6 * 4 + 4 * 4 + 4").says(
    "The block is right. Each of the two linear layers has a bias of its own."
)
exercise.edit("layers_without_biases", "6 * 4 + 4 + 4 * 4 + 4", "6 * 4 + 4 * 4").says(
    "The block is right. The linear layers' biases are missing: one number for each of their 4 outputs."
)
exercise.edit("five_layers", "10 * 10 + 10", "5 * (10 * 10 + 10)").says(
    "The first two are right. `* 5` makes five references to *one* layer: section 2."
)
