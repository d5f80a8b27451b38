import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


def freezing(requires_grad=True, old=True, buffers=True):
    def freeze(model):
        for name, p in model.named_parameters():
            if requires_grad and not name.startswith("fc."):
                p.requires_grad = False
            if old:
                p.grad = None
        if buffers:
            for part in model.modules():
                if isinstance(part, nn.BatchNorm1d):
                    part.eval()

    return freeze


answers.right(freezing())


@answers.right
def freeze_body(model):
    model.body.requires_grad_(False).eval()
    model.zero_grad()
    return model


@answers.right
def freeze_with_new_end(model):
    model.eval().requires_grad_(False)
    model.zero_grad()
    model.fc = nn.Linear(model.fc.in_features, model.fc.out_features)


@answers.wrong("sets_an_attribute")
def freeze_under_no_grad(model):
    with torch.no_grad():
        model.eval()


answers.wrong("freezes_fc_too")(lambda model: [p.requires_grad_(False) for p in model.parameters()])
answers.wrong("freezes_fc_alone")(lambda model: [p.requires_grad_(False) for p in model.fc.parameters()])
answers.wrong("requires_grad_alone")(freezing(old=False, buffers=False))
answers.wrong("forgets_eval")(freezing(buffers=False))
answers.wrong("leaves_old_gradients")(freezing(old=False))
answers.unknown("What can still be trained is 'body.fc1.bias, body.norm.weight")(
    lambda model: model.body[0].weight.requires_grad_(False)
)


@answers.wrong("forgets_eval")
def freeze_by_zero(model):
    freezing(buffers=False)(model)
    for p in model.fc.parameters():
        p.register_hook(lambda grad: grad * 0)


@answers.wrong("zeroes_old_gradients")
def freeze_with_zeros(model):
    freezing(old=False)(model)
    for p in model.parameters():
        p.grad = torch.zeros_like(p)


@answers.unknown("What a training step changes is 'body.fc1, fc', and 'fc' is right.")
def freeze_but_for_one(model):
    first = model.body[0]
    old = [p.grad for p in first.parameters()]
    freezing()(model)
    for p, grad in zip(first.parameters(), old, strict=True):
        p.grad = grad


@answers.right
def freeze_with_an_end_at_0(model):
    freezing()(model)
    for p in model.fc.parameters():
        p.grad = torch.zeros_like(p)


@answers.unknown("What can still be trained is 'body.fc1.weight, body.fc1.bias, fc.weight, fc.bias', and 'fc.weight")
def freeze_by_part_of_a_name(model):
    model.eval()
    for name, p in model.named_parameters():
        if "fc" not in name:
            p.requires_grad, p.grad = False, None
