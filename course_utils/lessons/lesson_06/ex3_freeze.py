"""06-3: freeze all but the last layer."""

import collections
import copy

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "freeze",
    kind="write",
    title="Frozen means frozen",
    minutes=8,
    text="`model` has been trained, and every parameter still has its last gradient. After `freeze(model)` a training "
    "step may change `model.fc` and nothing else, buffers included. (The check's step is forward, `backward()`, "
    "`optimizer.step()`, with an optimizer that holds all parameters and has weight decay. It calls neither `train()` "
    "nor `zero_grad()`.)",
    hints=(
        "Three things can still move a frozen part: its gradients, its buffers, and gradients from before.",
        "`model.requires_grad_(False)` for all, then `model.fc.requires_grad_(True)`. Sections 2 and 3 have the rest.",
        "BatchNorm's averages: `model.eval()`. Old gradients: `model.zero_grad()`.",
    ),
    remember="Frozen means: no gradient to come, none left over, and `eval()` for the buffers, which never had one.",
)


@exercise.probe
# same: the answer sees the model alone
def probe(freeze, draw):
    samples, features, hidden, classes = draw.size(6), draw.size(5), draw.size(8), draw.size(3)

    def make():
        # "fc" stands in the name of a frozen layer, too
        body = collections.OrderedDict(fc1=nn.Linear(features, hidden), norm=nn.BatchNorm1d(hidden), relu=nn.ReLU())
        return nn.Sequential(collections.OrderedDict(body=nn.Sequential(body), fc=nn.Linear(hidden, classes)))

    model = draw.network(make)
    X, y = draw.randn(samples, features), draw.labels(samples, classes)
    F.cross_entropy(model(X), y).backward()  # it has been trained before
    freeze(model)
    trainable = [name for name, p in model.named_parameters() if p.requires_grad]
    yield "what can still be trained", ", ".join(trainable) or "nothing"
    zeros = [p for p in model.parameters() if not p.requires_grad and p.grad is not None and not p.grad.any()]
    yield "the number of frozen parameters whose gradient is 0 and not None", len(zeros)
    before = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    F.cross_entropy(model(X), y).backward()
    optimizer.step()
    moved = set()
    for name, value in model.state_dict().items():
        if not value.equal(before[name]):
            layer, _, what = name.rpartition(".")
            moved.add(layer if what in ("weight", "bias") else f"{layer}'s averages")
    yield "what a training step changes", ", ".join(sorted(moved)) or "nothing"


@exercise.solution
def solution(model):
    model.requires_grad_(False)
    model.fc.requires_grad_(True)
    model.zero_grad()  # a gradient from before would still move it
    model.eval()  # BatchNorm's averages are no parameters


exercise.starter("raise NotImplementedError  # a step may change model.fc alone")
exercise.edit(
    "sets_an_attribute",
    "model.requires_grad_(False)",
    "model.requires_grad = False",
    "model.fc.requires_grad_(True)",
    "model.fc.requires_grad = True",
    idle=True,
).says(
    "Everything can still be trained. What freezes is the method `requires_grad_`, of the whole model; an attribute "
    "without the underscore is read by nobody."
)
exercise.edit("freezes_fc_too", "model.fc.requires_grad_(True)", "pass").says(
    "Now `fc` is frozen, too, and there is nothing left to train."
)
exercise.edit(
    "freezes_fc_alone",
    "model.requires_grad_(False)",
    "model.requires_grad_(True)",
    "model.fc.requires_grad_(True)",
    "model.fc.requires_grad_(False)",
).says("The wrong way round: `fc` is frozen, and all the rest is trained.")
exercise.edit("requires_grad_alone", "model.zero_grad()", "pass", "model.eval()", "pass").says(
    "`requires_grad` is right everywhere, and still two things move: BatchNorm's running averages, which `eval()` "
    "stops, and every weight that has a gradient from before, which `model.zero_grad()` takes away."
)
exercise.edit("forgets_eval", "model.eval()", "pass").says(
    "BatchNorm's buffers still change: each pass in `train()` updates them, their counter of batches too."
)
exercise.edit("leaves_old_gradients", "model.zero_grad()", "pass").says(
    "The body still moves, once: its weights have a gradient from before, and `step()` uses whatever `.grad` holds. "
    "`model.zero_grad()` takes it away."
)
exercise.edit("zeroes_old_gradients", "model.zero_grad()", "model.zero_grad(set_to_none=False)").says(
    "The gradients from before are 0, not None: weight decay, and momentum, still move such a weight. "
    "`model.zero_grad()` makes them None, and `step()` leaves the weight alone."
)
