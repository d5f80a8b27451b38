"""Answers to the bug clinic as learners write them: networks from elsewhere, and shapes."""

import torch
from torch import nn
from torch.nn import functional as F
from torchvision import models

from tests.lessons.exercise_answers import right, unknown, wrong


@right("clinic-6")
def build(classes):
    return models.resnet18(num_classes=classes)


@right("clinic-6")
def build_default(classes):
    net = models.resnet18()
    net.fc = nn.Linear(512, classes)
    return net


@wrong("clinic-6", "old_argument")
def build_old(classes):
    return models.resnet18(pretrained=False, num_classes=classes)


@wrong("clinic-6", "new_argument_downloads")
def build_weights(classes):
    net = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    net.fc = nn.Linear(512, classes)
    return net


@wrong("clinic-6", "thousand_classes")
def build_unadapted(classes):
    return models.resnet18()


@right("clinic-9")
def squared_error(model, X, y):
    return F.mse_loss(model(X), y.view(-1, 1))


@right("clinic-9")
def squared_error_flat(model, X, y):
    return (model(X)[:, 0] - y).square().sum() / len(y)


@wrong("clinic-9", "takes_the_sum")
def squared_error_sum(model, X, y):
    return F.mse_loss(model(X), y[:, None], reduction="sum")


@wrong("clinic-9", "squares_the_mean")
def squared_error_mean(model, X, y):
    return torch.mean(model(X) - y.view(-1, 1)) ** 2


@wrong("clinic-9", "takes_the_first_row")
def squared_error_first(model, X, y):
    return F.mse_loss(model(X)[0].expand(len(y)), y)


@right("clinic-12")
def read(rnn, maps):
    return torch.stack([rnn(one.flatten().unsqueeze(0))[0][0] for one in maps])


@right("clinic-12")
def read_last(rnn, maps):
    _, last = rnn(maps.flatten(1).unsqueeze(1))
    return last[-1]


@wrong("clinic-12", "keeps_the_time")
def read_time(rnn, maps):
    return rnn(maps.flatten(1)[:, None])[0]


@wrong("clinic-12", "keeps_the_layers")
def read_layers(rnn, maps):
    return rnn(maps.flatten(1)[:, None])[1]


@wrong("clinic-12", "unsqueezes_in_front")
def read_in_front(rnn, maps):
    return rnn(maps.flatten(1)[None])[0]


# ── What no mistake has a name for, but the check still sees ──


@unknown("clinic-6", "`isinstance(build(…), nn.Module)` is False")
def build_a_function(classes):
    return build(classes).forward


@unknown("clinic-6", "The shape of the logits for 2 images and")
def build_one_more(classes):
    return build(classes + 1)


@unknown("clinic-6", "The number of parameters is")
def build_on_top(classes):
    return nn.Sequential(models.resnet18(), nn.Linear(1000, classes))


@unknown("clinic-9", "The loss is")
def squared_error_and_one(model, X, y):
    return squared_error(model, X, y) + (len(y) > 1)


@unknown("clinic-9", "`loss.requires_grad` is False")
def squared_error_detached(model, X, y):
    return squared_error(model, X, y).detach()


@unknown("clinic-9", "The gradient of the weights is")
def squared_error_half_detached(model, X, y):
    prediction = model(X)[:, 0]
    return (prediction.detach() - y).square().mean() + 0 * prediction.sum()


@unknown("clinic-9", "The loss for a single example is")
def squared_error_of_many(model, X, y):
    return squared_error(model, X, y) * (1 if len(y) > 1 else 2)


@unknown("clinic-12", "The result for a single image is")
def read_many(rnn, maps):
    return read(rnn, maps) * (1 if len(maps) > 1 else 2)
