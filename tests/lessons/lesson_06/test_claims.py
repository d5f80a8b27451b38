"""What lesson 06 says. The figures in its prose are those of MNIST; those of section 9 need no download."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import data, exercises
from course_utils.training import evaluate, train_epoch

LESSON = "06_ways_to_build.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def near(lesson, text, value, margin):
    """On the notebook's own seeds `value` is what the prose says, give or take `margin`; another processor rounds."""
    if lesson.own:
        assert value == pytest.approx(text, abs=margin)


def test_five_ways_to_write_one_network(lesson):
    assert lesson.everywhere and len(lesson.nets) == 4
    outputs = [model(lesson.X_try) for model in lesson.nets] + [lesson.network(lesson.X_try, *lesson.mine)]
    assert all(logits.equal(outputs[0]) for logits in outputs)
    names = [next(iter(dict(model.named_parameters()))) for model in lesson.nets]
    assert names == ["hidden.weight", "1.weight", "layers.0.weight", "parts.hidden.weight"]
    lesson.says("`hidden.weight`, `1.weight`, `layers.0.weight`, `parts.hidden.weight`")


def spread(lesson):
    beyond = [accuracy for share, accuracy in zip(lesson.shares, lesson.along, strict=True) if share > 0.45]
    return max(beyond) - min(beyond)


def test_half_way_between_start_and_end(lesson, claim):
    claim("start: accuracy", lesson.low, 0.02, 0.2)
    claim("after 100 steps: accuracy", lesson.high, 0.85, 0.95)
    claim("half-way: accuracy", lesson.middle, 0.75, 0.95)
    claim("share of the way with the highest accuracy", lesson.best, 0.5, 3.0)
    claim("from half-way to three times the way: accuracy, most minus least", spread(lesson), 0, 0.06)
    claim("one full way before the start: accuracy", lesson.along[0], 0, 0.1)
    for text, share in ((6, lesson.low), (91, lesson.middle), (91, lesson.high)):
        near(lesson, text, 100 * share, 1.5)
    lesson.says("on MNIST 91 % half-way as at the end, from 6 % at the start")
    assert lesson.at_start["out.bias"].equal(lesson.net.out.bias), "functional_call leaves the module's own alone"


def test_a_module_written_by_hand_finds_what_nns_finds(lesson):
    assert list(lesson.mini.found) == ["scale", "hidden"]
    assert [tuple(p.shape) for p in lesson.mini.parameters()] == [(1,), (256, 784), (256,)]

    class Lost(lesson.MiniModule):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(2, 2)]

    assert list(Lost().parameters()) == []
    assert list(lesson.PlainNet().parameters()) == []


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
    (right, moved), (wrong, stuck) = lesson.towers(3, nn.ModuleList), lesson.towers(3, list)
    assert stuck[1:-1] == [0, 0, 0] and min(moved) > 0.01 and stuck[0] > 0.01
    near(lesson, 79, 100 * wrong, 2)
    near(lesson, 84, 100 * right, 2)
    lesson.says("On MNIST 79 % against 84 %")
    for n, *bounds in TOWERS:
        both = lesson.towers(n, nn.ModuleList)[0], lesson.towers(n, list)[0]
        claim(f"Tower with {n} middle layers and a list: accuracy", both[1], *bounds[0])
        claim(f"Tower with {n} middle layers: accuracy that the list costs", both[0] - both[1], *bounds[1])
    near(lesson, 42, 100 * lesson.towers(5, list)[0], 5)
    near(lesson, 72, 100 * lesson.towers(5, nn.ModuleList)[0], 5)
    lesson.says("At 5 it is well behind: on MNIST 42 % against 72 % (31 to 68 % for the list, over five seeds)")


def test_shared_layers(lesson, claim):
    assert sum(p.numel() for p in lesson.three.parameters()) == 128 * 128 + 128 == 16_512
    assert len(lesson.three.state_dict()) == 6
    last_use, both, mean = lesson.gaps.values()
    claim("a layer used twice: gradient against the sum of both, relative", both, most=1e-5)
    assert min(last_use, mean) > 0.1


