"""Exercises of lesson 05: learning rates that change, and which of several to choose."""

import math

import torch
from torch.nn import functional as F

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

# ── 4 ── write: warm-up and cosine

scheduled = Exercise(
    "05-4",
    "rate_at",
    minutes=8,
    hints=(
        "Two cases: t below `warm`, and all others. In the first, step 0 gets one part of `warm`, not none.",
        "Of the T − warm other steps, what share is over at step t? That share goes from 0 towards 1.",
        "`lr / 2 * (1 + math.cos(math.pi * share))`, with `share = (t - warm) / (T - warm)`.",
    ),
    remember="A schedule is a function of t, no more. PyTorch's keep count of t, and write what they get into "
    "`param_groups`.",
)


@scheduled.probe
def look_at_rates(rate_at):
    warm, T = int(torch.randint(5, 9, ())), int(torch.randint(40, 60, ()))
    lr = 0.1 + torch.rand(()).item()
    yield f"the list of the {warm} rates of the warm-up", [rate_at(t, T, lr, warm) for t in range(warm)]
    yield "the list of the rates after it", [rate_at(t, T, lr, warm) for t in range(warm, T)]


@scheduled.start
def rate_to_write(t, T, lr, warm):  # t = 0, 1, …, T - 1
    raise NotImplementedError  # the learning rate of step t


@scheduled.solution
def up_and_down(t, T, lr, warm):  # t = 0, 1, …, T - 1
    if t < warm:
        return lr * (t + 1) / warm
    share = (t - warm) / (T - warm)  # of the way down: 0 … 1
    return lr / 2 * (1 + math.cos(math.pi * share))


@scheduled.mistake("Your step 0 has the rate 0, and moves nothing. It gets one part of `warm`: (t + 1) / warm.")
def starts_at_zero(t, T, lr, warm):
    return lr * t / warm if t < warm else up_and_down(t, T, lr, warm)


@scheduled.mistake("The warm-up is missing: the full rate from step 0 on, at the moment when the network knows least.")
def without_warm_up(t, T, lr, warm):
    return up_and_down(max(t, warm), T, lr, warm)


@scheduled.mistake(
    "The cosine does not wait for the warm-up, at whose end your rate leaps down. Count the share from `warm` on."
)
def cosine_from_the_start(t, T, lr, warm):
    return up_and_down(t, T, lr, warm) if t < warm else up_and_down(t, T, lr, 0)


@scheduled.mistake("You divide by T, and there are T − warm steps to go down in: at the end your rate is not near 0.")
def does_not_arrive(t, T, lr, warm):
    return up_and_down(t, T, lr, warm) if t < warm else up_and_down(t, T + warm, lr, warm)


@scheduled.mistake("Your rate is exactly twice the right one after the warm-up: 1 + cos goes from 2 to 0. Halve it.")
def forgets_the_half(t, T, lr, warm):
    return up_and_down(t, T, lr, warm) * (1 if t < warm else 2)


@scheduled.mistake("A cosine alone goes from 1 to −1, and a negative rate climbs. Add 1, then halve.")
def goes_below_zero(t, T, lr, warm):
    return up_and_down(t, T, lr, warm) if t < warm else lr * math.cos(math.pi * (t - warm) / (T - warm))


@scheduled.mistake("`math.cos` takes radians. Half a turn is π, not 180.")
def in_degrees(t, T, lr, warm):
    return up_and_down(t, T, lr, warm) if t < warm else lr / 2 * (1 + math.cos(180 * (t - warm) / (T - warm)))


@scheduled.mistake("A whole turn, 2π, brings the rate up to lr again. Half a turn ends at 0.")
def comes_up_again(t, T, lr, warm):
    return up_and_down(t, T, lr, warm) if t < warm else lr / 2 * (1 + math.cos(2 * math.pi * (t - warm) / (T - warm)))


@scheduled.mistake("Your rate falls in a straight line. The cosine stays high for longer, and ends flat.")
def straight_down(t, T, lr, warm):
    return up_and_down(t, T, lr, warm) if t < warm else lr * (T - t) / (T - warm)


# ── 5 ── write: a fair figure for each optimizer

