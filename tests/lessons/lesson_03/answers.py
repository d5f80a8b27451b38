"""Answers to the exercises of lesson 03 as learners write them."""

import itertools

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.experiment import Experiment
from tests.lessons.exercise_answers import right, unknown, wrong

# ── 1 ──


@right("03-1")
def standardised(X_train, X_valid):
    std, mean = torch.std_mean(X_train, dim=0, keepdim=True)
    return X_valid / std - mean / std


@right("03-1")
def standardised_by_n(X_train, X_valid):
    return (X_valid - X_train.mean(0)) / X_train.var(0, correction=0).sqrt()


wrong("03-1", "by_its_own")(
    lambda train, valid: nn.functional.batch_norm(valid, None, None, training=True) * 0.975**0.5
)
wrong("03-1", "by_all")(lambda train, valid: standardised(torch.cat([valid, train]), valid))
wrong("03-1", "one_for_all")(lambda train, valid: valid.sub(train.mean()).div(train.std()))
wrong("03-1", "over_features")(lambda train, valid: (valid - train.mean(1)) / train.std(0))
wrong("03-1", "by_the_variance")(lambda train, valid: (valid - train.mean(0)) / train.std(0) ** 2)
wrong("03-1", "forgets_parentheses")(lambda train, valid: valid - (train.mean(0) / train.std(0)))
wrong("03-1", "only_centred")(lambda train, valid: valid - train.mean(0, keepdim=True))
wrong("03-1", "the_other_set")(lambda train, valid: standardised(train, train))
unknown("03-1", "The standardised validation set is")(lambda train, valid: valid / train.std(0))
unknown("03-1", "has the shape [40], and [40, 3] is right.")(lambda train, valid: standardised(train, valid)[:, 0])

# ── 2 ──


def layers(*widths):
    pairs = itertools.pairwise(widths)
    return sum(p.numel() for n, m in pairs for p in nn.Linear(n, m).parameters())


right("03-2")((layers(64, 32, 10), layers(64, 32, 32, 10)))
right("03-2")(torch.tensor([2410, 3466]))
wrong("03-2", "without_biases")([2368, 3392])
wrong("03-2", "one_bias_a_layer")((2370, 3395))
wrong("03-2", "without_the_last")((2080, 3136))
wrong("03-2", "only_what_is_added")((2410, 1056))
wrong("03-2", "counts_neurons")((42, 74))
unknown("03-2", "at [1] is 3467, and 3466 is right.")((2410, 3467))

# ── 3 ──


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


right("03-3")(training())
right("03-3")(training(squeeze=lambda logits: logits.log_softmax(dim=1), loss_fn=F.nll_loss))
wrong("03-3", "still_two_networks")(training(other=True))
wrong("03-3", "still_softmax_twice")(training(squeeze=nn.Softmax(dim=-1)))
wrong("03-3", "softmax_down_the_batch")(training(squeeze=nn.Softmax(dim=0)))


@wrong("03-3", "asks_the_class")
def trained_of_the_class(Net, batches, lr):
    optimizer = torch.optim.SGD(Net.parameters(), lr)
    model = Net()
    return model, [optimizer]


unknown("03-3", "The list of losses at [0] is")(training(squeeze=torch.sigmoid))
unknown("03-3", "The list of losses has 3 entries, and 4 are right.")(
    lambda Net, batches, lr: training()(Net, batches[1:], lr)
)
unknown("03-3", "The tensor of all weights after training is")(
    lambda Net, batches, lr: (Net(), training()(Net, batches, lr)[1])
)
unknown("03-3", "What `trained` returns, part by part, is of type `Steady`")(
    lambda Net, batches, lr: training()(Net, batches, lr)[0]
)

# ── 4 ──


def counting(record=False, switch=True, dim=1, combine=lambda right, images: sum(right) / sum(images)):
    def share_right(model, batches):
        if switch:
            model.train(False)
        right, images = [], []
        with torch.set_grad_enabled(record):
            for X, y in batches:
                answers = torch.argmax(model(X), dim)
                right.append(torch.eq(answers, y).sum())
                images.append(y.numel())
        return combine(right, images)

    return share_right


right("03-4")(counting())


@right("03-4")
def share_at_once(model, batches):
    X, y = (torch.cat(part) for part in zip(*batches, strict=True))
    with torch.inference_mode():
        return (model.eval()(X).argmax(-1) == y).double().mean().item()


def mean_share(right, images):
    return sum(r / n for r, n in zip(right, images, strict=True)) / len(right)


