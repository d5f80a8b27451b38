"""Bug clinic: loops that measure."""

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 3 ── no_grad without parentheses

measured = Exercise(
    "clinic-3",
    "accuracy",
    minutes=2,
    hints=(
        "`with` needs an object that knows what to do at the beginning and at the end. What is `torch.no_grad`?",
        "It is a class. Program 2 was about that.",
    ),
    remember="`with torch.no_grad():` has parentheses: `with` wants an object, and calling the class makes one.",
)


@measured.probe
def look_at_accuracy(accuracy):
    model = probes.Watched(nn.Sequential(nn.Linear(4, 16), nn.Dropout(0.5), nn.Linear(16, 3)))
    X, y = torch.randn(50, 4), torch.randint(3, (50,))
    result = accuracy(model, X, y)
    yield "`model.training` in the forward pass", any(model.modes)
    yield "`torch.is_grad_enabled()` in the forward pass", any(model.recorded)
    yield "the accuracy", result
    yield "`torch.is_grad_enabled()` after the call", torch.is_grad_enabled()


@measured.broken("It still stops.")
def without_parentheses(model, X, y):
    model.eval()
    with torch.no_grad:
        logits = model(X)
    return (logits.argmax(dim=1) == y).float().mean().item()


@measured.solution
def with_parentheses(model, X, y):
    model.eval()
    with torch.no_grad():
        logits = model(X)
    return (logits.argmax(dim=1) == y).float().mean().item()


@measured.mistake(
    "The error is gone because `no_grad` is gone. Now the forward pass is recorded, which costs memory for nothing."
)
def records(model, X, y):
    model.eval()
    logits = model(X)
    return (logits.argmax(dim=1) == y).float().mean().item()


@measured.mistake("You lost `model.eval()` on the way: `no_grad` does not switch Dropout off.")
def stays_in_training_mode(model, X, y):
    with torch.no_grad():
        logits = model(X)
    return (logits.argmax(dim=1) == y).float().mean().item()


@measured.mistake(
    "You switch recording off and never on again: the next training loop would fail with *element 0 of tensors does "
    "not require grad*. A `with` block switches it on again at its end."
)
def never_records_again(model, X, y):
    model.eval()
    torch.set_grad_enabled(False)
    logits = model(X)
    return (logits.argmax(dim=1) == y).float().mean().item()


# ── 13 ── evaluating in training mode

tested = Exercise(
    "clinic-13",
    "accuracy",
    minutes=3,
    hints=(
        "Which kinds of layers behave differently in a test, and who tells them that it is one?",
        "`no_grad` stops the recording. It tells no layer anything.",
        "`model.eval()` before the loop.",
    ),
    remember="`model.eval()` changes what Dropout and BatchNorm do; `no_grad` only stops the recording. A test needs "
    "the first for its result and the second for its memory.",
)


@tested.probe
def look_at_test(accuracy):
    model = probes.Watched(nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3)))
    batches = probes.class_batches(batches=3, size=20, classes=3)
    result = accuracy(model, batches)
    yield "`model.training`, batch by batch,", list(model.modes)
    yield "`torch.is_grad_enabled()`, batch by batch,", list(model.recorded)
    yield "the accuracy", result


@tested.broken("Every call still gives another accuracy.")
def in_training_mode(model, batches):
    correct = count = 0
    with torch.no_grad():
        for X, y in batches:
            correct += (model(X).argmax(dim=1) == y).sum().item()
            count += len(y)
    return correct / count


@tested.solution
def in_evaluation_mode(model, batches):
    correct = count = 0
    model.eval()
    with torch.no_grad():
        for X, y in batches:
            correct += (model(X).argmax(dim=1) == y).sum().item()
            count += len(y)
    return correct / count


@tested.mistake("You call `eval()` after the first batch has already gone through: call it before the loop.")
def too_late(model, batches):
    correct = count = 0
    with torch.no_grad():
        for X, y in batches:
            correct += (model(X).argmax(dim=1) == y).sum().item()
            count += len(y)
            model.eval()
    return correct / count


@tested.mistake(
    "`eval()` in place of `no_grad` gives the right number, but records every forward pass: it switches layers, not "
    "the recording. You want both."
)
def eval_instead(model, batches):
    correct = count = 0
    model.eval()
    for X, y in batches:
        correct += (model(X).argmax(dim=1) == y).sum().item()
        count += len(y)
    return correct / count


@tested.mistake("You switch back to `train()` inside the loop: only the first batch is evaluated in evaluation mode.")
def back_too_early(model, batches):
    correct = count = 0
    model.eval()
    with torch.no_grad():
        for X, y in batches:
            correct += (model(X).argmax(dim=1) == y).sum().item()
            count += len(y)
            model.train()
    return correct / count


