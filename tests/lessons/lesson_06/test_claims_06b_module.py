"""What notebook 06b says of parameters, shared layers, functions and starts. The figures in its prose are MNIST's."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils.lessons.lesson_06 import built
from tests.lessons.lesson_06.runs import deep_run, near

LESSON = "06b_module.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_a_module_written_by_hand_finds_what_nns_finds(lesson):
    assert list(lesson.mini.found) == ["scale", "hidden"]
    assert [tuple(p.shape) for p in lesson.mini.parameters()] == [(1,), (256, 784), (256,)]

    class Lost(lesson.MiniModule):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(2, 2)]

    assert list(Lost().parameters()) == []
    assert list(lesson.PlainNet().parameters()) == []


def test_what_is_merely_assigned_and_what_lacks_init(lesson):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.mean = torch.ones(1)
            self.register_buffer("mask", torch.ones(1))
            self.scale = nn.Buffer(torch.ones(1))

    assert list(Net().state_dict()) == ["mask", "scale"]
    lesson.says("or `self.mean = nn.Buffer(mean)`. A plain tensor that you assign is not found.")

    class Bare(nn.Module):
        def __init__(self):
            self.fc = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"before Module\.__init__"):
        Bare()
    with pytest.raises(NotImplementedError, match="Oops"):
        lesson.Oops()(torch.ones(1))


def test_shared_layers(lesson, claim):
    assert len(list(lesson.three.parameters())) == 2 and len(lesson.three.state_dict()) == 6
    last_use, both, mean = lesson.gaps.values()
    claim("a layer used twice: gradient against the sum of both, relative", both, most=1e-5)
    assert min(last_use, mean) > 0.1


def test_half_way_between_start_and_end(lesson, claim):
    claim("start: accuracy", lesson.low, 0.02, 0.2)
    claim("after 100 steps: accuracy", lesson.high, 0.85, 0.95)
    claim("half-way: accuracy", lesson.middle, 0.75, 0.95)
    along = {share / 10: lesson.accuracy_at(share / 10) for share in range(-10, 31)}
    beyond = [accuracy for share, accuracy in along.items() if share > 0.45]
    claim("from half-way to three times the way: accuracy, most minus least", max(beyond) - min(beyond), 0, 0.06)
    claim("one full way before the start: accuracy", along[-1.0], 0, 0.1)
    for text, share in ((6, lesson.low), (91, lesson.middle), (91, lesson.high)):
        near(lesson, text, 100 * share, 1.5)
    lesson.says("on MNIST 91 %, from 6 % at the start")
    assert lesson.at_start["out.bias"].equal(lesson.net.out.bias), "functional_call leaves the module's own alone"
    assert lesson.code["functional"].index("the net's own") < lesson.code["functional"].index("net(X_try)")


def numbers(lesson, shift):
    """Length of what leaves each of 30 blocks with the skip and He's start."""
    torch.manual_seed(shift)
    model = lesson.deep(30, True)
    lesson.he(model)
    X, lengths = lesson.X_try, []
    with torch.no_grad():
        for part in model:
            X = part(X)
            if hasattr(part, "conv1"):
                lengths.append(X.norm().item())
    return lengths


def test_two_cures(lesson, shift, claim):
    huge = deep_run(lesson, shift, 30, True, lesson.he)
    claim("He, skip, 30 blocks: loss before training", huge[1], 1000, 1e6)
    claim("He, skip, 30 blocks: loss over 2.3, growth for each block", (huge[1] / 2.3) ** (1 / 30), 1.15, 1.5)
    growth = (numbers(lesson, shift)[-1] / numbers(lesson, shift)[0]) ** (1 / 29)
    claim("He, skip, 30 blocks: growth of the numbers for each block", growth, 1.25, 1.55)
    lesson.says("grow by a third or more from block to block")
    cures = {(skip, he): deep_run(lesson, shift, 20, skip, lesson.he if he else None)
             for skip in (False, True) for he in (False, True)}  # fmt: skip
    for skip, how in ((False, "no skip"), (True, "skip")):
        sizes = cures[skip, True][0]
        claim(f"He, {how}: first gradient over last", sizes[0] / sizes[-1], 1e-3, 1e3)
    claim("He, skip: loss before training", cures[True, True][1], 1, 1e9)
    claim("PyTorch's start, skip: loss before training", cures[True, False][1], 1, 10)
    one = [deep_run(lesson, shift, 30, *cure)[1] for cure in ((True, None), (False, lesson.he), (False, None))]
    claim("30 blocks, one cure or none: greatest loss before training", max(one), 2.2, 20)
    assert lesson.sizes["neither"][0] == 0
    level = [lesson.sizes["both"][i] / lesson.sizes["skip"][i] for i in (0, 15, 29)]
    claim("30 blocks, both: gradients over those with the skip alone, least", min(level), least=10_000)
    lesson.says("more than ten thousand times larger than with the skip alone")
    near(lesson, 0.05, sum(lesson.sizes["skip"]) / 30, 0.02)
    lesson.says("With the skip it stays level, near a twentieth.")
    lesson.says("Each cure alone keeps the gradient alive.")


def test_a_smaller_start(lesson, shift, claim):
    def linear(model):
        for part in model.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, nonlinearity="linear")

    loss = deep_run(lesson, shift, 30, True, linear)[1]
    claim("30 blocks, both, weights smaller by the root of 2: loss before training", loss, 2.4, 60)
    near(lesson, 3.5, loss, 0.2)
    lesson.says("On MNIST the loss is 3.5 instead of thousands; over five seeds 3.5 to 34.")


class Normed(nn.Module):
    """A residual block with BatchNorm."""

    def __init__(self, channels, skip):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.skip = skip

    def forward(self, X):
        out = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(X)))))
        return F.relu(out + X if self.skip else out)


def test_blocks_with_batchnorm(lesson, shift, claim, monkeypatch):
    monkeypatch.setattr(built, "Residual", Normed)  # which is what the task's edit does to `deep`
    for skip, limits, text, margin in ((False, (150, 2000), 200, 20), (True, (4, 25), 10, 5)):
        sizes, _ = deep_run(lesson, shift, 20, skip)
        claim(f"BatchNorm, skip={skip}: first gradient over last", sizes[0] / sizes[-1], *limits)
        near(lesson, text, sizes[0] / sizes[-1], margin)
    lesson.says("on MNIST two-hundredfold, with other seeds up to a thousandfold and more.")
    lesson.says("With the skip it grows about tenfold.")
