"""Answers to the exercises of lesson 06 that are about runs, as learners write them."""

import copy
import io

import torch
from torch import nn

from tests.lessons.exercise_answers import right, unknown, wrong

# ── 4 ── checkpoint


@right("06-4")
def checkpoint(model, optimizer):
    return copy.deepcopy(
        {
            "epoch": 2,
            "random": torch.random.get_rng_state(),
            "optimizer": optimizer.state_dict(),
            "model": model.state_dict(),
        }
    )


@right("06-4")
def checkpoint_by_file(model, optimizer):
    file = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
    file.seek(0)
    return {**torch.load(file, weights_only=True), "random": torch.get_rng_state()}


@wrong("06-4", "follows_the_run")
def checkpoint_shallow(model, optimizer):
    return {
        "model": dict(model.state_dict()),
        "optimizer": optimizer.state_dict().copy(),
        "random": torch.get_rng_state().clone(),
    }


@wrong("06-4", "follows_the_optimizer")
def checkpoint_by_clone(model, optimizer):
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    return {"model": weights, "optimizer": optimizer.state_dict(), "random": torch.get_rng_state()}


wrong("06-4", "follows_the_model")(lambda m, o: checkpoint(m, o) | {"model": m.state_dict()})
wrong("06-4", "keeps_the_seed")(lambda m, o: checkpoint(m, o) | {"random": 0})
wrong("06-4", "keeps_the_model")(lambda m, o: checkpoint(m, o) | {"model": m})
wrong("06-4", "forgets_random")(lambda m, o: {"model": m.state_dict(), "optimizer": o.state_dict()})
unknown("06-4", "What is missing in the dictionary is 'optimizer, random'")(lambda m, o: {"model": m.state_dict()})
unknown("06-4", "What `checkpoint` returns is")(lambda m, o: m.state_dict)


@unknown("06-4", "The list of losses of the run that was saved, as it goes on, at [0] is")
def checkpoint_seeding(model, optimizer):
    torch.manual_seed(3)
    return checkpoint(model, optimizer)


@unknown("06-4", "The list of losses of the run that begins from your checkpoint at [0] is")
def checkpoint_of_zeros(model, optimizer):
    kept = checkpoint(model, optimizer)
    return kept | {"model": {name: 0 * value for name, value in kept["model"].items()}}


@unknown("06-4", "The list of losses of the run that begins from your checkpoint at [1] is")
def checkpoint_without_memory(model, optimizer):
    fresh = torch.optim.Adam(model.parameters(), lr=0.05)
    return checkpoint(model, optimizer) | {"optimizer": fresh.state_dict()}


@unknown("06-4", "The tensor of all its weights is")
def checkpoint_rounded(model, optimizer):
    kept = checkpoint(model, optimizer)
    return kept | {"model": {name: value.round(decimals=4) for name, value in kept["model"].items()}}


# ── 5 ── early_stop


def stopping(best=lambda model: copy.deepcopy(model.state_dict()), decide=lambda train, valid: valid, wait=None):
    """As a learner may write it: counts the epochs since the best."""

    def early_stop(model, train, validate, patience):
        lowest, since, kept, found = None, 0, None, 0
        for epoch in range(100):
            loss = decide(train(model), validate(model))
            since += 1
            if lowest is None or loss < lowest:
                lowest, since, kept, found = loss, 0, best(model), epoch + 1
            if since >= (patience if wait is None else wait):
                break
        model.load_state_dict(kept)
        return found

    return early_stop


right("06-5")(stopping())


@right("06-5")
def by_clones(model, train, validate, patience):
    losses, states = [], []
    while len(losses) - (losses.index(min(losses)) if losses else 0) <= patience and len(losses) < 100:
        train(model)
        losses.append(validate(model))
        states.append([p.detach().clone() for p in model.parameters()])
    best = losses.index(min(losses))
    with torch.no_grad():
        for p, value in zip(model.parameters(), states[best], strict=True):
            p.copy_(value)
    return best + 1


wrong("06-5", "training_decides")(stopping(decide=lambda train, valid: train))
wrong("06-5", "keeps_the_last")(stopping(best=lambda model: model.state_dict()))
wrong("06-5", "keeps_the_last")(stopping(best=lambda model: dict(model.state_dict())))
wrong("06-5", "one_too_many")(stopping(wait=4))
wrong("06-5", "one_too_few")(stopping(wait=2))
wrong("06-5", "without_patience")(stopping(wait=1))


