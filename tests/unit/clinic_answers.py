"""Answers to the bug clinic as learners write them."""

import copy

import torch
from exercise_answers import right, unknown, wrong
from torch import nn
from torch.nn import functional as F
from torchvision import models


@right("clinic-1")
class OldStyle(nn.Module):
    def __init__(self):
        super(OldStyle, self).__init__()  # noqa: UP008 - how older tutorials write it
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, X):
        return self.layers(X)


@right("clinic-1")
class OutFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(8, 3)
        self.hidden = nn.Linear(4, 8)

    def forward(self, batch):
        return self.out(F.relu(self.hidden(batch)))


@wrong("clinic-1", "ForgetsSuper")
class Net(nn.Module):
    def __init__(self):
        self.hidden = nn.Linear(4, 8)

    def forward(self, X):
        return X


@wrong("clinic-1", "MakesLayersInForward")
class Net(nn.Module):  # noqa: F811
    def __init__(self):
        super().__init__()

    def forward(self, X):
        return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))(X)


@wrong("clinic-1", "ReturnsNothing")
class Net(nn.Module):  # noqa: F811
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, X):
        X = self.layers(X)


@right("clinic-2")
def start(MyModel, lr):
    model = MyModel()
    return [model, torch.optim.SGD([*model.parameters()], lr)]


@wrong("clinic-2", "builds_two")
def start_two(MyModel, lr):
    optimizer = torch.optim.SGD(MyModel().parameters(), lr=lr)
    return MyModel(), optimizer


@wrong("clinic-2", "returns_the_class")
def start_class(MyModel, lr):
    network = MyModel()
    return MyModel, torch.optim.SGD(network.parameters(), lr=lr)


@right("clinic-3")
@torch.no_grad()
def accuracy(model, X, y):
    model.eval()
    return (model(X).argmax(1) == y).sum().item() / len(y)


@right("clinic-3")
def accuracy_inference(model, X, y):
    was = model.training
    model.eval()
    with torch.inference_mode():
        right = (model(X).argmax(1) == y).float().mean()
    model.train(was)
    return right


@wrong("clinic-3", "records")
def accuracy_detached(model, X, y):
    model.eval()
    return (model(X).detach().argmax(1) == y).float().mean().item()


@wrong("clinic-3", "stays_in_training_mode")
@torch.no_grad()
def accuracy_training(model, X, y):
    return (model(X).argmax(1) == y).float().mean().item()


@wrong("clinic-3", "stays_in_training_mode")
@torch.no_grad()
def accuracy_too_late(model, X, y):
    model(X)
    return accuracy(model, X, y)


@wrong("clinic-3", "never_records_again")
def accuracy_switched(model, X, y):
    torch.set_grad_enabled(False)
    model.eval()
    return (model(X).argmax(1) == y).float().mean().item()


def training(step):
    """A training function for clinic-4, -7 and -8 around what `step(model, X, y, optimizer)` does to a batch."""

    def train(model, batches, *rest):
        epochs = rest[1] if len(rest) > 1 and isinstance(rest[1], int) else 1
        lr = rest[0] if isinstance(rest[0], float) else rest[1]
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        return [step(model, X, y, optimizer).item() for _ in range(epochs) for X, y in batches]

    return train


