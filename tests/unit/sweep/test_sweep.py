"""Many experiments at once: what each of them would have given alone."""

import itertools
import math
import os
import re
import signal
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.utils.data import Dataset

from course_utils import data, models
from course_utils.experiment import Experiment
from course_utils.optimizers import OPTIMIZERS
from course_utils.sweep import sweep, together
from course_utils.sweep.stack import Stack
from course_utils.training import fit
from tests.unit.sweep.alike import assert_alike

SMALL = Experiment(data="digits", model="mlp", hidden=(16,), activation="relu", lr=0.1, epochs=2)
# One entry for every way an update can go, for each optimizer that an Experiment knows.
WAYS = {
    "SGD": [
        {},
        {"momentum": 0.9},
        {"momentum": 0.8, "dampening": 0.3, "weight_decay": 0.01},
        {"momentum": 0.9, "nesterov": True},
        {"maximize": True, "weight_decay": 0.1},
    ],
    "RMSprop": [
        {},
        {"alpha": 0.9, "momentum": 0.5},
        {"centered": True, "weight_decay": 0.01},
        {"centered": True, "momentum": 0.5},
    ],
    "Adagrad": [{}, {"lr_decay": 0.01, "initial_accumulator_value": 0.1, "weight_decay": 0.01, "eps": 1e-6}],
    "Adadelta": [{}, {"rho": 0.8, "eps": 1e-5, "weight_decay": 0.01}],
    "Adam": [{}, {"betas": (0.8, 0.99), "weight_decay": 0.01}, {"amsgrad": True, "eps": 1e-6}],
    "AdamW": [{}, {"betas": (0.8, 0.99), "weight_decay": 0.1, "amsgrad": True}],
}


def small_cnn():
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.Tanh(), nn.MaxPool2d(2)),
        nn.Conv2d(3, 4, (3, 2), stride=(1, 2), dilation=(1, 2), bias=False),
        nn.LeakyReLU(),
        nn.Flatten(),
        nn.Linear(8, 10),
    )


def mlp_of_all_activations():
    layers = [nn.Flatten(), nn.Linear(64, 12)]
    for activation in models.ACTIVATIONS.values():
        layers += [activation(), nn.Linear(12, 12, bias=activation is not nn.Tanh)]
    return nn.Sequential(*layers[:-1], nn.Linear(12, 10))