@wrong("06-5", "adds_up")
def bad_epochs(model, train, validate, patience):
    best, kept, bad, epoch = float("inf"), None, 0, 0
    while bad < patience:
        train(model)
        epoch += 1
        loss = validate(model)
        if loss < best:
            best, kept, found = loss, copy.deepcopy(model.state_dict()), epoch
        else:
            bad += 1
    model.load_state_dict(kept)
    return found


unknown("06-5", "The epoch that it returns is 5, and 6 is right.")(lambda *given: stopping()(*given) - 1)
unknown("06-5", "The number of epochs that it trained is 10, and 9 is right.")(
    lambda model, train, *rest: stopping()(model, train, *rest) + 0 * train(copy.deepcopy(model))
)


@unknown("06-5", "The epoch whose weights the model has afterwards is 0, and 6 is right.")
def resets(model, train, validate, patience):
    found = stopping()(model, train, validate, patience)
    nn.init.zeros_(model.weight)
    return found


# ── 6 ── learn


def learning(back=True, target=True, anew=False, shape=(-1, 1), steps=15, dropout=0.0, ready=True):
    """Trains as section 9 does, for a shorter time; the switches bring the mistakes."""

    def learn(X, y):
        mean, std = X.mean(0), X.std(0)
        y_mean, y_std = (y.mean(), y.std()) if target else (0.0, 1.0)
        X, y = (X - mean) / std, ((y - y_mean) / y_std).view(shape)
        model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(dropout), nn.Linear(32, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        for _ in range(steps):
            optimizer.zero_grad()
            ((model(X) - y) ** 2).mean().backward()
            optimizer.step()
        if ready:
            model.eval()

        @torch.no_grad()
        def predict(X):
            centre, spread = (X.mean(0), X.std(0)) if anew else (mean, std)
            answers = model((X - centre) / spread)
            return answers * y_std + y_mean if back else answers

        return predict

    return learn


right("06-6")(learning())


@right("06-6")
def least_squares(X, y):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    W = torch.linalg.lstsq(A, y).solution
    return lambda X: X @ W[:-1] + W[-1]


wrong("06-6", "stays_standardised")(learning(back=False))
wrong("06-6", "target_in_its_own_units")(learning(target=False, steps=40))
wrong("06-6", "the_same_for_all")(learning(shape=(-1,)))
wrong("06-6", "standardises_anew")(learning(anew=True))
wrong("06-6", "standardises_anew")(learning(dropout=0.5, ready=False))


def shrinking(scale, centre):
    """Predictions `scale` times as far from each other, around another centre."""

    def learn(X, y):
        predict = least_squares(X, y)
        return lambda new: (predict(new) - 150) * scale + centre

    return learn


wrong("06-6", "stays_standardised")(shrinking(1 / 15, 10))  # the target is divided by 15, and stays so
wrong("06-6", "the_same_for_all")(shrinking(1 / 7, 150))
wrong("06-6", "the_same_for_all")(shrinking(1 / 7, 20))
wrong("06-6", "target_in_its_own_units")(shrinking(1, -150))
wrong("06-6", "target_in_its_own_units")(shrinking(1 / 4, 20))
wrong("06-6", "target_in_its_own_units")(shrinking(1, 100))
unknown("06-6", "0.55 or less is the goal.")(shrinking(1 / 4, 150))
unknown("06-6", "What `learn` returns is 'a tensor of shape [354, 1]', and 'a function' is right.")(lambda X, y: y)
unknown("06-6", "What `predict` returns for 88 people is 'a tensor of shape [88]'")(
    lambda X, y: lambda new: least_squares(X, y)(new)[:, 0]
)


unknown("06-6", "1 − R² on people that it has not seen (mean over two splits) is 0.61")(
    lambda X, y: lambda new: 152 + 10 * (new[:, 2:3] - 26.4)  # a rule of thumb, from the body mass index alone
)


@unknown("06-6", "1 − R² on people that it has not seen (mean over two splits) is 2.69")
def learn_upside_down(X, y):
    predict = least_squares(X, y)
    return lambda new: 300 - predict(new)
