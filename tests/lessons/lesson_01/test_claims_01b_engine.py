"""What notebook 01b says of the graph, of derivatives, and of an autograd of one's own."""

import ast

import pytest
import torch
from torch import nn

from course_utils import exercises
from course_utils.exercises import diagnose
from tests.lessons.counted import operations

LESSON = "01b_engine.ipynb"


def test_only_leaves_keep_their_gradient(lesson):
    assert lesson.having == ["w"]
    w = torch.tensor(1.0, requires_grad=True)
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
    assert lesson.output.grad_fn.name() == "MvBackward0" and lesson.X.is_leaf


def test_the_graph_of_a_network_has_four_leaves(lesson):
    boxes = lesson.graph.recorded(**dict(lesson.model.named_parameters()), loss=lesson.loss)
    assert sum(box.kind == "leaf" for box in boxes) == 4
    kinds = [box.lines[1].removesuffix("Backward0") for box in boxes if box.kind == "result"]
    assert kinds == ["T", "Addmm", "Relu", "T", "Addmm", "LogSoftmax", "NllLoss"] or kinds.count("Addmm") == 2
    assert kinds[-2:] == ["LogSoftmax", "NllLoss"]


def test_three_ways_agree(lesson, claim):
    x = torch.linspace(-2, 2, 200, requires_grad=True)
    lesson.f(x).sum().backward()
    by_hand = torch.cos(x.detach() ** 2) * 2 * x.detach()
    claim("autograd against the chain rule by hand, float32", (x.grad - by_hand).abs().max().item(), most=1e-6)
    x = torch.tensor(1.2)
    assert [round(number.item(), 3) for number in (x**2, torch.cos(x**2), 2 * x)] == [1.44, 0.13, 2.4]
    assert f"{lesson.by_hand.item():.6f}" == "0.313017" and round(lesson.difference.item(), 3) == 0.313


def test_the_best_step_lies_in_a_valley(lesson, claim):
    xs = torch.linspace(0.5, 1.5, 100).tolist()
    for dtype, near, middle, edge, most in (
        (torch.float32, "0.001 … 0.03", (1e-3, 3e-2), (1e-7, 0.3), 1e-4),
        (torch.float64, "1e-6 … 1e-4", (1e-6, 1e-4), (1e-10, 0.3), 1e-9),
    ):
        hs = torch.logspace(-10, 0, 101).tolist()
        errors = [lesson.error(xs, h, dtype).mean().item() for h in hs]
        best = min(errors)
        assert middle[0] <= hs[errors.index(best)] <= middle[1], near
        claim(f"{dtype}: least mean error of finite differences".replace("torch.", ""), best, most=most)
        for h in edge:
            off = lesson.error(xs, h, dtype).mean().item()
            claim(f"{dtype}: h = {h:g} over the least error".replace("torch.", ""), off / best, least=10)
    at = lesson.error([1.2], 1e-10, torch.float32).item()
    slope = abs(lesson.by_hand.item())
    claim("float32, h = 1e-10: error over the slope itself", at / slope, 0.99, 1.01)
    finest = torch.logspace(-10, 0, 121).tolist()  # as the knob draws them
    for dtype, valley, level in ((torch.float32, (3.8e-4, 2.2e-3), 1e-5), (torch.float64, (6e-8, 4e-6), 2.3e-11)):
        low = [h for h in finest if lesson.error(1.2, h, dtype).item() < level]
        name = str(dtype).removeprefix("torch.")
        claim(f"{name}, x = 1.2: least h with an error below {level:g}", min(low), *valley)
        claim(f"{name}, x = 1.2: largest h with an error below {level:g}", max(low), *valley)
    here, there = ([lesson.error(1.2, h, dtype).item() for h in finest] for dtype in (torch.float32, torch.float64))
    claim("float32, x = 1.2: least error", min(here), 2e-6, 4e-6)
    claim("float64, x = 1.2: least error", min(there), 0.9e-12, 1.2e-11)
    claim("float64, x = 1.2: h of the least error", finest[there.index(min(there))], 0.5e-6, 2e-6)
    lesson.says("Between 0.0004 and 0.002, down to about 3e-06")
    lesson.says("Near 1e-06, with an error between 1e-12 and 1e-11.")


