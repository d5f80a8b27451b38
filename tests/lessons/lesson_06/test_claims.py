"""What lesson 06 says. The figures in its prose are those of MNIST."""

import math

import pytest
import torch
from torch import nn

from course_utils import exercises
from course_utils.lessons.lesson_06 import knobs
from tests.lessons.lesson_06.runs import deep_run, near

LESSON = "06_ways_to_build.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_the_opening(lesson, shift, claim):
    X, y = knobs.embedded(64)
    ratios = {}
    for skip in (False, True):
        torch.manual_seed(shift)
        sizes = lesson.gradient_sizes(lesson.deep(20, skip), X, y)
        ratios[skip] = sizes[0] / sizes[-1]
    claim("the opening's digits, 20 blocks, no skip: first gradient over last", ratios[False], 1e-18, 1e-14)
    claim("the opening's digits, 20 blocks, skip: first gradient over last", ratios[True], 0.1, 10)
    lesson.says("by about 16 powers of ten at depth 20")


def test_at_thirty_blocks_it_is_the_norm_that_reads_zero(lesson, shift, claim):
    torch.manual_seed(shift)
    model = lesson.deep(30, False)
    sizes = lesson.gradient_sizes(model, lesson.X_try, lesson.y_try)
    first = next(part for part in model if hasattr(part, "conv1")).conv1.weight.grad
    claim("30 blocks, no skip: first gradient, read", sizes[0], 0, 0)
    claim("30 blocks, no skip: first gradient in double precision", first.double().norm().item(), 1e-32, 1e-23)
    lesson.says("At 30 we read zero: `norm` squares")


def test_how_much_a_convolution_with_a_relu_lets_through(seed, claim, prose):
    torch.manual_seed(seed)
    convolution = nn.Conv2d(64, 64, 3, padding=1, padding_mode="circular")  # without edges
    X = torch.randn(16, 64, 16, 16, requires_grad=True)
    out = convolution(X).relu()
    arriving = torch.randn_like(out)
    out.backward(arriving)
    claim(
        "a convolution with a ReLU: share of a gradient it lets through",
        (X.grad.norm() / arriving.norm()).item(),
        0.39,
        0.43,
    )
    claim("a convolution with a ReLU: share of the images it lets through", (out.norm() / X.norm()).item(), 0.39, 0.43)
    assert r"about $\sqrt{1/6} = 0.41$ of a gradient, and two let through a sixth" in prose


def test_the_border_takes_its_share(lesson, shift, claim):
    factors = []
    for padding in ("zeros", "circular"):  # circular: a map goes on at its other side, so that there is no border
        torch.manual_seed(shift)
        model = lesson.deep(20, False)
        for part in model.modules():
            if isinstance(part, lesson.Residual):
                part.conv1.padding_mode = part.conv2.padding_mode = padding
        sizes = lesson.gradient_sizes(model, lesson.X_try, lesson.y_try)
        factors.append((sizes[-1] / sizes[0]) ** (1 / 19))
    claim("no skip, no border: factor from block to block", factors[1], 5, 7)
    claim("no skip: share of the factor that the border makes", factors[0] / factors[1], 1.02, 1.4)
    lesson.says("What falls on the border of zeros is lost, too, hence more than 6.")


def test_five_ways_to_write_one_network(lesson):
    assert lesson.equal == [True] * 4 and len(lesson.nets) == 4
    outputs = [model(lesson.X_try) for model in lesson.nets] + [lesson.network(lesson.X_try, *lesson.tensors)]
    assert all(logits.equal(outputs[0]) for logits in outputs)
    names = [next(iter(dict(model.named_parameters()))) for model in lesson.nets]
    assert names == ["hidden.weight", "1.weight", "layers.0.weight", "parts.hidden.weight"]
    lesson.says("Only the names differ")


# n, least and most accuracy with a list, least and most that the list costs
TOWERS = (
    (1, (0.8, 0.95), (-0.03, 0.06)),
    (3, (0.65, 0.85), (0.0, 0.18)),
    (5, (0.2, 0.8), (0.0, 0.65)),
    (8, (0.05, 0.15), (0.3, 0.75)),
)


