"""04-8: a test in the middle of training, that leaves no mode changed."""

import torch
from torch import nn

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "accuracy_now",
    kind="write",
    title="A test in the middle of training",
    minutes=7,
    text="`accuracy_now(model, X, y)` returns the accuracy of the model on one batch, as a fraction: in `eval()`, and "
    "without gradients. Afterwards *each layer* is in the mode that it had before. Some of them may have been in "
    "`eval()` on purpose. (`model.modules()` goes through the model and all its layers; `.training` is the mode of "
    "one, `True` or `False`.)",
    hints=(
        "Which modes are there before? Write them down: a list of `layer.training` for each layer.",
        "`model.eval()` changes all of them. Afterwards go through the layers and the list together, with `zip`.",
        "`layer.training = mode` gives one layer its mode back. (Or test a copy: `copy.deepcopy(model).eval()`.)",
    ),
    remember="`model.train()` afterwards would also wake the layers that somebody had put into `eval()`: a frozen "
    "BatchNorm would follow the batches again, and no error would say so.",
)


@exercise.probe
def probe(accuracy_now, draw):
    classes = draw.size(4)
    model = draw.network(
        lambda: nn.Sequential(
            *(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU()),
            nn.Sequential(nn.BatchNorm1d(8), nn.Dropout(0.5)),
            nn.Linear(8, classes),
        )
    )
    X = 2 + draw.randn(draw.size(12), 5)
    y = model.eval()(X).argmax(1)  # same: in train() the labels would be others, and serve as well
    y[:3] += 1  # same: one wrong label is as wrong as another
    y = y % classes  # same: a label that no class has is a wrong one, too
    modes, recorded = [], []

    def watch(layer, *_):
        modes.append(layer.training)
        recorded.append(torch.is_grad_enabled())

    for layer in model.modules():
        layer.register_forward_hook(watch)
    model.train()
    model[3][0].eval()  # and not the other layer of its class
    accuracy = accuracy_now(model, X, y)
    yield "the list of `layer.training` in the forward pass", list(modes)
    yield "`torch.is_grad_enabled()` in the forward pass", any(recorded)  # same: all or none are
    yield "the accuracy", accuracy
    trained = of(model)
    accuracy_now(model.eval(), X, y)
    yield "the list of `layer.training` afterwards, of a model in `eval()`,", of(model)
    yield "the list of `layer.training` afterwards, of a model in training with one layer in `eval()`,", trained


def of(model):
    """The mode of the model and of each layer in it."""
    return [layer.training for layer in model.modules()]


@exercise.solution
def solution(model, X, y):
    modes = [layer.training for layer in model.modules()]
    model.eval()
    with torch.no_grad():
        accuracy = (model(X).argmax(1) == y).float().mean().item()
    # same: there are as many modes as layers
    for layer, mode in zip(model.modules(), modes, strict=True):
        layer.training = mode
    return accuracy


exercise.starter("raise NotImplementedError  # in eval(); then the modes as they were")
BACK = "    for layer, mode in zip(model.modules(), modes, strict=True):\n        layer.training = mode\n"
exercise.edit("forgets_eval", "    model.eval()\n", "").says(
    "You test in the modes that you find: Dropout drops, and BatchNorm follows your test images."
)
exercise.edit("changes_only_the_model", "model.eval()", "model.training = False").says(
    "`model.training = False` changes the model alone, not its layers. `model.eval()` changes all of them."
)
exercise.edit("stays_in_eval", BACK, "").says(
    "The accuracy is right. Afterwards all layers are in `eval()`, and the training goes on without Dropout."
)
exercise.edit("trains_always", BACK, "    model.train()\n").says(
    "The accuracy is right. `model.train()` at the end puts each layer into training, even in a model that was in "
    "`eval()`."
)


@exercise.mistake(
    "The accuracy is right. Afterwards all layers are in the mode of the model: the one that was in `eval()` is awake."
)
def keeps_one_mode(model, X, y):
    mode = model.training
    model.eval()
    with torch.no_grad():
        accuracy = (model(X).argmax(1) == y).float().mean().item()
    model.train(mode)
    return accuracy


exercise.edit(
    "one_mode_a_class",
    "[layer.training for layer in model.modules()]",
    "{type(layer): layer.training for layer in model.modules()}",
    BACK,
    "    for layer in model.modules():\n        layer.training = modes[type(layer)]\n",
).says("The accuracy is right. You keep one mode a class: two layers of one class may be in different modes.")


@exercise.mistake(
    "The modes are right. The forward pass is recorded, for nothing: it belongs inside `torch.no_grad()`."
)
def records(model, X, y):
    modes = [layer.training for layer in model.modules()]
    model.eval()
    accuracy = (model(X).argmax(1) == y).float().mean().item()
    for layer, mode in zip(model.modules(), modes, strict=True):
        layer.training = mode
    return accuracy


exercise.edit("counts", ".float().mean()", ".sum()").says("You return how many are right. An accuracy is a fraction.")
