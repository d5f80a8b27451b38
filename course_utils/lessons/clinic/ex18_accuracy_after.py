"""clinic-18: a size taken from a name that training left over."""

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "accuracy_after",
    kind="repair",
    title="148 % right",
    minutes=3,
    text="No error. Training batches hold 64 images, test batches 100. The network is right on 95 % of the test "
    "images, and the function returns 1.48. With test batches of 64, too, nobody would have noticed. (Without "
    "Dropout and BatchNorm, `model` needs no `eval()`.)",
    hints=(
        "By what is the number of right answers divided? Print `count` and the number of test images.",
        "Which batch does `label` belong to, and which one `labels`?",
    ),
    remember="In Python a loop's names live on after the loop. A name left over from training raises no error in the "
    "test: it counts the wrong batch. Two functions, one for training and one for testing, share no names.",
)


@exercise.probe
def probe(accuracy_after, draw):
    features, classes = draw.size(5), draw.size(4)
    model = probes.classifier(draw, features, classes)
    train = probes.class_batches(draw, draw.size(3), draw.size(4), features, classes)
    test = probes.class_batches(draw, draw.size(3), draw.size(9), features, classes)
    X, y = draw.randn(3, features), draw.labels(3, classes)  # the last batch is smaller, as in most datasets
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    result = accuracy_after(model, train, [*test, (X, y)], optimizer)
    yield "the accuracy", result
    yield "the tensor of all weights after training", probes.flat(model)


@exercise.solution
def solution(model, train_batches, test_batches, optimizer):
    for X, label in train_batches:
        loss = F.cross_entropy(model(X), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    correct = count = 0
    with torch.no_grad():  # same: the check looks at the accuracy alone
        for X, labels in test_batches:
            correct += (model(X).argmax(dim=1) == labels).sum().item()
            count += labels.size(0)  # same: labels have one dimension
    return correct / count


exercise.broken("labels.size(0)", "label.size(0)").says(
    "It still divides by another number than that of the test images."
)
exercise.edit("counts_batches", "labels.size(0)", "1").says(
    "You divide by the number of test batches: count the images in them."
)
exercise.edit("counts_features", "labels.size(0)", "X.size(1)").says(
    "`X.size(1)` is the number of features. The number of images is dimension 0."
)
exercise.edit("takes_the_last_for_all", "correct / count", "correct / (len(test_batches) * labels.size(0))").says(
    "You take every test batch to be as large as the last one: add up `labels.size(0)` batch by batch."
)
exercise.edit("last_batch_only", "count += labels", "count = labels").says(
    "You count the images of the last test batch only. Every batch adds its own, inside the loop."
)
