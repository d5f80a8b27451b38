"""06-5: early stopping that never stops, to be repaired."""

import torch
from torch import nn

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "early_stop",
    kind="repair",
    title="Repair this",
    minutes=8,
    text="Early stopping. `train(model)` trains for one epoch and returns the training loss, `validate(model)` returns "
    "the validation loss. It has to stop after `patience` epochs without a better one, and to leave the model as it "
    "was in the best. But it trains all 100 epochs. There are two mistakes.",
    hints=(
        "There are two mistakes. Which loss decides, and which one should?",
        "The training loss nearly always falls. Stop by the one of the validation set.",
        "`best_state` is still the model's own when the model trains on: 06e, section 2, has the cure.",
    ),
    remember="Early stopping looks at data that it does not train on, and copies the moment it wants to keep.",
)


@exercise.probe
def probe(early_stop, draw):
    scale = 0.5 + draw.rand(1).item()
    falling = [3.0 + k for k in range(draw.size(2), 0, -1)]
    # With a patience of 3 the first epoch of 2.0 is the best: the other is as good, not better.
    # same: of those after the best it matters only that none is better
    script = [*falling, 4.4, 3.0, 3.3, 2.0, 2.5, 2.0, 2.3, 2.4, 2.2]

    def followed(valid, patience):
        """The epoch whose weights a model has afterwards, how many it was trained, and what was returned."""
        model = nn.Linear(1, 1, bias=False)  # its weight counts the epochs
        nn.init.zeros_(model.weight)
        epochs = []

        def train(model):
            with torch.no_grad():
                model.weight += 1
            epochs.append(1)
            epoch = round(model.weight.item())
            # It falls until epoch 97, so that with the training loss, too, the last epoch is not the best.
            # same: it ends its fall before the last epoch, no matter where
            return scale / epoch if epoch < 98 else scale

        best = early_stop(model, train, lambda model: scale * valid(round(model.weight.item())), patience)
        return model.weight.item(), len(epochs), best

    # same: it ends before the script does
    weight, trained, best = followed(lambda e: script[e - 1] if e <= len(script) else 2.0 + e / 100, 3)
    yield "the epoch whose weights the model has afterwards", weight
    yield "the number of epochs that it trained", trained
    yield "the epoch that it returns", best
    weight, _, _ = followed(lambda e: 200 - e if e < 97 else 150, 9)
    yield "the epoch whose weights the model has when the best of all 100 was the 96th", weight


@exercise.solution
def solution(model, train, validate, patience):
    best_loss, best_epoch, best_state = float("inf"), 0, None  # same: the first epoch is always the best so far
    for epoch in range(1, 101):  # same: it stops long before
        train(model)  # one epoch
        valid_loss = validate(model)
        if valid_loss < best_loss:
            best_loss, best_epoch = valid_loss, epoch
            best_state = model.state_dict()
            best_state = {k: v.clone() for k, v in best_state.items()}
        elif epoch - best_epoch >= patience:
            break
    model.load_state_dict(best_state)
    return best_epoch


exercise.broken(
    "    for epoch",
    "    valid_losses = []\n    for epoch",
    "train(model)  # one epoch",
    "loss = train(model)  # one epoch; the mean loss while training",
    "valid_loss = validate(model)",
    "valid_losses.append(validate(model))",
    "valid_loss <",
    "loss <",
    "valid_loss, epoch",
    "loss, epoch",
    "            best_state = {k: v.clone() for k, v in best_state.items()}\n",
    "",
).says("It still trains all 100 epochs.")
exercise.edit(
    "training_decides",
    "train(model)  # one epoch",
    "valid_loss = train(model)",
    "valid_loss = validate(model)",
    "validate(model)",
).says("One of two: you copy the best state, and it is still the training loss that decides.")
exercise.edit("keeps_the_last", "            best_state = {k: v.clone() for k, v in best_state.items()}\n", "").says(
    "One of two: the right loss decides now, and the model comes back with the weights of its *last* epoch. A "
    "copy, made in the best epoch, has to be loaded into `model` at the end: another name for it changes nothing."
)
exercise.edit("one_too_many", ">= patience", "> patience").says(
    "The weights are right, and it trains on for one epoch too many: with a patience of 3 the third epoch without a "
    "better one is the last (`>=`, not `>`)."
)
exercise.edit("one_too_few", ">= patience", ">= patience - 1").says(
    "It stops one epoch early: a patience of 3 is three epochs without a better one."
)
exercise.edit(
    "adds_up",
    "for epoch in range(1, 101):",
    "bad = 0\n    for epoch in range(1, 101):",
    "epoch - best_epoch >= patience",
    "(bad := bad + 1) == patience",
).says("It adds up all bad epochs. A better one begins the count anew: what counts is how long ago the best was.")
exercise.edit("without_patience", "elif epoch - best_epoch >= patience:", "else:").says(
    "It stops at the first epoch that is not better: `patience` is not used."
)
