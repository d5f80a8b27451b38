"""What lesson 01 says."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

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
        exec("\n".join(lesson.program[:lines]), made)
        tensors = {name: t for name, t in made.items() if isinstance(t, torch.Tensor)}
        boxes = lesson.graph.recorded(**tensors)
        seen.append([box.lines for box in boxes if box.lines != ["None"]])
    assert [len(boxes) for boxes in seen] == [1, 2, 3, 4, 5, 6, 6]
    assert seen[6][1] == ["w [2]", "AccumulateGrad", ".grad [-6, -12]"] and seen[5][1][2] == ".grad None"


def test_only_leaves_keep_their_gradient(lesson):
    assert lesson.having == ["w"]
    w = leaf(1.0)
    p = w * 2
    p.retain_grad()
    (p * 3).sum().backward()
    assert p.grad.item() == 3
    with pytest.warns(UserWarning, match="not a leaf"):
        (w * 2).grad  # noqa: B018


def test_parameters_of_later_layers_are_leaves(lesson):
    assert lesson.W.is_leaf and lesson.V.is_leaf and lesson.V.grad_fn is None
    assert not lesson.hidden.is_leaf and lesson.output.grad_fn is not None
    network = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
    assert all(p.is_leaf and p.grad_fn is None for p in network.parameters())
    assert lesson.hidden.grad_fn.next_functions[0][0].name() == "MmBackward0"


# 4 · backward() adds


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
    calls, x = [], leaf(2.0)
    note = torch.autograd.graph.get_gradient_edge(x).node
    note.register_hook(lambda _, got: calls.append(got[0].item()))
    (3 * x + x * x + x).sum().backward()
    assert calls == [8] and x.grad == 8
    (2 * x).sum().backward()
    assert calls == [8, 2] and x.grad == 10
    lesson.says("hands the leaf the sum, once")
    model = lesson.new_model()
    F.cross_entropy(model(lesson.X), lesson.y).backward()
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


# 5 · Forget to clear it


def test_forgetting_never_comes_to_rest(lesson, claim):
    claim("cleared: distance after 1,000 steps", lesson.distance(lesson.descend(0.1, steps=1000))[-1].item(), most=1e-5)
    early, late = lesson.swing[1:1001].max().item(), lesson.swing[9001:].max().item()
    claim("not cleared: widest swing of steps 9,001 to 10,000 over that of the first 1,000", late / early, 0.98, 1.02)
    for lr in (0.003, 0.03, 0.3, 0.9):
        swing = lesson.distance(lesson.descend(lr, clear=False, steps=2000))
        claim(f"not cleared, lr {lr}: widest swing of the last 500 steps", swing[-500:].max().item(), least=5, most=60)


def test_where_the_bowl_breaks(lesson, claim):
    def end(lr, clear, steps=300):
        return min(lesson.distance(lesson.descend(lr, clear, steps))[-1].item(), 1e30)

    claim("cleared, lr 0.49: distance after 300 steps", end(0.49, True), most=0.1)
    claim("cleared, lr 0.51: distance after 300 steps", end(0.51, True), least=1e3)
    claim("not cleared, lr 0.6: distance after 300 steps", end(0.6, False), most=30)
    claim("not cleared, lr 0.99: distance after 300 steps", end(0.99, False), most=300)
    claim("not cleared, lr 1.01: distance after 300 steps", end(1.01, False), least=1e3)
    _, axes = lesson.plots.new_figure(columns=2)
    assert lesson.draw_bowl(axes, 1.5, False).endswith("out of range after 100 steps.")
    assert lesson.draw_bowl(axes, 0.1, True).endswith("0.00016 from the bottom after 100 steps.")
    claim("cleared, lr 0.6: distance after 100 steps", end(0.6, True, 100), least=1e3)


# 6 · The same habit, used on purpose


def test_parts_add_up_to_k_times_the_gradient(lesson, claim):
    claim("ten parts, not divided: times the batch's gradient", lesson.ratio, 9.9999, 10.0001)
    off = (lesson.accumulate(lesson.model, lesson.parts) - lesson.together).abs().max().item()
    claim("ten parts, divided: largest difference", off, most=1e-6)
    off = (lesson.accumulate(lesson.model, lesson.parts) - lesson.together).abs()
    assert (off[lesson.together == 0] == 0).all()
    teeth = (torch.frexp(off[off > 0]).mantissa == 0.5).float().mean().item()
    claim("ten parts, divided: share of the differences that are powers of two", teeth, least=0.6)
    claim("largest gradient", lesson.together.abs().max().item(), least=0.01)
    assert len(lesson.together) == 25450
    for k in (2, 4, 5, 8, 10, 20, 25):
        found = lesson.weighted(lesson.model, k, "1 / k")
        claim("equal parts, k = 2 … 25: relative difference", lesson.relative(found, lesson.together), most=1e-6)


def test_memory_falls_and_time_rises(lesson, claim):
    (whole, quick), (tenth, _), (_, slow) = (lesson.costs[k] for k in (1, 10, 32))
    claim("memory for backward, k = 10 over k = 1", tenth / whole, 0.099, 0.101)
    claim("time, k = 32 over k = 1", slow / quick, least=1.5)
    parameters = sum(p.numel() * 4 for p in lesson.model.parameters()) / 1e6
    claim("the parameters, in MB", parameters, 0.09, 0.11)
    claim("the images, in MB", lesson.X.nbytes / 1e6, 3.1, 3.14)
    assert lesson.whole == 1000 * (32 + 10) * 4 + 4  # the hidden layer, the scores, and the sum of the weights
    assert lesson.whole == round(1e6 * whole)


def test_training_in_parts_is_training(lesson, claim):
    claim("100 updates, 1 × 256 against 4 × 64: largest difference of the losses", lesson.off_curve, most=1e-4)
    claim("100 updates: loss at the end over the start", lesson.one[-1] / lesson.one[0], most=0.5)
