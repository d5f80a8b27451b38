from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def accumulating(k=4, divide=4, clear=lambda i, k: (i + 1) % k == 0, before=False):
    def train(model, micro_batches, optimizer):
        for i, (X, y) in enumerate(micro_batches):
            (F.cross_entropy(model(X), y) / divide).backward()
            if before and (i + 1) % k == 0:
                model.zero_grad()
            if (i + 1) % k == 0:
                optimizer.step()
            if clear(i, k):
                model.zero_grad()

    return train


answers.right(accumulating())


@answers.right
def train_at_once(model, micro_batches, optimizer):
    for i in range(0, len(micro_batches), 4):
        optimizer.zero_grad()
        losses = [F.cross_entropy(model(X), y) for X, y in micro_batches[i : i + 4]]
        (sum(losses) / 4).backward()
        optimizer.step()


@answers.wrong("clears_each_part")
def train_clearing(model, micro_batches, optimizer):
    for i, (X, y) in enumerate(micro_batches):
        model.zero_grad()
        (F.cross_entropy(model(X), y) * 0.25).backward()
        if i % 4 == 3:
            optimizer.step()


answers.wrong("does_not_divide")(accumulating(divide=1))
answers.wrong("divides_by_all")(accumulating(divide=8))
answers.wrong("clears_never")(accumulating(clear=lambda i, k: False))
answers.wrong("moves_nothing")(accumulating(before=True))
answers.wrong("updates_each_part")(accumulating(k=1))
answers.unknown("The tensor of all weights after 8 parts is")(accumulating(k=2))


@answers.wrong("steps_each_part")
def train_stepping(model, micro_batches, optimizer):
    for i, (X, y) in enumerate(micro_batches, 1):
        (F.cross_entropy(model(X), y) / 4).backward()
        optimizer.step()
        if not i % 4:
            model.zero_grad()


@answers.unknown("The tensor of all weights after 8 parts is")
def train_by_features(model, micro_batches, optimizer):
    for i, (X, y) in enumerate(micro_batches, 1):
        (F.cross_entropy(model(X), y, reduction="sum") / X.shape[1] / 4).backward()
        if i % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