def sizes_of(lesson, skip, start="PyTorch's", depth=20):
    return lesson.deep_sizes(depth, skip, start)[0]


def test_the_skip(lesson, claim):
    plain, skip = sizes_of(lesson, False), sizes_of(lesson, True)
    claim("20 blocks, no skip: first gradient over last", plain[0] / plain[-1], 1e-18, 1e-14)
    claim("20 blocks, skip: first gradient over last", skip[0] / skip[-1], 0.1, 10)
    factor = (plain[-1] / plain[0]) ** (1 / 19)
    claim("no skip: factor from block to block", factor, 5.5, 8.5)
    near(lesson, 7, lesson.factor, 1)
    lesson.says("About 7; and nineteen times divided by 7, a gradient is $10^{-16}$ of what it was.")
    lesson.says("Those are the four characters: ` + X`, with both spaces.")
    depths = [
        n for n in range(2, 31) if sizes_of(lesson, False, depth=n)[0] < 1e-3 * sizes_of(lesson, False, depth=n)[-1]
    ]
    claim("no skip: least depth with a ratio below a thousandth", depths[0], 5, 8)
    near(lesson, 6, depths[0], 0)
    lesson.says("1. Six blocks on MNIST (with other seeds six or seven).")
    assert sizes_of(lesson, False, depth=30)[0] == 0
    huge = lesson.deep_sizes(30, True, "He")
    claim("He, skip, 30 blocks: loss before training", huge[1], 1000, 1e6)
    claim("He, skip, 30 blocks: loss over 2.3, growth for each block", (huge[1] / 2.3) ** (1 / 30), 1.15, 1.5)
    lesson.says("the numbers grow by a quarter or a third from block to block")
    counts = [sum(p.numel() for p in lesson.deep(skip=skip).parameters()) for skip in (False, True)]
    assert counts[0] == counts[1]
    both = [sizes_of(lesson, skip, "He") for skip in (False, True)]
    claim("He, no skip: first gradient over last", both[0][0] / both[0][-1], 1e-3, 1e3)
    claim("He, skip: first gradient over last", both[1][0] / both[1][-1], 1e-3, 1e3)
    claim("He, skip: loss before training", lesson.deep_sizes(20, True, "He")[1], 1, 1e9)
    claim("PyTorch's start, skip: loss before training", lesson.deep_sizes(20, True, "PyTorch's")[1], 1, 10)


def test_training_twenty_blocks(lesson, claim):
    claim("20 blocks, skip: mean loss of steps 41 to 60", lesson.end_with, most=1.2)
    claim("20 blocks, no skip: mean loss of steps 41 to 60", lesson.end_without, 2.25, 2.35)
    claim("20 blocks, no skip: deviation of a logit over 64 images", lesson.logit_spread, most=1e-7)
    lesson.says("the ten logits are the same for all 64 images, but for rounding")
    assert abs(math.log(10) - 2.3) < 0.01


def test_the_rnn_by_hand(lesson, claim):
    claim("RNN by hand against nn.RNN, largest difference", lesson.rnn_gap, most=1e-5)


def test_the_reader_needs_batch_first(lesson, claim):
    claim("Reader, batch_first=True: accuracy", lesson.remembers, 0.7, 0.93)
    claim("Reader without: accuracy", lesson.forgets, 0.0, 0.2)
    near(lesson, 87, 100 * lesson.remembers, 4)
    lesson.says("On MNIST 87 % right (75 to 87 over five seeds) against one in ten.")


def test_a_batch_read_as_time(lesson, claim):
    for replaced in range(8):
        as_heard, mended = (lesson.who_changes(lesson.readers[m], replaced) for m in (False, True))
        assert [change > 0 for change in as_heard] == [i >= replaced for i in range(8)]
        assert [change > 0 for change in mended] == [i == replaced for i in range(8)]
    right = [(lesson.answers(model, lesson.X_held) == lesson.y_held).float().mean() for model in lesson.pair.values()]
    claim("batch as time: accuracy", right[0], 0.8, 1)
    claim("mended: accuracy minus that of the batch as time", right[1] - right[0], -0.03, 0.05)
    claim("batch as time: answers that depend on the order", lesson.depends["as heard"], 0.015, 0.08)
    assert lesson.depends["mended"] == 0
    lesson.says("three to six of a hundred answers, depending on the seed")


