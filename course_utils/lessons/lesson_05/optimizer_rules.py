"""Exercises of lesson 05: rules of optimizers."""

import torch

from course_utils.exercises.exercise import Exercise

# ── 1 ── two lines: momentum, in place

pushed = Exercise(
    "05-1",
    "momentum_step",
    minutes=5,
    hints=(
        "The caller keeps the velocities and will hand them in again. What must not happen to them?",
        "In place: `v.mul_(mu)` and `v.add_(p.grad)` change the tensor itself. `v = …` only names another one.",
        "The learning rate multiplies the velocity when p moves, not before.",
    ),
    remember="PyTorch's velocity is a sum of gradients, without lr. So a new lr acts at once, on all of it.",
)


@pushed.probe
def look_at_momentum(momentum_step):
    parameters = [torch.randn(3, requires_grad=True), torch.randn(2, 2, requires_grad=True)]
    velocities = [torch.zeros_like(p) for p in parameters]
    seen = []
    for step in range(1, 41):
        for p, v in zip(parameters, velocities, strict=True):
            p.grad = torch.randn_like(p)
            momentum_step(p, v, 0.1 if step < 30 else 0.01, 0.9)
        seen.append(parameters[0].detach().clone())
        if step == 2:
            yield "the table of the first parameter after steps 1 and 2", torch.stack(seen)
        if step == 29:
            yield "the first parameter after step 29", seen[-1]
        if step == 30:
            yield "the first parameter after step 30, the first with a smaller lr,", seen[-1]
    yield "the first parameter after step 40", seen[-1]
    yield "the second parameter after step 40", parameters[1].clone()


@pushed.start
def momentum_to_write(p, v, lr, mu):
    with torch.no_grad():
        raise NotImplementedError  # two lines: change v, then p, in place


