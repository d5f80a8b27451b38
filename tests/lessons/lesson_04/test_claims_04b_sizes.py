"""What lesson 04 says of sizes, of pooling, and of the loop that it imports."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils.data import batches
from course_utils.training import evaluate, train_epoch

LESSON = "04_cnn.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_the_formula_is_pytorchs(lesson):
    assert (lesson.agree, lesson.refused > 0) == (360, True)
    lesson.says("All 360.")
    assert (lesson.out_size(28, 3), lesson.out_size(28, 3, s=2), lesson.out_size(28, 3, p=1)) == (26, 13, 28)
    lesson.says("26 as before, 13 with stride 2, and with padding 1 the image's 28.")
    lesson.says("half of $k - 1$ on each side")
    for k in (3, 5, 7):
        assert lesson.out_size(20, k, p=(k - 1) // 2) == 20
    assert all(lesson.out_size(n, 3, d=2) == lesson.out_size(n, 5) for n in range(5, 40))
    for n in range(4, 12):
        last = 2 * (lesson.out_size(n, 3, s=2) - 1) + 2  # the last pixel that a window touches
        assert (last < n - 1) == (n % 2 == 0)


def test_pooling_leaves_most_of_the_change(lesson, claim):
    assert lesson.max_pool(lesson.result).equal(F.max_pool2d(lesson.result[None], 2)[0])
    claim("moved by 1 pixel: change of the pixels", lesson.pixels, 0.55, 0.59)
    claim("moved by 1 pixel: change after max pooling 2×2", lesson.pooled, 0.43, 0.47)
    wide = lesson.change(F.max_pool2d(lesson.images, 7), F.max_pool2d(lesson.moved, 7))
    claim("the same with 7×7, as a share of the pixels' change", wide / lesson.pixels, 0.4, 0.6)
    lesson.says("on MNIST 45 % instead of 57 %")
    if lesson.own:
        lesson.says(f"With `size` 7 the 1,000 digits change by {100 * wide:.0f} % instead of 57 %")


def test_the_imported_loop_is_the_one_written_by_hand(lesson):
    assert lesson.same
    nets = [lesson.cnn() for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    seen = [
        epoch(net, batches(lesson.some, 48), torch.optim.SGD(net.parameters(), lr=0.1), nn.CrossEntropyLoss())
        for epoch, net in zip((lesson.by_hand, train_epoch), nets, strict=True)
    ]
    assert seen[0] == seen[1]
    assert all(a.equal(b) for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True))

    modes = []
    nets[0].register_forward_hook(lambda net, inputs, logits: modes.append((net.training, logits.requires_grad)))
    for mode in (True, False):
        evaluate(nets[0].train(mode), lesson.some)
        assert nets[0].training is mode
    assert set(modes) == {(False, False)}
    lesson.says("takes steps 1 and 2 only, in `eval()` and without gradients, and puts the mode back")


def test_the_mean_of_batch_means_is_another_number(lesson):
    assert torch.stack([part.mean() for part in lesson.parts]).mean() == 0.75
    assert round(lesson.correct.float().mean().item(), 2) == 0.96
    assert (10_000 % 32, 32 / 4) == (16, 8)
