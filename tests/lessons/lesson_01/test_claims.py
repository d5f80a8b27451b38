"""What lesson 01 says."""

import ast
import inspect
import pathlib

import nbformat
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import exercises
from course_utils.exercises import diagnose

LESSON = "01_autograd.ipynb"
ROOT = pathlib.Path(__file__).parents[3]


def leaf(*numbers):
    return torch.tensor(numbers, requires_grad=True)


def on_mnist(lesson):
    """Does the prose speak of this run? It gives MNIST's figures for the notebook's own seeds."""
    return lesson.own and lesson.train.source == "MNIST"


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


# 2 · One gradient, three ways


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


# 3 · Your own autograd


def test_ones_own_autograd_is_pytorchs(lesson, claim):
    claim("own autograd against torch, 200 random expressions, relative", lesson.worst, most=1e-12)
    lines = sum(map(lines_of, ("Value", "pass_back", "topological", "backward")))
    assert 25 <= lines <= 34
    lesson.says("in some thirty lines")


def lines_of(name):
    """How many lines the notebook's definition of `name` has, empty ones not counted."""
    for cell in nbformat.read(ROOT / "notebooks" / LESSON, as_version=4).cells:
        learners = cell.cell_type == "code" and cell.id != "colab"  # that one is for IPython
        for node in ast.parse(cell.source).body if learners else ():
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


def test_forgetting_is_momentum_one(lesson, claim):
    for lr in (0.01, 0.1, 0.9):
        forgotten = lesson.descend(lr, clear=False)
        by_hand = (lesson.with_momentum(lr, 1.0) - forgotten).abs().max().item()
        claim(f"lr {lr}: momentum 1 by hand against forgetting, largest difference in 100 steps", by_hand, 0, 0)
    claim("torch's SGD with momentum 1 against forgetting, after 100 steps", lesson.off_torch, most=1e-4)
    w, v = lesson.start.clone().requires_grad_(), torch.zeros(2)
    for _ in range(100):
        w.grad = None
        lesson.bowl(w).backward()
        with torch.no_grad():
            v = v + w.grad
            w.add_(v, alpha=-0.1)
    off = abs((w.detach() - lesson.forgotten[-1]).abs().max().item() - lesson.off_torch)
    claim("the same with torch's own line for the update, apart from torch's SGD", off, 0, 0)
    for mu in (0.0, 0.9):
        away = (lesson.with_momentum(0.1, mu) - lesson.forgotten).abs().max().item()
        claim(f"momentum {mu} against forgetting, largest difference", away, least=1)


def test_momentum_one_keeps_areas(claim, lesson):
    # The determinant of a step, from autograd itself.
    for mu in (0.9, 1.0):

        def step(state, mu=mu, lr=0.1, curvature=4.0):
            velocity = mu * state[1] + curvature * state[0]
            return torch.stack([state[0] - lr * velocity, velocity])

        area = torch.linalg.det(torch.autograd.functional.jacobian(step, torch.zeros(2))).item()
        claim(f"momentum {mu}: a step multiplies areas by", area, mu - 1e-6, mu + 1e-6)


def test_what_is_kept(lesson, claim):
    def end(keep, lr, steps=100):
        return lesson.distance(lesson.with_momentum(lr, keep, steps))[-1].item()

    claim("lr 0.1, keep 0.95: distance after 1,000 steps", end(0.95, 0.1, 1000), most=1e-4)
    claim("lr 0.1: keep 0.5's distance over keep 0's after 100 steps", end(0.5, 0.1) / end(0.0, 0.1), most=0.1)
    claim("lr 0.1: keep 0.9's distance over keep 0's after 100 steps", end(0.9, 0.1) / end(0.0, 0.1), least=10)
    first = {keep: (lesson.distance(lesson.with_momentum(0.1, keep)) < 1e-4).tolist() for keep in (0.3, 0.5, 0.7)}
    assert not any(first[0.3][:36]) and not any(first[0.7][:36])
    claim("lr 0.1, keep 0.5: first step below 0.0001", first[0.5].index(True), 28, 35)
    claim("lr 0.1, keep 0.5: distance after 100 steps", end(0.5, 0.1), 1e-8, 1e-6)
    ends = {keep / 100: end(keep / 100, 0.003) for keep in range(101)}
    claim("lr 0.003: keep that ends nearest", min(ends, key=ends.get), 0.89, 0.93)
    claim("lr 0.003: distance of the nearest", min(ends.values()), 0.055, 0.069)
    claim("lr 0.003: keep 0's distance", ends[0.0], 4.6, 4.75)
    lesson.says("it ends at 0.06, where plain descent is still 4.7 away")
    claim("lr 0.01: keep 0's distance after 100 steps", end(0.0, 0.01), least=2)
    claim("lr 0.01: keep 0.85's distance after 100 steps", end(0.85, 0.01), most=0.01)


