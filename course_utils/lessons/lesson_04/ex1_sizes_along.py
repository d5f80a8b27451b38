"""04-1: the size after each layer."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "sizes_along",
    kind="write",
    title="Sizes, layer by layer",
    size="three lines",
    minutes=5,
    text="`sizes_along(n, layers)`: an image of `n`×`n` pixels goes through a list of layers, each given as `(kernel, "
    "stride, padding, dilation)`. Return a list: the size after each of them.",
    hints=(
        "How many pixels does a kernel of k reach over when it takes every d-th one? And where does it start last?",
        "The formula stands above. What comes out of one layer is the `n` of the next.",
    ),
    remember="Padding counts twice, dilation stretches the kernel to d(k − 1) + 1, and what does not fit is left out.",
)


@exercise.probe
def probe(sizes_along, draw):
    n, q = draw.number(20, 40), draw.number(20, 40)
    yield f"the list of sizes, for {n} pixels and a kernel of 5,", sizes_along(n, [(5, 1, 0, 1)])
    yield f"the list of sizes, for {n} pixels, kernel 5, padding 2,", sizes_along(n, [(5, 1, 2, 1)])
    yield f"the list of sizes, for {n} pixels, kernel 3, dilation 3,", sizes_along(n, [(3, 1, 0, 3)])
    # Three pixels are left over, more than half a stride.
    with_rest = 5 * q + 6  # same: with 4 * q or with + 7 more than half a stride is left over, too
    yield f"the list of sizes, for {with_rest} pixels, kernel 3, stride 5,", sizes_along(with_rest, [(3, 5, 0, 1)])
    four = [(3, 1, 0, 1), (2, 2, 0, 1), (3, 1, 1, 2), (2, 2, 0, 1)]
    yield f"the list of sizes, for {n} pixels and four layers,", sizes_along(n, four)


@exercise.solution
def solution(n, layers):  # (kernel, stride, padding, dilation) of each
    found = []
    for k, s, p, d in layers:
        n = (n + 2 * p - d * (k - 1) - 1) // s + 1
        found.append(n)
    return found


exercise.starter("raise NotImplementedError  # a list: the size after each layer")
exercise.edit("forgets_dilation", "d * (k - 1) - 1", "k").says(
    "You forgot the dilation: with d = 3 a kernel of 3 reaches over 7 pixels, not over 3."
)
exercise.edit("stretches_too_far", "d * (k - 1) - 1", "d * k").says(
    "A kernel of 3 with dilation 3 reaches over 7 pixels, d(k − 1) + 1. You take d · k, which is 9."
)
exercise.edit("pads_once", "2 * p", "p").says(
    "You pad once. There are p zeros on *each* side, which makes the row longer by 2p."
)
exercise.edit("forgets_the_first_place", "// s + 1", "// s").says(
    "You count the moves, not the places: a kernel that moves 23 times stands at 24 places. Add 1."
)
exercise.edit("does_not_round", "// s", "/ s").says(
    "You don't round. A window that hangs over the edge is left out: `//` rounds down."
)
exercise.edit("rounds_up", "n = (", "n = -(-(", "// s +", "// s) +").says(
    "You round up, or to the nearest number. A window that hangs over the edge is left out: round down."
)
exercise.edit("adds_before_dividing", "- 1) // s + 1", "- 1 + 1) // s").says(
    "Your 1 stands inside the division. Count the moves first, `// s`, then add the place it starts from."
)
exercise.edit("does_not_chain", "        n = (", "        size = (", "append(n)", "append(size)").says(
    "Each of your layers gets the image. Only the first one does; the next gets what the first has made."
)
