import torch

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
@torch.no_grad()
def accuracy(model, X, y):
    model.eval()
    return (model(X).argmax(1) == y).sum().item() / len(y)


@answers.right
def accuracy_inference(model, X, y):
    was = model.training
    model.eval()
    with torch.inference_mode():
        right = (model(X).argmax(1) == y).float().mean()
    model.train(was)
    return right


@answers.wrong("records")
def accuracy_detached(model, X, y):
    model.eval()
    return (model(X).detach().argmax(1) == y).float().mean().item()


@answers.wrong("stays_in_training_mode")
@torch.no_grad()
def accuracy_training(model, X, y):
    return (model(X).argmax(1) == y).float().mean().item()


@answers.wrong("stays_in_training_mode")
@torch.no_grad()
def accuracy_too_late(model, X, y):
    model(X)
    return accuracy(model, X, y)


@answers.wrong("never_records_again")
def accuracy_switched(model, X, y):
    torch.set_grad_enabled(False)
    model.eval()
    return (model(X).argmax(1) == y).float().mean().item()


@answers.unknown("The accuracy is")
@torch.no_grad()
def errors(model, X, y):
    model.eval()
    return (model(X).argmax(1) != y).float().mean().item()


@answers.unknown("The accuracy is")
@torch.no_grad()
def accuracy_by_features(model, X, y):
    return (model.eval()(X).argmax(1) == y).sum().item() / X.shape[1]
