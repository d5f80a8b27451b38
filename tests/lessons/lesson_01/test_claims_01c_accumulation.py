"""What notebook 01c says of forgetting as momentum, and of parts that are not the whole."""

import inspect

import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.counted import calls

LESSON = "01c_accumulation.ipynb"


def on_mnist(lesson):
    """Does the prose speak of this run? It gives MNIST's figures for the notebook's own seeds."""
    return lesson.own and lesson.train.source == "MNIST"


def test_forgetting_is_momentum_one(lesson, claim):
    for lr in (0.01, 0.1, 0.9):
        forgotten = lesson.descend(lr, clear=False)
        by_hand = (lesson.with_momentum(lr, 1.0) - forgotten).abs().max().item()
        claim(f"lr {lr}: momentum 1 by hand against forgetting, largest difference in 100 steps", by_hand, 0, 0)
    claim("torch's SGD with momentum 1 against forgetting, after 100 steps", lesson.off_torch, most=1e-4)
    w, v = torch.tensor([-4.0, 2.0], requires_grad=True), torch.zeros(2)
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
    for lr, least, most in ((0.94, 0, 1e-4), (0.96, 1e3, float("inf"))):
        end = min(lesson.distance(lesson.with_momentum(lr, 0.9, 400))[-1].item(), 1e30)
        claim(f"momentum 0.9, lr {lr}: distance after 400 steps", end, least, most)
    lesson.says("If the learning rate is not too large, the patch ends as a single point")


def test_what_is_kept(lesson, claim):
    def end(keep, lr, steps=100):
        return lesson.distance(lesson.with_momentum(lr, keep, steps))[-1].item()

    claim("lr 0.1, keep 0.95: distance after 1,000 steps", end(0.95, 0.1, 1000), most=1e-4)
    slow = lesson.distance(lesson.with_momentum(0.1, 0.99))[-30:].max().item()
    claim("lr 0.1, keep 0.99: largest distance in the last 30 of 100 steps", slow, 4, 7)
    claim("lr 0.1, keep 0.99: distance after 3,000 steps", end(0.99, 0.1, 3000), most=1e-4)
    lesson.says("near 1 so slowly that 100 steps do not show it")
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
    early, late = [[sum(run[i:j]) / (j - i) for run in (clean, forgot)] for i, j in ((30, 50), (250, 300))]
    claim("steps 30 to 50: loss not cleared over cleared", early[1] / early[0], most=0.7)
    claim("steps 250 to 300: loss not cleared over cleared", late[1] / late[0], least=1.4)
    if on_mnist(lesson):
        assert [round(loss, 2) for loss in (*early, *late)] == [2.15, 0.85, 0.74, 1.39]
    lesson.says("is 2.15 cleared and 0.85 not cleared; of the last 50 steps it is 0.74 and 1.39")


def test_a_forgetful_step_may_be_twice_as_long(lesson, claim):
    for keep, border in ((0.0, 0.5), (1.0, 1.0)):
        for lr, least, most in ((border - 0.01, 0, 300), (border + 0.01, 1e3, float("inf"))):
            end = min(lesson.distance(lesson.with_momentum(lr, keep, 300))[-1].item(), 1e30)
            claim(f"keep {keep:g}, lr {lr}: distance after 300 steps", end, least, most)
    lesson.says("From which rate on does the distance grow without end at `keep` 0, and from which at `keep` 1?")
    lesson.says("At `keep` 0 above 0.5, at `keep` 1 above 1.")


def test_equal_parts_agree_up_to_rounding(lesson, claim):
    assert len(lesson.whole) == 25450
    for k in (2, 4, 5, 8, 10, 20, 25):
        found = lesson.weighted(lesson.model, k, lesson.one_over_k)
        claim("equal parts, k = 2 … 25: relative difference", lesson.relative(found, lesson.whole), most=1e-6)
    off = (lesson.weighted(lesson.model, 10, lesson.one_over_k) - lesson.whole).abs()
    claim("ten parts: largest difference", off.max().item(), most=1e-6)
    assert (off[lesson.whole == 0] == 0).all()
    teeth = (torch.frexp(off[off > 0]).mantissa == 0.5).float().mean().item()
    claim("ten parts: share of the differences that are powers of two", teeth, least=0.6)


