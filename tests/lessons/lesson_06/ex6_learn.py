import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


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


answers.right(learning())


@answers.right
def least_squares(X, y):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    W = torch.linalg.lstsq(A, y).solution
    return lambda X: X @ W[:-1] + W[-1]


answers.wrong("stays_standardised")(learning(back=False))
answers.wrong("target_in_its_own_units")(learning(target=False, steps=40))
answers.wrong("the_same_for_all")(learning(shape=(-1,)))
answers.wrong("standardises_anew")(learning(anew=True))
answers.wrong("standardises_anew")(learning(dropout=0.5, ready=False))


def shrinking(scale, centre):
    """Predictions `scale` times as far from each other, around another centre."""

    def learn(X, y):
        predict = least_squares(X, y)
        return lambda new: (predict(new) - 150) * scale + centre

    return learn


answers.wrong("stays_standardised")(shrinking(1 / 15, 10))  # the target is divided by 15, and stays so
answers.wrong("the_same_for_all")(shrinking(1 / 7, 150))
answers.wrong("the_same_for_all")(shrinking(1 / 7, 20))
answers.wrong("target_in_its_own_units")(shrinking(1, -150))
answers.wrong("target_in_its_own_units")(shrinking(1 / 4, 20))
answers.wrong("target_in_its_own_units")(shrinking(1, 100))
answers.unknown("On the people that it has learned from it is 0.77, where the mean for everybody gives 1.")(
    shrinking(1 / 4, 150)
)
answers.unknown("Its predictions reach from 477 to 977, and the target from 25 to 346:")(shrinking(2, 700))
answers.unknown("Its predictions reach from -241 to 634, and the target from 25 to 346:")(shrinking(3.5, 150))
answers.unknown("What `learn` returns is a tensor of shape [354, 1], and 'a function' is right.")(lambda X, y: y)
answers.unknown("What `predict` returns for 88 people is 'a tensor of shape [88]'")(
    lambda X, y: lambda new: least_squares(X, y)(new)[:, 0]
)
answers.unknown("is 0.61365, and 0.55 or less is the goal. 9 of the ten features make no difference")(
    lambda X, y: lambda new: 152 + 10 * (new[:, 2:3] - 26.4)  # a rule of thumb, from the body mass index alone
)


@answers.unknown("On the people that it has learned from it is 0: it has learned them by heart.")
def like_the_nearest(X, y):
    mean, std = X.mean(0), X.std(0)
    return lambda new: y[torch.cdist((new - mean) / std, (X - mean) / std).argmin(dim=1)]


@answers.unknown("is 2.699, and 0.55 or less is the goal. On the people that it has learned from it is 2.6,")
def learn_upside_down(X, y):
    predict = least_squares(X, y)
    return lambda new: 300 - predict(new)


answers.wrong("flies_off")(lambda X, y: lambda new: torch.full((len(new), 1), torch.nan))
answers.wrong("flies_off")(
    lambda X, y: lambda new: torch.where(torch.arange(len(new)) == 7, torch.nan, y.mean())[:, None]
)