def test_backward_costs_a_few_forwards(lesson, claim):
    both, alone = operations(lambda: lesson.forward().backward()), operations(lesson.forward)
    claim("forward and backward, over forward alone: operations", both / alone, 2, 3)
    assert lesson.weights == 25408
    lesson.says("Forward and backward together cost a few forward passes")


def test_ones_own_autograd_is_pytorchs(lesson, claim):
    claim("own autograd against torch, 200 random expressions, relative", lesson.worst, most=1e-12)
    lines = sum(lines_of(lesson, name) for name in ("Value", "pass_back", "topological", "backward"))
    assert 25 <= lines <= 34
    lesson.says("in some thirty lines")


def lines_of(lesson, name):
    """How many lines the notebook's definition of `name` has, empty ones not counted."""
    for source in lesson.code.values():
        for node in ast.parse(source).body:
            if getattr(node, "name", None) == name:
                return sum(bool(line.strip()) for line in ast.unparse(node).splitlines())
    raise LookupError(name)


def test_the_order_matters(lesson, claim):
    def end(order, steps=None):
        numbers = lesson.diamond()
        lesson.pass_back(order(numbers["d"]), steps)
        return [number.grad for number in numbers.values()]

    claim("a² + a³ at 2, topological order", end(lesson.topological)[0], 16, 16)
    claim("a² + a³ at 2, order as found", end(lesson.as_found)[0], 8, 8)
    assert end(lesson.as_found, 2)[1] == 1
    assert end(lesson.topological, 2)[1:3] == [1 + 2, 1]
    lesson.says("1 from `d` and 2 from `c`, and passes on 3")


def test_another_diamond(lesson):
    found = []
    for order in (lesson.topological, lesson.as_found):
        a = lesson.Value(2.0)
        b = a * a
        lesson.pass_back(order(b + b * b))
        found.append(a.grad)
    assert found[0] == 36 != found[1]
    lesson.says("$2a + 4a^3 = 36$")


def test_back_twice_is_not_twice(lesson):
    assert lesson.n["a"].grad == 56
    lesson.says("56. The first call left 3 in `b` and 1 in `c`")
    a = torch.tensor(2.0, requires_grad=True)
    b = a * a
    d = b + b * a
    d.backward(retain_graph=True)
    d.backward()
    assert a.grad == 32
    with pytest.raises(RuntimeError, match="a second time"):
        d.backward()
    lesson.says("with `retain_graph=True` it says 32, without it the second call raises an error")
    calls, x = [], torch.tensor(2.0, requires_grad=True)
    note = torch.autograd.graph.get_gradient_edge(x).node
    note.register_hook(lambda _, got: calls.append(got[0].item()))
    y = (3 * x + x * x + x).sum()
    y.backward()
    assert calls == [8] and x.grad == 8
    (2 * x).sum().backward()
    assert calls == [8, 2] and x.grad == 10
    lesson.says("gives each leaf one total")


def test_the_answers(lesson):
    subtract, *others = (  # in the notebook, as a learner's
        eval(answer, lesson.names)
        for answer in (
            'lambda a, b: Value(a.value - b.value, [(a, 1.0), (b, -1.0)], "-")',
            "lambda a, b: a + b * Value(-1.0)",
        )
    )
    for answer in (subtract, *others):
        assert diagnose.diagnose(exercises.find("01-2"), answer).status == "right"
    lesson.Value.__sub__ = subtract
    a, b = lesson.Value(5.0), lesson.Value(3.0)
    lesson.backward(a - b)
    assert (a.grad, b.grad) == (1, -1)
