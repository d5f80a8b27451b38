import copy

import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def only_head_by_method(model, classes):
    model.requires_grad_(False)
    model.pop(-1)
    return model.append(nn.Linear(model[-2].out_features, classes))


@answers.right
def only_head_by_name(model, classes):
    last = len(model) - 1
    model[last] = nn.Linear(in_features=model[last].in_features, out_features=classes)
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith(f"{last}.")
    return model


@answers.wrong("freezes_two_classes_of_layers")
def only_head_by_class(model, classes):
    *body, head = model
    for layer in body:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            for p in layer.parameters():
                p.requires_grad_(False)
    return nn.Sequential(*body, nn.Linear(head.in_features, classes))


@answers.right
def only_head_of_a_copy(model, classes):
    body = copy.deepcopy(model)[:-1].eval()
    body.requires_grad_(False)
    return nn.Sequential(body, nn.Linear(model[-1].weight.shape[1], classes))


@answers.right
def only_head_inside(model, classes):
    return nn.Sequential(with_head(model.requires_grad_(False), classes))


@answers.right
def only_head_lazily(model, classes):
    for p in [*model.parameters()]:
        p.requires_grad = False
    model[len(model) - 1] = nn.LazyLinear(classes)
    model(torch.zeros(1, 1, 6, 6))
    return model


@answers.right
def only_head_with_new_parameters(model, classes):
    head = model[-1]
    model.requires_grad_(False)
    head.weight = nn.Parameter(0.1 * torch.randn(classes, head.in_features))
    head.bias = nn.Parameter(torch.zeros(classes))
    head.out_features = classes
    return model


def with_head(model, classes):
    model[-1] = nn.Linear(model[-1].in_features, classes)
    return model


answers.wrong("freezes_nothing")(with_head)


@answers.wrong("freezes_nothing")
def without_parentheses(model, classes):
    for p in model.parameters():
        p.requires_grad_ = False
    return with_head(model, classes)


answers.wrong("freezes_the_head_too")(lambda model, classes: with_head(model, classes).requires_grad_(False))


@answers.wrong("keeps_the_old_head")
def old_head(model, classes):
    for p in model[:-1].parameters():
        p.requires_grad = False
    return model


@answers.wrong("keeps_the_old_head")
def renamed(model, classes):
    model.requires_grad_(False)
    for p in model[-1].parameters():
        p.requires_grad = True
    model[-1].out_features = classes
    return model


@answers.wrong("puts_one_behind")
def one_behind(model, classes):
    known = model[-1].out_features
    return nn.Sequential(model.requires_grad_(False), nn.Linear(known, classes))


@answers.wrong("freezes_the_head_alone")
def head_alone(model, classes):
    model = with_head(model, classes)
    for p in model[-1].parameters():
        p.requires_grad = False
    return model


@answers.wrong("freezes_the_first_layer")
def convolutions(model, classes):
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.requires_grad_(False)
    return with_head(model, classes)


@answers.wrong("freezes_the_weights")
def weights(model, classes):
    for name, p in model.named_parameters():
        if "weight" in name:
            p.requires_grad = False
    return with_head(model, classes)


@answers.wrong("lets_the_weight_learn_alone")
def weight_alone(model, classes):
    model = with_head(model, classes).requires_grad_(False)
    model[-1].weight.requires_grad = True
    return model


@answers.wrong("forgets_the_body")
def made_anew(model, classes):
    channels, hidden = model[0].out_channels, model[3].out_features
    body = nn.Sequential(
        nn.Conv2d(1, channels, 3), nn.ReLU(), nn.Flatten(), nn.Linear(channels * 16, hidden), nn.ReLU()
    )
    return nn.Sequential(*body.requires_grad_(False), nn.Linear(hidden, classes))


@answers.unknown("What `only_head` returns is 'a tuple of 2', and 'a network' is right.")
def two_things(model, classes):
    return with_head(model.requires_grad_(False), classes), model[-1].parameters()


@answers.unknown("The list of shapes of what can be trained has 7 entries, and 2 are right.")
def unchanged(model, classes):
    return model


@answers.unknown("The list of shapes of what can be trained at [0] is '[4, 7]', and '[3, 7]' is right.")
def one_more(model, classes):
    return with_head(model.requires_grad_(False), classes + 1)


@answers.wrong("freezes_the_first_layer")
def one_layer(model, classes):
    for p in model[:3].parameters():
        p.requires_grad = False
    return with_head(model, classes)


@answers.unknown("Whether the network returns what its last layer computes is 'no', and 'yes' is right.")
def with_softmax(model, classes):
    return with_head(model.requires_grad_(False), classes).append(nn.Softmax(dim=1))
