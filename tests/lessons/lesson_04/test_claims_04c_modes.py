"""What lesson 04 says of `train()` and `eval()`."""

import copy

import pytest
import torch
from torch import nn

LESSON = "04_cnn.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_dropout_keeps_the_mean(lesson, claim):
    torch.manual_seed(1)
    for p in (0.1, 0.5, 0.9):
        dropped = nn.Dropout(p)(torch.ones(100_000))
        claim(f"Dropout({p}) on ones: mean", dropped.mean(), 0.95, 1.05)
        assert torch.allclose(dropped[dropped != 0], torch.tensor(1 / (1 - p)))
    assert set(lesson.dropped.tolist()) <= {0.0, 2.0} and lesson.dropped.max() == 2
    assert nn.Dropout(0.5).eval()(lesson.ones).equal(lesson.ones)


def test_batchnorm_by_its_formula(lesson, claim):
    x, bn = lesson.x, nn.BatchNorm1d(1)
    by_formula = (x - x.mean()) / (x.var(correction=0) + bn.eps).sqrt() * bn.weight + bn.bias
    claim("BatchNorm by the formula, largest difference", (bn.train()(x) - by_formula).abs().max().item(), most=1e-5)
    for _ in range(2):
        bn(x)
    claim("running mean after three calls, over the batch's", bn.running_mean.item() / x.mean().item(), 0.27, 0.272)
    lesson.says("after three calls it has come $1 - 0.9^3 = 27$ % of the way")
    claim("root of the running variance after three calls", bn.running_var.item() ** 0.5, 1.3, 1.45)
    lesson.says("`eval()` divides by about 1.4 instead of 2")
    assert 0.9**100 < 1e-4  # of the way is left after a hundred equal batches
    lesson.says("After a hundred batches *like this one* next to nothing is missing.")
    maps = 3 + 2 * torch.randn(4, 2, 5, 5)
    of_all = (maps - maps.mean((0, 2, 3), keepdim=True)) / maps.std((0, 2, 3), correction=0, keepdim=True)
    assert torch.allclose(nn.BatchNorm2d(2)(maps), of_all, atol=1e-4)
    lesson.says("(of feature maps, over all pixels of all images)")


def test_what_the_modes_change(lesson):
    assert lesson.changes("train()") == (["buffers"], False)
    assert lesson.changes("eval()") == ([], True)
    assert nn.Dropout().training and nn.BatchNorm1d(1).training
    lesson.says("A new layer starts in `train()`.")
    seen = lesson.small[1].num_batches_tracked
    assert seen == 3 * 40  # three epochs, and none of the tests since
    tested = copy.deepcopy(lesson.small).eval()
    tested(lesson.test.images[:2])
    assert tested[1].num_batches_tracked == seen
    lesson.says("`num_batches_tracked` counts the batches in `train()`.")


def test_what_forgetting_eval_costs(lesson, claim):
    cost = lesson.cost
    assert cost["mixed", "eval()"] == cost["sorted", "eval()"]
    claim("eval(): accuracy of the small net", cost["mixed", "eval()"], 0.86, 0.93)
    claim("train() on mixed batches: accuracy", cost["mixed", "train()"], 0.7, 0.82)
    claim("train() on sorted batches: accuracy", cost["sorted", "train()"], 0.15, 0.35)
    if lesson.own:
        shown = [
            f"{100 * cost[key]:.0f} %" for key in (("mixed", "eval()"), ("mixed", "train()"), ("sorted", "train()"))
        ]
        lesson.says("accuracy falls from {} to about {} with mixed batches".format(*shown))
        lesson.says(f"and to {shown[2]} with sorted ones")
        lesson.says(f"(with that off, {100 * lesson.alone:.0f} % are left)")
    lost = cost["mixed", "eval()"] - cost["mixed", "train()"]
    dropouts = lesson.alone - cost["mixed", "train()"]
    claim("of what train() costs on mixed batches: Dropout's share", dropouts / lost, least=0.6)


def test_running_averages_are_not_the_whole_sets(lesson, claim):
    difference = (lesson.small[1].running_mean - lesson.whole).abs().max() / lesson.maps.std()
    claim("running mean against the whole set's: largest difference, in deviations", difference, 0.02, 0.3)
    claim("deviation after BatchNorm in eval()", lesson.normed.std(), 0.8, 1.2)
    claim("deviation before it", lesson.maps.std(), 0.1, 0.6)


def test_what_takes_single_examples(lesson):
    assert nn.Conv2d(1, 32, 3)(lesson.single).shape == (32, 26, 26)
    for layer, X in lesson.attempts:
        with pytest.raises((ValueError, RuntimeError)):
            layer(X)
    assert nn.BatchNorm1d(3).eval()(torch.ones(1, 3)).shape == (1, 3)
    assert nn.BatchNorm2d(1).train()(lesson.single[None]).shape == (1, 1, 28, 28)
    with pytest.raises(RuntimeError):
        lesson.cnn()(lesson.single)
