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
answers.unknown("returns is the function `forward`, which nobody has called")(lambda classes: build(classes).forward)
answers.unknown("The shape of the logits for 2 images and")(lambda classes: build(classes + 1))
answers.unknown("The number of parameters is")(
    lambda classes: nn.Sequential(models.resnet18(), nn.Linear(1000, classes))
)


@answers.unknown("Whether the network returns what a linear layer computes is 'no', and 'yes' is right.")
def build_probabilities(classes):
    net = models.resnet18()
    net.fc = nn.Sequential(nn.Linear(512, classes), nn.Softmax(dim=-1))
    return net


class Own(nn.Module):
    """Its last layer is not the last that it has."""

    def __init__(self, classes, end):
        super().__init__()
        self.head, self.body, self.end = nn.Linear(512, classes), models.resnet18(), end
        self.body.fc = nn.Identity()

    def forward(self, X):
        return self.end(self.head(self.body(X)))


answers.right(lambda classes: Own(classes, nn.Identity()))
answers.unknown("Whether the network returns what a linear layer computes is 'no'")(
    lambda classes: Own(classes, lambda logits: logits.softmax(1))
)
