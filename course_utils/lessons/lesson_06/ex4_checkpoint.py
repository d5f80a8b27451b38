"""06-4: a checkpoint in memory."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "checkpoint",
    kind="write",
    title="A checkpoint in memory",
    minutes=8,
    text='`checkpoint(model, optimizer)` returns a dictionary with the keys `"model"`, `"optimizer"` and `"random"`. '
    "From it the run can be continued to the last bit, even if `model` has been trained on in the meantime.",
    hints=(
        "What does the next step look at? The dictionary needs a key for each.",
        "`torch.get_rng_state()` are the random numbers to come. Model and optimizer have a `state_dict()`.",
        "A `state_dict()` follows its model, and its optimizer: `copy.deepcopy` both.",
    ),
    remember="A file is a copy by nature. In memory you have to copy yourself: `state_dict()` hands out the very "
    "tensors that training goes on to change.",
)


def new_run(draw, features, hidden, classes):
    def make():
        body = nn.Linear(features, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Dropout(0.5)
        return nn.Sequential(*body, nn.Linear(hidden, classes))

    model = draw.network(make)
    return model, torch.optim.Adam(model.parameters(), lr=0.05)


def go_on(model, optimizer, samples):
    """Train on batches from torch's own stream, which the checkpoint has to hold; returns the losses."""
    losses = []
    for _ in range(3):  # same: two steps show as much, and so do four
        X = torch.randn(samples, model[0].in_features)
        loss = F.cross_entropy(model(X), torch.arange(samples) % model[-1].out_features)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@exercise.probe
# same: the answer sees the model alone, and what is drawn later is written over by what it has saved
def probe(checkpoint, draw):
    samples, sizes = draw.size(8), (draw.size(5), draw.size(16), draw.size(4))
    model, optimizer = new_run(draw, *sizes)
    go_on(model, optimizer, samples)
    saved = checkpoint(model, optimizer)
    yield "what `checkpoint` returns", "a dictionary" if isinstance(saved, dict) else saved
    missing = [key for key in ("model", "optimizer", "random") if key not in saved]
    yield "what is missing in the dictionary", ", ".join(missing) or "nothing"
    # same: what is no dictionary is named below, or fails here in the same way
    kept = saved["model"] if isinstance(saved["model"], dict) else {}
    lost = [name for name in model.state_dict() if name not in kept and kept]
    yield "what is missing in its `model`", ", ".join(lost) or "nothing"
    # The run that was saved goes on, and shows where the other has to go.
    expected = torch.tensor(go_on(model, optimizer, samples))
    # A new process has other random numbers, and another network.
    torch.manual_seed(99)  # same: the state from the checkpoint takes its place
    model, optimizer = new_run(draw, *sizes)  # same: what is loaded takes the place of all that was before
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])
    losses = torch.tensor(go_on(model, optimizer, samples))
    what = "the list of losses of the run that begins from your checkpoint, less those of the one that went on,"
    yield what, losses - expected


@exercise.solution
def solution(model, optimizer):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "random": torch.get_rng_state(),  # a copy already
    }


exercise.starter('raise NotImplementedError  # {"model": …, "optimizer": …, "random": …}')
exercise.edit(
    "follows_the_run",
    "copy.deepcopy(model.state_dict())",
    "model.state_dict()",
    "copy.deepcopy(optimizer.state_dict())",
    "optimizer.state_dict()",
).says(
    "Your checkpoint has moved on with the run: it holds the model's own tensors. A shallow copy, as by `dict(…)` or "
    "`.copy()`, is a new dictionary with the same tensors; `copy.deepcopy` copies those."
)
exercise.edit("follows_the_optimizer", "copy.deepcopy(optimizer.state_dict())", "optimizer.state_dict()").says(
    "The model is copied, and the optimizer's averages are not: they have moved on with the run."
)
exercise.edit("follows_the_model", "copy.deepcopy(model.state_dict())", "model.state_dict()").says(
    "The optimizer's averages are copied, and the model is not: its weights have moved on with the run."
)
exercise.edit("keeps_the_seed", "torch.get_rng_state()", "torch.initial_seed()").says(
    "`random` holds a seed. It says where the random numbers began, not where they are; `torch.get_rng_state()` does."
)
exercise.edit("keeps_the_model", "copy.deepcopy(model.state_dict())", "copy.deepcopy(model)").says(
    "`model` holds the model itself. What can be loaded into another one is its `state_dict()`."
)
exercise.edit("forgets_random", '"random": torch.get_rng_state(),', "").says(
    "`random` is missing: the resumed run would draw other batches, and drop other neurons."
)
