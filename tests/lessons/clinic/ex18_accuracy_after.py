import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def fit(model, batches, optimizer):
    for X, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(model(X), y).backward()
        optimizer.step()


def testing(accuracy_of):
    """Trains, and returns `accuracy_of(hits, train_batches, test_batches)`; hits: a bool tensor a test batch."""

    def accuracy_after(model, train_batches, test_batches, optimizer):
        fit(model, train_batches, optimizer)
        with torch.no_grad():
            hits = [model(X).argmax(1) == y for X, y in test_batches]
        return accuracy_of(hits, train_batches, test_batches)

    return accuracy_after


@answers.right
@testing
def all_at_once(hits, train, test):
    return torch.cat(hits).float().mean()


@answers.right
@testing
def counted(hits, train, test):
    return sum(hit.sum().item() for hit in hits) / sum(len(y) for _, y in test)


@answers.right
def in_both_modes(model, train_batches, test_batches, optimizer):
    fit(model.train(), train_batches, optimizer)
    model.eval()
    with torch.no_grad():
        return torch.cat([model(X).argmax(1) == y for X, y in test_batches]).float().mean()


@answers.wrong("counts_batches")
@testing
def batches(hits, train, test):
    return sum(hit.sum().item() for hit in hits) / len(test)


@answers.wrong("counts_features")
@testing
def features(hits, train, test):
    return sum(hit.sum().item() for hit in hits) / sum(X.shape[1] for X, _ in test)


@answers.wrong("takes_the_last_for_all")
@testing
def last_for_all(hits, train, test):
    return torch.cat(hits).sum() / (len(hits) * len(hits[-1]))


@answers.wrong("last_batch_only")
@testing
def last_only(hits, train, test):
    return torch.cat(hits).sum() / len(hits[-1])


@answers.unknown("The accuracy is")
@testing
def mean_of_means(hits, train, test):
    return sum(hit.float().mean().item() for hit in hits) / len(hits)


@answers.unknown("The tensor of all weights after training is")
def learns_from_the_test(model, train_batches, test_batches, optimizer):
    result = all_at_once(model, train_batches, test_batches, optimizer)
    fit(model, test_batches, optimizer)
    return result