def test_resnet(lesson, claim):
    assert sum(p.numel() for p in lesson.whole.parameters()) == 11_181_642
    assert sum(p.numel() for p in lesson.resnet.parameters() if p.requires_grad) == 5130
    claim("a step of ResNet-18: all trainable over only fc, time", lesson.costs[0] / lesson.costs[1], least=1.3)
    assert lesson.changed_by_a_step(copy.deepcopy(lesson.resnet)) == ["fc"]
    assert abs(lesson.part_counts["layer4"] / lesson.part_total - 0.75) < 0.01
    lesson.says("`layer4` alone has three quarters of all parameters")
    assert "deprecated since 0.13" in lesson.advice


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


def test_hooks(lesson):
    assert lesson.seen == {} and len(lesson.calls) == 1
    assert len(lesson.net._forward_hooks) == len(lesson.trained.hidden._forward_hooks) == 0


def test_what_arrives_at_the_first_block(lesson, claim):
    claim("no skip: what arrives at the first block", lesson.arrived[False][0], most=1e-10)
    ratio = lesson.arrived[True][0] / lesson.arrived[True][-1]
    claim("skip: what arrives at the first block over the last", ratio, 0.1, 10)


def test_switching_neurons_off(lesson, claim):
    claim("half of the neurons off: accuracy lost", lesson.full - lesson.half, -0.02, 0.12)
    near(lesson, 88, 100 * lesson.half, 2)
    near(lesson, 91, 100 * lesson.full, 1.5)
    lesson.says("88 % of the answers are still right, against 91 %")


def test_loading_by_names(lesson, claim):
    claim("strict=False, nothing loaded: accuracy", lesson.untrained, 0.02, 0.2)
    assert lesson.held_accuracy(lesson.twin) == lesson.held_accuracy(lesson.trained)
    assert lesson.follows


def test_a_checkpoint_resumes_to_the_last_bit(lesson, claim):
    assert lesson.first_half + lesson.second_half == lesson.all_losses
    pairs = zip(lesson.straight.parameters(), lesson.resumed.parameters(), strict=True)
    assert all(torch.equal(p, q) for p, q in pairs)
    claim("without Adam's state: mean loss of the next epoch over that of the full checkpoint",
          lesson.mean_without / lesson.mean, least=1.1)  # fmt: skip
    near(lesson, 0.45, lesson.mean_without, 0.03)
    near(lesson, 0.37, lesson.mean, 0.03)
    lesson.says("a mean loss of about 0.45 instead of 0.37 over the next ten steps")
    other = lesson.resume("random numbers")[1]
    claim("without the random numbers: mean loss of the rest over that of the full checkpoint",
          sum(other) / sum(lesson.second_half), 0.8, 1.25)  # fmt: skip


def test_the_table(lesson, claim):
    claim("diabetes: validation R² after 20 epochs", lesson.r2(lesson.table_net, lesson.valid_set), 0.2, 0.7)
    bounds = [(0.2, 0.7), (-0.5, 0.5), (0, 0.4), (-4, -1)]
    for (name, score), limits in zip(lesson.scores.items(), bounds, strict=True):
        claim(f"diabetes, standardised: {name}, validation R²", score, *limits)
    claim(
        "diabetes: epoch of the lowest validation loss", lesson.valid_losses.index(min(lesson.valid_losses)) + 1, 2, 60
    )
    claim(
        "diabetes: validation loss after 100 epochs over the lowest",
        lesson.valid_losses[-1] / min(lesson.valid_losses),
        1.15,
        3,
    )
    claim("diabetes: training loss after 100 epochs", lesson.long_losses["train"][-1], 0.02, 0.2)
    near(lesson, 1.45, lesson.valid_losses[-1] / min(lesson.valid_losses), 0.1)
    if lesson.own:
        assert lesson.long_losses["train"][-1] < 0.1
        kept = {patience: lesson.stops_after(lesson.valid_losses, patience)[1] for patience in range(1, 41)}
        assert [kept[patience] for patience in (1, 2, 3)] == [10] * 3
        assert {kept[patience] for patience in range(4, 41)} == {15}
        near(lesson, 0.002, lesson.valid_losses[9] - lesson.valid_losses[14], 0.001)
    lesson.says("1, 2 or 3 stops at a hiccup after epoch 10; from 4 on epoch 15 is kept")
    claim("diabetes: test R² after early stopping", lesson.test_r2, 0.2, 0.7)
    valid = lesson.r2(lesson.early_net, lesson.valid_set)
    claim("diabetes: validation R² after early stopping", valid, 0.2, 0.7)
    near(lesson, 0.59, lesson.test_r2, 0.03)
    near(lesson, 0.47, valid, 0.03)
    lesson.says("the test R² is 0.59, higher than the validation R² of 0.47")


