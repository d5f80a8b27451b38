"""04-2: parameters, and numbers in the result."""

import torch
from torch import nn

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "counted",
    kind="predict",
    title="Predict, then run",
    minutes=5,
    text="`nn.Conv2d(3, 16, 5, stride=2, padding=2)` gets one image of 32×32. How many parameters has the layer? How "
    "many numbers has its result, that is, how many inputs does a `Linear` after `Flatten` need? And how many "
    "numbers has the result for an image of 64×64? Write them down, check, and see with `summary`.",
    hints=(
        "One of the 16 kernels: a table of 5×5 for each channel, and one number more.",
        "The result: 16 maps. (32 + 2 · 2 − 4 − 1) // 2 + 1 is the side of each.",
    ),
    remember="A kernel does not know how large the image is. The `Linear` after `Flatten` does: four times the image, "
    "four times its weights.",
    value=True,
)


@exercise.probe
def probe(counted, draw):
    layer = draw.network(lambda: nn.Conv2d(3, 16, 5, stride=2, padding=2))
    found = [sum(p.numel() for p in layer.parameters())]
    found += [layer(torch.zeros(1, 3, side, side)).numel() for side in (32, 64)]
    # Compared as a whole, so that each way to be wrong has a name.
    yield "[parameters, numbers in the result for 32×32, for 64×64]", counted
    assert found == [1216, 4096, 16384]


@exercise.solution
def solution():
    return [16 * (3 * 5 * 5 + 1), 16 * 16 * 16, 16 * 32 * 32]


exercise.starter("[..., ..., ...]  # parameters; result for 32×32; for 64×64")
exercise.edit("forgets_the_biases", "(3 * 5 * 5 + 1)", "3 * 5 * 5").says(
    "The results are right. 16 · 75 are the kernels' numbers; each kernel also has a bias."
)
exercise.edit("one_bias", "(3 * 5 * 5 + 1)", "3 * 5 * 5 + 1").says(
    "The results are right. There is a bias for *each* of the 16 kernels, not one for all."
)
exercise.edit("one_channel", "3 * 5 * 5", "5 * 5").says(
    "The results are right. Each kernel looks at all three channels: three tables of 5×5, and a bias."
)
exercise.edit("without_padding", "16 * 16 * 16, 16 * 32 * 32", "16 * 14 * 14, 16 * 30 * 30").says(
    "The parameters are right. Your results lack the padding: two zeros on each side."
)
exercise.edit("without_stride", "16 * 16 * 16, 16 * 32 * 32", "16 * 32 * 32, 16 * 64 * 64").says(
    "The parameters are right. Your results lack the stride: the kernel moves by two, down and across."
)
exercise.edit("one_map", "16 * 16 * 16, 16 * 32 * 32", "16 * 16, 32 * 32").says(
    "The parameters are right, and so are the sides. There are 16 such maps, one for each kernel."
)
exercise.edit("doubles", "16 * 32 * 32", "2 * 16 * 16 * 16").says(
    "Only the last is wrong: twice as high *and* twice as wide is four times as many."
)

SIDES = {  # of a map, for an image of 32 and of 64: how it comes about
    (14, 30): "maps without the padding",
    (32, 64): "maps without the stride",
    (28, 60): "maps without padding and stride",
    (15, 31): "maps of a side without the + 1, or with padding on one side only",
    (17, 33): "maps of a side that is rounded up",
    (16.5, 32.5): "maps of a side that is not rounded",
}


def results(place, side):
    """{wrong number: what gives it} for an image of 32 (place 0) or 64 (place 1), whose maps have a side."""
    maps = {16 * sides[place] ** 2: why for sides, why in SIDES.items()}
    return maps | {
        side: "the side of a map",
        side**2: "one map, and there are 16",
        3 * side**2: "three maps, as many as channels go in",
        48 * side**2: "a map for each channel of each kernel; a kernel adds its three up",
        3 * (2 * side) ** 2: "the numbers of the image",
    }


exercise.because(
    {
        16 * 3 * (5 * 5 + 1): "with a bias for each table of each kernel",
        16 * 3 * 5 * 5: "without biases",
        16 * 3 * 5 * 5 + 1: "with one bias for all kernels",
        16 * 3 * 5 * 5 + 3: "with a bias for each channel that goes in",
        16 * (5 * 5 + 1): "with kernels for one channel",
        3 * 5 * 5 + 1: "one kernel",
        3 * 5 * 5: "one kernel, without its bias",
        16 * (16 * 5 * 5 + 1): "as if 16 channels went in",
        3 * (16 * 5 * 5 + 1): "inputs and outputs exchanged",
    },
    results(0, 16),
    results(1, 32) | {16 * 16 * 16: "as for the smaller image", 2 * 16 * 16 * 16: "twice as many"},
)
