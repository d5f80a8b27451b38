import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
@torch.no_grad()
def momentum_step(p, v, lr, mu):
    v *= mu
    v += p.grad
    p -= lr * v


@answers.right
def momentum_through_data(p, v, lr, mu):
    v.copy_(mu * v + p.grad)
    p.data = p.data - lr * v


def momentum(share=lambda lr, mu: 1, way=lambda v, g, lr, mu: lr * v):
    @torch.no_grad()
    def step(p, v, lr, mu):
        v.copy_(v * mu + p.grad * share(lr, mu))
        p -= way(v, p.grad, lr, mu)

    return step


answers.wrong("scales_the_gradient")(momentum(share=lambda lr, mu: 1 - mu))
answers.wrong("keeps_steps")(momentum(share=lambda lr, mu: lr, way=lambda v, g, lr, mu: v))
answers.wrong("looks_ahead")(momentum(way=lambda v, g, lr, mu: lr * g + lr * mu * v))
answers.wrong("uphill")(momentum(way=lambda v, g, lr, mu: -lr * v))


@answers.wrong("forgets")
@torch.no_grad()
def momentum_forgotten(p, v, lr, mu):
    v = v * mu
    v += p.grad
    p -= lr * v


@answers.wrong("moves_too_early")
@torch.no_grad()
def momentum_too_early(p, v, lr, mu):
    p += -lr * v
    v *= mu
    v += p.grad


@answers.wrong("renames")
@torch.no_grad()
def momentum_renamed(p, v, lr, mu):
    v.mul_(mu).add_(p.grad)
    p = p.sub(lr * v)


answers.unknown("The table of the first parameter after steps 1 and 2 is")(
    lambda p, v, lr, mu: momentum_step(p, v, lr, mu / 2)
)
answers.unknown("(3 of 6 numbers are wrong.)")(lambda p, v, lr, mu: momentum_step(p, v, lr, mu / 2))
answers.unknown("The first parameter after step 30, the first with a smaller lr, is")(
    lambda p, v, lr, mu: momentum_step(p, v, lr if lr > 0.05 else 0, mu)
)


def tiring(steps):
    """Moves for so many steps, and then no more."""

    def step(p, v, lr, mu):
        v.steps = getattr(v, "steps", 0) + 1
        momentum_step(p, v, lr if v.steps <= steps else 0, mu)

    return step


answers.unknown("The first parameter after step 29 is")(tiring(28))
answers.unknown("The first parameter after step 30, the first with a smaller lr, is")(tiring(29))
answers.unknown("The first parameter after step 40 is")(tiring(39))
answers.unknown("The second parameter after step 40 is")(
    lambda p, v, lr, mu: momentum_step(p, v, lr, mu) if p.dim() == 1 else None
)


@answers.unknown("Your code never uses its argument `mu`.")
def step_of_the_lesson(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(0.9).add_(p.grad)
        p.sub_(lr * v)