@right("clinic-4")
def train_value(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    values = []
    for X, y in batches:
        value = loss(model(X), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(value.detach())
    return values


@wrong("clinic-4", "half_renamed")
def train_half(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        current = loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, current


@wrong("clinic-4", "first_batch_only")
def train_break(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for X, y in batches:
        loss = loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        break
    return [loss.item()]


def descend(update):
    """A function for clinic-5 around `update(w, lr)`, which returns the new w."""

    def descend(w, X, y, lr, steps):
        for _ in range(steps):
            F.mse_loss(X @ w, y).backward()
            w = update(w, lr)
        return w

    return descend


@right("clinic-5")
@descend
def by_data(w, lr):
    w.data -= lr * w.grad
    w.grad.zero_()
    return w


@right("clinic-5")
@descend
def a_new_leaf(w, lr):
    return (w - lr * w.grad).detach().requires_grad_()


@right("clinic-5")
def descend_sgd(w, X, y, lr, steps):
    optimizer = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        ((X @ w - y) ** 2).mean().backward()
        optimizer.step()
    return w


@wrong("clinic-5", "makes_a_result")
@descend
def a_result(w, lr):
    return w - w.grad * lr


@wrong("clinic-5", "makes_a_constant")
@descend
def a_constant(w, lr):
    with torch.no_grad():
        return w - lr * w.grad


@wrong("clinic-5", "lets_gradients_add")
@descend
def not_cleared(w, lr):
    with torch.no_grad():
        w.sub_(lr * w.grad)
    return w


@right("clinic-6")
def build(classes):
    return models.resnet18(num_classes=classes)


@right("clinic-6")
def build_default(classes):
    net = models.resnet18()
    net.fc = nn.Linear(512, classes)
    return net


@wrong("clinic-6", "old_argument")
def build_old(classes):
    return models.resnet18(pretrained=False, num_classes=classes)


@wrong("clinic-6", "new_argument_downloads")
def build_weights(classes):
    net = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    net.fc = nn.Linear(512, classes)
    return net


@wrong("clinic-6", "thousand_classes")
def build_unadapted(classes):
    return models.resnet18()


@right("clinic-7")
@training
def after_the_step(model, X, y, optimizer):
    loss = F.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
    model.zero_grad()
    return loss


@right("clinic-7")
@training
def to_zero_first(model, X, y, optimizer):
    optimizer.zero_grad(set_to_none=False)
    loss = nn.MSELoss()(model(X), y)
    loss.backward()
    optimizer.step()
    return loss


@wrong("clinic-7", "clears_too_early")
@training
def none_before_step(model, X, y, optimizer):
    loss = F.mse_loss(model(X), y)
    loss.backward()
    for p in model.parameters():
        p.grad = None
    optimizer.step()
    return loss


@wrong("clinic-7", "clears_once_an_epoch")
def train_epochwise(model, batches, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for X, y in batches:
            losses.append(F.mse_loss(model(X), y))
            losses[-1].backward()
            optimizer.step()
        optimizer.zero_grad()
    return [loss.item() for loss in losses]


def scoring(loss_of):
    """A training function for clinic-8 with another loss, `loss_of(logits, y)`."""

    @training
    def step(model, X, y, optimizer):
        loss = loss_of(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


@right("clinic-8")
@scoring
def log_softmax_and_nll(logits, y):
    return nn.NLLLoss()(logits.log_softmax(1), y)


@right("clinic-8")
@scoring
def by_the_formula(logits, y):
    return (logits.logsumexp(1) - logits[range(len(y)), y]).mean()


@wrong("clinic-8", "forgets_the_logarithm")
@scoring
def minus_the_probability(logits, y):
    return -logits.softmax(1)[range(len(y)), y].mean()


@wrong("clinic-8", "softmax_down_the_batch")
@scoring
def softmax_0(logits, y):
    return nn.CrossEntropyLoss()(F.softmax(logits, 0), y)


@wrong("clinic-8", "squeezes_with_a_sigmoid")
@scoring
def sigmoid(logits, y):
    return nn.CrossEntropyLoss()(torch.sigmoid(logits), y)


@right("clinic-9")
def squared_error(model, X, y):
    return F.mse_loss(model(X), y.view(-1, 1))


@right("clinic-9")
def squared_error_flat(model, X, y):
    return (model(X)[:, 0] - y).square().sum() / len(y)


@wrong("clinic-9", "takes_the_sum")
def squared_error_sum(model, X, y):
    return F.mse_loss(model(X), y[:, None], reduction="sum")


@wrong("clinic-9", "squares_the_mean")
def squared_error_mean(model, X, y):
    return torch.mean(model(X) - y.view(-1, 1)) ** 2


@wrong("clinic-9", "takes_the_first_row")
def squared_error_first(model, X, y):
    return F.mse_loss(model(X)[0].expand(len(y)), y)


@right("clinic-10")
class Net10(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [layer for _ in range(3) for layer in (nn.Linear(4, 4), nn.ReLU())]
        self.all = nn.Sequential(*layers, nn.Linear(4, 2))

    def forward(self, X):
        return self.all(X)


@right("clinic-10")
class Registered(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(4, 2)
        for i in range(3):
            self.add_module(f"hidden{i}", nn.Linear(4, 4))

    def forward(self, X):
        for i in range(3):
            X = getattr(self, f"hidden{i}")(X).relu()
        return self.out(X)


@wrong("clinic-10", "SharesOneLayer")
class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.out = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, X):
        for _ in range(3):
            X = self.layer(X).relu()
        return self.out(X)


@wrong("clinic-10", "SequentialOfAList")
class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)]
        self.body = nn.Sequential(self.hidden)


@wrong("clinic-10", "LosesTheActivation")
class Linear3(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, X):
        return self.d(self.c(self.b(self.a(X))))


@right("clinic-11")
def adapt_added(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head = nn.Linear(model.head.in_features, classes)
    optimizer.add_param_group({"params": model.head.parameters()})
    return model, optimizer


@wrong("clinic-11", "trains_the_head_only")
def adapt_frozen(model, classes, lr):
    head = model.head = nn.Linear(8, classes)
    return model, torch.optim.SGD([head.weight, head.bias], lr=lr)


@wrong("clinic-11", "renames_the_size")
def adapt_renamed(model, classes, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.head.out_features = classes
    return model, optimizer


@wrong("clinic-11", "puts_one_on_top")
def adapt_on_top(model, classes, lr):
    both = nn.Sequential(model, nn.Linear(20, classes))
    return both, torch.optim.SGD(both.parameters(), lr=lr)


@right("clinic-12")
def read(rnn, maps):
    return torch.stack([rnn(one.flatten().unsqueeze(0))[0][0] for one in maps])


@right("clinic-12")
def read_last(rnn, maps):
    _, last = rnn(maps.flatten(1).unsqueeze(1))
    return last[-1]


@wrong("clinic-12", "keeps_the_time")
def read_time(rnn, maps):
    return rnn(maps.flatten(1)[:, None])[0]


@wrong("clinic-12", "keeps_the_layers")
def read_layers(rnn, maps):
    return rnn(maps.flatten(1)[:, None])[1]


@wrong("clinic-12", "unsqueezes_in_front")
def read_in_front(rnn, maps):
    return rnn(maps.flatten(1)[None])[0]


@right("clinic-13")
def accuracy_13(model, batches):
    was, right, count = model.training, 0, 0
    model.train(False)
    for X, y in batches:
        with torch.no_grad():
            right += (model(X).argmax(1) == y).sum()
        count += len(y)
    model.train(was)
    return right / count


@wrong("clinic-13", "too_late")
def accuracy_late(model, batches):
    hits = []
    for X, y in batches:
        with torch.no_grad():
            hits.append(model(X).argmax(1) == y)
        model.eval()
    return torch.cat(hits).float().mean().item()


@wrong("clinic-13", "eval_instead")
def accuracy_eval(model, batches):
    model.eval()
    return torch.cat([model(X).argmax(1) == y for X, y in batches]).float().mean().item()


@wrong("clinic-13", "back_too_early")
@torch.no_grad()
def accuracy_back(model, batches):
    hits = []
    model.eval()
    for X, y in batches:
        hits.append(model(X).argmax(1) == y)
        model.train()
    return torch.cat(hits).float().mean().item()


@right("clinic-14")
def mean_loss(model, batches):
    total = sum(F.cross_entropy(model(X), y, reduction="sum") for X, y in batches)
    return total.detach() / sum(len(y) for _, y in batches)


@right("clinic-14")
@torch.no_grad()
def mean_loss_at_once(model, batches):
    X, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    return F.cross_entropy(model(X), y).item()


@wrong("clinic-14", "divides_by_batches")
@torch.no_grad()
def mean_loss_batches(model, batches):
    return sum(F.cross_entropy(model(X), y, reduction="sum").item() for X, y in batches) / len(batches)


@wrong("clinic-14", "divides_twice")
@torch.no_grad()
def mean_loss_twice(model, batches):
    samples = sum(len(y) for _, y in batches)
    return sum(F.cross_entropy(model(X), y).item() / samples for X, y in batches)


@wrong("clinic-14", "takes_all_for_full")
@torch.no_grad()
def mean_loss_full(model, batches):
    size = len(batches[0][0])
    return sum(F.cross_entropy(model(X), y, reduction="sum").item() / size for X, y in batches) / len(batches)


@wrong("clinic-14", "drops_the_last")
@torch.no_grad()
def mean_loss_dropped(model, batches):
    full = [batch for batch in batches if len(batch[1]) == len(batches[0][1])][: len(batches) - 1]
    return sum(F.cross_entropy(model(X), y).item() for X, y in full) / len(full)


@right("clinic-15")
def losses_of(model, batches):
    with torch.no_grad():
        return [F.cross_entropy(model(X), y) for X, y in batches]


@right("clinic-15")
def losses_detached(model, batches):
    return [float(F.cross_entropy(model(X), y).detach()) for X, y in batches]


@wrong("clinic-15", "keeps_the_last")
def losses_last(model, batches):
    for X, y in batches:
        losses = [F.cross_entropy(model(X), y).item()]
    return losses


@wrong("clinic-15", "switches_off_a_result")
def losses_switched(model, batches):
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        loss.requires_grad = False
        losses.append(loss)
    return losses


@wrong("clinic-15", "returns_the_mean")
@torch.no_grad()
def losses_mean(model, batches):
    return torch.stack([F.cross_entropy(model(X), y) for X, y in batches]).mean().item()


# ── What no mistake has a name for, but the check still sees ──


@unknown("clinic-1", "`isinstance(Net(), nn.Module)` is False")
class NoModule:
    def __call__(self, X):
        return X


@unknown("clinic-1", "parameters' shapes has 6 entries, and 4 are right")
class OneLayerMore(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out, self.spare = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(2, 2)

    def forward(self, X):
        return self.out(self.hidden(X).relu())


@unknown("clinic-1", "The result for a batch of 5 is")
class Squeezed(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, X):
        return self.out(self.hidden(X).sigmoid())


@unknown("clinic-2", "The optimizer's learning rate is 0.5, and 0.25 is right.")
def start_fast(MyModel, lr):
    model = MyModel()
    return model, torch.optim.SGD(model.parameters(), lr=2 * lr)


@unknown("clinic-2", "at [1] is 'Adam', and 'SGD' is right.")
def start_adam(MyModel, lr):
    model = MyModel()
    return model, torch.optim.Adam(model.parameters(), lr=lr)


@unknown("clinic-3", "The accuracy is")
@torch.no_grad()
def errors(model, X, y):
    model.eval()
    return (model(X).argmax(1) != y).float().mean().item()


def elsewhere(train):
    """Train a copy: the losses are right, and the model learns nothing."""
    return lambda model, *rest: train(copy.deepcopy(model), *rest)


def twice(train):
    """The model learns, and what is returned is not its losses."""
    return lambda *given: [2 * loss for loss in train(*given)]


for name, train in (("clinic-4", train_value), ("clinic-7", to_zero_first), ("clinic-8", by_the_formula)):
    unknown(name, "The tensor of all weights after training is")(elsewhere(train))
    unknown(name, "The list of losses at [0] is")(twice(train))


@unknown("clinic-5", "`w` after no step at all is")
def descend_at_least_once(w, X, y, lr, steps):
    return descend_sgd(w, X, y, lr, max(steps, 1))


@unknown("clinic-5", "`w` after 3 steps is")
def descend_slowly(w, X, y, lr, steps):
    return descend_sgd(w, X, y, lr / 2, steps)


@unknown("clinic-6", "`isinstance(build(…), nn.Module)` is False")
def build_a_function(classes):
    return build(classes).forward


@unknown("clinic-6", "The number of parameters is")
def build_on_top(classes):
    return nn.Sequential(models.resnet18(), nn.Linear(1000, classes))


@unknown("clinic-9", "The loss is")
def squared_error_and_one(model, X, y):
    return squared_error(model, X, y) + (len(y) > 1)


@unknown("clinic-9", "`loss.requires_grad` is False")
def squared_error_detached(model, X, y):
    return squared_error(model, X, y).detach()


@unknown("clinic-9", "The gradient of the weights is")
def squared_error_half_detached(model, X, y):
    prediction = model(X)[:, 0]
    return (prediction.detach() - y).square().mean() + 0 * prediction.sum()


@unknown("clinic-9", "The loss for a single example is")
def squared_error_of_many(model, X, y):
    return squared_error(model, X, y) * (1 if len(y) > 1 else 2)


@unknown("clinic-10", "`isinstance(Net(), nn.Module)` is False")
class NoModule10(NoModule):
    pass


@unknown("clinic-10", "parameters' shapes has 6 entries, and 8 are right")
class OneLayerLess(nn.Module):
    def __init__(self):
        super().__init__()
        self.all = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, X):
        return self.all(X)


@unknown("clinic-11", "at [1] is 'Adam', and 'SGD' is right.")
def adapt_adam(model, classes, lr):
    model.head = nn.Linear(8, classes)
    return model, torch.optim.Adam(model.parameters(), lr=lr)


@unknown("clinic-11", "The optimizer's learning rate is 0.5, and 0.25 is right.")
def adapt_fast(model, classes, lr):
    return adapt_added(model, classes, 2 * lr)


@unknown("clinic-12", "The result for a single image is")
def read_many(rnn, maps):
    return read(rnn, maps) * (1 if len(maps) > 1 else 2)


@unknown("clinic-13", "The accuracy is")
def accuracy_of_the_last(model, batches):
    accuracy_13(model, batches)
    return sum((y == 0).sum().item() for _, y in batches) / 1000


@unknown("clinic-14", "The mean loss over two batches of 5 is")
def mean_loss_of_many(model, batches):
    return mean_loss(model, batches) * (1 if len(batches) > 2 else 2)


@unknown("clinic-15", "The list of losses at [0] is")
def losses_doubled(model, batches):
    return [2 * loss for loss in losses_of(model, batches)]