def test_on_digits_forgetting_is_ahead_and_then_swings(lesson, claim):
    clean, forgot = lesson.losses["cleared"], lesson.losses["not cleared"]
    early, late = [[lesson.mean(run, *span) for run in (clean, forgot)] for span in ((30, 50), (250, 300))]
    claim("steps 30 to 50: loss not cleared over cleared", early[1] / early[0], most=0.7)
    claim("steps 250 to 300: loss not cleared over cleared", late[1] / late[0], least=1.4)
    if on_mnist(lesson):
        assert [round(loss, 2) for loss in (*early, *late)] == [2.15, 0.85, 0.74, 1.39]
    lesson.says("is 2.15 cleared and 0.85 not cleared; of the last 50 steps it is 0.74 and 1.39")


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


def test_unequal_parts_need_their_share(lesson, claim):
    assert [len(y) for _, y in lesson.cut(11)] == [91] * 10 + [90] and len(lesson.cut(30)[-1][1]) == 14
    for k in (3, 11, 30):
        plain = lesson.relative(lesson.weighted(lesson.model, k, "1 / k"), lesson.together)
        share = lesson.relative(lesson.weighted(lesson.model, k, "its share of the batch"), lesson.together)
        claim(f"k = {k}, unequal parts: relative difference with 1 / k", plain, least=1e-4)
        claim(f"k = {k}, unequal parts: relative difference by share", share, most=1e-6)
        if k == 11:
            claim("k from 10 to 11, 1 / k: the difference grows by", plain / lesson.differences("1 / k")[9], least=1e3)
        if k == 30:
            claim("k = 30, 1 / k: relative difference, percents", plain, least=0.01)
    claim("k = 10, forgotten 1 / k: relative difference", lesson.differences("1, forgotten")[9], 8.99, 9.01)


def test_memory_falls_and_time_rises(lesson, claim):
    (whole, quick), (tenth, _), (_, slow) = (lesson.costs[k] for k in (1, 10, 32))
    claim("memory for backward, k = 10 over k = 1", tenth / whole, 0.099, 0.101)
    claim("time, k = 32 over k = 1", slow / quick, least=1.5)
    parameters = sum(p.numel() * 4 for p in lesson.model.parameters()) / 1e6
    claim("the parameters, in MB", parameters, 0.09, 0.11)
    claim("the images, in MB", lesson.X.nbytes / 1e6, 3.1, 3.14)
    assert lesson.whole == 1000 * (32 + 10) * 4 + 4  # the hidden layer, the scores, and the sum of the weights
    assert lesson.whole == round(1e6 * whole)


def test_batch_norm_and_dropout_are_exceptions(lesson, claim):
    found = lesson.found
    claim("BatchNorm in ten parts: relative difference", found["BatchNorm"], least=0.02)
    claim("Dropout in ten parts: relative difference", found["Dropout"], least=0.05)
    claim("Dropout, one piece twice: relative difference", found["Dropout, one piece"], least=0.05)
    claim("unequal parts by share: relative difference", found["unequal, by share"], most=1e-6)
    torch.manual_seed(0)
    for layer in (nn.LayerNorm(32), nn.GroupNorm(4, 32)):
        name = type(layer).__name__
        claim(f"{name} in ten parts: relative difference", lesson.ten_parts(lesson.with_layer(layer)), most=1e-5)


