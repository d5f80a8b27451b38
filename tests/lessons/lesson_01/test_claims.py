"""What lesson 01 says."""

import itertools

import pytest
import torch
from torch.nn import functional as F

from course_utils.lessons.lesson_01 import knobs
from course_utils.optimizers import OPTIMIZERS
from course_utils.plots import graph

LESSON = "01_autograd.ipynb"


def leaf(*numbers):
    return torch.tensor(numbers, requires_grad=True)


# 1 · Numbers that remember


def test_the_first_gradient(lesson, claim):
    x = leaf(1.0, 3.0)
    y = x.mean()
    assert x.grad is None and y.grad_fn.name() == "MeanBackward0"
    y.backward()
    assert x.grad.tolist() == [0.5, 0.5]
    claim("mean of two nudged by 0.1: rise per unit", lesson.rise / 0.1, 0.499, 0.501)
    lesson.says("`.grad [-6, -12]`")


def test_the_graph_grows_by_one_box_a_line(lesson):
    seen = []
    for lines in range(1, 8):
        made = {"torch": torch}
        exec("\n".join(lesson.program.splitlines()[:lines]), made)
        boxes = graph.recorded(**{name: t for name, t in made.items() if isinstance(t, torch.Tensor)})
        seen.append([box.lines for box in boxes if box.lines != ["None"]])
    assert [len(boxes) for boxes in seen] == [1, 2, 3, 4, 5, 6, 6]  # the first is grey
    assert all(boxes[0] == ["x [2]", "not recorded"] for boxes in seen)
    lesson.says("Grey is an input that is not recorded, such as `x`.")
    assert seen[6][1] == ["w [2]", "AccumulateGrad", ".grad [-6, -12]"] and seen[5][1][2] == ".grad None"


# 2 · Twice


def test_backward_adds_and_clearing_cuts_nothing(lesson, claim):
    x = leaf(1.0, 3.0)
    y = x.mean()
    y.backward()
    y.backward()
    claim("x.mean(), backward twice: each gradient", x.grad.mean().item(), 1, 1)
    y = x.mean()
    note = y.grad_fn
    x.grad = None
    assert y.grad_fn is note
    y.backward()
    claim("cleared between forward and backward: each gradient", x.grad.mean().item(), 0.5, 0.5)
    model = lesson.new_model()
    F.cross_entropy(model(lesson.X), lesson.y).backward()
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


# 3 · Forget to clear it


def test_forgetting_never_comes_to_rest(lesson, claim):
    claim("cleared: distance after 1,000 steps", lesson.distance(lesson.descend(0.1, steps=1000))[-1].item(), most=1e-5)
    claim(
        "not cleared: widest swing of the last 1,000 of 10,000 steps over that of the first",
        lesson.late / lesson.early,
        0.98,
        1.02,
    )
    for lr in (0.003, 0.03, 0.3, 0.9):
        swing = lesson.distance(lesson.descend(lr, clear=False, steps=2000))
        claim(f"not cleared, lr {lr}: widest swing of the last 500 steps", swing[-500:].max().item(), least=5, most=60)


def every_second_step(bowl, lr, steps=300):
    """`descend` as task 3 changes it."""
    w = leaf(-4.0, 2.0)
    for step in range(steps):
        if step % 2:
            w.grad = None
        bowl(w).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return (w.detach() - torch.tensor([2.0, -3.0])).norm().item()


