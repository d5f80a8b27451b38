import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def adapt_added(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head = nn.Linear(model.head.in_features, classes)
    optimizer.add_param_group({"params": model.head.parameters()})
    return model, optimizer


@answers.wrong("trains_the_head_only")
def adapt_frozen(model, classes, lr):
    head = model.head = nn.Linear(8, classes)
    return model, torch.optim.SGD([head.weight, head.bias], lr=lr)


@answers.wrong("renames_the_size")
def adapt_renamed(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head.out_features = classes
    return model, optimizer


@answers.wrong("puts_one_on_top")
def adapt_on_top(model, classes, lr):
    both = nn.Sequential(model, nn.Linear(20, classes))
    return both, torch.optim.SGD(both.parameters(), lr=lr)


@answers.unknown("at [1] is 'Adam', and 'SGD' is right.")
def adapt_adam(model, classes, lr):
    model.head = nn.Linear(8, classes)
    return model, torch.optim.Adam(model.parameters(), lr=lr)


answers.unknown("The optimizer's learning rate is 0.5, and 0.25 is right.")(
    lambda model, classes, lr: adapt_added(model, classes, 2 * lr)
)


@answers.unknown("The optimizer's learning rate is a list of 2, and a number is needed.")
def adapt_carefully(model, classes, lr):
    model.head = nn.Linear(8, classes)
    groups = [{"params": model.head.parameters()}, {"params": model.body.parameters(), "lr": lr / 10}]
    return model, torch.optim.SGD(groups, lr=lr)


@answers.unknown("The list of whether the optimizer holds each parameter at [1] is False, and True is right.")
def adapt_without_biases(model, classes, lr):
    model.head = nn.Linear(8, classes)
    return model, torch.optim.SGD([model.body.weight, model.head.weight], lr=lr)


@answers.wrong("freezes_the_body")
def adapt_after_freezing(model, classes, lr):
    for p in model.body.parameters():
        p.requires_grad = False
    model.head = nn.Linear(8, classes)
    return model, torch.optim.SGD(model.parameters(), lr)


@answers.unknown("The list of whether it holds them when it is asked again at [0] is False, and True is right.")
def adapt_with_a_generator(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head = nn.Linear(8, classes)
    optimizer.param_groups[0].update(params=model.parameters())
    return model, optimizer


@answers.unknown("Whether the optimizer holds a parameter twice is True, and False is right.")
def adapt_twice(model, classes, lr):
    model.head = nn.Linear(8, classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.param_groups[0]["params"].append(model.head.weight)
    return model, optimizer