@pytest.mark.rest
@pytest.mark.parametrize("model", [small_cnn, mlp_of_all_activations, "mlp"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_100_steps_in_double_precision(in_double, capsys, optimizer, model):
    base = Experiment(data=in_double, model=model, hidden=(12,), batch_size=16, epochs=8, optimizer=optimizer)
    experiments = [
        base.but(optimizer_args=arguments, lr=lr, seed=seed)
        for arguments in WAYS[optimizer]
        for lr, seed in ((0.003, 0), (0.01, 1), (0.003, 1))
    ]
    histories = sweep(experiments)
    assert "one by one" not in capsys.readouterr().out
    assert all(len(history.step_loss) == 104 and history.diverged_at is None for history in histories)
    assert_alike(histories, experiments, rel=1e-6)


@pytest.mark.trains
@pytest.mark.parametrize("model", [small_cnn, "mlp"])
def test_one_step_in_single_precision(model):
    """The loss after one step tells what the step did."""
    base = Experiment(data="digits", model=model, hidden=(12,), batch_size=1437, shuffle=False, epochs=2, lr=0.001)
    experiments = [base.but(optimizer=name, optimizer_args=way) for name, ways in WAYS.items() for way in ways]
    assert_alike(sweep(experiments), experiments, rel=2e-6)


def test_all_optimizers_share_a_stack_and_come_back_in_order(in_double):
    base = SMALL.but(data=in_double, epochs=1)
    experiments = [
        base.but(optimizer=name, lr=lr, seed=seed)
        for seed, lr, name in itertools.product((3, 1), (0.01, 0.02), OPTIMIZERS)
    ]
    assert_alike(sweep(experiments), experiments, rel=1e-6)


@pytest.mark.trains
@pytest.mark.parametrize(
    "changed",
    [
        {"shuffle": False},
        {"valid": 40},
        {"batch_size": 1000},
        {"batch_size": 1, "epochs": 1},
        {"epochs": 3, "valid": 0.5},
        {"model": "linear"},
        {"threads": 2},
    ],
)
def test_other_plans(in_double, changed):
    experiments = [SMALL.but(data=in_double, seed=seed, **changed) for seed in range(3)]
    assert_alike(sweep(experiments), experiments, rel=1e-6)


def test_numbers_for_targets():
    experiments = [Experiment(data="regression", model="linear", lr=lr, epochs=1) for lr in (0.01, 0.02)]
    histories = sweep(experiments)
    assert math.isnan(histories[0].test_accuracy[0])
    assert_alike(histories, experiments, rel=1e-5)


def test_a_run_that_diverges_leaves_its_neighbours_alone(in_double):
    calm = [SMALL.but(data=in_double, optimizer=name, seed=seed) for name in ("SGD", "Adam") for seed in (0, 1)]
    wild = [SMALL.but(data=in_double, lr=1e200), SMALL.but(data=in_double, lr=1e300, seed=1)]
    experiments = [wild[0], *calm[:2], wild[1], *calm[2:]]
    histories = sweep(experiments)
    for history, experiment in zip((histories[0], histories[3]), wild, strict=True):
        assert history.diverged_at == experiment.run().diverged_at == len(history.step_loss) - 1
        assert not math.isfinite(history.step_loss[-1]) and math.isnan(history.train_loss[0])
    calm_histories = [*histories[1:3], *histories[4:]]
    assert_alike(calm_histories, calm, rel=1e-6)
    assert calm_histories == sweep(calm)  # to the last bit


@pytest.mark.parametrize("valid", [0, 20])
def test_a_run_that_diverges_ends_as_it_would_alone(in_double, valid):
    """How much ink? In one example so much that its square is infinite; each seed meets it at a step of its own, and
    `valid` may hold it out."""
    train, test = (data.Data(p.X, p.X.mean((1, 2, 3)).view(-1, 1), "ink") for p in in_double)
    train.X[7, 0, 3, 3] = 1e200
    optimizers = itertools.cycle(["SGD", "RMSprop", "AdamW"])
    experiments = [
        SMALL.but(data=(train, test), lr=0.01, optimizer=name, batch_size=16, seed=seed, valid=valid)
        for seed, name in zip(range(6), optimizers, strict=False)
    ]
    histories = sweep(experiments)
    assert len({history.diverged_at for history in histories}) > 3
    assert_alike(histories, experiments, rel=1e-6)


def test_a_stack_in_which_all_diverge_ends():
    histories = sweep([SMALL.but(lr=1e30, seed=seed, epochs=50) for seed in range(3)])
    assert all(history.diverged_at is not None and len(history.train_loss) == 1 for history in histories)


def test_nothing_gives_nothing():
    assert sweep([]) == []


def test_the_same_experiment_twice():
    first, second = sweep([SMALL, SMALL])
    assert first == second and first is not second and first.step_loss is not second.step_loss


class Listed(Dataset):
    """Examples one at a time, as a Dataset of one's own gives them."""

    classes = data.DIGIT_NAMES

    def __init__(self, part):
        self.part = part

    def __len__(self):
        return 30

    def __getitem__(self, i):
        return self.part[i]


LISTED = {"data": tuple(map(Listed, data.digits()))}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"changes": ((3, "lr", 0.01), (30, "optimizer", "Adam"))}, "they change something on the way"),
        (LISTED, "their data are no tensors"),
    ],
)
def test_what_cannot_be_stacked_runs_one_by_one(capsys, changed, why):
    odd = [SMALL.but(seed=seed, **changed) for seed in (0, 1)]
    experiments = [odd[0], SMALL, odd[1], SMALL.but(seed=1)]
    histories = sweep(experiments)
    assert [histories[0], histories[2]] == [experiment.run() for experiment in odd]  # to the last bit
    assert_alike(histories[1::2], experiments[1::2], rel=1e-4)
    assert capsys.readouterr().out == f"2 experiments train one by one, which takes longer: {why}.\n"


