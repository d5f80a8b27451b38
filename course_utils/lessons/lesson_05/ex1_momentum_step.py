"""05-1: a step of momentum, in place."""

import torch

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "momentum_step",
    kind="write",
    title="Momentum, in place",
    size="two lines",
    minutes=5,
    text="`momentum_step` makes one step of PyTorch's momentum with one parameter `p`; `p.grad` is there already. The "
    "caller keeps the velocity `v`, 0 at first, and hands it in again at each step. `lr` may differ from step to step.",
    hints=(
        "The caller keeps the velocities and will hand them in again. What must not happen to them?",
        "In place: `v.mul_(mu)` and `v.add_(p.grad)` change the tensor itself. `v = …` only names another one.",
        "The learning rate multiplies the velocity when p moves, not before.",
    ),
    remember="PyTorch's velocity is a sum of gradients, without lr. So a new lr acts at once, on all of it.",
)


@exercise.probe
def probe(momentum_step, draw):
    parameters = [draw.randn(draw.size(3)), draw.randn(draw.size(2), draw.size(2))]
    velocities = [torch.zeros_like(p.requires_grad_()) for p in parameters]
    seen = []
    for step in range(1, 41):  # same: what goes wrong after step 40 is no matter
        for p, v in zip(parameters, velocities, strict=True):
            p.grad = draw.randn(*p.shape)
            momentum_step(p, v, 0.15 if step < 30 else 0.02, 0.8)  # not the 0.9 of the lesson
        seen.append(parameters[0].detach().clone())
        if step == 2:
            yield "the table of the first parameter after steps 1 and 2", torch.stack(seen)
        if step == 29:
            yield "the first parameter after step 29", seen[-1]
        if step == 30:
            yield "the first parameter after step 30, the first with a smaller lr,", seen[-1]
    yield "the first parameter after step 40", seen[-1]
    yield "the second parameter after step 40", parameters[1].clone()


@exercise.solution
def solution(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(mu).add_(p.grad)  # v ← μ v + g
        p.sub_(lr * v)  # p ← p - η v


exercise.starter("with torch.no_grad():\n    raise NotImplementedError  # two lines: change v, then p, in place")
exercise.edit("scales_the_gradient", "add_(p.grad)", "add_((1 - mu) * p.grad)").says(
    "Your momentum scales the new gradient by 1 − μ; PyTorch's does not. Yours is an average of gradients, PyTorch's "
    "a sum: ten times as long with μ = 0.9."
)
exercise.edit("keeps_steps", "add_(p.grad)", "add_(lr * p.grad)", "sub_(lr * v)", "sub_(v)").says(
    "You keep the velocity in units of the step, lr included: equal until lr changes, as step 30 shows. The steps "
    "gathered at the old rate roll on."
)
exercise.edit("looks_ahead", "lr * v", "lr * (p.grad + mu * v)").says(
    "That is Nesterov's step: it looks one step ahead, g + μv. Plain momentum moves by v."
)
exercise.edit("forgets", "v.mul_(mu).add_(p.grad)", "v = mu * v + p.grad").says(
    "Step 1 is right, and step 2 moves as if there had been none before. `v = …` names a new tensor, and the caller's "
    "stays 0."
)
exercise.edit("uphill", "p.sub_", "p.add_").says("Uphill! The gradient points to where the loss *grows*: subtract.")
exercise.edit(
    "moves_too_early", "v.mul_(mu).add_(p.grad)", "p.sub_(lr * v)", "p.sub_(lr * v)", "v.mul_(mu).add_(p.grad)"
).says("You move by the *old* velocity, and update it then: at step 1 nothing moves.")
exercise.edit("renames", "p.sub_(lr * v)", "p = p - lr * v", idle=True).says(
    "Nothing has moved. `p = …` names a new tensor, and the caller's stays where it was: change it in place."
)