@pushed.solution
def as_pytorch(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(mu).add_(p.grad)  # v ← μ v + g
        p.sub_(lr * v)  # p ← p - η v


@pushed.mistake(
    "Your momentum scales the new gradient by 1 − μ; PyTorch's does not. Yours is an average of gradients, PyTorch's "
    "a sum: ten times as long with μ = 0.9."
)
def scales_the_gradient(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(mu).add_((1 - mu) * p.grad)
        p.sub_(lr * v)


@pushed.mistake(
    "You keep the velocity in units of the step, lr included: equal until lr changes, as step 30 shows. The steps "
    "gathered at the old rate roll on."
)
def keeps_steps(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(mu).add_(lr * p.grad)
        p.sub_(v)


@pushed.mistake("That is Nesterov's step: it looks one step ahead, g + μv. Plain momentum moves by v.")
def looks_ahead(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(mu).add_(p.grad)
        p.sub_(lr * (p.grad + mu * v))


@pushed.mistake(
    "The velocity is forgotten: step 1 is right, step 2 begins anew. `v = …` names a new tensor, and the caller's "
    "stays 0."
)
def forgets(p, v, lr, mu):
    with torch.no_grad():
        v = mu * v + p.grad
        p.sub_(lr * v)


@pushed.mistake("Uphill! The gradient points to where the loss *grows*: subtract.")
def uphill(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(mu).add_(p.grad)
        p.add_(lr * v)


@pushed.mistake("You move by the *old* velocity, and update it then: at step 1 nothing moves.")
def moves_too_early(p, v, lr, mu):
    with torch.no_grad():
        p.sub_(lr * v)
        v.mul_(mu).add_(p.grad)


@pushed.mistake("Nothing has moved. `p = …` names a new tensor; the caller's stays where it was: `p.sub_(lr * v)`.")
def renames(p, v, lr, mu):
    with torch.no_grad():
        v.mul_(mu).add_(p.grad)
        p = p - lr * v


# ── 2 ── repair: AdamW

mended = Exercise(
    "05-2",
    "adamw_rule",
    minutes=8,
    hints=(
        "There are two mistakes. Which line makes the difference between Adam and AdamW, and where does it stand?",
        "The decay must not go through `m` and `v`: shrink p itself, by lr · weight_decay · p, before the step.",
        "The other one: by what is each average too small after t steps? Look at both corrections.",
    ),
    remember="Each average is corrected by its own β, and the decay goes past both of them.",
)


@mended.probe
def look_at_adamw(adamw_rule):
    lr, *others = 0.1, 0.9, 0.99, 0.01  # beta1, beta2, eps
    memories = {0.0: {}, 0.5: {}}  # for each weight decay
    places = [torch.randn(4) for _ in memories]
    for step in (1, 2, 3):
        g = 0.1 * torch.randn(4)
        pairs = zip(places, memories.items(), strict=True)
        places = [adamw_rule(p.clone(), g.clone(), s, lr, decay, *others) for p, (decay, s) in pairs]
        # As a list, so that one mistake and both are told apart at the first step.
        yield f"the list of p without decay and p with decay, after step {step},", list(places)


@mended.broken("It still trains, and not as `torch.optim.AdamW` does.")
def as_found(p, g, s, lr, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
    t = s["t"] = s.get("t", 0) + 1
    g = g + weight_decay * p
    m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    m, v = m / (1 - beta1**t), v / (1 - beta1**t)
    return p - lr * m / (v.sqrt() + eps)


@mended.solution
def decay_past_the_averages(p, g, s, lr, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
    t = s["t"] = s.get("t", 0) + 1
    p = p - lr * weight_decay * p
    m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    m, v = m / (1 - beta1**t), v / (1 - beta2**t)
    return p - lr * m / (v.sqrt() + eps)


def adam(p, g, s, lr, beta1, beta2, eps, corrected_by, inside=False):
    """Adam's step. `corrected_by`: the β whose power corrects m, and v; 0 for none. `inside`: is eps in the root?"""
    t = s["t"] = s.get("t", 0) + 1
    m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    m, v = (average / (1 - beta**t) for average, beta in zip((m, v), corrected_by, strict=True))
    return p - lr * m / ((v + eps).sqrt() if inside else v.sqrt() + eps)


@mended.mistake(
    "One of two: the corrections are right. The decay still goes into `g`, so that it is divided by the root of `v` "
    "with it: that is Adam with L2, section 7."
)
def decays_through_the_gradient(p, g, s, lr, weight_decay, beta1, beta2, eps):
    return adam(p, g + weight_decay * p, s, lr, beta1, beta2, eps, (beta1, beta2))


@mended.mistake(
    "One of two: the decay is decoupled. `v` is still corrected by β₁: it fades with β₂, and after one step lacks a "
    "factor of 1 − β₂."
)
def corrects_v_by_beta1(p, g, s, lr, weight_decay, beta1, beta2, eps):
    return adam(p - lr * weight_decay * p, g, s, lr, beta1, beta2, eps, (beta1, beta1))


@mended.mistake("You correct both averages by β₂. `m` fades with β₁.")
def corrects_m_by_beta2(p, g, s, lr, weight_decay, beta1, beta2, eps):
    return adam(p - lr * weight_decay * p, g, s, lr, beta1, beta2, eps, (beta2, beta2))


@mended.mistake("The decay is right, and the bias correction is gone: the first steps are too long (section 2).")
def forgets_the_correction(p, g, s, lr, weight_decay, beta1, beta2, eps):
    return adam(p - lr * weight_decay * p, g, s, lr, beta1, beta2, eps, (0, 0))


@mended.mistake("Your `eps` stands inside the root, where its own root counts. PyTorch adds it after the root.")
def eps_in_the_root(p, g, s, lr, weight_decay, beta1, beta2, eps):
    return adam(p - lr * weight_decay * p, g, s, lr, beta1, beta2, eps, (beta1, beta2), inside=True)


@mended.mistake("You shrink p by the whole λ. The decay is a part of the step, too: lr · λ · p.")
def decays_without_lr(p, g, s, lr, weight_decay, beta1, beta2, eps):
    return adam(p - weight_decay * p, g, s, lr, beta1, beta2, eps, (beta1, beta2))


@mended.mistake("You shrink p after the step, and so a part of the step as well. AdamW shrinks first.")
def decays_after_the_step(p, g, s, lr, weight_decay, beta1, beta2, eps):
    p = adam(p, g, s, lr, beta1, beta2, eps, (beta1, beta2))
    return p - lr * weight_decay * p


@mended.mistake("The decay is gone, and what is left is plain Adam.")
def does_not_decay(p, g, s, lr, weight_decay, beta1, beta2, eps):
    return adam(p, g, s, lr, beta1, beta2, eps, (beta1, beta2))


@mended.mistake(
    "Step 1 is right. You keep the *corrected* averages in the memory, and correct them again: `s` holds m and v as "
    "they are."
)
def keeps_what_is_corrected(p, g, s, lr, weight_decay, beta1, beta2, eps):
    p = adam(p - lr * weight_decay * p, g, s, lr, beta1, beta2, eps, (beta1, beta2))
    s["m"], s["v"] = s["m"] / (1 - beta1 ** s["t"]), s["v"] / (1 - beta2 ** s["t"])
    return p


EXERCISES = (pushed, mended)
