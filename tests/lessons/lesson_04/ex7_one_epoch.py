import torch

from course_utils.training import train_epoch
from tests.lessons.exercise_answers import Answers

answers = Answers()


def training(order="clear back step", squeeze=lambda logits: logits, swap=False, mode=True, count=None, rows=1):
    count = count or (lambda logits, y: (logits.max(1)[1] == y).sum().item())

    def one_epoch(model, loader, optimizer, loss_fn):
        model.train(model.training if mode is None else mode)
        losses, hits, samples = 0.0, 0, 0
        for X, y in loader:
            logits = model(X)
            pair = (squeeze(logits), y)
            loss = loss_fn(*(pair[::-1] if swap else pair))
            steps = {"clear": model.zero_grad, "back": loss.backward, "step": optimizer.step}
            for step in order.split():
                steps[step]()
            losses += loss.item() * len(y)
            hits += count(logits, y)
            samples += len(y)
        return losses / samples, hits / samples * rows

    return one_epoch


answers.right(training())
answers.right(train_epoch)
answers.right(lambda *given: list(training(order="back step clear")(*given)))
answers.wrong("clears_never")(training(order="back step"))
answers.wrong("moves_nothing")(training(order="back clear step"))
answers.wrong("moves_nothing")(training(order="clear back"))
answers.wrong("steps_first")(training(order="step clear back"))
answers.wrong("softmax_first")(training(squeeze=torch.nn.Softmax(dim=-1)))
answers.wrong("exchanged")(training(swap=True))
answers.wrong("looks_down_the_batch")(training(count=lambda logits, y: (y == logits.argmax(dim=0)).sum().item()))
answers.wrong("a_share_of_each_batch")(training(count=lambda logits, y: (logits.argmax(1) == y).double().mean().item()))
answers.wrong("counts_mistakes")(training(count=lambda logits, y: (logits.argmax(1) != y).sum().item()))
answers.unknown("`model.training` in every forward pass is False, and True is right.")(training(mode=False))
answers.unknown("`model.training` in every forward pass is False, and True is right.")(training(mode=None))
answers.unknown("The pair of the mean loss and the accuracy at [1] is")(training(rows=100))


@answers.unknown("`model.training` in every forward pass is False, and True is right.")
def first_batch_alone(model, loader, optimizer, loss_fn):
    means = training()(model, loader, optimizer, loss_fn)
    model.eval()(loader[0][0])
    return means


@answers.unknown("The tensor of all weights after 4 batches is")
def one_update_more(model, loader, optimizer, loss_fn):
    means = training()(model, loader, optimizer, loss_fn)
    optimizer.step()
    return means
