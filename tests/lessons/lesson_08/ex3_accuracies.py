import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def accuracies_by_bincount(logits, y):
    classes = logits.shape[1]
    right = y[logits.argmax(1) == y]
    return torch.bincount(right, minlength=classes) / torch.bincount(y, minlength=classes)


@answers.right
def accuracies_in_a_loop(logits, y):
    found = []
    for c in range(logits.size(1)):
        own = y == c
        if own.any():
            found.append((logits[own].argmax(dim=1) == c).double().mean().item())
        else:
            found.append(float("nan"))
    return torch.tensor(found)


@answers.right
def accuracies_by_matrix(logits, y):
    labels = F.one_hot(y, logits.shape[1]).double()
    answered = F.one_hot(logits.argmax(1), logits.shape[1]).double()
    table = labels.T @ answered
    return table.diag() / table.sum(1)


@answers.right
def accuracies_in_place(logits, y):
    shares = torch.full((logits.shape[1],), torch.nan)
    for c in y.unique():
        shares[c] = (logits.max(1).indices[y == c] == c).float().mean()
    return shares


@answers.right
def accuracies_scattered(logits, y):
    right = (logits.argmax(1) == y).float()
    return torch.zeros(logits.shape[1]).scatter_add(0, y, right) / torch.zeros(logits.shape[1]).index_add(
        0, y, torch.ones(len(y))
    )


def sums(logits, y):
    """Right answers, images and answers of each class."""
    classes = logits.shape[1]
    found = logits.argmax(1)
    return [torch.bincount(one, minlength=classes) for one in (y[found == y], y, found)]


answers.wrong("divides_by_all")(lambda logits, y: sums(logits, y)[0] / len(logits))
answers.wrong("of_those_answered")(lambda logits, y: sums(logits, y)[0] / sums(logits, y)[2])
answers.wrong("all_together")(lambda logits, y: (logits.argmax(1) == y).float().mean().repeat(logits.shape[1]))
answers.wrong("counts")(lambda logits, y: sums(logits, y)[0].float())
answers.wrong("share_of_wrong")(lambda logits, y: 1 - accuracies_by_bincount(logits, y))
answers.wrong("nothing_is_zero")(lambda logits, y: accuracies_by_bincount(logits, y).nan_to_num(0))
answers.wrong("nothing_is_one")(lambda logits, y: accuracies_by_bincount(logits, y).nan_to_num(1))


@answers.wrong("leaves_classes_out")
def known_alone(logits, y):
    shares = accuracies_by_bincount(logits, y)
    return shares[~shares.isnan()]


@answers.wrong("stops_at_the_largest_label")
def by_label(logits, y):
    return torch.bincount(y[logits.argmax(1) == y], minlength=y.max() + 1) / torch.bincount(y)


answers.wrong("one_number")(lambda logits, y: accuracies_by_bincount(logits, y).mean())
answers.wrong("in_per_cent")(lambda logits, y: 100 * accuracies_by_matrix(logits, y))
answers.unknown("The accuracies of 4 classes which all have images is a list of 4")(
    lambda logits, y: accuracies_by_bincount(logits, y).tolist()
)
answers.unknown("The accuracies of 4 classes which all have images is of dtype `torch.int64`")(
    lambda logits, y: sums(logits, y)[0] // sums(logits, y)[1]
)
answers.unknown("The accuracies of 3 classes of which class 2 has no image, and class 0 no right answer is")(
    lambda logits, y: accuracies_by_bincount(logits, y).nan_to_num(0 if logits.shape[1] == 3 else torch.nan)
)
answers.unknown("(1 of 4 numbers are wrong.)")(
    lambda logits, y: accuracies_by_bincount(logits, y) * (torch.arange(logits.shape[1]) != 3)
)


@answers.unknown("The accuracies of 4 classes which all have images is")
def as_if_sorted(logits, y):
    right = (logits.argmax(1) == y).float()
    return torch.stack([part.mean() for part in right.split(sums(logits, y)[1].tolist())])


@answers.wrong("never_right_is_nan")
def shares_of_hits(logits, y):
    right, images, _ = sums(logits, y)
    return torch.where(right > 0, right / images, torch.nan)