def test_what_a_list_loses(lesson, claim):
    tower, lost = lesson.Tower(), lesson.Tower(kind=list)
    sizes = [sum(p.numel() for p in model.parameters()) for model in (tower, lost)]
    assert sizes == [100_480 + 3 * 16_512 + 1290, 100_480 + 1290]
    assert [name.split(".")[0] for name in lost.state_dict()] == ["first", "first", "out", "out"]
    assert (lesson.tower.first.weight.dtype, lesson.tower.middle[0].weight.dtype) == (torch.float64, torch.float32)
    assert lesson.stuck[1:-1] == [0, 0, 0] and min(lesson.moved) > 0.01 and lesson.stuck[0] > 0.01
    near(lesson, 79, 100 * lesson.wrong, 2)
    near(lesson, 84, 100 * lesson.right, 2)
    lesson.says("On MNIST 79 % against 84 %")
    for n, *bounds in TOWERS:
        both = [lesson.train_tower(n, kind)[0] for kind in (nn.ModuleList, list)]
        claim(f"Tower with {n} middle layers and a list: accuracy", both[1], *bounds[0])
        claim(f"Tower with {n} middle layers: accuracy that the list costs", both[0] - both[1], *bounds[1])
        if n == 5:
            near(lesson, 42, 100 * both[1], 5)
            near(lesson, 72, 100 * both[0], 5)
    lesson.says("At 5: on MNIST 42 % against 72 %; over five seeds the list gets 31 to 68 %. At 8 it is at chance")


def test_one_layer_in_three_places(lesson):
    assert sum(p.numel() for p in lesson.three.parameters()) == 128 * 128 + 128 == 16_512


def test_the_skip(lesson, shift, claim):
    plain, skip = (deep_run(lesson, shift, skip=skip)[0] for skip in (False, True))
    claim("20 blocks, no skip: first gradient over last", plain[0] / plain[-1], 1e-18, 1e-14)
    claim("20 blocks, skip: first gradient over last", skip[0] / skip[-1], 0.1, 10)
    claim("no skip: factor from block to block", (plain[-1] / plain[0]) ** (1 / 19), 5.5, 8.5)
    near(lesson, 7, lesson.factor, 1)
    lesson.says("About 7. Divided by 7 nineteen times, a gradient is $10^{-16}$ of what it was.")
    lesson.says("Those are the four characters: ` + X`, with both spaces.")
    assert lesson.code["residual"].count(" + X") == 1
    by_depth = {n: deep_run(lesson, shift, depth=n, skip=False)[0] for n in range(2, 31)}
    least = next(n for n, sizes in by_depth.items() if sizes[0] < 1e-3 * sizes[-1])
    claim("no skip: least depth with a ratio below a thousandth", least, 5, 8)
    near(lesson, 6, least, 0)
    lesson.says("1. At six blocks on MNIST, with other seeds six or seven.")
    assert by_depth[30][0] == 0
    counts = [sum(p.numel() for p in lesson.deep(skip=skip).parameters()) for skip in (False, True)]
    assert counts[0] == counts[1]


def test_half_a_skip(lesson, shift, claim):
    class Half(lesson.Residual):
        def forward(self, X):
            return torch.relu(self.conv2(torch.relu(self.conv1(X))) + 0.5 * X)

    torch.manual_seed(shift)
    ends = lesson.deep(depth=0)
    model = nn.Sequential(*ends[:3], *(Half(8) for _ in range(20)), *ends[3:])
    sizes = lesson.gradient_sizes(model, lesson.X_try, lesson.y_try)
    claim("20 blocks, half a skip: first gradient over last", sizes[0] / sizes[-1], 1e-8, 1e-2)
    lesson.says("It shrinks again, if more slowly")


def test_training_twenty_blocks(lesson, claim):
    claim("20 blocks, skip: mean loss of steps 41 to 60", lesson.ends[True], most=1.2)
    claim("20 blocks, no skip: mean loss of steps 41 to 60", lesson.ends[False], 2.25, 2.35)
    claim("20 blocks, no skip: deviation of a logit over 64 images", lesson.spread, most=1e-7)
    lesson.says("The ten logits are the same for all 64 images, up to rounding.")
    assert len(lesson.losses[True]) == 60 and abs(math.log(10) - 2.3) < 0.01


def test_the_answers_to_the_exercises(lesson):
    pair = nn.ModuleList([nn.Linear(6, 4), nn.Linear(4, 4)])
    asked = lesson.Residual(16), pair, nn.Sequential(*[nn.Linear(10, 10)] * 5)
    counts = [sum(p.numel() for p in model.parameters()) for model in asked]
    assert counts == exercises.find("06-1").right.program()
