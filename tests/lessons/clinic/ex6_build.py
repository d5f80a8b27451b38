from torch import nn
from torchvision import models

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def build(classes):
    return models.resnet18(num_classes=classes)


@answers.right
def build_default(classes):
    net = models.resnet18()
    net.fc = nn.Linear(512, classes)
    return net


answers.wrong("old_argument")(lambda classes: models.resnet18(pretrained=False, num_classes=classes))


@answers.wrong("new_argument_downloads")
def build_weights(classes):
    net = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    net.fc = nn.Linear(512, classes)
    return net


answers.wrong("thousand_classes")(lambda classes: models.resnet18())
answers.unknown("`isinstance(build(…), nn.Module)` is False")(lambda classes: build(classes).forward)
answers.unknown("The shape of the logits for 2 images and")(lambda classes: build(classes + 1))
answers.unknown("The number of parameters is")(
    lambda classes: nn.Sequential(models.resnet18(), nn.Linear(1000, classes))
)