# ── 14 ── the mean of means

averaged = Exercise(
    "clinic-14",
    "mean_loss",
    minutes=3,
    hints=(
        "100 examples in batches of 32: how large is the last batch, and how much does it weigh in your mean?",
        "`F.cross_entropy` gives the mean of a batch. How do you get the sum back?",
        "Add `loss.item() * len(y)`, and divide by the number of examples.",
    ),
    remember="The mean of the batches' means is the mean over samples only if all batches have one size. Add up "
    "`loss.item() * len(y)` and divide by the number of samples.",
)


@averaged.probe
def look_at_mean(mean_loss):
    model = probes.classifier()
    batches = [*probes.class_batches(batches=3, size=8), *probes.class_batches(batches=1, size=2)]
    yield "the mean loss over batches of 8, 8, 8 and 2", mean_loss(model, batches)
    yield "the mean loss over two batches of 5", mean_loss(model, probes.class_batches(batches=2, size=5))


@averaged.broken("The result still changes with the size of the batches.")
def mean_of_means(model, batches):
    total = 0.0
    with torch.no_grad():
        for X, y in batches:
            loss = F.cross_entropy(model(X), y)
            total += loss.item()
    return total / len(batches)


@averaged.solution
def mean_over_samples(model, batches):
    total, count = 0.0, 0
    with torch.no_grad():
        for X, y in batches:
            loss = F.cross_entropy(model(X), y)
            total += loss.item() * len(y)
            count += len(y)
    return total / count


@averaged.mistake("You add up over samples, but still divide by the number of *batches*.")
def divides_by_batches(model, batches):
    total = 0.0
    with torch.no_grad():
        for X, y in batches:
            total += F.cross_entropy(model(X), y).item() * len(y)
    return total / len(batches)


@averaged.mistake("You divide the sum of the batches' means by the number of samples: each mean is a mean already.")
def divides_twice(model, batches):
    total, count = 0.0, 0
    with torch.no_grad():
        for X, y in batches:
            total += F.cross_entropy(model(X), y).item()
            count += len(y)
    return total / count


@averaged.mistake(
    "You take every batch to be as large as the first one (or the last): count `len(y)` of each batch instead."
)
def takes_all_for_full(model, batches):
    total = 0.0
    with torch.no_grad():
        for X, y in batches:
            total += F.cross_entropy(model(X), y).item() * len(y)
    return total / (len(batches) * len(batches[0][1]))


@averaged.mistake("You leave the last, smaller batch out. Its samples count like all others.")
def drops_the_last(model, batches):
    total, count = 0.0, 0
    with torch.no_grad():
        for X, y in batches[:-1]:
            total += F.cross_entropy(model(X), y).item() * len(y)
            count += len(y)
    return total / count


# ── 15 ── losses that hold on to their past

kept = Exercise(
    "clinic-15",
    "losses_of",
    minutes=3,
    hints=(
        "Print one entry of the list. What does it say besides the number?",
        "A tensor with a `grad_fn` keeps all that `backward()` would need. You need one number.",
        "`loss.item()`, or `torch.no_grad()` around the loop.",
    ),
    remember="A loss that is kept keeps its graph, and with it the activations of a whole forward pass. Keep "
    "`loss.item()`.",
)


@kept.probe
def look_at_kept(losses_of):
    model = probes.classifier()
    batches = probes.class_batches()
    losses = losses_of(model, batches)
    yield "the list of losses", losses
    graphs = [isinstance(loss, torch.Tensor) and loss.grad_fn is not None for loss in losses]
    yield "the list of whether each loss still holds its graph", graphs


@kept.broken("Memory still grows with every batch.")
def keeps_graphs(model, batches):
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        losses.append(loss)
    return losses


@kept.solution
def keeps_numbers(model, batches):
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        losses.append(loss.item())
    return losses


@kept.mistake("Only the last loss is left: the list is made anew in every round, or written over.")
def keeps_the_last(model, batches):
    for X, y in batches:
        losses = []
        losses.append(F.cross_entropy(model(X), y).item())
    return losses


@kept.mistake(
    "`requires_grad` belongs to leaves; a loss is the result of an operation and can't give it up. Take the number out "
    "of it, or don't record at all."
)
def switches_off_a_result(model, batches):
    losses = []
    for X, y in batches:
        loss = F.cross_entropy(model(X), y)
        losses.append(loss.requires_grad_(False))
    return losses


@kept.mistake("You return one number, the mean. All losses are wanted, one a batch.")
def returns_the_mean(model, batches):
    total = 0.0
    for X, y in batches:
        total += F.cross_entropy(model(X), y).item()
    return total / len(batches)


EXERCISES = (measured, tested, averaged, kept)
