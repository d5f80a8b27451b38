import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
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


answers.right(adamw())
answers.wrong("decays_through_the_gradient")(adamw(through=True))
answers.wrong("corrects_v_by_beta1")(adamw(powers=lambda a, b: (a, a)))
answers.wrong("corrects_m_by_beta2")(adamw(powers=lambda a, b: (b, b)))
answers.wrong("forgets_the_correction")(adamw(powers=lambda a, b: (0, 0)))
answers.wrong("eps_in_the_root")(adamw(root=True))
answers.wrong("decays_without_lr")(adamw(shrink=lambda lr, decay: decay))
answers.wrong("decays_after_the_step")(adamw(late=True))
answers.wrong("does_not_decay")(adamw(shrink=lambda lr, decay: 0))


@answers.wrong("keeps_what_is_corrected")
def adamw_corrected_twice(p, g, s, lr, weight_decay, beta1=0.9, beta2=0.999, eps=1e-8):
    s["t"] = s.get("t", 0) + 1
    p = p * (1 - lr * weight_decay)
    s["m"] = (beta1 * s.get("m", 0) + (1 - beta1) * g) / (1 - beta1 ** s["t"])
    s["v"] = (beta2 * s.get("v", 0) + (1 - beta2) * g**2) / (1 - beta2 ** s["t"])
    return p - lr * s["m"] / (s["v"].sqrt() + eps)


answers.unknown("after step 1, at [0] is")(adamw(powers=lambda a, b: (b, a)))
answers.unknown("after step 1, at [1] is")(adamw(shrink=lambda lr, decay: -lr * decay))
