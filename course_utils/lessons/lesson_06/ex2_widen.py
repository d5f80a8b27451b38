"""06-2: a residual block with more channels at its end than at its beginning."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "Widen",
    kind="write",
    title="A block that widens",
    minutes=10,
    text="`Residual` keeps the number of channels. Write `Widen(inputs, outputs)`: two 3×3 convolutions, of which "
    "the first widens, with a ReLU between them, a skip, a last ReLU. `X` no longer fits: a third convolution, as "
    "small as one can be, makes it fit. All have a bias.",
    hints=(
        "`out + X` asks for equal shapes. How many channels has `out`, and how many has `X`?",
        "A third convolution, on the skip, brings `X` to the new number of channels. It need not look at neighbours.",
        "`self.skip = nn.Conv2d(inputs, outputs, 1)`, and at the end `F.relu(out + self.skip(X))`.",
    ),
    remember="Where the number of channels changes, a 1×1 convolution on the skip makes the shapes fit. ResNet-18 has "
    "one in the first block of each wider stage: look for `downsample` in `print(resnet)`.",
)


@exercise.probe
def probe(Widen, draw):
    images, inputs = draw.size(2), draw.size(3)
    outputs = inputs + draw.size(2)
    model = Widen(inputs, outputs)
    yield f"`isinstance(Widen({inputs}, {outputs}), nn.Module)`", isinstance(model, nn.Module)
    yield "the sorted list of the parameters' shapes", probes.shapes(model)
    probes.fill(model)
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(0.2)  # same: it keeps the sums small, and their rounding, on some processors
    yield f"the result for {images} images", model(draw.randn(images, inputs, draw.size(6), draw.size(4)))


@exercise.solution
class Solution(nn.Module):
    def __init__(self, inputs, outputs):  # numbers of channels
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1)

    def forward(self, X):  # [B, inputs, H, W] -> [B, outputs, H, W]
        out = self.conv2(F.relu(self.conv1(X)))
        return F.relu(out + self.skip(X))


exercise.starter(
    "self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)",
    "raise NotImplementedError",
    "        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)\n",
    "",
    "        self.skip = nn.Conv2d(inputs, outputs, 1)\n",
    "",
    "out = self.conv2(F.relu(self.conv1(X)))\n        return F.relu(out + self.skip(X))",
    "raise NotImplementedError",
)
exercise.edit(
    "NothingOnTheSkip", "self.skip = nn.Conv2d(inputs, outputs, 1)", "pass", "out + self.skip(X)", "out"
).says(
    "Two convolutions and no third: nothing brings `X` to the new number of channels. (A layer that is made in "
    "`forward` does not count: it is a new one at each call, and nobody trains it.)"
)
exercise.edit("ThreeByThree", "nn.Conv2d(inputs, outputs, 1)", "nn.Conv2d(inputs, outputs, 3, padding=1)").says(
    "Your skip has a 3×3 convolution: nine times the weights for what 1×1 does, changing the channels."
)
exercise.edit("AddsAfterTheLast", "F.relu(out + self.skip(X))", "F.relu(out) + self.skip(X)").says(
    "The last ReLU comes before the addition: `F.relu(out) + …`. Add first."
)
exercise.edit("NothingBetween", "F.relu(self.conv1(X))", "self.conv1(X)").says(
    "There is no ReLU between the two convolutions: together they are one larger convolution, no more."
)
exercise.edit("NoLastReLU", "F.relu(out + self.skip(X))", "out + self.skip(X)").says(
    "The last ReLU, after the addition, is missing."
)
exercise.edit("Concatenates", "out + self.skip(X)", "torch.cat([out, self.skip(X)], dim=1)").says(
    "You put the two beside each other, which makes twice the channels. The skip is *added*."
)
exercise.edit(
    "ForgetsPadding",
    "nn.Conv2d(inputs, outputs, 3, padding=1)",
    "nn.Conv2d(inputs, outputs, 3)",
    "nn.Conv2d(outputs, outputs, 3, padding=1)",
    "nn.Conv2d(outputs, outputs, 3)",
).says("Without `padding=1` each 3×3 convolution cuts a frame off the image, and there is nothing left to add to.")
