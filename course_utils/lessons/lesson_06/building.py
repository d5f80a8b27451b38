"""Exercises of lesson 06: a block, and a frozen network."""

import collections
import copy

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 2 ── write: a residual block with more channels at its end than at its beginning

widened = Exercise(
    "06-2",
    "Widen",
    minutes=10,
    hints=(
        "`out + X` asks for equal shapes. How many channels has `out`, and how many has `X`?",
        "A third convolution, on the skip, brings `X` to the new number of channels. It need not look at neighbours.",
        "`self.skip = nn.Conv2d(inputs, outputs, 1)`, and at the end `F.relu(out + self.skip(X))`.",
    ),
    remember="Where the number of channels changes, a 1×1 convolution on the skip makes the shapes fit. ResNet-18 has "
    "one in the first block of each wider stage: look for `downsample` in `print(resnet)`.",
)


@widened.probe
def look_at_block(Widen):
    X = torch.randn(2, 3, 6, 4)  # before a network is built, which draws as many numbers as it likes
    model = Widen(3, 5)
    yield "`isinstance(Widen(3, 5), nn.Module)`", isinstance(model, nn.Module)
    yield "the sorted list of the parameters' shapes", probes.shapes(model)
    probes.fill(model)
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(0.2)  # so that the sums stay small, and their rounding
    yield "the result for 2 images", model(X)


@widened.start
class WidenToWrite(nn.Module):
    def __init__(self, inputs, outputs):  # numbers of channels
        super().__init__()
        raise NotImplementedError

    def forward(self, X):  # [B, inputs, H, W] -> [B, outputs, H, W]
        raise NotImplementedError


@widened.solution
class WithProjection(nn.Module):
    def __init__(self, inputs, outputs):  # numbers of channels
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1)

    def forward(self, X):  # [B, inputs, H, W] -> [B, outputs, H, W]
        out = self.conv2(F.relu(self.conv1(X)))
        return F.relu(out + self.skip(X))


@widened.mistake(
    "Two convolutions and no third: nothing brings `X` to the new number of channels. (A layer that is made in "
    "`forward` does not count: it is a new one at each call, and nobody trains it.)"
)
class NothingOnTheSkip(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, X):
        return F.relu(self.conv2(F.relu(self.conv1(X))))


@widened.mistake("Your skip has a 3×3 convolution: nine times the weights for what 1×1 does, changing the channels.")
class ThreeByThree(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 3, padding=1)

    def forward(self, X):
        return F.relu(self.conv2(F.relu(self.conv1(X))) + self.skip(X))


@widened.mistake("The last ReLU comes before the addition: `F.relu(out) + …`. Add first.")
class AddsAfterTheLast(WithProjection):
    def forward(self, X):
        return F.relu(self.conv2(F.relu(self.conv1(X)))) + self.skip(X)


@widened.mistake("There is no ReLU between the two convolutions: together they are one larger convolution, no more.")
class NothingBetween(WithProjection):
    def forward(self, X):
        return F.relu(self.conv2(self.conv1(X)) + self.skip(X))


@widened.mistake("The last ReLU, after the addition, is missing.")
class NoLastReLU(WithProjection):
    def forward(self, X):
        return self.conv2(F.relu(self.conv1(X))) + self.skip(X)


@widened.mistake("You put the two beside each other, which makes twice the channels. The skip is *added*.")
class Concatenates(WithProjection):
    def forward(self, X):
        return F.relu(torch.cat([self.conv2(F.relu(self.conv1(X))), self.skip(X)], dim=1))


@widened.mistake(
    "Without `padding=1` each 3×3 convolution cuts a frame off the image, and there is nothing left to add to."
)
class ForgetsPadding(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3)
        self.conv2 = nn.Conv2d(outputs, outputs, 3)
        self.skip = nn.Conv2d(inputs, outputs, 1)

    def forward(self, X):
        return F.relu(self.conv2(F.relu(self.conv1(X))) + self.skip(X))


# ── 3 ── write: freeze all but the last layer

frozen = Exercise(
    "06-3",
    "freeze",
    minutes=8,
    hints=(
        "Three things can still move a frozen part: its gradients, its buffers, and gradients from before.",
        "`model.requires_grad_(False)` for all, then `model.fc.requires_grad_(True)`. Section 6 has the other two.",
        "BatchNorm's averages: `model.eval()`. Old gradients: `model.zero_grad()`.",
    ),
    remember="Frozen means: no gradient to come, none left over, and `eval()` for the buffers, which never had one.",
)


@frozen.probe
def look_at_freezing(freeze):
    body = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU())
    model = nn.Sequential(collections.OrderedDict(body=body, fc=nn.Linear(8, 3)))
    X, y = torch.randn(6, 5), torch.randint(3, (6,))
    F.cross_entropy(model(X), y).backward()  # it has been trained before
    freeze(model)
    trainable = [name for name, p in model.named_parameters() if p.requires_grad]
    yield "what can still be trained", ", ".join(trainable) or "nothing"
    before = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    F.cross_entropy(model(X), y).backward()
    optimizer.step()
    moved = {part_of(name) for name, value in model.state_dict().items() if not value.equal(before[name])}
    yield "what a training step changes", ", ".join(sorted(moved)) or "nothing"


def part_of(name):
    """The layer that has this parameter; for a buffer its averages."""
    layer, _, what = name.rpartition(".")
    return layer if what in ("weight", "bias") else f"{layer}'s averages"


@frozen.start
def freeze_to_write(model):
    raise NotImplementedError  # a step may change model.fc alone


@frozen.solution
def freezes_all_three(model):
    model.requires_grad_(False)
    model.fc.requires_grad_(True)
    model.zero_grad()  # a gradient from before would still move it
    model.eval()  # BatchNorm's averages are no parameters


@frozen.mistake(
    "Everything can still be trained. `model.requires_grad = False` gives the module an attribute that nobody reads; "
    "the method is `model.requires_grad_(False)`."
)
def sets_an_attribute(model):
    model.requires_grad = False
    model.fc.requires_grad = True
    model.zero_grad()
    model.eval()


@frozen.mistake("Now `fc` is frozen, too, and there is nothing left to train.")
def freezes_fc_too(model):
    model.zero_grad()
    model.eval()
    model.requires_grad_(False)


@frozen.mistake("The wrong way round: `fc` is frozen, and all the rest is trained.")
def freezes_fc_alone(model):
    model.fc.requires_grad_(False)


@frozen.mistake(
    "`requires_grad` is right everywhere, and still two things move: BatchNorm's running averages, which `eval()` "
    "stops, and every weight that has a gradient from before, which `model.zero_grad()` takes away."
)
def requires_grad_alone(model):
    model.requires_grad_(False)
    model.fc.requires_grad_(True)


@frozen.mistake("BatchNorm's running averages still move: they are buffers, and each pass in `train()` updates them.")
def forgets_eval(model):
    model.requires_grad_(False)
    model.fc.requires_grad_(True)
    model.zero_grad()


@frozen.mistake(
    "The body still moves, once: its weights have a gradient from before, and `step()` uses whatever `.grad` holds. "
    "`model.zero_grad()` takes it away."
)
def leaves_old_gradients(model):
    model.requires_grad_(False)
    model.fc.requires_grad_(True)
    model.eval()


EXERCISES = (widened, frozen)