chosen = Exercise(
    "05-5",
    "tuned_test",
    minutes=8,
    hints=(
        "First the choice: a mean over the seeds, then the best rate of each row. Of `valid`, not of `test`.",
        "What is the mean of [0.9, NaN, 0.9]? And what does `argmax` make of it? `nan_to_num(0)` helps.",
        "`rows = torch.arange(len(best))`, and `test[rows, best]` is [optimizers, seeds].",
    ),
    remember="Chosen on one set, reported from another, for each its own rate, over all seeds, lost runs included.",
)


@chosen.probe
def look_at_choice(tuned_test):
    valid, test = torch.rand(2, 4, 6, 3)
    yield "the list of four test accuracies", tuned_test(valid.clone(), test.clone())
    # One rate has lost one run of three and is best in the others; one has lost a run and is bad anyway.
    valid[0] = 0.8 + 0.1 * torch.rand(6, 3)
    valid[0, 2], valid[1, 3] = torch.tensor([[0.95, math.nan, 0.95], [0.1, 0.1, math.nan]])
    yield "the list of four test accuracies, where two runs were lost,", tuned_test(valid.clone(), test.clone())


@chosen.start
def choice_to_write(valid, test):  # both [optimizers, rates, seeds]
    raise NotImplementedError  # a list: each optimizer's test accuracy, tuned


@chosen.solution
def on_validation_data(valid, test):  # both [optimizers, rates, seeds]
    means = valid.mean(dim=2).nan_to_num(0)  # [optimizers, rates]
    best = means.argmax(dim=1)  # [optimizers]
    rows = torch.arange(len(best))
    return test[rows, best].mean(dim=1).tolist()


def at(test, best):
    """Test accuracies [optimizers, seeds] at these rates."""
    return test[torch.arange(len(test)), best]


@chosen.mistake(
    "You choose on test data: each optimizer gets its luckiest test result, and the figure is too good to come again."
)
def chooses_on_test(valid, test):
    return test.mean(dim=2).amax(dim=1).tolist()


@chosen.mistake("You choose by the last seed alone. One seed ranks luck: take the mean of all of them.")
def chooses_by_the_last_seed(valid, test):
    return at(test, valid[:, :, -1].nan_to_num(0).argmax(dim=1)).mean(dim=1).tolist()


@chosen.mistake("You choose by the first seed alone. One seed ranks luck: take the mean of all of them.")
def chooses_by_the_first_seed(valid, test):
    return at(test, valid[:, :, 0].nan_to_num(0).argmax(dim=1)).mean(dim=1).tolist()


@chosen.mistake("You choose by the best seed. That rewards a rate for one lucky run: take the mean.")
def chooses_by_the_best_seed(valid, test):
    return at(test, valid.nan_to_num(0).amax(dim=2).argmax(dim=1)).mean(dim=1).tolist()


@chosen.mistake("One rate for all: you compare at one shared lr, and pick the winner by picking it. Each gets its own.")
def one_rate_for_all(valid, test):
    return test[:, valid.nan_to_num(0).mean(dim=(0, 2)).argmax()].mean(dim=1).tolist()


@chosen.mistake(
    "You report the validation accuracy that you chose by. The best of six is partly lucky: report what *test* says."
)
def reports_validation(valid, test):
    return valid.mean(dim=2).nan_to_num(0).amax(dim=1).tolist()


@chosen.mistake("The choice is fair, the report is not: you give the best seed's test accuracy. Give the mean.")
def reports_the_best_seed(valid, test):
    return at(test, valid.mean(dim=2).nan_to_num(0).argmax(dim=1)).amax(dim=1).tolist()


@chosen.mistake("Each seed chooses a rate of its own. A rate is chosen once, by the mean of the seeds.")
def a_rate_for_each_seed(valid, test):
    best = valid.nan_to_num(0).argmax(dim=1, keepdim=True)  # [optimizers, 1, seeds]
    return test.gather(1, best).mean(dim=(1, 2)).tolist()


@chosen.mistake("Where a run was lost, the mean is NaN, and `argmax` takes NaN for the largest: you choose what broke.")
def takes_nan_for_the_largest(valid, test):
    return at(test, valid.mean(dim=2).argmax(dim=1)).mean(dim=1).tolist()


