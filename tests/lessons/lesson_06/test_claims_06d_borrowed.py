"""What notebook 06d says of ResNet-18, freezing and hooks. The figures in its prose are those of MNIST."""

import copy

import pytest
from torch import nn
from torch.nn import functional as F

from tests.lessons.counted import operations
from tests.lessons.lesson_06.runs import near

LESSON = "06d_borrowed.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def a_step(model, lesson):
    F.cross_entropy(copy.deepcopy(model)(lesson.digits), lesson.labels).backward()


def test_resnet(lesson, claim):
    assert sum(p.numel() for p in lesson.whole.parameters()) == 11_181_642
    lesson.says("All 11 million parameters")
    assert sum(p.numel() for p in lesson.resnet.parameters() if p.requires_grad) == 5130
    whole, last = (operations(lambda m=m: a_step(m, lesson)) for m in (lesson.whole, lesson.resnet))
    claim("a step of ResNet-18: all trainable over only fc, operations", whole / last, 2.9, 3.1)
    assert lesson.changed_by_a_step(copy.deepcopy(lesson.resnet)) == ["fc"]
    last, fc, all_parts = lesson.part_counts["layer4"], lesson.part_counts["fc"], sum(lesson.part_counts.values())
    assert f"{(last + fc) / all_parts:.0%}" == "75%" and last / (last + fc) > 0.999
    lesson.says("`layer4` and `fc` have 75 % of all parameters, and nearly all of these are in `layer4`")
    assert "deprecated since 0.13" in lesson.advice


def test_an_attribute_freezes_nothing(lesson):
    layer = nn.Linear(2, 2)
    layer.requires_grad = False
    assert all(p.requires_grad for p in layer.parameters())
    lesson.says("`layer.requires_grad = False` sets an attribute that nobody reads, and freezes nothing.")


def test_a_stale_gradient_moves_frozen_parts(lesson):
    late = copy.deepcopy(lesson.resnet).requires_grad_(True)
    F.cross_entropy(late(lesson.digits), lesson.labels).backward()
    late.requires_grad_(False)
    late.fc.requires_grad_(True)
    assert len(lesson.changed_by_a_step(late)) == 7
    late.zero_grad()
    assert lesson.changed_by_a_step(late) == ["fc"]


def test_frozen_batchnorm_still_learns(lesson, claim):
    claim("frozen ResNet: change of its answers by one pass in train()", lesson.answers_changed, least=0.02)
    assert lesson.same_body
    assert set(lesson.passes["eval()"]) == {0.0}
    steps = lesson.passes["train()"]
    assert all(step > 0 for step in steps[1:])
    assert lesson.kinds == {"running_mean", "running_var", "num_batches_tracked"}


def test_hooks(lesson):
    assert lesson.seen == {} and len(lesson.calls) == 1
    assert len(lesson.resnet._forward_hooks) == len(lesson.trained.hidden._forward_hooks) == 0


def test_what_arrives_at_the_first_block(lesson, claim):
    claim("no skip: what arrives at the first block", lesson.arrived[False][0], most=1e-10)
    ratio = lesson.arrived[True][0] / lesson.arrived[True][-1]
    claim("skip: what arrives at the first block over the last", ratio, 0.1, 10)


def test_switching_neurons_off(lesson, claim):
    claim("half of the neurons off: accuracy lost", lesson.full - lesson.half, -0.02, 0.12)
    near(lesson, 88, 100 * lesson.half, 2)
    near(lesson, 91, 100 * lesson.full, 1.5)
    lesson.says("88 % of the answers are still right, against 91 %")
    below = next(count for count in range(0, 257, 8) if lesson.accuracy_without(count) < 0.8)
    claim("neurons switched off when the accuracy is first below 80 %", below, 136, 256)
    for off, text in ((216, 85), (224, 77), (256, 10)):
        near(lesson, text, 100 * lesson.accuracy_without(off), 2)
    claim("all neurons off: accuracy", lesson.accuracy_without(256), 0.05, 0.15)
    lesson.says("more than 200: with 216 off 85 % are right, with 224 off 77 %. With all off it is 10 %")


def test_the_hook_is_not_dropout(lesson):
    outputs = []
    reader = lesson.trained.out.register_forward_hook(lambda module, inputs, output: outputs.append(inputs[0]))
    lesson.accuracy_without(128)
    reader.remove()
    silent = (outputs[0] == 0).all(dim=0)
    assert silent[lesson.order[:128]].all(), "the same neurons for every image"
    lesson.says("the hook silences the same neurons for every image")