def test_one_of_a_kind_needs_no_sentence(capsys):
    experiments = [SMALL, SMALL.but(hidden=(8,)), SMALL.but(epochs=1), SMALL.but(model=small_cnn)]
    assert sweep(experiments) == [experiment.run() for experiment in experiments]
    assert capsys.readouterr().out == ""


def test_arrays_that_are_the_same_share_a_stack(monkeypatch):
    """Each Experiment wraps its arrays anew."""
    sizes = []
    monkeypatch.setattr(together, "Stack", lambda members, *rest: sizes.append(len(members)) or Stack(members, *rest))
    arrays = tuple((part.X.numpy(), part.y.numpy()) for part in data.digits())
    sweep(SMALL.but(data=arrays, epochs=1), seed=range(3))
    assert sizes == [3]


def test_a_factory_that_changes_its_mind(capsys):
    sizes = itertools.cycle([8, 12])

    def moody_net():
        size = next(sizes)
        return nn.Sequential(nn.Flatten(), nn.Linear(64, size), nn.ReLU(), nn.Linear(size, 10))

    histories = sweep([SMALL.but(model=moody_net, seed=seed) for seed in range(4)])
    assert [len(history.step_loss) for history in histories] == [46] * 4
    assert "2 experiments train one by one" in capsys.readouterr().out


def test_a_label_beyond_the_outputs_is_what_run_says():
    few = [SMALL.but(model=lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 9)), seed=seed) for seed in (0, 1)]
    few = [experiment.but(model=few[0].model) for experiment in few]
    with pytest.raises(ValueError, match="the model has 9 outputs, and there is the label 9"):
        few[0].run()
    with pytest.raises(ValueError, match="the model has 9 outputs, and there is the label 9"):
        sweep(few)


def test_an_experiment_that_cannot_train_says_why():
    with pytest.raises(ValueError, match="the images are 8×8: it needs at least 10×10"):
        sweep([SMALL, SMALL.but(model="cnn"), SMALL.but(model="cnn", seed=1)])


def test_a_stack_that_would_not_fit_is_split_and_says_so(in_double, capsys):
    experiments = [SMALL.but(data=in_double, seed=seed) for seed in range(5)]
    histories = sweep(experiments, memory=2**19)
    assert capsys.readouterr().out == "5 experiments train in stacks of 2, to stay within 0.5 MiB.\n"
    assert_alike(histories, experiments, rel=1e-6)


def breaks_in_its(call, error):
    """A class of networks whose forward raises in so many-th call, of all its networks together."""
    calls = itertools.count(1)

    class Breaks(nn.Linear):
        def __init__(self):
            super().__init__(64, 10)

        def forward(self, X):
            if next(calls) == call:
                raise error
            return super().forward(X.flatten(1))

    return Breaks


def test_ctrl_c_keeps_what_is_finished(capsys):
    first = [SMALL.but(seed=seed) for seed in range(2)]
    last = [SMALL.but(model=breaks_in_its(9, KeyboardInterrupt)), SMALL.but(data="regression", model="linear")]
    threads, random = torch.get_num_threads(), torch.get_rng_state()
    histories = sweep([first[0], last[0], first[1], last[1]])
    assert not histories[1] and not histories[3]
    assert_alike(histories[::2], first, rel=1e-4)
    said = capsys.readouterr().out
    assert said == "Interrupted: 2 of 4 experiments are finished, the others have no History.\n"
    assert torch.get_num_threads() == threads and torch.get_rng_state().equal(random)


@pytest.mark.rest
@pytest.mark.process
def test_ctrl_c_in_the_middle_of_a_stack_keeps_those_that_had_diverged():
    """In a process of its own, interrupted from outside once it says that the stack is under way."""
    code = (
        "from course_utils.experiment import Experiment\n"
        "from course_utils.sweep import sweep\n"
        "e = Experiment(data='digits', hidden=(8,), activation='relu', epochs=1_000_000)\n"
        "print('kept', [h.diverged_at if h else None for h in sweep([e, e.but(lr=1e30), e.but(seed=1)])])"
    )
    primary, secondary = os.openpty()  # the bar shows in a terminal, and tells when the epochs run
    size = {"TQDM_NCOLS": "80", "TQDM_NROWS": "24"}  # by itself it has none
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **size}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=secondary, stderr=secondary, env=environment)
    os.close(secondary)
    text, sent = "", False
    while "]" not in text:
        text += os.read(primary, 1000).decode(errors="replace")
        if text.count("3 experiments:") >= 3 and not sent:
            process.send_signal(signal.SIGINT)
            sent = True
    assert process.wait(timeout=30) == 0
    os.close(primary)
    *_, sentence, kept = text.splitlines()
    assert sentence == "Interrupted: 1 of 3 experiments are finished, the others have no History."
    assert re.fullmatch(r"kept \[None, \d+, None\]", kept)