wrong("03-4", "mean_of_means")(counting(combine=mean_share))
wrong("03-4", "over_the_images")(counting(dim=0))
wrong("03-4", "in_training_mode")(counting(switch=False))
wrong("03-4", "in_training_mode")(counting(switch=False, record=True))
wrong("03-4", "records")(counting(record=True))
wrong("03-4", "the_number")(counting(combine=lambda right, images: sum(right)))
wrong("03-4", "all_of_one_size")(counting(combine=lambda right, images: sum(right) / (3 * images[0])))
wrong("03-4", "the_last_batch")(counting(combine=lambda right, images: right[-1] / images[-1]))
wrong("03-4", "the_first_batch")(counting(combine=lambda right, images: right[0] / images[0]))
unknown("03-4", "The share of right answers in batches of 10, 10 and 4 is 0.85, and 0.75 is right.")(
    lambda model, batches: counting()(model, batches[:2])
)
unknown("03-4", "is 75, and 0.75 is right.")(lambda model, batches: 100 * counting()(model, batches))


@wrong("03-4", "in_training_mode")
def share_switched_too_late(model, batches):
    right = images = 0
    with torch.no_grad():
        for X, y in batches:
            right += (model(X).argmax(1) == y).sum()
            images += len(y)
            model.eval()
    return right / images


# ── 5 ──


def stack(last=False, bend=nn.ReLU, until=None, turn=1):
    def build_mlp(widths):
        net = nn.Sequential()
        pairs = list(itertools.pairwise(widths))[:until]
        for place, pair in enumerate(pairs):
            net.append(nn.Linear(*pair[::turn]))
            if last or place < len(pairs) - 1:
                net.append(bend())
        return net

    return build_mlp


right("03-5")(stack())


@right("03-5")
class Stack(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.head = nn.Linear(*widths[-2:])
        self.hidden = nn.ModuleList(nn.Linear(*widths[i : i + 2]) for i in range(len(widths) - 2))

    def forward(self, X):
        for layer in self.hidden:
            X = F.relu(layer(X))
        return self.head(X)


right("03-5")(lambda widths: nn.Sequential(nn.Flatten(), *stack()(widths)))


@right("03-5")
def stack_with_other_weights(widths):
    net = stack()(widths)
    for p in net.parameters():
        nn.init.normal_(p, std=0.1)
    return net


wrong("03-5", "one_too_many")(stack(last=True))
wrong("03-5", "without_activation")(stack(bend=nn.Identity))
wrong("03-5", "stops_too_early")(stack(until=-1))
wrong("03-5", "turned")(stack(turn=-1))
wrong("03-5", "sequential_of_a_list")(lambda widths: nn.Sequential(list(stack()(widths))))
wrong("03-5", "returns_the_list")(lambda widths: list(stack()(widths)))
unknown("03-5", "The table of logits of 7 examples is")(stack(bend=nn.Sigmoid))
unknown("03-5", "has 2 entries, and 6 are right.")(stack(until=1))


@unknown("03-5", "The result of `build_mlp([6, 2])`, a single layer, is")
def stack_that_ends_in_relu_if_short(widths):
    return stack(last=len(widths) == 2)(widths)


# ── 6 ──

good = Experiment(data="digits", hidden=(128,), activation="relu", optimizer="Adam", lr=0.01, epochs=3, valid=287)
right("03-6")(good.but(batch_size=16, activation="gelu", lr=0.005))
right("03-6")(good.but(batch_size=32, valid=0.2, seed=7))
wrong("03-6", "patient")(good.but(epochs=4))
wrong("03-6", "holds_nothing_out")(good.but(valid=0))
wrong("03-6", "on_mnist")(good.but(data="mnist"))
wrong("03-6", "starves")(good.but(activation="sigmoid", optimizer="SGD"))
wrong("03-6", "starves")(good.but(lr=100.0))
unknown("03-6", "and 0.05 or less is the goal.")(good.but(optimizer="SGD", lr=0.1))
unknown("03-6", "and 0.05 or less is the goal.")(good.but(lr=0.0005, epochs=1))
unknown("03-6", "The number of images held out is 144, and 287 is right.")(good.but(valid=0.1))
unknown("03-6", "What you hand over, by its class, is 'str', and 'Experiment' is right.")("Adam")
unknown("03-6", "Its data is 'data of your own', and 'digits' is right.")(
    good.but(data=(torch.utils.data.TensorDataset(torch.zeros(2, 3), torch.zeros(2)),) * 2)
)