@chosen.mistake("You leave lost runs out of the mean. A rate that loses one run in three then looks as good as any.")
def forgives_lost_runs(valid, test):
    return at(test, valid.nanmean(dim=2).argmax(dim=1)).mean(dim=1).tolist()


# ── 6 ── repair: a schedule that starts anew

EPOCHS, BATCHES = 3, 4

restarted = Exercise(
    "05-6",
    "train_with_cosine",
    minutes=5,
    hints=(
        "There are two mistakes. Print `scheduler.get_last_lr()` after each step. How often does it begin anew?",
        "The optimizer, with its velocity, and the scheduler belong in front of the loop.",
        "`T_max` counts calls of `scheduler.step()`. How many are there in all?",
    ),
    remember="An optimizer remembers, a scheduler counts. Make each once, and say how many steps there are in all.",
)


@restarted.probe
def look_at_schedule(train_with_cosine):
    model = probes.classifier()
    train_with_cosine(model, probes.class_batches(batches=BATCHES, size=20), EPOCHS)
    yield f"the tensor of all weights after {EPOCHS} epochs", probes.flat(model)


@restarted.broken("The rate still does not fall to 0 once: both mistakes are still there.")
def anew_in_each_epoch(model, loader, epochs):
    from torch.optim.lr_scheduler import CosineAnnealingLR

    for _ in range(epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        scheduler = CosineAnnealingLR(optimizer, T_max=epochs)
        for X, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(X), y).backward()
            optimizer.step()
            scheduler.step()  # once a batch, as it should be


@restarted.solution
def made_once(model, loader, epochs):
    from torch.optim.lr_scheduler import CosineAnnealingLR

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    for _ in range(epochs):
        for X, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(X), y).backward()
            optimizer.step()
            scheduler.step()  # once a batch, as it should be


def training(model, loader, epochs, T_max, anew="", calls="each batch"):
    """The exercise's loop: what is made anew in each epoch, and when the scheduler's `step` is called."""
    for epoch in range(epochs):
        if epoch == 0 or "optimizer" in anew:
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        if epoch == 0 or anew:
            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max)
        for X, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(X), y).backward()
            if calls == "before":
                scheduler.step()
            optimizer.step()
            if calls == "each batch":
                scheduler.step()
        if calls == "each epoch":
            scheduler.step()


@restarted.mistake(
    "One of two: both are made once now. `T_max` still counts epochs, and `scheduler.step()` is called for each batch: "
    "the rate swings down and up again."
)
def counts_epochs(model, loader, epochs):
    training(model, loader, epochs, T_max=epochs)


@restarted.mistake(
    "One of two: `T_max` counts all batches now. The optimizer is still made anew in each epoch: its rate starts from "
    "the top, and its velocity from 0."
)
def begins_anew(model, loader, epochs):
    training(model, loader, epochs, T_max=epochs * len(loader), anew="optimizer and scheduler")


@restarted.mistake("The optimizer is made once, the scheduler is not: in each epoch a new one begins to count from 0.")
def a_scheduler_in_each_epoch(model, loader, epochs):
    training(model, loader, epochs, T_max=epochs * len(loader), anew="scheduler")


@restarted.mistake("`T_max` counts the batches of *one* epoch: in the second the rate comes up again.")
def counts_one_epoch(model, loader, epochs):
    training(model, loader, epochs, T_max=len(loader))


@restarted.mistake(
    "Your rate falls from 0.1 to 0 once, in stairs, one for each epoch. That is a schedule too; asked for was a rate "
    "that falls a little after each batch."
)
def a_stair_for_each_epoch(model, loader, epochs):
    training(model, loader, epochs, T_max=epochs, calls="each epoch")


@restarted.mistake("`scheduler.step()` comes before `optimizer.step()`: the first and largest rate is never used.")
def steps_the_rate_first(model, loader, epochs):
    training(model, loader, epochs, T_max=epochs * len(loader), calls="before")


@restarted.mistake("Nobody calls `scheduler.step()` any more: the rate stays at 0.1.")
def never_steps_the_rate(model, loader, epochs):
    training(model, loader, epochs, T_max=epochs * len(loader), calls="never")


EXERCISES = (scheduled, chosen, restarted)