def test_the_notebook_s_random_numbers_are_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    sweep([SMALL, SMALL.but(seed=1)])
    assert torch.rand(3).equal(expected)


@pytest.mark.rest
@pytest.mark.process
def test_a_notebook_sees_a_bar_that_ends_full_and_a_headless_one_none():
    import nbformat
    from nbclient import NotebookClient

    code = (
        "from course_utils import runtime\n"
        "from course_utils.experiment import Experiment\n"
        "from course_utils.sweep import sweep\n"
        "runtime.BAR_DELAY = 0\n"
        "e = Experiment(data='digits', hidden=(8,), epochs=1)\n"
        "_ = sweep([e, e.but(seed=1), e.but(seed=2, lr=1e30, epochs=40), e.but(changes=((1, 'lr', 0.1),))])"
    )
    again = f"%env COURSE_HEADLESS=1\n{code}"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (code, again)])
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    shown = [[o for o in cell.outputs if o.output_type != "stream"] for cell in notebook.cells]
    assert [len(outputs) for outputs in shown] == [1, 0]
    widgets = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
    (bar,) = [one["state"] for one in widgets if one["model_name"] == "FloatProgressModel"]
    assert bar["value"] == bar["max"] == 43 and bar["bar_style"] == "success"
    assert "4 experiments: 100%" in "".join(str(one["state"].get("value")) for one in widgets).replace("\u2007", " ")


@pytest.mark.parametrize("kind", [RuntimeError, SystemExit])
def test_one_that_breaks_on_the_way_leaves_all_others_their_histories(capsys, kind):
    broken = SMALL.but(model=breaks_in_its(30, kind("planted")))
    experiments = [SMALL, broken, SMALL.but(hidden=(8,)), SMALL.but(seed=1)]
    histories = sweep(experiments)
    assert not histories[1] and all(len(histories[place].step_loss) == 46 for place in (0, 2, 3))
    said = capsys.readouterr().out
    assert said == f"experiments[1] was not finished and has no History. {kind.__name__}: planted\n"
    with pytest.raises(RuntimeError, match=r"There is no test_loss: experiments\[1\] was not finished"):
        _ = histories[1].test_loss
    with pytest.raises(kind, match="planted"):
        sweep([SMALL.but(model=breaks_in_its(30, kind("planted")))])  # nothing is finished


def test_all_are_looked_at_before_the_first_trains():
    trained = []

    class Counting(nn.Linear):
        def __init__(self):
            super().__init__(64, 10)

        def forward(self, X):
            trained.append(1)
            return super().forward(X.flatten(1))

    with pytest.raises(ValueError, match=r"experiments\[2\] can't be trained. model is 'cnn', and the images"):
        sweep([SMALL.but(model=Counting), SMALL, SMALL.but(model="cnn")])
    assert len(trained) == 1  # the look's one step


@pytest.mark.parametrize("way", ["run", "fit"])
def test_ctrl_c_keeps_the_history(capsys, way):
    experiment = SMALL.but(model=breaks_in_its(33, KeyboardInterrupt), epochs=3)
    if way == "run":
        experiment.start()
        history = experiment.run()
    else:
        model = experiment.model()
        history = fit(model, data.digits()[0], torch.optim.SGD(model.parameters(), lr=0.1), epochs=3)
    assert len(history.train_loss) == 1 and len(history.step_loss) == len(history.step_accuracy) > 23
    made = len(history.step_loss)
    assert capsys.readouterr().out == (
        f"Interrupted after {made} of 69 steps: the History has 1 whole epochs, and the loss of each step.\n"
    )
