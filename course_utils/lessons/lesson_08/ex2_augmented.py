"""08-2: an augmentation that destroys the label."""

import torch

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "augmented",
    kind="repair",
    title="Repair: another picture, another sign",
    minutes=6,
    text="Four signs: arrows to the left (0), to the right (1), up (2) and down (3). `augmented(X, y)` flips every "
    "second image or so from left to right, each by chance, and returns the new images and their labels. A network "
    "that learns from what it returns never tells left from right. Repair it; the flips have to stay, for all four. "
    "(`X` is float32 `[N, 1, H, W]`, `y` int64 `[N]`; the caller still needs both as they are.)",
    hints=(
        "What does an arrow to the right show once it is flipped? And what does its label say?",
        "Only images that were flipped get another label, and of these only the arrows to the left and to the right.",
        "`torch.where(condition, this, otherwise)` chooses for each entry. `1 - y` exchanges 0 and 1.",
    ),
    remember="A change of the image may change what it shows. Look at augmented images with their labels before a "
    "network does.",
)

NAMES = ("left", "right", "up", "down")
BATCHES = 12  # one toss a batch falls on both sides; # same: so do half as many, and twice as many


@exercise.probe
def probe(augmented, draw):
    each, height, width = draw.size(24), draw.size(5), draw.size(7)
    y = torch.arange(len(NAMES)).repeat(each)
    batches = [draw.rand(len(y), 1, height, width) for _ in range(BATCHES)]
    parts = []
    for X in batches:
        result = augmented(X.clone(), y.clone())
        yield "what `augmented` returns, part by part,", probes.kinds(result)
        images, labels = result
        yield "the shapes of images and labels, a list,", [*images.shape, *labels.shape]
        kept, flipped, turned = (images.eq(given).flatten(1).all(1) for given in (X, X.flip(3), X.flip(2)))
        told = "yes" if (kept | flipped).all() else "upside down" if (kept | turned).all() else "no"
        yield "whether each image is the given one, flipped from left to right or not,", told
        parts.append((flipped, labels))
    yield "how many images of a batch are flipped", " or ".join(sorted({amount(flipped) for flipped, _ in parts}))
    flipped, labels = map(torch.cat, zip(*parts, strict=True))
    before = y.repeat(BATCHES)
    for number, name in enumerate(NAMES):
        yield f"how many of the arrows {name} are flipped", amount(flipped[before == number])
    yield (
        "what the arrows are called afterwards, a list,",
        [
            f"{name}{', flipped' * turned}: {called(labels[(before == number) & (flipped == turned)])}"
            for number, name in enumerate(NAMES)
            for turned in (False, True)
        ],
    )


def amount(flags):
    return "all" if flags.all() else "some" if flags.any() else "none"


def called(labels):
    return " or ".join(str(label) for label in labels.unique().tolist())


@exercise.solution
def solution(X, y):  # [N, 1, H, W], [N]
    flip = torch.rand(len(X)) < 0.5  # same: any toss serves
    images = torch.where(flip.view(-1, 1, 1, 1), X.flip(3), X)
    labels = torch.where(flip & (y < 2), 1 - y, y)
    return images, labels


exercise.broken("torch.where(flip & (y < 2), 1 - y, y)", "y").says(
    "Flipped arrows to the left still have the label of arrows to the left."
)
exercise.edit("flips_nothing", "torch.rand(len(X)) < 0.5", "torch.zeros(len(X), dtype=torch.bool)").says(
    "No image is flipped any more. The labels are right, and nothing is augmented."
)
exercise.edit("flips_up_and_down_alone", "torch.rand(len(X)) < 0.5", "(torch.rand(len(X)) < 0.5) & (y > 1)").says(
    "Arrows to the left and to the right are not flipped any more. That keeps the labels right; but here the flips "
    "have to stay, and the label follows."
)
exercise.edit("exchanges_all", "flip & (y < 2)", "y < 2").says(
    "Left and right are exchanged for every image, flipped or not. Those that were not flipped keep their label."
)
exercise.edit("renames_up_and_down", "flip & (y < 2)", "flip").says(
    "`1 - y` is right for left (0) and right (1). Of up (2) and down (3), which look the same flipped from left to "
    "right, it makes −1 and −2: no class has these."
)
exercise.edit("reverses_the_numbers", "flip & (y < 2), 1 - y, y", "flip, 3 - y, y").says(
    "Left gets the label of down, and right that of up. Flipped from left to right, an arrow to the left becomes one "
    "to the right, and up and down stay."
)
exercise.edit("exchanges_up_and_down", "flip & (y < 2), 1 - y", "flip & (y > 1), 5 - y").says(
    "Up and down get each other's labels. A flip from left to right leaves them as they are; left and right change."
)
exercise.edit(
    "flips_upside_down", "X.flip(3)", "X.flip(2)", "flip & (y < 2), 1 - y, y", "flip & (y > 1), 5 - y, y"
).says("You flip upside down now, along dimension 2. The flips from left to right, along dimension 3, have to stay.")
exercise.edit("tosses_again", "flip & (y < 2)", "(torch.rand(len(X)) < 0.5) & (y < 2)").says(
    "Flipped or not, some arrows to the left are called left and some right: whether the label is exchanged does not "
    "depend on whether *this* image was flipped. Toss once for both."
)
exercise.edit("tosses_once_for_all", "torch.rand(len(X)) < 0.5", "(torch.rand(()) < 0.5).expand(len(X))").says(
    "In some batches all images are flipped, in others none: one toss decides for a whole batch. Toss for each image, "
    "`torch.rand(len(X))`."
)
