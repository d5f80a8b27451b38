"""Answers to the exercises of lesson 05 as learners write them."""

import math

import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import right, unknown, wrong

# ── 1 ──


@right("05-1")
@torch.no_grad()
def momentum_step(p, v, lr, mu):
    v *= mu
    v += p.grad
    p -= lr * v


@right("05-1")
def momentum_through_data(p, v, lr, mu):
    v.copy_(mu * v + p.grad)
    p.data = p.data - lr * v


def momentum(share=lambda lr, mu: 1, way=lambda v, g, lr, mu: lr * v):
    @torch.no_grad()
    def step(p, v, lr, mu):
        v.copy_(v * mu + p.grad * share(lr, mu))
        p -= way(v, p.grad, lr, mu)

    return step


wrong("05-1", "scales_the_gradient")(momentum(share=lambda lr, mu: 1 - mu))
wrong("05-1", "keeps_steps")(momentum(share=lambda lr, mu: lr, way=lambda v, g, lr, mu: v))
wrong("05-1", "looks_ahead")(momentum(way=lambda v, g, lr, mu: lr * g + lr * mu * v))
wrong("05-1", "uphill")(momentum(way=lambda v, g, lr, mu: -lr * v))


@wrong("05-1", "forgets")
@torch.no_grad()
def momentum_forgotten(p, v, lr, mu):
    v = v * mu
    v += p.grad
    p -= lr * v


@wrong("05-1", "moves_too_early")
@torch.no_grad()
def momentum_too_early(p, v, lr, mu):
    p += -lr * v
    v *= mu
    v += p.grad


@wrong("05-1", "renames")
@torch.no_grad()
def momentum_renamed(p, v, lr, mu):
    v.mul_(mu).add_(p.grad)
    p = p.sub(lr * v)


unknown("05-1", "The table of the first parameter after steps 1 and 2 is")(
    lambda p, v, lr, mu: momentum_step(p, v, lr, mu / 2)
)
unknown("05-1", "(3 of 6 numbers are wrong.)")(lambda p, v, lr, mu: momentum_step(p, v, lr, mu / 2))
unknown("05-1", "The first parameter after step 30, the first with a smaller lr, is")(
    lambda p, v, lr, mu: momentum_step(p, v, lr if lr > 0.05 else 0, mu)
)


def tiring(steps):
    """Moves for so many steps, and then no more."""

    def step(p, v, lr, mu):
        v.steps = getattr(v, "steps", 0) + 1
        momentum_step(p, v, lr if v.steps <= steps else 0, mu)

    return step


unknown("05-1", "The first parameter after step 29 is")(tiring(28))
unknown("05-1", "The first parameter after step 30, the first with a smaller lr, is")(tiring(29))
unknown("05-1", "The first parameter after step 40 is")(tiring(39))
unknown("05-1", "The second parameter after step 40 is")(
    lambda p, v, lr, mu: momentum_step(p, v, lr, mu) if p.dim() == 1 else None
)


# ── 2 ──


