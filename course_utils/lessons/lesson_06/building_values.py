"""Exercise of lesson 06 whose answer is a value: a prediction."""

from course_utils.exercises.exercise import Exercise

# ── 1 ── predict, then run: how many numbers are trained

counted = Exercise(
    "06-1",
    "numbers",
    minutes=5,
    hints=(
        "A 3×3 convolution from 16 to 16 channels has 16 kernels of 16 · 9 numbers, and a bias for each.",
        "The RNN has two linear layers, `ih` from 6 to 4 and `hh` from 4 to 4, each with a bias.",
        "`* 5` copies the reference: how many layers are there?",
    ),
    remember="2 · (16 · 16 · 9 + 16) = 4,640; (6 · 4 + 4) + (4 · 4 + 4) = 48; one layer of 10 · 10 + 10 = 110, used "
    "five times.",
    value=True,
)


@counted.probe
def look_at_counts(numbers):
    entries = numbers.tolist() if hasattr(numbers, "tolist") else numbers
    three = isinstance(entries, (list, tuple)) and len(entries) == 3
    yield "`numbers`", "a list of three" if three else entries
    block, rnn, shared = entries
    # One by one: whoever is wrong twice hears of the first.
    yield "the count for `Residual(16)`", block
    yield "the count for `nn.RNN(6, 4)`", rnn
    yield "the count for `nn.Sequential(*[nn.Linear(10, 10)] * 5)`", shared


@counted.start
def counts_to_guess():
    return [..., ..., ...]  # Residual(16), nn.RNN(6, 4), the Sequential


@counted.solution
def counted_up():
    return [2 * (16 * 16 * 9 + 16), 6 * 4 + 4 + 4 * 4 + 4, 10 * 10 + 10]


@counted.mistake("You count one of the block's two convolutions.")
def one_convolution():
    return [2320, 48, 110]


@counted.mistake("The convolutions' biases are missing: one number for each channel that comes out.")
def forgets_the_biases():
    return [4608, 40, 100]


@counted.mistake("Each kernel reaches through *all* 16 channels that go in: 16 · 9 numbers, not 9.")
def flat_kernels():
    return [2 * (16 * 9 + 16), 48, 110]


@counted.mistake("The block is right. An `nn.RNN` has a bias in each of its two layers, `bias_ih` and `bias_hh`.")
def one_bias():
    return [4640, 44, 110]


@counted.mistake("The block is right. The RNN's biases are missing: it has two of them, with 4 numbers each.")
def rnn_without_biases():
    return [4640, 40, 110]


@counted.mistake("The first two are right. `* 5` makes five references to *one* layer: section 3.")
def five_layers():
    return [4640, 48, 550]


EXERCISES = (counted,)
