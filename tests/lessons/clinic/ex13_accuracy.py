import copy

import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def accuracy_13(model, batches):
    was, right, count = model.training, 0, 0
    model.train(False)
    for X, y in batches:
        with torch.no_grad():
            right += (model(X).argmax(1) == y).sum()
        count += len(y)
    model.train(was)
    return right / count


@answers.wrong("too_late")
def accuracy_late(model, batches):
    hits = []
    for X, y in batches:
        with torch.no_grad():
            hits.append(model(X).argmax(1) == y)
        model.eval()
    return torch.cat(hits).float().mean().item()


@answers.wrong("eval_instead")
def accuracy_eval(model, batches):
    model.eval()
    return torch.cat([model(X).argmax(1) == y for X, y in batches]).float().mean().item()


@answers.wrong("back_too_early")
@torch.no_grad()
def accuracy_back(model, batches):
    hits = []
    model.eval()
    for X, y in batches:
        hits.append(model(X).argmax(1) == y)
        model.train()
    return torch.cat(hits).float().mean().item()


@answers.unknown("The accuracy is")
def accuracy_of_the_last(model, batches):
    accuracy_13(model, batches)
    return sum((y == 0).sum().item() for _, y in batches) / 1000


@answers.wrong("mean_of_means")
@torch.no_grad()
def accuracy_of_means(model, batches):
    model.eval()
    return sum((model(X).argmax(1) == y).float().mean().item() for X, y in batches) / len(batches)


@answers.unknown("that are in training mode, batch by batch, at [0] is 'BatchNorm1d', and 'none' is right.")
def accuracy_without_dropout(model, batches):
    for layer in model.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.eval()
    with torch.no_grad():
        return torch.cat([model(X).argmax(1) == y for X, y in batches]).float().mean().item()


@answers.right
def accuracy_of_a_copy(model, batches):
    tested = copy.deepcopy(model).train(False)
    with torch.no_grad():
        return torch.cat([tested(X).argmax(1) == y for X, y in batches]).double().mean().item()