@right("05-2")
def adamw_of_torch(p, g, s, lr, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
    if "optimizer" not in s:
        s["p"] = torch.nn.Parameter(p.clone())
        s["optimizer"] = torch.optim.AdamW([s["p"]], lr, (beta1, beta2), eps, weight_decay)
    s["p"].grad = g
    s["optimizer"].step()
    return s["p"].detach().clone()


def adamw(through=False, shrink=lambda lr, decay: lr * decay, late=False, powers=lambda a, b: (a, b), root=False):
    def rule(p, g, s, lr, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
        t, m, v = s.get("all", (0, torch.zeros_like(p), torch.zeros_like(p)))
        if through:
            g = g + weight_decay * p
        share = 0 if through else shrink(lr, weight_decay)
        t, m, v = t + 1, torch.lerp(g, m, beta1), torch.lerp(g * g, v, beta2)
        s["all"] = t, m, v
        b1, b2 = powers(beta1, beta2)
        m, v = m / (1 - b1**t), v / (1 - b2**t)
        step = lr * m / (torch.sqrt(v + eps) if root else torch.sqrt(v) + eps)
        return (p - step) * (1 - share) if late else p * (1 - share) - step

    return rule


right("05-2")(adamw())
wrong("05-2", "decays_through_the_gradient")(adamw(through=True))
wrong("05-2", "corrects_v_by_beta1")(adamw(powers=lambda a, b: (a, a)))
wrong("05-2", "corrects_m_by_beta2")(adamw(powers=lambda a, b: (b, b)))
wrong("05-2", "forgets_the_correction")(adamw(powers=lambda a, b: (0, 0)))
wrong("05-2", "eps_in_the_root")(adamw(root=True))
wrong("05-2", "decays_without_lr")(adamw(shrink=lambda lr, decay: decay))
wrong("05-2", "decays_after_the_step")(adamw(late=True))
wrong("05-2", "does_not_decay")(adamw(shrink=lambda lr, decay: 0))


@wrong("05-2", "keeps_what_is_corrected")
def adamw_corrected_twice(p, g, s, lr, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
    s["t"] = s.get("t", 0) + 1
    p = p * (1 - lr * weight_decay)
    s["m"] = (beta1 * s.get("m", 0) + (1 - beta1) * g) / (1 - beta1 ** s["t"])
    s["v"] = (beta2 * s.get("v", 0) + (1 - beta2) * g**2) / (1 - beta2 ** s["t"])
    return p - lr * s["m"] / (s["v"].sqrt() + eps)


unknown("05-2", "after step 1, at [0] is")(adamw(powers=lambda a, b: (b, a)))
unknown("05-2", "after step 1, at [1] is")(adamw(shrink=lambda lr, decay: -lr * decay))

# ── 3 ──

right("05-3")((0, 22240, 44480, torch.tensor(4080)))
wrong("05-3", "counts_numbers")((0, 5560, 2 * 5560, 2 * 510))
wrong("05-3", "without_biases")((0, 4 * 5500, 8 * 5500, 8 * 500))
wrong("05-3", "one_for_adam")((0, 22240, 22240, 4 * 510))
wrong("05-3", "with_the_parameters")((22240, 2 * 22240, 3 * 22240, 12 * 510))
wrong("05-3", "all_layers_each_time")((0, 22240, 44480, 44480))
wrong("05-3", "gradients_for_sgd")((22240, 22240, 44480, 4080))
unknown("05-3", "at [3] is 8160, and 4080 is right.")([0, 22240, 44480, 8160])

# ── 4 ──


@right("05-4")
def rate_with_minimum(t, T, lr, warm):
    up, down = (t + 1) / warm, math.cos(math.pi / 2 * (t - warm) / (T - warm)) ** 2
    return torch.tensor(lr * (up if t < warm else down))


def rate(start=1, down=lambda t, T, warm: 0.5 + 0.5 * math.cos(math.pi * (t - warm) / (T - warm))):
    return lambda t, T, lr, warm: lr * ((t + start) / warm if t < warm else down(t, T, warm))


right("05-4")(rate())
wrong("05-4", "starts_at_zero")(rate(start=0))
wrong("05-4", "without_warm_up")(lambda t, T, lr, warm: lr if t < warm else rate()(t, T, lr, warm))
wrong("05-4", "cosine_from_the_start")(rate(down=lambda t, T, warm: (1 + math.cos(t * math.pi / T)) / 2))
wrong("05-4", "does_not_arrive")(rate(down=lambda t, T, warm: (1 + math.cos((t - warm) * math.pi / T)) / 2))
wrong("05-4", "forgets_the_half")(rate(down=lambda t, T, warm: 1 + math.cos(math.pi * (t - warm) / (T - warm))))
wrong("05-4", "goes_below_zero")(rate(down=lambda t, T, warm: math.cos((t - warm) / (T - warm) * math.pi)))
wrong("05-4", "in_degrees")(rate(down=lambda t, T, warm: 0.5 + 0.5 * math.cos((t - warm) / (T - warm) * 180)))
wrong("05-4", "comes_up_again")(rate(down=lambda t, T, warm: math.cos(math.pi * (t - warm) / (T - warm)) ** 2))
wrong("05-4", "straight_down")(rate(down=lambda t, T, warm: 1 - (t - warm) / (T - warm)))
unknown("05-4", "rates of the warm-up at [0] is")(rate(start=3))
unknown("05-4", "The list of the rates after it at [0] is")(rate(down=lambda t, T, warm: 0.5))

# ── 5 ──


def tuned(choose, report=lambda test: test.mean(1)):
    def tuned_test(valid, test):
        best = choose(valid, test)
        return report(torch.stack([row[i] for row, i in zip(test, best, strict=True)]))

    return tuned_test


def by_the_mean(valid, test=None):
    return valid.mean(-1).nan_to_num(-1).argmax(1)


right("05-5")(tuned(by_the_mean))


@right("05-5")
def tuned_in_loops(valid, test):
    found = []
    for rates, tests in zip(valid.tolist(), test, strict=True):
        means = [0 if math.isnan(sum(seeds)) else sum(seeds) for seeds in rates]
        found.append(tests[means.index(max(means))].mean())
    return found


@right("05-5")
def tuned_with_zero_for_a_lost_run(valid, test):
    return tuned(by_the_mean)(valid.nan_to_num(0), test)


wrong("05-5", "chooses_on_test")(tuned(lambda valid, test: test.sum(2).argmax(1)))
wrong("05-5", "chooses_by_the_last_seed")(tuned(lambda valid, test: valid[..., 2].argmax(1)))
wrong("05-5", "chooses_by_the_first_seed")(tuned(lambda valid, test: valid[..., 0].argmax(1)))
wrong("05-5", "chooses_by_the_best_seed")(tuned(lambda valid, test: valid.max(2).values.argmax(1)))
wrong("05-5", "one_rate_for_all")(tuned(lambda valid, test: [valid.mean(2).mean(0).argmax()] * len(valid)))
wrong("05-5", "reports_validation")(lambda valid, test: valid.mean(2).max(1).values)
wrong("05-5", "reports_the_best_seed")(tuned(by_the_mean, report=lambda test: test.max(1).values))
wrong("05-5", "takes_nan_for_the_largest")(tuned(lambda valid, test: valid.mean(-1).argmax(1)))
wrong("05-5", "forgives_lost_runs")(tuned(lambda valid, test: valid.nanmean(-1).argmax(1)))


@wrong("05-5", "a_rate_for_each_seed")
def tuned_seed_by_seed(valid, test):
    each = [tuned(by_the_mean)(valid[..., i : i + 1], test[..., i : i + 1]) for i in range(valid.shape[2])]
    return torch.stack(each).mean(0)


unknown("05-5", "The list of four test accuracies has 1 entries, and 4 are right.")(
    lambda valid, test: [tuned(by_the_mean)(valid, test).max()]
)
unknown("05-5", "The list of four test accuracies at [0] is")(tuned(by_the_mean, report=lambda test: 1 - test.mean(1)))

# ── 6 ──


def trained(T_max=lambda loader, epochs: len(loader) * epochs, optimizers=1, calls="batch"):
    def train(model, loader, epochs):
        for epoch in range(epochs):
            if epoch < optimizers:
                optimizer = torch.optim.SGD(model.parameters(), 0.1, 0.9)
                scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max(loader, epochs))
            for X, y in loader:
                model.zero_grad()
                F.cross_entropy(model(X), y).backward()
                if calls == "first":
                    scheduler.step()
                optimizer.step()
                if calls == "batch":
                    scheduler.step()
            if calls == "epoch":
                scheduler.step()

    return train


right("05-6")(trained())


@right("05-6")
def train_by_formula(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for t, (X, y) in enumerate(list(loader) * epochs):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 + math.cos(math.pi * t / (epochs * len(loader))))
        optimizer.zero_grad()
        F.cross_entropy(model(X), y).backward()
        optimizer.step()


wrong("05-6", "counts_epochs")(trained(T_max=lambda loader, epochs: epochs))
wrong("05-6", "begins_anew")(trained(optimizers=100))
wrong("05-6", "counts_one_epoch")(trained(T_max=lambda loader, epochs: len(loader)))
wrong("05-6", "a_stair_for_each_epoch")(trained(T_max=lambda loader, epochs: epochs, calls="epoch"))
wrong("05-6", "steps_the_rate_first")(trained(calls="first"))
wrong("05-6", "never_steps_the_rate")(trained(calls="never"))


@wrong("05-6", "a_scheduler_in_each_epoch")
def train_with_schedulers(model, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(epochs):
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
        for X, y in loader:
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()


unknown("05-6", "The tensor of all weights after 3 epochs is")(
    lambda model, loader, epochs: trained()(model, loader, epochs + 1)
)

# ── 7 ──


@right("05-7")
def own_clipped(p, g, s):
    g = g / max(1, g.norm() / 30)
    s["v"] = 0.9 * s.get("v", 0) + g
    return p - 0.003 * s["v"]


@right("05-7")
def own_adam(p, g, s):
    if "adam" not in s:
        s["p"] = torch.nn.Parameter(p.clone())
        s["adam"] = torch.optim.Adam([s["p"]], lr=0.05, betas=(0.9, 0.9))
    s["p"].grad = g
    s["adam"].step()
    return s["p"].detach().clone()


wrong("05-7", "flies_off")(lambda p, g, s: p + 0.5 * g)
wrong("05-7", "stands_still")(lambda p, g, s: p - 0 * g)
wrong("05-7", "knows_the_bottom")(lambda p, g, s: torch.ones_like(p))
memory = {}


@wrong("05-7", "remembers_elsewhere")
def own_with_a_global(p, g, s):
    memory["v"] = 0.9 * memory.get("v", 0) + g
    return p - 0.0003 * memory["v"]


unknown("05-7", "The height after 200 steps is 3.4717, and 0.005 or less is the goal.")(lambda p, g, s: p - 0.001 * g)
unknown("05-7", "of what `own_rule` returns has 2 entries, and 1 are right.")(lambda p, g, s: [0.0, 1.0])
