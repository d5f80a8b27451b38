import torch
from torch import nn
from torchvision import models

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def another_head(classes):
    model = models.mobilenet_v3_small(weights=None)
    model.classifier[3] = nn.Linear(1024, classes)
    return model


@answers.right
def by_name(classes):
    return models.get_model("mobilenet_v3_small", num_classes=classes)


@answers.wrong("another_name_again")
def plural(classes):
    import torchvision.modules

    return torchvision.modules.mobilenet_v3_small(num_classes=classes)


@answers.wrong("names_torchs_modules")
def of_torch(classes):
    return torch.nn.modules.mobilenet_v3_small(weights=None, num_classes=classes)


@answers.wrong("thousand_classes")
def thousand(classes):
    return models.mobilenet_v3_small()


@answers.wrong("another_network")
def large(classes):
    return models.get_model("mobilenet_v3_large", num_classes=classes)


@answers.unknown("The number of warnings is")
def old(classes):
    model = models.mobilenet_v3_small(pretrained=False)
    model.classifier[3] = nn.Linear(1024, classes)
    return model


answers.unknown("The shape of the logits for 2 images and")(
    lambda classes: nn.Sequential(by_name(classes), nn.Unflatten(1, (classes, 1)))
)
answers.unknown("What `network` returns is")(lambda classes: models.mobilenet_v3_small)
answers.unknown("The number of parameters is")(lambda classes: models.squeezenet1_1(num_classes=classes))
