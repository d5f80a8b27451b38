import copy

import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


def share(model, X, y):
    with torch.no_grad():
        return (model(X).max(1).indices == y).float().mean().item()


def testing(start=nn.Module.eval, end=lambda model, was: model.train(was)):
    def accuracy_now(model, X, y):
        was = model.training
        start(model)
        accuracy = share(model, X, y)
        end(model, was)
        return accuracy

    return accuracy_now


@answers.right
def on_a_copy(model, X, y):
    return share(copy.deepcopy(model).eval(), X, y)


@answers.right
def by_name(model, X, y):
    modes = {name: layer.training for name, layer in model.named_modules()}
    accuracy = torch.tensor(share(model.eval(), X, y))
    for name, layer in model.named_modules():
        layer.training = modes[name]
    return accuracy


@answers.wrong("forgets_eval")
def as_it_is(model, X, y):
    return share(model, X, y)


answers.wrong("changes_only_the_model")(testing(start=lambda model: setattr(model, "training", False)))
answers.wrong("stays_in_eval")(testing(end=lambda *_: None))
answers.wrong("trains_always")(testing(end=lambda model, _: model.train()))
answers.wrong("keeps_one_mode")(testing())
answers.unknown("The list of `layer.training` in the forward pass at [0] is True, and False is right.")(
    testing(start=nn.Module.train)
)


@answers.wrong("records")
def recording(model, X, y):
    return (copy.deepcopy(model).eval()(X).argmax(1) == y).double().mean().item()


@answers.wrong("counts")
def counting(model, X, y):
    return round(on_a_copy(model, X, y) * len(y))


answers.unknown("The accuracy is")(lambda model, X, y: 100 * on_a_copy(model, X, y))


@answers.wrong("trains_always")
def wakes_a_tested_model(model, X, y):
    accuracy = on_a_copy(model, X, y)
    if not model.training:
        model.train()
    return accuracy


@answers.unknown("The list of `layer.training` afterwards, of a model in training with one layer in `eval()`, at [6]")
def leaves_dropout_off(model, X, y):
    accuracy = on_a_copy(model, X, y)
    model[3][1].eval()
    return accuracy


@answers.wrong("keeps_one_mode")  # of what lies deeper than its children
def restores_its_children(model, X, y):
    before, modes = model.training, [(layer, layer.training) for layer in model.children()]
    accuracy = share(model.eval(), X, y)
    model.training = before
    for layer, mode in modes:
        layer.train(mode)
    return accuracy


@answers.unknown("The accuracy is")
def by_the_number_of_classes(model, X, y):
    classes = model[-1].out_features
    return share(copy.deepcopy(model).eval(), X, y) * len(y) / classes


@answers.wrong("one_mode_a_class")
def accuracy_by_class(model, X, y):
    modes = {type(layer).__name__: layer.training for layer in model.modules()}
    accuracy = share(model.eval(), X, y)
    for layer in model.modules():
        layer.training = modes[type(layer).__name__]
    return accuracy


@answers.unknown("What your code changes in place is `torch.is_grad_enabled()`, which the caller still needs")
def without_gradients_for_good(model, X, y):
    torch.set_grad_enabled(False)
    return on_a_copy(model, X, y)