def test_unequal_parts_need_their_share(lesson, claim):
    def difference(k, weight):
        return lesson.relative(lesson.weighted(lesson.model, k, weight), lesson.whole)

    assert [len(y) for _, y in lesson.cut(11)] == [91] * 10 + [90]
    assert [len(y) for _, y in lesson.cut(30)] == [34] * 29 + [14]
    for k in (3, 11, 30):
        plain = difference(k, lesson.one_over_k)
        claim(f"k = {k}, unequal parts: relative difference with 1 / k", plain, least=1e-4)
        share = difference(k, lesson.by_share)
        claim(f"k = {k}, unequal parts: relative difference by share", share, most=1e-6)
        if k == 11:
            jump = plain / difference(10, lesson.one_over_k)
            claim("k from 10 to 11, 1 / k: the difference grows by", jump, least=1e3)
        if k == 30:
            claim("k = 30, 1 / k: relative difference, percents", plain, least=0.01)
    claim("k = 10, undivided: relative difference", difference(10, lesson.undivided), 8.99, 9.01)


def test_memory_falls_and_calls_rise(lesson, claim):
    whole, tenth = (lesson.costs[k][0] for k in (1, 10))
    claim("memory for backward, k = 10 over k = 1", tenth / whole, 0.099, 0.101)
    few, many = (calls(lambda k=k: lesson.weighted(lesson.model, k, lesson.one_over_k)) for k in (1, 32))
    claim("calls of torch's operations, k = 32 over k = 1", many / few, 20, 32)
    parameters = sum(p.numel() * 4 for p in lesson.model.parameters()) / 1e6
    claim("the parameters, in MB", parameters, 0.09, 0.11)
    claim("the images, in MB", lesson.X.nbytes / 1e6, 3.1, 3.14)
    # The hidden layer, the scores, and the sum of the weights.
    assert round(1e6 * whole) == 1000 * (32 + 10) * 4 + 4


def test_batch_norm_and_dropout_are_exceptions(lesson, claim):
    found = lesson.found
    claim("BatchNorm in ten parts: relative difference", found["BatchNorm"], least=0.02)
    claim("Dropout in ten parts: relative difference", found["Dropout"], least=0.05)
    claim("Dropout, one piece twice: relative difference", found["Dropout, one piece"], least=0.05)
    claim("unequal parts by share: relative difference", found["unequal, by share"], most=1e-6)
    torch.manual_seed(0)
    for layer in (nn.LayerNorm(32), nn.GroupNorm(4, 32)):
        name = type(layer).__name__
        claim(f"{name} in ten parts: relative difference", lesson.in_parts(lesson.with_layer(layer)), most=1e-5)


def test_dropout_is_right_on_average(lesson, claim):
    """Gradients of the batch in one piece and in ten parts, averaged over many draws, come nearer."""
    torch.manual_seed(0)
    one, ten = ([lesson.weighted(lesson.drop, k, lesson.one_over_k) for _ in range(60)] for k in (1, 10))
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
    layer = nn.BatchNorm1d(32)
    assert (layer.weight == 1).all() and (layer.bias == 0).all()
    lesson.says("multiplies each feature by a learned number and adds another; they start at 1 and 0")


def test_convolutional_networks_need_it_more(lesson, claim):
    claim("CNN, ten parts: relative difference", lesson.in_parts(lesson.cnn), most=1e-5)
    held = [
        lesson.knobs.kept(net, lambda net=net: lesson.weighted(net, 1, lesson.one_over_k))
        for net in (lesson.cnn, lesson.model)
    ]
    claim("memory for backward, CNN over MLP", held[0] / held[1], 220, 230)
    claim("memory for backward, CNN, MB", held[0] / 1e6, 37.5, 38.5)
    lesson.says("it keeps more than 200 times as much for backward, 38 MB")


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