def first_below(lesson, lr, target=0.5, epochs=20):
    """The epoch, from 1, after which the table's validation loss is first below `target`; None for none."""
    torch.manual_seed(0)
    model, loss_fn = lesson.TableNet(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loader = lesson.DataLoader(lesson.train_set, batch_size=32, shuffle=True)
    for epoch in range(1, epochs + 1):
        train_epoch(model, loader, optimizer, loss_fn)
        if evaluate(model, lesson.valid_set, loss_fn=loss_fn)[0] < target:
            return epoch
    return None


def test_learning_rates_for_the_table(lesson):
    lesson.says("0.01 is below 0.5 after 2 epochs, where 0.001 takes 7. 0.0001 does not get there in 20; 1 never does.")
    if lesson.own:
        assert [first_below(lesson, lr) for lr in (0.01, 0.001, 0.0001, 1.0)] == [2, 7, None, None]


def test_tabular_gives_the_same_law(claim, lesson):
    train, test = data.tabular()
    torch.manual_seed(0)
    model = lesson.TableNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(20):
        train_epoch(model, data.batches(train, 32, shuffle=True), optimizer)
    loss, _ = evaluate(model, test)
    claim("tabular(): test R² after 20 epochs", 1 - loss / test.y.var(correction=0).item(), 0.2, 0.7)


class Normed(nn.Module):
    """A residual block with BatchNorm: exercise 7."""

    def __init__(self, channels, skip):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.skip = skip

    def forward(self, X):
        out = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(X)))))
        return F.relu(out + X if self.skip else out)


def larger_named(lesson, model):
    """The share of the 500 held-out pairs whose larger digit the model names: exercise 8."""
    answers = lesson.answers(model, lesson.X_held.view(500, 2, 1, 28, 28))
    return (answers == lesson.y_held.view(500, 2).max(dim=1).values).float().mean()


def test_the_answers_to_the_exercises(lesson, shift, claim):
    asked = lesson.Residual(16), nn.RNN(6, 4), nn.Sequential(*[nn.Linear(10, 10)] * 5)
    counts = [sum(p.numel() for p in model.parameters()) for model in asked]
    assert counts == exercises.find("06-1").right.program()
    for skip, limits in ((False, (200, 1200)), (True, (4, 25))):
        torch.manual_seed(shift)
        ends = lesson.deep(depth=0)
        model = nn.Sequential(*ends[:3], *(Normed(8, skip) for _ in range(20)), *ends[3:])
        F.cross_entropy(model(lesson.X_try), lesson.y_try).backward()
        first, last = (model[i].conv1.weight.grad.norm().item() for i in (3, 22))
        claim(f"exercise 7: BatchNorm, skip={skip}: first gradient over last", first / last, *limits)

    torch.manual_seed(shift)
    model = lesson.Reader()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    for step in range(200):
        if step == 50:
            claim("exercise 8: accuracy after 50 steps", larger_named(lesson, model), 0.4, 0.7)
        chosen = torch.randint(len(lesson.some), (32, 2))
        loss = F.cross_entropy(model(lesson.X_some[chosen]), lesson.y_some[chosen].max(dim=1).values)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    claim("exercise 8: accuracy after 200 steps", larger_named(lesson, model), 0.76, 0.9)
