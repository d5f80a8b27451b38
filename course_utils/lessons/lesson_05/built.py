"""What lesson 05 writes and its deeper notebooks use, line for line."""

import torch
from torch import nn


class ByHand:
    def __init__(self, params, rule, **settings):
        self.params, self.rule, self.settings = list(params), rule, settings
        self.memory = [{} for _ in self.params]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p, s in zip(self.params, self.memory, strict=True):
            if p.grad is not None:
                p.copy_(self.rule(p, p.grad, s, **self.settings))  # in place


def sgd(p, g, s, lr):  # parameter, gradient, memory, settings
    return p - lr * g


def prove(rule, kind, lr, seed=0, **arguments):
    torch.manual_seed(seed)
    start = torch.randn(100, dtype=torch.float64)
    mine, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    optimizers = ByHand([mine], rule, lr=lr), kind([theirs], lr=lr, **arguments)
    for step in range(50):
        mine.grad = theirs.grad = torch.randn_like(start)
        for optimizer in optimizers:
            optimizer.step()
    return (mine - theirs).abs().max().item()


def momentum(p, g, s, lr, mu=0.9):
    s["v"] = mu * s.get("v", 0) + g  # at first v = g
    return p - lr * s["v"]


def step_lengths(rule, steps=100, gradient=1.0, flip=False, **settings):
    p = torch.zeros(1, dtype=torch.float64)
    s, lengths = {}, []
    for step in range(steps):
        g = torch.full_like(p, -gradient if flip and step % 2 else gradient)
        new = rule(p, g, s, **settings)
        lengths.append((new - p).abs().item())
        p = new
    return lengths


def adam(p, g, s, lr, beta1=0.9, beta2=0.999, eps=1e-8, correct=True):
    t = s["t"] = s.get("t", 0) + 1
    m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    if correct:
        m, v = m / (1 - beta1**t), v / (1 - beta2**t)  # m̂, v̂
    return p - lr * m / (v.sqrt() + eps)


def nesterov(p, g, s, lr, mu=0.9):
    s["v"] = mu * s.get("v", 0) + g
    return p - lr * (g + mu * s["v"])


def adagrad(p, g, s, lr, eps=1e-10):
    s["v"] = s.get("v", 0) + g**2
    return p - lr * g / (s["v"].sqrt() + eps)


def rmsprop(p, g, s, lr, alpha=0.99, eps=1e-8):
    s["v"] = alpha * s.get("v", 0) + (1 - alpha) * g**2
    return p - lr * g / (s["v"].sqrt() + eps)


def adadelta(p, g, s, lr=1.0, rho=0.9, eps=1e-6):
    v = s["v"] = rho * s.get("v", 0) + (1 - rho) * g**2
    u = s.get("u", torch.zeros_like(p))
    d = (u + eps).sqrt() / (v + eps).sqrt() * g
    s["u"] = rho * u + (1 - rho) * d**2
    return p - lr * d


def seven_rules():
    return {  # a rule, and a learning rate for the bench
        "SGD": (sgd, 0.01),
        "momentum": (momentum, 0.01),
        "Nesterov": (nesterov, 0.01),
        "RMSprop": (rmsprop, 0.01),
        "Adagrad": (adagrad, 0.01),
        "Adadelta": (adadelta, 1.0),
        "Adam": (adam, 0.01),
    }


def four_surfaces():
    return {
        "ravine": lambda x, y: (x**2 + 100 * y**2) / 2,
        "bowl": lambda x, y: (x**2 + y**2) / 2,
        "saddle": lambda x, y: x**2 + (y**2 - 2) ** 2 / 4,
        "Rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    }


def descend(surface, rule, start, steps, **settings):
    """Places [steps + 1, 2] and heights [steps + 1] on the way down."""
    p, s, places, heights = torch.tensor(start).double(), {}, [], []
    for _ in range(steps + 1):
        p.requires_grad_()
        height = surface(*p)
        (g,) = torch.autograd.grad(height, p)
        places.append(p.tolist())
        heights.append(height.item())
        p = rule(p.detach(), g, s, **settings)
    return places, heights


def plan(workers, parts, dies=None, networks=24):
    """Rows (worker, start, end, finished?), in seconds."""
    takes = 0.5 + networks / parts  # to send it, and a second a network
    free, rows = [0.0] * workers, []  # when each is free
    while parts:
        start = min(free)
        worker = free.index(start)
        end, finished = start + takes, True
        if worker == 0 and dies is not None and start <= dies < end:
            end, finished = dies, False
        rows.append((worker, start, end, finished))
        free[worker] = end if finished else end + 3  # a new one starts
        parts -= finished
    return rows
