"""Exercises of lesson 06: runs that are broken off, on purpose or not."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 4 ── write: a checkpoint in memory

kept = Exercise(
    "06-4",
    "checkpoint",
    minutes=8,
    hints=(
        "What does the next step look at? The dictionary needs a key for each.",
        "`torch.get_rng_state()` are the random numbers to come. Model and optimizer have a `state_dict()`.",
        "A `state_dict()` follows its model, and its optimizer: `copy.deepcopy` both.",
    ),
    remember="A file is a copy by nature. In memory you have to copy yourself: `state_dict()` hands out the very "
    "tensors that training goes on to change.",
)


def go_on(model, optimizer, steps=3):
    """Train on random batches; returns the losses."""
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(model(torch.randn(8, 5)), torch.arange(8) % 4)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def new_run():
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4))
    return model, torch.optim.Adam(model.parameters(), lr=0.05)


@kept.probe
def look_at_checkpoint(checkpoint):
    model, optimizer = new_run()
    go_on(model, optimizer)
    saved = checkpoint(model, optimizer)
    yield "what `checkpoint` returns", "a dictionary" if isinstance(saved, dict) else saved
    missing = [key for key in ("model", "optimizer", "random") if key not in saved]
    yield "what is missing in the dictionary", ", ".join(missing) or "nothing"
    yield "the list of losses of the run that was saved, as it goes on,", go_on(model, optimizer)
    torch.manual_seed(99)  # a new process has other random numbers
    model, optimizer = new_run()
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])
    yield "the list of losses of the run that begins from your checkpoint", go_on(model, optimizer)
    yield "the tensor of all its weights", probes.flat(model)


@kept.start
def checkpoint_to_write(model, optimizer):
    raise NotImplementedError  # {"model": …, "optimizer": …, "random": …}


@kept.solution
def copies_all(model, optimizer):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "random": torch.get_rng_state(),  # a copy already
    }


@kept.mistake(
    "Your checkpoint has moved on with the run: it holds the model's own tensors. A shallow copy, as by `dict(…)` or "
    "`.copy()`, is a new dictionary with the same tensors; `copy.deepcopy` copies those."
)
def follows_the_run(model, optimizer):
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
    }


@kept.mistake("The model is copied, and the optimizer's averages are not: they have moved on with the run.")
def follows_the_optimizer(model, optimizer):
    return {
        "model": copy.deepcopy(model.state_dict()),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
    }


@kept.mistake("The optimizer's averages are copied, and the model is not: its weights have moved on with the run.")
def follows_the_model(model, optimizer):
    return {
        "model": model.state_dict(),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "random": torch.get_rng_state(),
    }


@kept.mistake(
    "`random` holds a seed. It says where the random numbers began, not where they are; `torch.get_rng_state()` does."
)
def keeps_the_seed(model, optimizer):
    return copies_all(model, optimizer) | {"random": torch.initial_seed()}


@kept.mistake("`model` holds the model itself. What can be loaded into another one is its `state_dict()`.")
def keeps_the_model(model, optimizer):
    return copies_all(model, optimizer) | {"model": copy.deepcopy(model)}


@kept.mistake("`random` is missing: the resumed run would draw other batches, and drop other neurons.")
def forgets_random(model, optimizer):
    kept = copies_all(model, optimizer)
    del kept["random"]
    return kept


# ── 5 ── repair: early stopping

stopped = Exercise(
    "06-5",
    "early_stop",
    minutes=8,
    hints=(
        "There are two mistakes. Which loss decides, and which one should?",
        "The training loss nearly always falls. Stop by the one of the validation set.",
        "`best_state` is still the model's own when the model trains on: section 8, *Names decide*, at its end.",
    ),
    remember="Early stopping looks at data that it does not train on, and copies the moment it wants to keep.",
)


def a_run():
    """(model, train, validate); with a patience of 3 the sixth epoch is the best. The model's weight counts epochs.

    The training loss falls until epoch 97, so that with it, too, the last is not the best.
    """
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    scale = 0.5 + torch.rand(()).item()
    script = [5.0, 4.0, 4.4, 3.0, 3.3, 2.0, 2.5, 2.4, 2.3, 1.0]

    def train(model):
        with torch.no_grad():
            model.weight += 1
        epoch = round(model.weight.item())
        return scale / epoch if epoch < 98 else scale

    def validate(model):
        epoch = round(model.weight.item())
        return scale * (script[epoch - 1] if epoch <= len(script) else 2.0 + epoch / 100)

    return model, train, validate


@stopped.probe
def look_at_stopping(early_stop):
    model, train, validate = a_run()
    epochs = []

    def counted(model):
        epochs.append(1)
        return train(model)

    best = early_stop(model, counted, validate, 3)
    yield "the epoch whose weights the model has afterwards", model.weight.item()
    yield "the number of epochs that it trained", len(epochs)
    yield "the epoch that it returns", best


@stopped.broken("It still trains all 100 epochs.")
def looks_at_training_and_keeps_the_last(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    valid_losses = []
    for epoch in range(1, 101):
        loss = train(model)  # one epoch; the mean loss while training
        valid_losses.append(validate(model))
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = model.state_dict()
        elif epoch - best_epoch >= patience:
            break
    model.load_state_dict(best_state)
    return best_epoch


@stopped.solution
def looks_at_validation_and_copies(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, 101):
        train(model)  # one epoch
        valid_loss = validate(model)
        if valid_loss < best_loss:
            best_loss, best_epoch = valid_loss, epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= patience:
            break
    model.load_state_dict(best_state)
    return best_epoch


@stopped.mistake("One of two: you copy the best state, and it is still the training loss that decides.")
def training_decides(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, 101):
        loss = train(model)
        validate(model)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= patience:
            break
    model.load_state_dict(best_state)
    return best_epoch


@stopped.mistake(
    "One of two: the right loss decides now, and the model comes back with the weights of its *last* epoch. Either "
    "`best_state` has followed the model (`copy.deepcopy` it), or it is never loaded."
)
def keeps_the_last(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, 101):
        train(model)
        loss = validate(model)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = model.state_dict()
        elif epoch - best_epoch >= patience:
            break
    model.load_state_dict(best_state)
    return best_epoch


@stopped.mistake("It trains on for too long: a patience of 3 is three epochs without a better one, `>=`, not `>`.")
def one_too_many(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, 101):
        train(model)
        loss = validate(model)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - best_epoch > patience:
            break
    model.load_state_dict(best_state)
    return best_epoch


@stopped.mistake("It stops one epoch early: a patience of 3 is three epochs without a better one.")
def one_too_few(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, 101):
        train(model)
        loss = validate(model)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= patience - 1:
            break
    model.load_state_dict(best_state)
    return best_epoch


@stopped.mistake(
    "It adds up all bad epochs. A better one begins the count anew: what counts is how long ago the best was."
)
def adds_up(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    bad = 0
    for epoch in range(1, 101):
        train(model)
        loss = validate(model)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = copy.deepcopy(model.state_dict())
        else:
            bad += 1
            if bad == patience:
                break
    model.load_state_dict(best_state)
    return best_epoch


@stopped.mistake("It stops at the first epoch that is not better: `patience` is not used.")
def without_patience(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, 101):
        train(model)
        loss = validate(model)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = copy.deepcopy(model.state_dict())
        else:
            break
    model.load_state_dict(best_state)
    return best_epoch


EXERCISES = (kept, stopped)
