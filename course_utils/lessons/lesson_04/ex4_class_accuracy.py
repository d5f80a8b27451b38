"""04-4: the accuracy of one class."""

import torch
from torch.nn import functional as F

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "class_accuracy",
    kind="write",
    title="One class",
    size="one line",
    minutes=4,
    text="`class_accuracy(logits, y, c)`: of the images that are labelled `c`, which share is classified correctly?",
    hints=(
        "`logits.argmax(1) == y` says of each image whether its answer is right.",
        "Of these, take the ones whose *label* is c: `(...)[y == c]`. Then their mean.",
    ),
    remember="How many of the *sevens* get a right answer? That divides by the sevens there are. How often is the "
    "answer *seven* right? That divides by the answers, and is another question.",
)


@exercise.probe
def probe(class_accuracy, draw):
    for classes, count in ((draw.size(4), draw.size(40)), (draw.size(3), draw.size(25))):
        y = torch.cat([torch.arange(classes).roll(1), draw.labels(count - classes, classes)])
        logits = draw.randn(count, classes) + F.one_hot(y, classes)
        yield f"the accuracy of class 1 of {classes}", class_accuracy(logits, y, 1)


@exercise.solution
def solution(logits, y, c):  # [N, classes], [N], one of the classes
    return (logits.argmax(1) == y)[y == c].float().mean().item()


exercise.starter("raise NotImplementedError  # one line: the accuracy of class c")
exercise.edit("divides_by_all", "(logits.argmax(1) == y)[y == c]", "((logits.argmax(1) == y) & (y == c))").says(
    "You divide by *all* images, of which class c is only a part. Divide by the images labelled c."
)
exercise.edit("of_those_answered", "[y == c]", "[logits.argmax(1) == c]").says(
    "You divide by how often the network *answers* c. That says how far to trust this answer (its precision); the "
    "accuracy of a class divides by the images that have its label."
)
exercise.edit("only_counts", "float().mean()", "sum()").says(
    "You count the right answers. Divide by how many images of class c there are."
)
exercise.edit("share_of_wrong", "argmax(1) == y", "argmax(1) != y").says("That is the share of *wrong* answers.")
exercise.edit("all_together", "[y == c]", "").says("You don't use c: that is the accuracy of all classes together.")
exercise.edit("in_per_cent", "return ", "return 100 * ").says(
    "In per cent? Here and in the lesson an accuracy is a fraction from 0 to 1."
)
exercise.edit("verdicts", ".float().mean().item()", "").says(
    "You return a verdict on each image of the class. Take their mean: `.float().mean()`."
)
