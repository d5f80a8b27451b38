"""08-3: the accuracy of each class, where classes are unequal."""

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "accuracies",
    kind="write",
    title="Each class by itself",
    minutes=6,
    text="`accuracies(logits, y)` returns a tensor with one number for each class: of the images with its label, the "
    "share that is classified correctly. A class of which `y` holds no image gets NaN: nothing is known of it. "
    "(`logits` are `[N, classes]`, `y` int64 `[N]`.)",
    hints=(
        "`logits.argmax(1) == y` says of each image whether its answer is right. How many classes does `logits` have?",
        "For a class c take the verdicts of its images, `right[y == c]`, and their mean. `torch.stack` makes a tensor "
        "of a list of such means.",
        "The mean of no number at all is NaN in torch: `torch.tensor([]).mean()`. Nothing more is needed for that.",
    ),
    remember="One accuracy for all images belongs to the large classes: 95 % may mean that the small one is never "
    "found. The mean of these numbers counts each class the same.",
)


@exercise.probe
def probe(accuracies, draw):
    for missing, classes in ((None, draw.size(4)), (1, draw.size(5)), (draw.size(3) - 1, draw.size(3))):
        # Unequal: class c has some 2 + 3 c images.
        counts = [0 if c == missing else 2 + 3 * c + draw.number(0, 3) for c in range(classes)]
        y = torch.repeat_interleave(torch.arange(classes), torch.tensor(counts))
        y = y[draw.randperm(len(y))]
        logits = draw.randn(len(y), classes) + torch.nn.functional.one_hot(y, classes)
        which = "which all have images"
        if missing is not None:
            logits[y == 0, 0] = -9.0  # same: any number below the others serves
            which = f"of which class {missing} has no image, and class 0 no right answer"
        result = accuracies(logits, y)
        floats = isinstance(result, torch.Tensor) and result.is_floating_point()
        yield f"the accuracies of {classes} classes {which}", result.float() if floats else result


@exercise.solution
def solution(logits, y):  # [N, classes], [N]
    right = (logits.argmax(1) == y).float()
    return torch.stack([right[y == c].mean() for c in range(logits.shape[1])])


exercise.starter("raise NotImplementedError  # a tensor [classes]")
exercise.edit("divides_by_all", "right[y == c].mean()", "right[y == c].sum() / len(y)").says(
    "You divide by *all* images. Divide by the images that have the label of the class."
)
exercise.edit("of_those_answered", "right[y == c]", "right[logits.argmax(1) == c]").says(
    "You divide by how often the network *answers* the class. That is its precision; the accuracy of a class divides "
    "by the images that have its label."
)
exercise.edit("all_together", "right[y == c]", "right").says(
    "Each class gets the accuracy of all images together. Take only its own: `right[y == c]`."
)
exercise.edit("counts", "mean()", "sum()").says(
    "You count the right answers of each class. Divide by how many images of the class there are."
)
exercise.edit("share_of_wrong", "argmax(1) == y", "argmax(1) != y").says("These are the shares of *wrong* answers.")
exercise.edit("nothing_is_zero", "right[y == c].mean()", "right[y == c].sum() / (y == c).sum().clamp(min=1)").says(
    "A class without an image gets 0, as if it were always wrong. Nothing is known of it: NaN."
)
exercise.edit(
    "nothing_is_one", "right[y == c].mean()", "1 - (1 - right[y == c]).sum() / (y == c).sum().clamp(min=1)"
).says("A class without an image gets 1, as if it were always right. Nothing is known of it: NaN.")
exercise.edit("never_right_is_nan", ".mean()", ".mean() if right[y == c].any() else torch.tensor(torch.nan)").says(
    "A class whose images are all answered wrongly has an accuracy of 0. NaN is for one that has no image in `y`."
)
exercise.edit("leaves_classes_out", "range(logits.shape[1])", "y.unique()").says(
    "You leave out a class that `y` does not hold, so that the numbers behind it belong to other classes than their "
    "place says. How many classes there are, the logits say."
)
exercise.edit("stops_at_the_largest_label", "range(logits.shape[1])", "range(y.max() + 1)").says(
    "The last class is left out where `y` holds none of it. `logits.shape[1]` is the number of classes."
)
exercise.edit("one_number", "logits.shape[1])])", "logits.shape[1])]).mean()").says(
    "That is the mean over the classes, one number. Here each class is to have its own."
)
exercise.edit("in_per_cent", "right[y == c].mean()", "100 * right[y == c].mean()").says(
    "In per cent? Here and in the lessons an accuracy is a fraction from 0 to 1."
)
