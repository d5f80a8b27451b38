import torch
from torchvision.transforms.v2 import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def parts(X):
    flip = torch.rand(len(X)) < 0.5
    return flip, torch.where(flip.view(-1, 1, 1, 1), X.flip(3), X)


@answers.right
def augmented_in_a_loop(X, y):
    images, labels = [], []
    for image, label in zip(X, y.tolist(), strict=True):
        if torch.rand(()) < 0.5:
            image, label = F.horizontal_flip(image), {0: 1, 1: 0}.get(label, label)
        images.append(image)
        labels.append(label)
    return torch.stack(images), torch.tensor(labels)


@answers.right
def augmented_by_index(X, y):
    X, y = X.clone(), y.clone()
    chosen = torch.randperm(len(X))[: len(X) // 2]
    X[chosen] = torch.flip(X[chosen], dims=[-1])
    y[chosen] = torch.tensor([1, 0, 2, 3])[y[chosen]]
    return X, y


@answers.right
def augmented_by_masks(X, y):
    flip = torch.randint(2, (len(X),)).bool()
    labels = y.clone()
    labels[flip & (y == 0)] = 1
    labels[flip & (y == 1)] = 0
    return torch.where(flip[:, None, None, None], X.flip(-1), X), labels


@answers.right
def augmented_by_arithmetic(X, y):
    flip, images = parts(X)
    sideways = (y <= 1).long() * flip.long()
    return images, y + sideways * (1 - 2 * y)


@answers.right
def augmented_as_a_list(X, y):
    flip = torch.bernoulli(torch.full((len(X),), 0.4)).bool()
    order = torch.arange(X.shape[3] - 1, -1, -1)
    images = X.clone()
    images[flip] = X[flip][..., order]
    return [images, torch.where(flip, torch.tensor([1, 0, 2, 3])[y], y)]


answers.wrong("flips_nothing")(lambda X, y: (X, y))
answers.wrong("flips_nothing")(lambda X, y: (X.clone(), y.clone()))


@answers.wrong("flips_up_and_down_alone")
def others_alone(X, y):
    images = X.clone()
    for i in range(len(X)):
        if y[i] in (2, 3) and torch.rand(1) > 0.5:
            images[i] = F.hflip(X[i])
    return images, y


answers.wrong("exchanges_all")(lambda X, y: (parts(X)[1], torch.tensor([1, 0, 2, 3])[y]))


@answers.wrong("renames_up_and_down")
def without_looking(X, y):
    flip, images = parts(X)
    labels = y.clone()
    labels[flip] = 1 - y[flip]
    return images, labels


@answers.wrong("reverses_the_numbers")
def reversed_numbers(X, y):
    flip, images = parts(X)
    return images, torch.where(flip, torch.tensor([3, 2, 1, 0])[y], y)


@answers.wrong("exchanges_up_and_down")
def up_and_down(X, y):
    flip, images = parts(X)
    return images, torch.where(flip, torch.tensor([0, 1, 3, 2])[y], y)


@answers.wrong("flips_upside_down")
def upside_down(X, y):
    flip = (torch.rand(len(X)) < 0.5)[:, None, None, None]
    return torch.where(flip, F.vertical_flip(X), X), y


@answers.wrong("tosses_again")
def two_tosses(X, y):
    return parts(X)[1], torch.where((torch.rand(len(y)) > 0.5) & (y < 2), 1 - y, y)


@answers.wrong("tosses_once_for_all")
def one_toss(X, y):
    if torch.rand(1) > 0.5:
        return X.flip(3), torch.tensor([1, 0, 2, 3])[y]
    return X, y


@answers.unknown("How many images of a batch are flipped is 'all', and 'some' is right.")
def always(X, y):
    return X.flip(3), torch.tensor([1, 0, 2, 3])[y]


@answers.unknown("What your code changes in place is `y`, which the caller still needs")
def in_place(X, y):
    flip, images = parts(X)
    y[flip & (y < 2)] = 1 - y[flip & (y < 2)]
    return images, y


@answers.unknown("What your code changes in place is `X`")
def images_in_place(X, y):
    flip, images = parts(X)
    X[:] = images
    return X, torch.where(flip & (y < 2), 1 - y, y)


@answers.unknown("What the arrows are called afterwards, a list, at [0] is 'left: 1', and 'left: 0' is right.")
def the_wrong_half(X, y):
    flip, images = parts(X)
    return images, torch.where(~flip & (y < 2), 1 - y, y)


@answers.unknown(
    "What the arrows are called afterwards, a list, at [3] is 'right, flipped: 1', and 'right, flipped: 0' is right."
)
def left_alone(X, y):
    flip, images = parts(X)
    return images, torch.where(flip & (y < 1), 1 - y, y)


@answers.unknown("Whether each image is the given one, flipped from left to right or not, is 'no', and 'yes' is right.")
def shifted(X, y):
    return X.roll(1, dims=3), y


@answers.unknown("The shapes of images and labels, a list, at [0] is 192, and 96 is right.")
def both(X, y):
    flip, images = parts(X)
    return torch.cat([X, images]), torch.cat([y, torch.where(flip & (y < 2), 1 - y, y)])


@answers.unknown("The shapes of images and labels, a list, has 6 entries, and 5 are right.")
def labels_in_a_column(X, y):
    flip, images = parts(X)
    return images, torch.where(flip & (y < 2), 1 - y, y).view(-1, 1)


@answers.unknown("How many of the arrows right are flipped is 'all', and 'some' is right.")
def right_always(X, y):
    flip = (torch.rand(len(X)) < 0.5) | (y == 1)
    return torch.where(flip.view(-1, 1, 1, 1), X.flip(3), X), torch.where(flip & (y < 2), 1 - y, y)


@answers.unknown(
    "What `augmented` returns, part by part, is a tensor of shape [96, 1, 5, 7], and a list of 2 is needed."
)
def images_alone(X, y):
    return parts(X)[1]


@answers.unknown("What `augmented` returns, part by part, at [1] is 'list', and 'Tensor' is right.")
def labels_as_a_list(X, y):
    flip, images = parts(X)
    return images, torch.where(flip & (y < 2), 1 - y, y).tolist()


@answers.unknown("How many of the arrows right are flipped is 'none', and 'some' is right.")
def right_never(X, y):
    flip = (torch.rand(len(X)) < 0.5) & (y != 1)
    return torch.where(flip.view(-1, 1, 1, 1), X.flip(3), X), torch.where(flip & (y < 2), 1 - y, y)


@answers.unknown("Whether each image is the given one, flipped from left to right or not, is 'no', and 'yes' is right.")
def tumbled(X, y):
    return torch.where((y > 1).view(-1, 1, 1, 1), F.vertical_flip(X), X.roll(1, dims=2)), y
