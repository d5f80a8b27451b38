"""Answers to the exercises of lesson 06 as learners write them."""

import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong

# ── 1 ── numbers

right("06-1")((4640, 48, 110))
right("06-1")(torch.tensor([4640, 48, 110]))
wrong("06-1", "one_convolution")([2320, 44, 550])
wrong("06-1", "forgets_the_biases")([4608, 48, 100])
wrong("06-1", "flat_kernels")((320, 48, 550))
wrong("06-1", "one_bias")([4640, 44, 550])
wrong("06-1", "rnn_without_biases")([4640, 40, 100])
wrong("06-1", "five_layers")([4640, 48, 550])
unknown("06-1", "The count for `Residual(16)` is 7, and 4640 is right.")([7, 48, 110])
unknown("06-1", "`numbers` is [4640, 48], and 'a list of three' is right.")([4640, 48])

# ── 2 ── Widen


class Widens(nn.Module):
    """A block as a learner may write it; `form` brings the mistakes."""

    padding, kernel = 1, 1

    def __init__(self, inputs, outputs):
        super().__init__()
        self.shortcut = nn.Conv2d(inputs, outputs, self.kernel, padding=self.kernel // 2)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=self.padding)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=self.padding)

    def forward(self, X):
        residue = self.second(self.first(X).relu())
        return (self.shortcut(X) + residue).relu()


right("06-2")(Widens)


@right("06-2")
class InOne(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        first, second = nn.Conv2d(inputs, outputs, 3, padding="same"), nn.Conv2d(outputs, outputs, 3, padding="same")
        self.layers = nn.ModuleDict(
            {"way": nn.Sequential(first, nn.ReLU(), second), "skip": nn.Conv2d(inputs, outputs, 1)}
        )

    def forward(self, X):
        return torch.clamp(self.layers["way"](X) + self.layers["skip"](X), min=0)


@right("06-2")
class WithOtherWeights(Widens):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        nn.init.dirac_(self.shortcut.weight)
        nn.init.normal_(self.first.weight, std=0.01)


@wrong("06-2", "NothingOnTheSkip")
class MakesItInForward(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.a = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.b = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, X):
        skip = nn.Conv2d(X.shape[1], self.b.out_channels, 1)
        return F.relu(self.b(F.relu(self.a(X))) + skip(X))


@wrong("06-2", "ThreeByThree")
class Wide(Widens):
    kernel = 3


@wrong("06-2", "AddsAfterTheLast")
class Late(Widens):
    def forward(self, X):
        return self.shortcut(X) + self.second(self.first(X).relu()).relu()


@wrong("06-2", "NothingBetween")
class Linear(Widens):
    def forward(self, X):
        return (self.shortcut(X) + self.second(self.first(X))).relu()


@wrong("06-2", "NoLastReLU")
class Open(Widens):
    def forward(self, X):
        return self.shortcut(X) + self.second(self.first(X).relu())


@wrong("06-2", "Concatenates")
class Both(Widens):
    def forward(self, X):
        return torch.cat((self.second(self.first(X).relu()), self.shortcut(X)), 1).relu()


@wrong("06-2", "ForgetsPadding")
class Bare(Widens):
    padding = 0


@unknown("06-2", "The result for 2 images is")
class Minus(Widens):
    def forward(self, X):
        return (self.second(self.first(X).relu()) - self.shortcut(X)).relu()


@unknown("06-2", "`isinstance(Widen(3, 5), nn.Module)` is False")
class NoModule:
    def __init__(self, inputs, outputs):
        self.inputs = inputs


# ── 3 ── freeze


def freezing(requires_grad=True, old=True, buffers=True):
    def freeze(model):
        for name, p in model.named_parameters():
            if requires_grad and not name.startswith("fc."):
                p.requires_grad = False
            if old:
                p.grad = None
        if buffers:
            for part in model.modules():
                if isinstance(part, nn.BatchNorm1d):
                    part.eval()

    return freeze


right("06-3")(freezing())


@right("06-3")
def freeze_body(model):
    model.body.requires_grad_(False).eval()
    model.zero_grad()
    return model


@right("06-3")
def freeze_with_new_end(model):
    model.eval().requires_grad_(False)
    model.zero_grad()
    model.fc = nn.Linear(model.fc.in_features, model.fc.out_features)


@wrong("06-3", "sets_an_attribute")
def freeze_under_no_grad(model):
    with torch.no_grad():
        model.eval()


wrong("06-3", "freezes_fc_too")(lambda model: [p.requires_grad_(False) for p in model.parameters()])
wrong("06-3", "freezes_fc_alone")(lambda model: [p.requires_grad_(False) for p in model.fc.parameters()])
wrong("06-3", "requires_grad_alone")(freezing(old=False, buffers=False))
wrong("06-3", "forgets_eval")(freezing(buffers=False))
wrong("06-3", "leaves_old_gradients")(freezing(old=False))
unknown("06-3", "What can still be trained is 'body.0.bias, body.1.weight")(
    lambda model: model.body[0].weight.requires_grad_(False)
)


@unknown("06-3", 'What a training step changes is "body.1\'s averages", and')
def freeze_by_zero(model):
    freezing(buffers=False)(model)
    for p in model.fc.parameters():
        p.register_hook(lambda grad: grad * 0)
