"""What lesson 01 says of derivatives, and of an autograd of one's own."""

import ast

import torch

from course_utils import exercises
from course_utils.exercises import diagnose

LESSON = "01_autograd.ipynb"


def test_three_ways_agree(lesson, claim):
    x = torch.linspace(-2, 2, 200, requires_grad=True)
    lesson.f(x).sum().backward()
    by_hand = torch.cos(x.detach() ** 2) * 2 * x.detach()
    claim("autograd against the chain rule by hand, float32", (x.grad - by_hand).abs().max().item(), most=1e-6)
    x = torch.tensor(1.2)
    assert [round(number.item(), 3) for number in (x**2, torch.cos(x**2), 2 * x)] == [1.44, 0.13, 2.4]
    assert f"{lesson.by_hand.item():.6f}" == "0.313017" and round(lesson.difference.item(), 3) == 0.313


def test_the_best_step_lies_in_a_valley(lesson, claim):
    for dtype, near, middle, edge, most in (
        (torch.float32, "0.001 … 0.03", (1e-3, 3e-2), (1e-7, 0.3), 1e-4),
        (torch.float64, "1e-6 … 1e-4", (1e-6, 1e-4), (1e-10, 0.3), 1e-9),
    ):
        hs = torch.logspace(-10, 0, 101).tolist()
        errors = [lesson.error(lesson.xs, h, dtype).mean().item() for h in hs]
        best = min(errors)
        assert middle[0] <= hs[errors.index(best)] <= middle[1], near
        claim(f"{dtype}: least mean error of finite differences".replace("torch.", ""), best, most=most)
        for h in edge:
            off = lesson.error(lesson.xs, h, dtype).mean().item()
            claim(f"{dtype}: h = {h:g} over the least error".replace("torch.", ""), off / best, least=10)
    at = lesson.error([1.2], 1e-10, torch.float32).item()
    slope = abs(lesson.by_hand.item())
    claim("float32, h = 1e-10: error over the slope itself", at / slope, 0.99, 1.01)
    for dtype, valley, level in ((torch.float32, (3.8e-4, 2.2e-3), 1e-5), (torch.float64, (6e-8, 4e-6), 2.3e-11)):
        low = [h for h in lesson.hs if lesson.error(1.2, h, dtype).item() < level]
        name = str(dtype).removeprefix("torch.")
        claim(f"{name}, x = 1.2: least h with an error below {level:g}", min(low), *valley)
        claim(f"{name}, x = 1.2: largest h with an error below {level:g}", max(low), *valley)
    here, there = ([lesson.error(1.2, h, dtype).item() for h in lesson.hs] for dtype in lesson.DTYPES.values())
    claim("float32, x = 1.2: least error", min(here), 2e-6, 4e-6)
    claim("float64, x = 1.2: least error", min(there), 0.9e-12, 1.2e-11)
    claim("float64, x = 1.2: h of the least error", lesson.hs[there.index(min(there))], 0.5e-6, 2e-6)
    lesson.says("Between 0.0004 and 0.002, down to about 3e-06.")
    lesson.says("Near 1e-06, with an error between 1e-12 and 1e-11.")


def test_backward_costs_a_few_forwards(lesson, claim):
    claim("forward and backward, over forward alone", lesson.times, least=1.2, most=6)
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
    gradients = {}
    for name, order in lesson.ORDERS.items():
        a = lesson.Value(2.0)
        b = a * a
        d = b + b * a
        lesson.pass_back(order(d))
        gradients[name] = a.grad
    claim("a² + a³ at 2, topological order", gradients["topological"], 16, 16)
    claim("a² + a³ at 2, order as found", gradients["as found"], 8, 8)
    a, b, c, d = lesson.diamond
    for number in lesson.diamond:
        number.grad = 0.0
    lesson.pass_back(lesson.as_found(d), steps=2)
    assert b.grad == 1
    for number in lesson.diamond:
        number.grad = 0.0
    lesson.pass_back(lesson.topological(d), steps=2)
    assert b.grad == 1 + 2 and c.grad == 1
    lesson.says("1 from `d` and 2 from `c`, and passes on 3")


def test_the_answers(lesson):
    x = torch.tensor(2.0, requires_grad=True)
    (x * x.detach()).backward()
    assert x.grad == 2

    def subtract(self, other):
        return lesson.Value(self.value - other.value, [(self, 1.0), (other, -1.0)], "-")

    for answer in (subtract, lambda a, b: a + b * lesson.Value(-1.0)):
        assert diagnose.diagnose(exercises.find("01-2"), answer).status == "right"
    lesson.Value.__sub__ = subtract
    a, b = lesson.Value(5.0), lesson.Value(3.0)
    lesson.backward(a - b)
    assert (a.grad, b.grad) == (1, -1)
