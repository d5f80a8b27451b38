"""03-2: how many parameters a network for digits has."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "sizes",
    kind="predict",
    title="Predict, then run",
    minutes=5,
    text="A network for the 8×8 digits: 64 → 32 → 10. How many parameters has it? And with a second hidden layer, 64 "
    "→ 32 → 32 → 10? Write down two numbers. Then build both, and let `sum(p.numel() for p in model.parameters())` "
    "count.",
    hints=(
        "A layer from 64 to 32 has a weight for each pair, and a bias for each output.",
        "64 · 32 + 32, and then the last layer likewise. Activations have none.",
        "With the second hidden layer 32 · 32 + 32 are added.",
    ),
    remember="n · m weights and m biases a layer: 2,410, and 3,466 with one more hidden layer. Where they lie is "
    "telling, too: the first layer has most of them.",
    value=True,
)


@exercise.probe
def probe(sizes, draw):
    yield "the list of sizes, without and with the second hidden layer,", sizes


@exercise.solution
def solution():
    first, between, last = 64 * 32 + 32, 32 * 32 + 32, 32 * 10 + 10
    return [first + last, first + between + last]


exercise.starter("[..., ...]  # 64 → 32 → 10, and 64 → 32 → 32 → 10")
exercise.edit("without_biases", "64 * 32 + 32, 32 * 32 + 32, 32 * 10 + 10", "64 * 32, 32 * 32, 32 * 10").says(
    "You forgot the biases: one for each output of a layer."
)
exercise.edit(
    "one_bias_a_layer", "64 * 32 + 32, 32 * 32 + 32, 32 * 10 + 10", "64 * 32 + 1, 32 * 32 + 1, 32 * 10 + 1"
).says("You count one bias a *layer*. Each output of a layer has its own.")
exercise.edit("without_the_last", "[first + last, first + between + last]", "[first, first + between]").says(
    "The last layer is missing. It has parameters like the others, though no activation follows it."
)
exercise.edit("only_what_is_added", "first + between + last", "between").says(
    "The first is right. The second is what the new layer *adds*; the whole network is asked for."
)
exercise.edit("forgets_the_new_biases", "32 * 32 + 32", "32 * 32").says(
    "The first is right. In the second the new layer has no biases."
)
exercise.edit("biases_of_inputs", "64 * 32 + 32, 32 * 32 + 32, 32 * 10 + 10", "64 * 33, 32 * 33, 32 * 11").says(
    "You count a bias for each *input* of a layer. Each output has one."
)
exercise.edit("counts_neurons", "64 * 32 + 32, 32 * 32 + 32, 32 * 10 + 10", "32, 32, 10").says(
    "Those are the neurons. Between two layers each neuron is joined to each: multiply."
)
exercise.because(
    {
        64 * 32 + 32 * 10: "without biases",
        64 * 32 + 1 + 32 * 10 + 1: "with one bias for each layer",
        64 * 33 + 32 * 11: "with a bias for each input",
        64 * 32 + 32: "the first layer alone",
        32 * 10 + 10: "the last layer alone",
        64 + 32 + 10: "neurons, not the weights between them",
        64 * 32 * 10: "all sizes multiplied; the layers add up",
    },
    {
        32 * 32 + 32: "the new layer alone",
        64 * 32 + 32 + 32 * 10 + 10 + 32 * 32: "with a new layer without biases",
        64 * 32 + 32 * 32 + 32 * 10: "without biases",
        64 * 33 + 32 * 33 + 32 * 11: "with a bias for each input",
        64 * 32 + 32 + 32 * 32 + 32: "without the last layer",
        64 + 32 + 32 + 10: "neurons, not the weights between them",
    },
)
