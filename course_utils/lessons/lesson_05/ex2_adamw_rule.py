"""05-2: AdamW with two mistakes."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "adamw_rule",
    kind="repair",
    title="Repair this",
    minutes=8,
    text="AdamW as one finds it, in the form of the rules above. It trains, but `torch.optim.AdamW` goes elsewhere. "
    "There are *two* mistakes.",
    hints=(
        "There are two mistakes. Which line makes the difference between Adam and AdamW, and where does it stand?",
        "The decay must not go through `m` and `v`: shrink p itself, by lr · weight_decay · p, before the step.",
        "The other one: by what is each average too small after t steps? Look at both corrections.",
    ),
    in_place=True,  # as torch.optim does it
    remember="Each average is corrected by its own β, and the decay goes past both of them.",
)


@exercise.probe
def probe(adamw_rule, draw):
    lr, *others = 0.1, 0.8, 0.97, 0.01  # beta1, beta2, eps
    memories = {0.0: {}, 0.5: {}}  # for each weight decay
    numbers = draw.size(4)
    places = [draw.randn(numbers) for _ in memories]
    for step in (1, 2, 3):
        g = 0.1 * draw.randn(numbers)
        pairs = zip(places, memories.items(), strict=True)
        places = [adamw_rule(p.clone(), g.clone(), s, lr, decay, *others) for p, (decay, s) in pairs]
        # As a list, so that one mistake and both are told apart at the first step.
        yield f"the list of p without decay and p with decay, after step {step},", list(places)


@exercise.solution
def solution(p, g, s, lr, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
    t = s["t"] = s.get("t", 0) + 1
    p = p - lr * weight_decay * p
    m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    m, v = m / (1 - beta1**t), v / (1 - beta2**t)
    return p - lr * m / (v.sqrt() + eps)


exercise.broken("p = p - lr * weight_decay * p", "g = g + weight_decay * p", "beta2**t", "beta1**t").says(
    "It still trains, and not as `torch.optim.AdamW` does."
)
exercise.edit("decays_through_the_gradient", "p = p - lr * weight_decay * p", "g = g + weight_decay * p").says(
    "One of two: the corrections are right. The decay still goes into `g`, so that it is divided by the root of `v` "
    "with it: that is Adam with L2 (05d)."
)
exercise.edit("corrects_v_by_beta1", "beta2**t", "beta1**t").says(
    "One of two: the decay is decoupled. `v` is still corrected by β₁: it fades with β₂, and after one step lacks a "
    "factor of 1 − β₂."
)
exercise.edit("corrects_m_by_beta2", "beta1**t", "beta2**t").says("You correct both averages by β₂. `m` fades with β₁.")
exercise.edit("forgets_the_correction", "    m, v = m / (1 - beta1**t), v / (1 - beta2**t)\n", "").says(
    "The decay is right, and the bias correction is gone: the first steps are too long (section 3)."
)
exercise.edit("eps_in_the_root", "(v.sqrt() + eps)", "(v + eps).sqrt()").says(
    "Your `eps` stands inside the root, where its own root counts. PyTorch adds it after the root."
)
exercise.edit("decays_without_lr", "lr * weight_decay", "weight_decay").says(
    "You shrink p by the whole λ. The decay is a part of the step, too: lr · λ · p."
)
exercise.edit(
    "decays_after_the_step",
    "    p = p - lr * weight_decay * p\n",
    "",
    "return p - lr * m / (v.sqrt() + eps)",
    "p = p - lr * m / (v.sqrt() + eps)\n    return p - lr * weight_decay * p",
).says("You shrink p after the step, and so a part of the step as well. AdamW shrinks first.")
exercise.edit("does_not_decay", "    p = p - lr * weight_decay * p\n", "").says(
    "The decay is gone, and what is left is plain Adam."
)
exercise.edit("keeps_what_is_corrected", "m, v =", 's["m"], s["v"] = m, v =').says(
    "Step 1 is right. You keep the *corrected* averages in the memory, and correct them again: `s` holds m and v as "
    "they are."
)
