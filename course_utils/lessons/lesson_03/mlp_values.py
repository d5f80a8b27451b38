"""Exercises of lesson 03 whose answer is a value: a prediction, a goal."""

from course_utils import data
from course_utils.exercises.compare import AtMost
from course_utils.exercises.exercise import Exercise
from course_utils.experiment import Experiment
from course_utils.sweep import sweep

# ── 2 ── predict, then run: how many parameters

counted = Exercise(
    "03-2",
    "sizes",
    minutes=5,
    hints=(
        "A layer from 64 to 32 has a weight for each pair, and a bias for each output.",
        "64 · 32 + 32, and then the last layer likewise. Activations have none.",
        "With the second hidden layer 32 · 32 + 32 are added.",
    ),
    remember="n · m weights and m biases a layer: 2,410, and 3,466 with one more hidden layer. Where they lie is "
    "telling, too: the first layer has most of them.",
    value=True,
)


@counted.probe
def look_at_sizes(sizes):
    yield "the list of sizes, without and with the second hidden layer,", sizes


@counted.start
def sizes_to_guess():
    return [..., ...]  # 64 → 32 → 10, and 64 → 32 → 32 → 10


@counted.solution
def weights_and_biases():
    first, between, last = 64 * 32 + 32, 32 * 32 + 32, 32 * 10 + 10
    return [first + last, first + between + last]


@counted.mistake("You forgot the biases: one for each output of a layer.")
def without_biases():
    return [64 * 32 + 32 * 10, 64 * 32 + 32 * 32 + 32 * 10]


@counted.mistake("You count one bias a *layer*. Each output of a layer has its own.")
def one_bias_a_layer():
    return [64 * 32 + 1 + 32 * 10 + 1, 64 * 32 + 1 + 32 * 32 + 1 + 32 * 10 + 1]


@counted.mistake("The last layer is missing. It has parameters like the others, though no activation follows it.")
def without_the_last():
    return [64 * 32 + 32, 64 * 32 + 32 + 32 * 32 + 32]


@counted.mistake("The first is right. The second is what the new layer *adds*; the whole network is asked for.")
def only_what_is_added():
    return [64 * 32 + 32 + 32 * 10 + 10, 32 * 32 + 32]


@counted.mistake("Those are the neurons. Between two layers each neuron is joined to each: multiply.")
def counts_neurons():
    return [32 + 10, 32 + 32 + 10]


# ── 6 ── an open goal: three epochs

GOAL = 0.05  # of the validation images may be wrong

reached = Exercise(
    "03-6",
    "settings",
    minutes=15,
    hints=(
        "Three epochs are few steps. Section 6: which switches brought most in one epoch?",
        "With ReLU and Adam at lr 0.01 `small` comes to about 6 %. Are layers of 32 neurons wide enough?",
        "One hidden layer of 128, with ReLU and Adam at lr 0.01.",
    ),
    remember="Few epochs want steps that count: an activation and an optimizer that feed the first layers, and layers "
    "wide enough to find something soon.",
    value=True,
)


@reached.probe
def look_at_settings(settings):
    yield "what you hand over, by its class,", type(settings).__name__
    yield "its data", settings.data if isinstance(settings.data, str) else "data of your own"
    train, _ = data.load("digits")
    yield "the number of images held out", len(data.split(train, settings.valid)[1]) if settings.valid else 0
    yield "the number of epochs", "three at most" if settings.epochs <= 3 else "more than three"
    histories = sweep([settings.but(seed=seed) for seed in range(3)])
    wrong = sum(1 - history.valid_accuracy[-1] for history in histories) / len(histories)
    yield "what it has learned", "something" if wrong < 0.8 else "nothing"
    yield "the share of wrong answers on the validation set, mean of seeds 0, 1 and 2,", AtMost(wrong, GOAL)


@reached.start
def settings_to_find():
    return ...  # small.but(epochs=3, and what you change)


@reached.solution
def steps_that_count():
    return Experiment(
        data="digits",
        hidden=(128,),
        activation="relu",
        optimizer="Adam",
        lr=0.01,
        batch_size=32,
        epochs=3,
        valid=287,
    )


@reached.mistake("It trains for more than three epochs. Patience would do it, too; here every step has to count.")
def patient():
    return Experiment(data="digits", epochs=20, valid=287)


@reached.mistake("Nothing is held out, so you would choose by the test set. `valid=287` keeps images to choose by.")
def holds_nothing_out():
    return Experiment(data="digits", epochs=3)


@reached.mistake('It trains on MNIST. This goal is about the 8×8 digits, `data="digits"`.')
def on_mnist():
    return Experiment(data="mnist", epochs=3, valid=287)


@reached.mistake(
    "It is hardly better than guessing. Either its first layers starve (a sigmoid and small steps, section 5), or its "
    "steps are so long that learning breaks down (section 8)."
)
def starves():
    return Experiment(data="digits", epochs=3, valid=287)


EXERCISES = (counted, reached)
