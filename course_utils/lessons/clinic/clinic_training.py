"""Bug clinic: loops that train."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 4 ── one name for two things

trained = Exercise(
    "clinic-4",
    "train",
    minutes=3,
    hints=(
        "The first batch works, the second does not. What has changed in between?",
        "What is `loss` before the loop, and what is it after the first batch?",
        "Give the function and its result two names.",
    ),
    remember="A name holds one thing. `'Tensor' object is not callable` means: a tensor has taken a function's name. "
    "The usual pair is `loss_fn` and `loss`.",
)


@trained.probe
def look_at_training(train):
    model = probes.classifier()
    batches = probes.class_batches()
    yield "the list of losses", train(model, batches, nn.CrossEntropyLoss(), 0.1)
    yield "the tensor of all weights after training", probes.flat(model)


@trained.broken("The second batch still stops it.")
def one_name(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        loss = loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@trained.solution
def two_names(model, batches, loss_fn, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@trained.mistake(
    "Half renamed: the number has a new name, but the lines below still say `loss`, which is the function now."
)
def half_renamed(model, batches, loss, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        value = loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


@trained.mistake("Only the first batch is trained on: something leaves the loop at its end, a `return` or a `break`.")
def first_batch_only(model, batches, loss_fn, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        return losses


# ── 5 ── changing a leaf in place

descended = Exercise(
    "clinic-5",
    "descend",
    minutes=4,
    hints=(
        "PyTorch records what is done with `w`. Is the update part of the model?",
        "It is not. Which block switches the recording off?",
        "`with torch.no_grad():` around the update; and keep `-=`, so that `w` stays the same tensor.",
    ),
    remember="The update is no part of the graph: do it under `torch.no_grad()`, and in place, so that the leaf stays "
    "the leaf. Lesson 02 does it that way, and so does every optimizer.",
)


@descended.probe
def look_at_descent(descend):
    w = torch.randn(3)
    X, y = torch.randn(20, 3), torch.randn(20)
    yield "`w` after 3 steps", descend(w.clone().requires_grad_(), X, y, 0.1, 3)
    yield "`w` after no step at all", descend(w.clone().requires_grad_(), X, y, 0.1, 0)


@descended.broken("The first step still stops it.")
def updates_a_leaf(w, X, y, lr, steps):
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean()
        loss.backward()
        w -= lr * w.grad
        w.grad = None
    return w


@descended.solution
def updates_unrecorded(w, X, y, lr, steps):
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w


@descended.mistake(
    "`w = w - …` makes a *new* tensor, the result of an operation. Results keep no `.grad`, so the second step finds "
    "`None`. `w -= …` changes the leaf itself."
)
def makes_a_result(w, X, y, lr, steps):
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean()
        loss.backward()
        w = w - lr * w.grad
        w.grad = None
    return w


@descended.mistake(
    "Under `no_grad`, `w = w - …` makes a new tensor that asks for no gradient, so the second `backward()` has nothing "
    "to do. `w -= …` changes the leaf itself."
)
def makes_a_constant(w, X, y, lr, steps):
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w = w - lr * w.grad
    return w


@descended.mistake("The update works, but the gradient is not cleared any more: each step adds to the one before.")
def lets_gradients_add(w, X, y, lr, steps):
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w


# ── 7 ── gradients that add up

cleared = Exercise(
    "clinic-7",
    "train",
    minutes=3,
    hints=(
        "Print the norm of `model[0].weight.grad` in each step. Does it stay in the same region?",
        "`backward()` adds to what is in `.grad`. Who takes the old gradient away?",
        "`optimizer.zero_grad()`, with its parentheses, anywhere between one `step()` and the next `backward()`.",
    ),
    remember="`backward()` adds. Clear the gradient once for each update, after `step()` or before `backward()`.",
)


@cleared.probe
def look_at_clearing(train):
    model = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1))
    batches = [(torch.randn(6, 5), torch.randn(6, 1)) for _ in range(3)]
    yield "the list of losses", train(model, batches, 0.1, 2)
    yield "the tensor of all weights after training", probes.flat(model)


@cleared.broken("The loss still falls and climbs as it did.")
def never_clears(model, batches, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for X, y in batches:
            loss = F.mse_loss(model(X), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@cleared.solution
def clears(model, batches, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for X, y in batches:
            loss = F.mse_loss(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@cleared.mistake(
    "You clear between `backward()` and `step()`: the gradient is gone before it is used, and no weight ever moves."
)
def clears_too_early(model, batches, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for X, y in batches:
            loss = F.mse_loss(model(X), y)
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
            losses.append(loss.item())
    return losses


@cleared.mistake("You clear once an *epoch*: within an epoch the gradients still add up.")
def clears_once_an_epoch(model, batches, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        for X, y in batches:
            loss = F.mse_loss(model(X), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# ── 8 ── softmax twice

scored = Exercise(
    "clinic-8",
    "train",
    minutes=3,
    hints=(
        "What is the loss of a network that is always right and perfectly sure? Compute it for one image.",
        "Read what `F.cross_entropy` wants: probabilities, or logits?",
        "Logits. It takes the softmax itself, so yours is one too many.",
    ),
    remember="`cross_entropy` and `nn.CrossEntropyLoss` take logits: the softmax is inside. Twice flattens the "
    "gradients, and the loss of ten classes can't fall below 1.46.",
)


@scored.probe
def look_at_scores(train):
    model = probes.classifier()
    yield "the list of losses", train(model, probes.class_batches(), 0.1)
    yield "the tensor of all weights after training", probes.flat(model)


@scored.broken("The losses are still the ones that can't fall below 1.46.")
def softmax_twice(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        probabilities = model(X).softmax(dim=1)
        loss = F.cross_entropy(probabilities, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@scored.solution
def softmax_once(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        logits = model(X)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@scored.mistake(
    "`nll_loss` wants *logarithms* of probabilities. Given the probabilities themselves, it gives a negative loss."
)
def forgets_the_logarithm(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        loss = F.nll_loss(model(X).softmax(dim=1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@scored.mistake("The softmax still comes twice, and now it runs down the batch (`dim=0`), over different images.")
def softmax_down_the_batch(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X).softmax(dim=0), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@scored.mistake("A sigmoid instead of the softmax squeezes the logits into 0..1 all the same: leave them as they are.")
def squeezes_with_a_sigmoid(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X).sigmoid(), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


EXERCISES = (trained, descended, cleared, scored)
