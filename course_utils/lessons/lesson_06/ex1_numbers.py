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
    # Compared as a whole, so that each way to be wrong has a name.
    yield "the list of the three counts", entries


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
exercise.because(
    {
        2 * (16 * 16 * 9 + 16 * 16): "with a bias for each table of each kernel",
        2 * (16 * 16 * 9 + 16) + 16 * 16: "with the skip as one more layer, but it has no weights",
        2 * (16 * 16 * 9 + 16) + 16 * 16 + 16: "with the skip as one more layer, but it has no weights",
        3 * (16 * 16 * 9 + 16): "with three convolutions; the block has two",
        16 * 16 * 9 + 16: "one of the two convolutions",
        16 * 16 * 9: "one of the two convolutions, without biases",
        2 * 16 * 16 * 9: "without biases",
        2 * (16 * 16 * 9 + 1): "with one bias for each layer",
        2 * (16 * 9 + 16): "with kernels for one channel",
        2 * 16 * 9: "with kernels for one channel, without biases",
        4: "the tensors, not the numbers in them",
    },
    {
        0: "as for a plain list; in a `ModuleList` layers are found",
        6 * 4 + 6 + 4 * 4 + 4: "with a bias for each input",
        6 * 4 + 4: "the first layer alone",
        4 * 4 + 4: "the second layer alone",
        6 * 4 + 4 * 4: "without biases",
        6 * 4 + 4 * 4 + 4: "with the bias of one layer only",
        6 * 4 + 1 + 4 * 4 + 1: "with one number as bias of each layer",
        2 * (6 * 4 + 4): "as if both layers had six inputs",
        4: "the tensors, not the numbers in them",
    },
    {
        5 * (10 * 10 + 10): "five layers; `* 5` copies the reference",
        5 * 10 * 10: "five layers, without biases; `* 5` copies the reference",
        10 * 10: "without its bias",
        10 * 10 + 1: "with one number as bias",
        2: "the tensors, not the numbers in them",
        10: "the tensors of five layers, not the numbers in them",
        0: "as for a plain list; a `Sequential` finds its layers",
    },
)
