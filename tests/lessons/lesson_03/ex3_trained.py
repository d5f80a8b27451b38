import torch
from torch import nn
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


def training(other=False, squeeze=lambda logits: logits, loss_fn=F.cross_entropy):
    def trained(Net, batches, lr):
        model = Net()
        moved = Net() if other else model
        losses = []
        for X, y in batches:
            loss = loss_fn(squeeze(model(X)), y)
            losses += [loss.item()]
            gradients = torch.autograd.grad(loss, model.parameters())
            with torch.no_grad():
                for p, gradient in zip(moved.parameters(), () if other else gradients, strict=False):
                    p -= lr * gradient
        return model, losses

    return trained


answers.right(training())
answers.right(training(squeeze=lambda logits: logits.log_softmax(dim=1), loss_fn=F.nll_loss))
answers.wrong("still_two_networks")(training(other=True))
answers.wrong("still_softmax_twice")(training(squeeze=nn.Softmax(dim=-1)))
answers.wrong("softmax_down_the_batch")(training(squeeze=nn.Softmax(dim=0)))


@answers.wrong("asks_the_class")
def trained_of_the_class(Net, batches, lr):
    optimizer = torch.optim.SGD(Net.parameters(), lr)
    model = Net()
    return model, [optimizer]


answers.unknown("The list of losses at [0] is")(training(squeeze=torch.sigmoid))
answers.unknown("The list of losses has 3 entries, and 4 are right.")(
    lambda Net, batches, lr: training()(Net, batches[1:], lr)
)
answers.wrong("returns_another")(lambda Net, batches, lr: (Net(), training()(Net, batches, lr)[1]))
answers.unknown("What `trained` returns, part by part, is of type `Steady`")(
    lambda Net, batches, lr: training()(Net, batches, lr)[0]
)
answers.unknown("at [0] is 'the class Steady', and 'Steady' is right.")(
    lambda Net, batches, lr: (Net, training()(Net, batches, lr)[1])
)


@answers.wrong("still_two_networks")
def trained_anew_each_time(Net, batches, lr):
    return Net(), [training()(Net, [batch], lr)[1][0] for batch in batches]
