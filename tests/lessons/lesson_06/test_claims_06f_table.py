"""What notebook 06f says of the diabetes table. It needs no download."""

import numpy as np
import torch
from torch import nn

from course_utils import data
from course_utils.experiment import Experiment
from course_utils.training import evaluate, train_epoch
from tests.lessons.lesson_06.runs import near

LESSON = "06f_table.ipynb"


def test_arrays_and_tensors(lesson):
    assert (lesson.shared[0], lesson.copied[0]) == (100, 1)
    t = torch.ones(1)
    t.numpy()[0] = 3
    assert t == 3
    assert torch.Tensor(np.zeros(2)).dtype == torch.float32 and torch.Tensor(3).shape == (3,)
    assert torch.get_default_dtype() == torch.float32
    for kind, shares in ((np.float32, True), (np.float64, False)):
        a = np.ones(2, dtype=kind)
        made = torch.Tensor(a)
        a[0] = 100
        assert bool(made[0] == 100) is shares


def test_the_table(lesson, claim):
    claim("diabetes: validation R² after 20 epochs", lesson.r2(lesson.table_net, lesson.valid_set), 0.2, 0.7)
    bounds = [(0.2, 0.7), (-0.5, 0.5), (0, 0.4), (-4, -1)]
    for (name, score), limits in zip(lesson.scores.items(), bounds, strict=True):
        claim(f"diabetes, standardised: {name}, validation R²", score, *limits)
    assert (lesson.target.min(), lesson.target.max()) == (25, 346)


def test_features_in_two_units(lesson, claim):
    assert 300 < lesson.features.max() < 305
    assert all(abs(column.std() - 0.05) < 0.005 and abs(column.mean()) < 1e-6 for column in lesson.scaled.T)
    train, valid, _ = lesson.datasets(lesson.scaled, lesson.y_all)
    model, _ = lesson.train_table(train, valid)
    with torch.no_grad():
        answers = model(valid.tensors[0])
    claim("diabetes as load_diabetes() gives it: mean answer after 180 steps", answers.mean(), 20, 60)
    near(lesson, 40, answers.mean().item(), 4)
    lesson.says("after 180 steps the answers are near 40. In their own units they reach 300")


def test_early_stopping_and_the_test(lesson, claim):
    valid, train = lesson.long_losses["valid"], lesson.long_losses["train"]
    claim("diabetes: epoch of the lowest validation loss", valid.index(min(valid)) + 1, 2, 60)
    claim("diabetes: validation loss after 100 epochs over the lowest", valid[-1] / min(valid), 1.15, 3)
    claim("diabetes: training loss after 100 epochs", train[-1], 0.02, 0.2)
    near(lesson, 1.45, valid[-1] / min(valid), 0.1)
    if lesson.own:
        assert valid.index(min(valid)) + 1 == 15
        lesson.says("while the validation loss turns after 15")
        assert train[-1] < 0.1
        kept = {patience: lesson.stops_after(valid, patience)[1] for patience in range(1, 41)}
        assert [kept[patience] for patience in (1, 2, 3)] == [10] * 3
        assert {kept[patience] for patience in range(4, 41)} == {15}
        near(lesson, 0.002, valid[9] - valid[14], 0.001)
    lesson.says("1, 2 or 3 stops at a hiccup after epoch 10; from 4 on epoch 15 is kept")
    claim("diabetes: test R² after early stopping", lesson.test_r2, 0.2, 0.7)
    score = lesson.r2(lesson.early_net, lesson.valid_set)
    claim("diabetes: validation R² after early stopping", score, 0.2, 0.7)
    near(lesson, 0.59, lesson.test_r2, 0.03)
    near(lesson, 0.47, score, 0.03)
    lesson.says("the test R² is 0.59, higher than the validation R² of 0.47")
    again = evaluate(lesson.early_net, lesson.valid_set, loss_fn=nn.MSELoss())[0]
    assert again == valid[lesson.best_epoch - 1]
    lesson.says("gives what `best_state` keeps")


def first_below(lesson, lr, target=0.5):
    """The epoch, from 1, after which the panel's second loss is first below `target`; None for none."""
    sets = lesson.train_set, lesson.valid_set
    run = Experiment(data=sets, model=lesson.TableNet, optimizer="Adam", lr=lr, batch_size=32, epochs=20, threads=1)
    losses = run.run().test_loss
    return next((epoch for epoch, loss in enumerate(losses, start=1) if loss < target), None)


def test_learning_rates_for_the_table(lesson):
    lesson.says(
        "is below 0.5 after 7 epochs, at 0.01 after the first. At 0.0001 it does not get there in 20; at 1 never."
    )
    if lesson.own:
        assert [first_below(lesson, lr) for lr in (0.001, 0.01, 0.0001, 1.0)] == [7, 1, None, None]


def test_tabular_gives_the_same_law(claim, lesson):
    train, test = data.tabular()
    torch.manual_seed(0)
    model = lesson.TableNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(20):
        train_epoch(model, data.batches(train, 32, shuffle=True), optimizer)
    loss, _ = evaluate(model, test)
    claim("tabular(): test R² after 20 epochs", 1 - loss / test.y.var(correction=0).item(), 0.2, 0.7)