def test_dropout_is_right_on_average(lesson, claim):
    """Gradients of the batch in one piece and in ten parts, averaged over many draws, come nearer."""
    torch.manual_seed(0)
    one, ten = ([lesson.weighted(lesson.drop, k, "1 / k") for _ in range(60)] for k in (1, 10))
    single = lesson.relative(ten[0], one[0])
    averaged = lesson.relative(sum(ten) / 60, sum(one) / 60)
    claim("Dropout: difference of averages of 60 over that of single gradients", averaged / single, most=0.25)


def test_normalizing_halves_is_another_thing(lesson, claim):
    h = lesson.h.detach()
    halves = torch.cat([lesson.batch_norm(h[:500]), lesson.batch_norm(h[500:])])
    claim("normalized in two halves: largest change", (halves - lesson.batch_norm(h)).abs().max().item(), least=0.1)
    layer = nn.BatchNorm1d(32)
    by_hand = (lesson.batch_norm(h) - layer(h).detach()).abs().max().item()
    claim("BatchNorm by hand against PyTorch's", by_hand, most=0.01)


def test_convolutional_networks_need_it_more(lesson, claim):
    claim("CNN, ten parts: relative difference", lesson.ten_parts(lesson.cnn), most=1e-5)
    held = [lesson.kept(net, lesson.loss_of, lesson.X, lesson.y) for net in (lesson.cnn, lesson.model)]
    claim("memory for backward, CNN over MLP", held[0] / held[1], 220, 230)
    claim("memory for backward, CNN, MB", held[0] / 1e6, 37.5, 38.5)
    lesson.says("it keeps more than 200 times as much for backward, 38 MB")


def test_training_in_parts_is_training(lesson, claim):
    claim("100 updates, 1 × 256 against 4 × 64: largest difference of the losses", lesson.off_curve, most=1e-4)
    claim("100 updates: loss at the end over the start", lesson.one[-1] / lesson.one[0], most=0.5)


def test_step_is_told_nothing(lesson, claim):
    assert list(inspect.signature(torch.optim.SGD.step).parameters) == ["self", "closure"]
    sizes = []
    for reduction in ("mean", "sum"):
        model = lesson.new_model()
        F.cross_entropy(model(lesson.X), lesson.y, reduction=reduction).backward()
        before = model[1].weight.detach().clone()
        torch.optim.SGD(model.parameters(), lr=0.1).step()
        sizes.append((model[1].weight.detach() - before).norm().item())
    claim("one step after a sum of 1,000 losses, over that after their mean", sizes[1] / sizes[0], 999, 1001)


# 7 · When not to record


def test_no_grad_and_detach(lesson, claim):
    slopes = {}
    for how in ("plain", "detach b", "no_grad around b", "no_grad around all"):
        x = torch.tensor(3.0, requires_grad=True)
        made = {"torch": torch, "x": x}
        exec("\n".join(lesson.PROGRAMS[how]), made)
        assert made["c"] == 36
        if made["c"].requires_grad:
            made["c"].backward()
        slopes[how] = x.grad
    assert slopes == {"plain": 24, "detach b": 12, "no_grad around b": 12, "no_grad around all": None}
    plain = lesson.kept(lesson.model, lambda model, X: model(X), lesson.X)
    cut = lesson.kept(lesson.model, lambda model, X: model(X).detach(), lesson.X)
    assert plain == cut and lesson.kept(lesson.model, lesson.silent, lesson.X) == 0
    assert lesson.t.tolist() == [100.0, 2.0]
    single = len(lesson.graph.recorded(loss=lesson.loss_of(lesson.model, lesson.X, lesson.y)))
    claim("boxes behind a sum of 20 losses", len(lesson.graph.recorded(t=lesson.total_graph)), 20 * (single - 4))


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
    wrong = torch.tensor(lesson.broken(lambda y: y.data.add_(1)))
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
            lesson.loss_of(model, lesson.X, lesson.y).backward()
            sizes.append(model[1].weight.grad.norm().item())
        ratio = sizes[1] / sizes[0]
        claim(f"{name}.zero_grad(): first layer's second gradient over its first", ratio, least - 1e-4, most + 1e-4)


# 8 · Exercises


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
