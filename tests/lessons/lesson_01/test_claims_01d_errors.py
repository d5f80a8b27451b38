"""What notebook 01d says of `no_grad`, `detach`, and of PyTorch's messages."""

import traceback

import pytest
import torch
from torch.nn import functional as F

from tests.lessons.counted import operations

LESSON = "01d_errors.ipynb"


def test_no_grad_and_detach(lesson, claim):
    slopes = {}
    for how, program in lesson.programs.items():
        x = torch.tensor(3.0, requires_grad=True)
        made = {"torch": torch, "x": x}
        exec("\n".join(["a = 2 * x", program, "c = a * b"]), made)
        assert made["c"] == 36
        if made["c"].requires_grad:
            made["c"].backward()
        slopes[how] = x.grad
    assert slopes == {"plain": 24, "detach b": 12, "no_grad around b": 12, "no_grad around both": None}
    plain, cut, silent = (
        lesson.knobs.kept(lesson.model, lambda forward=forward: forward(lesson.X))
        for forward in (lesson.model, lambda X: lesson.model(X).detach(), lesson.silent)
    )
    assert plain == cut == 1000 * 32 * 4 and silent == 0
    assert lesson.t.tolist() == [100.0, 2.0]
    single = len(lesson.graph.recorded(loss=F.cross_entropy(lesson.model(lesson.X), lesson.y)))
    claim("boxes behind a sum of 20 losses", len(lesson.graph.recorded(t=lesson.total_graph)), 20 * (single - 4))


def test_under_no_grad_the_same_sums_and_products_are_computed(lesson):
    for images in (lesson.X, lesson.X[:1]):
        counted = [operations(lambda f=f, X=images: f(X)) for f in (lesson.silent, lesson.model)]
        # Each layer: a product and a sum for each image and weight.
        assert counted == [2 * len(images) * sum(p.numel() for p in lesson.model.parameters() if p.dim() == 2)] * 2
    lesson.says("the same sums and products are computed")


def test_the_messages(lesson):
    table = [line.split("|")[1].strip().strip("…").strip() for line in lesson.prose.splitlines() if line[:3] == "| …"]
    told = " ".join(lesson.messages)
    for part in (
        "does not require grad and does not have a grad_fn",
        "grad can be implicitly created only for scalar outputs",
        "Trying to backward through the graph a second time",
        "a leaf Variable that requires grad is being used in an in-place operation",
        "modified by an inplace operation",
    ):
        assert part in told
    assert "modified by an inplace operation" in table
    assert "is at version 1; expected version 0" in told and "'float' and 'NoneType'" in told
    assert told.count("modified by an inplace operation") == 2  # y.add_(1), and the same under no_grad


def test_changing_in_place(lesson, claim):
    w = lesson.fresh()
    w = w - 0.1 * w.grad
    assert not w.is_leaf
    right = torch.tensor([1.0, 3.0]).exp()
    wrong = torch.tensor(lesson.wrong)
    claim("through .data: slopes too large by", (wrong - right).mean().item(), 0.999, 1.001)
    assert lesson.broken(lambda y: y + 1) == pytest.approx(right.tolist())

    def counted(y):
        with torch.no_grad():
            y += 1

    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        lesson.broken(counted)
    with (
        torch.autograd.set_detect_anomaly(True),
        pytest.raises(RuntimeError),
        pytest.warns(
            UserWarning, match=r"ExpBackward0. Traceback of forward call[\s\S]*cell version., line 3, in broken"
        ),
    ):
        lesson.broken(counted)


def test_a_new_tensor_in_place_of_the_leaf_fails_one_step_later_in_the_same_line(lesson):
    w, steps = torch.tensor([1.0, 3.0], requires_grad=True), []
    with pytest.raises(TypeError, match="NoneType") as failed, pytest.warns(UserWarning, match="not a leaf"):
        for step in range(3):
            steps.append(step)
            (w**2).sum().backward()
            w = w - 0.1 * w.grad
    assert steps == [0, 1] and traceback.extract_tb(failed.tb)[-1].line == "w = w - 0.1 * w.grad"
    lesson.says("Then the same line fails, one step too late, with a message that speaks of `None`")
    lesson.says("*none*, or a warning; `.grad` is `None` | nothing reached it, or, with the warning, it is no leaf")


def test_a_part_that_counts_as_a_constant_may_make_the_slope_too_large(lesson):
    x = torch.tensor(3.0, requires_grad=True)
    (x * x - (x * x).detach()).backward()
    assert x.grad == 6  # of a formula that is 0 everywhere
    lesson.says("*none*; the slope is wrong | a part counted as a constant")


def test_none_or_zero(lesson, claim):
    assert lesson.moved[True] == 0
    claim("with zeros and momentum: moved by", lesson.moved[False], -0.0901, -0.0899)


def test_two_ways_to_clear(lesson, claim):
    model = lesson.new_model()
    optimizer = torch.optim.SGD(model[3].parameters(), lr=0.1)
    for name, clear, least, most in (("model", model.zero_grad, 1, 1), ("optimizer", optimizer.zero_grad, 2, 2)):
        model.zero_grad()
        sizes = []
        for _ in range(2):
            clear()
            F.cross_entropy(model(lesson.X), lesson.y).backward()
            sizes.append(model[1].weight.grad.norm().item())
        ratio = sizes[1] / sizes[0]
        claim(f"{name}.zero_grad(): first layer's second gradient over its first", ratio, least - 1e-4, most + 1e-4)


def test_the_answer(lesson):
    x = torch.tensor(2.0, requires_grad=True)
    (x * x.detach()).backward()
    assert x.grad == 2