def test_where_the_bowl_breaks(lesson, claim):
    def end(lr, clear, steps=300):
        return min(lesson.distance(lesson.descend(lr, clear, steps))[-1].item(), 1e30)

    claim("cleared, lr 0.49: distance after 300 steps", end(0.49, True), most=0.1)
    claim("cleared, lr 0.51: distance after 300 steps", end(0.51, True), least=1e3)
    claim("not cleared, lr 0.6: distance after 300 steps", end(0.6, False), most=30)
    claim("not cleared, lr 0.99: distance after 300 steps", end(0.99, False), most=300)
    claim("not cleared, lr 1.01: distance after 300 steps", end(1.01, False), least=1e3)
    claim("cleared, lr 0.6: distance after 100 steps", end(0.6, True, 100), least=1e3)
    claim("cleared every second step, lr 0.1: distance after 300 steps", every_second_step(lesson.bowl, 0.1), most=1e-4)
    claim("cleared every second step, lr 0.3: distance after 300 steps", every_second_step(lesson.bowl, 0.3), least=1e3)
    panel = knobs.bowl(lesson.descend)
    panel.controls["lr"].value = 1.5
    assert panel.sentence.endswith("out of range after 100 steps.")
    panel.controls["zero_grad"].value, panel.controls["lr"].value = True, 0.1
    assert panel.sentence.endswith("0.00016 from the bottom after 100 steps.")
    panel.close()


# 4 · On purpose


def test_parts_add_up_to_k_times_the_gradient(lesson, claim):
    claim("ten parts, not divided: times the batch's gradient", lesson.ratio, 9.9999, 10.0001)
    claim("ten parts, divided: largest difference", lesson.off, most=1e-6)
    claim("largest gradient", lesson.whole.abs().max().item(), least=0.01)
    assert len(lesson.whole) == 25450
    for k in (2, 4, 5, 8, 10, 20, 25):
        off = (lesson.accumulate(lesson.model, k) - lesson.whole).norm() / lesson.whole.norm()
        claim("equal parts, k = 2 … 25: relative difference", off.item(), most=1e-6)
    off = (lesson.accumulate(lesson.model, 11) - lesson.whole).norm() / lesson.whole.norm()
    claim("11 parts: relative difference", off.item(), least=1e-4, most=0.1)


def test_memory_falls_with_the_parts(lesson, claim):
    whole, tenth = (knobs.kept(lesson.model, lambda k=k: lesson.accumulate(lesson.model, k)) for k in (1, 10))
    claim("memory for backward, k = 10 over k = 1", tenth / whole, 0.099, 0.101)
    # The hidden layer, the scores, the sum of the weights; and the loss's own division by k keeps nothing.
    assert whole == 1000 * (32 + 10) * 4 + 4


# 5 · The loop


def test_training_in_parts_is_training(lesson, claim):
    claim("100 updates, 1 × 256 against 4 × 64: largest difference of the losses", lesson.apart, most=1e-4)
    lesson.says("Both runs give the same losses, up to rounding.")
    claim("100 updates: loss at the end over the start", lesson.one[-1] / lesson.one[0], most=0.5)


def test_the_best_optimizer_depends_on_the_rate(mnist, lesson, claim):
    for lr, best, most in ((0.1, {"Adagrad"}, 0.36), (0.003, {"RMSprop", "Adam"}, 0.4)):
        last = {name: sum(lesson.train_in_parts(1, name, lr)[-10:]) / 10 for name in OPTIMIZERS}
        for name in best:
            claim(f"lr {lr}, {name}: mean loss of the last 10 of 100 updates", last[name], most=most)
        assert min(last, key=last.get) in best
        claim(
            f"lr {lr}, SGD: mean loss of the last 10 of 100 updates",
            last["SGD"],
            *((0.55, 0.75) if lr == 0.1 else (2.2, 2.3)),
        )


def test_the_forgotten_line_in_the_loop(lesson, claim):
    cleared = lesson.train_in_parts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.optim.SGD, "zero_grad", lambda self: None)
        swinging = lesson.train_in_parts()
    claim("no zero_grad: least loss of 100 updates over that at the start", min(swinging) / swinging[0], most=0.5)
    rises = {}  # of the mean of five losses, after the first fall: what swings goes up again and again
    for name, losses in {"cleared": cleared, "no zero_grad": swinging}.items():
        means = [sum(losses[at : at + 5]) / 5 for at in range(20, 100, 5)]
        rises[name] = sum(max(0, after - before) for before, after in itertools.pairwise(means))
    claim("no zero_grad: all rises of the loss in updates 20 to 100", rises["no zero_grad"], least=0.4)
    claim("cleared: all rises of the loss in updates 20 to 100", rises["cleared"], most=0.15)
