"""Experiments and runs: repeatable, and told by their own text."""

import math
import pickle
import threading
import types

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from course_utils import data, models, runtime
from course_utils.experiment import Experiment
from course_utils.optimizers import OPTIMIZERS
from tests.unit.interrupts import interrupted, lines_of

SMALL = Experiment(data="digits", model="mlp", hidden=(16,), activation="relu", lr=0.1, epochs=2)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_is_the_loop_written_by_hand(optimizer):
    experiment = SMALL.but(optimizer=optimizer, lr=0.01)
    torch.manual_seed(0)
    model = models.mlp((1, 8, 8), 10, (16,), "relu")
    hand = getattr(torch.optim, optimizer)(model.parameters(), lr=0.01)
    loader = DataLoader(data.digits()[0], 64, shuffle=True, generator=torch.Generator().manual_seed(0))
    losses = []
    for _ in range(2):
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            hand.zero_grad()
            loss.backward()
            hand.step()
            losses.append(loss.item())
    assert experiment.run().step_loss == losses


@pytest.mark.parametrize("arguments", [{}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.001}])
def test_the_same_experiment_twice_gives_the_same_bits(arguments):
    experiment = SMALL.but(optimizer_args=arguments)
    assert experiment.run() == experiment.run()
    assert experiment.run() != experiment.but(seed=1).run()


@pytest.mark.parametrize("sizes", [[1], [7], [23], [100], [5, 40, 1]])
def test_steps_in_any_chunks_are_one_run(sizes):
    run = SMALL.start()
    while not run.done:
        for size in sizes:
            run.step(size)
    assert run.history == SMALL.run()
    assert run.step(10) == SMALL.run()  # at the end nothing more happens


def noisy_net():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10))


def test_runs_that_take_turns_do_not_disturb_each_other():
    experiment = SMALL.but(model=noisy_net)
    alone = experiment.run()
    first, second = experiment.start(), experiment.but(seed=1).start()
    torch.manual_seed(123)
    expected = torch.rand(3)
    torch.manual_seed(123)
    while not first.done:
        first.step(3)
        second.step(5)
    assert torch.rand(3).equal(expected)  # nor the notebook's own random numbers
    assert first.history == alone


def test_changing_lr_is_editing_param_groups():
    run = SMALL.start()
    run.step(10)
    run.change("lr", 0.01)
    run.step(1000)

    by_hand = SMALL.start()
    by_hand.step(10)
    by_hand.optimizer.param_groups[0]["lr"] = 0.01
    by_hand.step(1000)
    assert run.history.step_loss == by_hand.history.step_loss
    assert run.history.changes == [(10, "lr", 0.01)] and run.lr == 0.01


def test_the_text_of_a_changed_run_repeats_it():
    run = SMALL.but(changes=[(5, "lr", 0.05), (40, "weight_decay", 0.01)]).start()
    run.step(10)
    run.change("optimizer", "RMSprop")
    run.change("lr", 0.002)
    run.step(13)  # to the end of the epoch
    run.change("optimizer", "SGD")
    run.change("momentum", 0.9)
    run.step(1000)
    text = repr(run.as_experiment())
    assert "changes=((5, 'lr', 0.05), (10, 'optimizer', 'RMSprop'), (10, 'lr', 0.002)," in text
    again = eval(text)
    assert again == run.as_experiment() and again.run() == run.history


def test_a_new_optimizer_goes_on_with_the_same_epoch():
    torch.manual_seed(0)
    model = models.mlp((1, 8, 8), 10, (16,), "relu")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(data.digits()[0], 64, shuffle=True, generator=torch.Generator().manual_seed(0))
    losses = []
    for X, y in [*loader, *loader]:
        if len(losses) == 10:
            optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        loss = nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert SMALL.but(changes=((10, "optimizer", "Adam"),)).run().step_loss == losses


def test_a_new_optimizer_keeps_the_learning_rate_and_forgets_the_rest():
    run = SMALL.but(optimizer_args={"momentum": 0.9}, lr=0.03).start()
    run.step(5)
    run.change("optimizer", "SGD")
    assert run.lr == 0.03 and run.optimizer.param_groups[0]["momentum"] == 0 and not run.optimizer.state


def test_stop_from_another_thread_returns_after_the_step():
    run = SMALL.but(epochs=100_000).start()
    thread = threading.Thread(target=run.step, args=(run.total_steps,))
    thread.start()
    while len(run.history.step_loss) < 5:
        pass
    run.stop()
    thread.join(timeout=10)
    assert not thread.is_alive() and not run.done


def test_threads_are_fixed_recorded_and_given_back(monkeypatch):
    before = torch.get_num_threads()
    used = set()

    class Watched(nn.Linear):
        def forward(self, X):
            used.add(torch.get_num_threads())
            return super().forward(X.flatten(1))

    monkeypatch.setenv("COURSE_THREADS", "1")
    assert SMALL.run().threads == 1
    run = SMALL.but(threads=2).start()
    assert run.step(3).threads == 2 and "threads=2" in repr(run.as_experiment())
    SMALL.but(threads=2, model=lambda: Watched(64, 10)).run()
    assert used == {2} and torch.get_num_threads() == before
    monkeypatch.setenv("COURSE_THREADS", "many")
    with pytest.raises(TypeError, match="COURSE_THREADS is 'many'"):
        SMALL.start()


def test_valid_holds_out_training_data():
    history = SMALL.but(valid=200).run()
    assert len(history.valid_accuracy) == 2 and len(history.test_accuracy) == 1
    assert len(history.step_loss) == 2 * math.ceil(1237 / 64)


def test_divergence_ends_the_run():
    history = SMALL.but(lr=1e20, epochs=5).run()
    assert history.diverged_at == len(history.step_loss) - 1 and len(history.train_loss) == 1


def test_repr_is_code_and_equality_is_by_value():
    experiment = SMALL.but(optimizer="Adam", optimizer_args={"betas": (0.8, 0.99)}, valid=0.1, threads=1)
    assert eval(repr(experiment)) == experiment and hash(eval(repr(experiment))) == hash(experiment)
    assert pickle.loads(pickle.dumps(experiment)) == experiment
    assert experiment != experiment.but(lr=0.2)
    with pytest.raises(AttributeError):
        experiment.lr = 1
    with pytest.raises(TypeError):
        experiment.optimizer_args["betas"] = (0, 0)


def test_ones_own_class_and_data_are_named(monkeypatch):
    import __main__

    train = TensorDataset(torch.randn(100, 2), torch.randint(3, (100,)))
    test = TensorDataset(torch.randn(50, 2), torch.randint(3, (50,)))
    monkeypatch.setattr(__main__, "my_train", train, raising=False)
    monkeypatch.setattr(__main__, "my_test", test, raising=False)
    experiment = Experiment(data=(train, test), model=noisy_net, epochs=1)
    assert repr(experiment).startswith("Experiment(data=(my_train, my_test), model=noisy_net, optimizer='SGD'")
    assert "hidden" not in repr(experiment)
    history = Experiment(data=(train, test), hidden=(8,), epochs=1).run()
    assert len(history.step_loss) == 2 and history.source == "your own data"


def test_a_dataset_of_ones_own_without_classes_needs_a_model_of_ones_own():
    class Points(Dataset):
        def __len__(self):
            return 20

        def __getitem__(self, i):
            return torch.tensor([i / 20.0, 1.0]), i % 2

    points = (Points(), Points())
    with pytest.raises(ValueError, match="Points without `classes`"):
        Experiment(data=points, model="mlp").start()
    assert len(Experiment(data=points, model=lambda: nn.Linear(2, 2), epochs=1, batch_size=4).run().step_loss) == 5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"data": "minst"},
            "data is 'minst': it must be one of mnist, digits, regression, tabular. Did you mean 'mnist'",
        ),
        ({"data": 3}, "or a pair of Datasets"),
        ({"model": "mpl"}, "model is 'mpl': .* Did you mean 'mlp'"),
        ({"activation": "ReLU"}, "activation is 'ReLU': .* Did you mean 'relu'"),
        ({"optimizer": "adma"}, "optimizer is 'adma': .* Did you mean 'Adam'"),
        ({"optimizer_args": {"momentun": 0.9}}, "optimizer_args of SGD is 'momentun': .* Did you mean 'momentum'"),
        ({"optimizer_args": {"momentum": -1}}, "SGD refuses it .*Invalid momentum value: -1"),
        ({"lr": 0}, "lr is 0: it must be a finite number above 0"),
        ({"lr": -0.1}, "lr is -0.1"),
        ({"lr": math.nan}, "lr is nan"),
        ({"lr": math.inf}, "lr is inf"),
        ({"lr": "0.1"}, r"lr is '0.1' \(str\)"),
        ({"batch_size": 0}, "batch_size is 0: it must be a whole number of at least 1"),
        ({"batch_size": "64"}, r"batch_size is '64' \(str\)"),
        ({"batch_size": 6.4}, "batch_size is 6.4"),
        ({"epochs": -1}, "epochs is -1"),
        ({"hidden": (0,)}, "hidden is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"threads": 0}, "threads is 0"),
        ({"changes": ((1, "lr"),)}, "each must be .step, name, value."),
        ({"changes": ((1, "rl", 1),)}, "changes: name is 'rl': .* Did you mean 'lr'"),
        ({"changes": ((1, "lr", -1),)}, "changes: lr is -1.0"),
        ({"changes": ((1, "betas", (0, 0)),)}, "changes: name is 'betas'"),
        ({"changes": ((1, "optimizer", "Sdg"),)}, "changes: optimizer is 'Sdg': .* Did you mean 'SGD'"),
    ],
)
def test_bad_input_is_one_sentence(arguments, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence) as caught:
        Experiment(**arguments)
    assert "\n" not in str(caught.value)


def test_but_knows_its_arguments():
    with pytest.raises(ValueError, match=r"argument is 'learning_rate': .*lr"):
        SMALL.but(learning_rate=1)


@pytest.mark.parametrize("name", models.NAMES)
def test_every_model_trains(name):
    experiment = Experiment(data="digits", model=name, epochs=1)
    if name == "cnn":
        with pytest.raises(ValueError, match="the images are 8×8: it needs at least 10×10"):
            experiment.run()
    else:
        assert len(experiment.run().step_loss) == 23


def test_the_cnn_of_lesson_04():
    net = models.cnn()
    assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    sizes = [tuple(p.shape) for p in net.parameters() if p.dim() > 1]
    assert sizes == [(32, 1, 3, 3), (64, 32, 3, 3), (64, 1600), (10, 64)]


def test_regression_by_name_finds_its_law():
    run = Experiment(data="regression", model="linear", lr=0.03, batch_size=10, epochs=3).start()
    assert not run.history.has_accuracy  # known before the first step
    run.step(run.total_steps)
    weights = torch.cat([parameter.flatten() for parameter in run.model.parameters()])
    assert torch.allclose(weights, torch.tensor([2.0, -3.4, 4.2]), atol=5e-3)


def test_an_evaluation_broken_off_is_ended_by_the_next_step():
    """Two batches of test data: stopped after the first."""

    class Watched(nn.Linear):
        def __init__(self):
            super().__init__(64, 10)
            self.when_evaluated = lambda: None

        def forward(self, X):
            if not self.training:
                self.when_evaluated()
            return super().forward(X.flatten(1))

    experiment = Experiment(data="digits", model=Watched, epochs=2)
    whole = experiment.run()
    run = experiment.start()
    run.model.when_evaluated = run.stop
    run.step(run.history.steps_per_epoch)
    assert run.evaluating and run.model.training and run.history.train_loss == []
    run.model.when_evaluated = lambda: None
    run.step(0)
    assert not run.evaluating and len(run.history.test_loss) == 1
    run.step(run.history.steps_per_epoch - 1)
    run.model.when_evaluated = run.stop
    run.step()
    assert run.out_of_steps and not run.done
    run.step(0)  # the second batch: it is stopped again, with nothing left to do but to write down
    assert run.out_of_steps and not run.done
    run.model.when_evaluated = lambda: None
    run.step(0)
    assert run.done and run.history == whole
    assert len(run.history.seconds) == 2


@pytest.fixture
def lock_of_its_own(monkeypatch):
    """For `interrupted`, which comes between the end of a `with` block and its `__exit__`, as Ctrl-C does not."""
    monkeypatch.setattr(runtime.RandomState, "_turn", threading.RLock())


@pytest.mark.trains
@pytest.mark.parametrize(("optimizer", "schedule"), [("SGD", "constant"), ("Adam", "warm-up")])
def test_a_run_interrupted_anywhere_goes_on_as_if_nothing_had_been(lock_of_its_own, optimizer, schedule):
    part = [data.Data(p.X[:60], p.y[:60], p.source, p.classes) for p in data.digits()]
    changes = ((1, "lr", 0.03), (4, "optimizer", "RMSprop"), (4, "lr", 0.01))
    experiment = Experiment(part, noisy_net, optimizer=optimizer, batch_size=16, epochs=2, valid=12, changes=changes)
    experiment = experiment.but(schedule=schedule)
    whole, once, before = experiment.run(), experiment.start(), torch.get_rng_state()
    lines = lines_of(lambda: once.step(5))
    for line in range(1, lines, lines // 70):
        run = experiment.start()
        assert interrupted(lambda run=run: run.step(5), line)
        assert run.as_experiment() == once.as_experiment()
        changed = {name: value for _, name, value in run.history.changes}
        assert type(run.optimizer).__name__ == changed.get("optimizer", optimizer)
        assert run.setting("lr") == changed.get("lr", 0.01)
        assert run.step(run.total_steps) == whole, line
        assert torch.get_rng_state().equal(before)


def test_a_stream_is_that_of_its_seed_and_moves_no_other():
    before, stream = torch.get_rng_state(), runtime.RandomState(1)
    drawn = [stream.call(lambda: torch.randn(3)) for _ in range(2)]
    assert torch.get_rng_state().equal(before)
    torch.manual_seed(1)
    assert drawn[0].equal(torch.randn(3)) and drawn[1].equal(torch.randn(3))


def test_a_stream_made_in_one_thread_leaves_the_draws_of_another_alone(monkeypatch):
    seed, seeded, drawn = torch.manual_seed, threading.Event(), threading.Event()
    stream, alone = runtime.RandomState(1), runtime.RandomState(1).call(lambda: torch.rand(3))

    def seed_slowly(number):
        seed(number)
        seeded.set()
        drawn.wait(10)

    def draw():
        other.start()
        seeded.wait(0.5)  # it must not come to this while the call lasts
        numbers = torch.rand(3)
        drawn.set()
        return numbers

    monkeypatch.setattr(torch, "manual_seed", seed_slowly)
    other = threading.Thread(target=runtime.RandomState, args=(2,))
    assert stream.call(draw).equal(alone)
    other.join()


def test_a_stream_has_the_numbers_of_the_accelerator_too(monkeypatch):
    """No machine of the tests has one, so a stand-in counts its draws."""
    there = types.SimpleNamespace(state=torch.tensor([7]), get_rng_state=lambda: there.state)
    there.set_rng_state = lambda state: setattr(there, "state", state)
    monkeypatch.setattr(runtime, "device", lambda: torch.device("mps"))
    monkeypatch.setattr(torch, "get_device_module", lambda device: there)
    stream = runtime.RandomState(1)
    for expected in (8, 9):
        stream.call(lambda: there.set_rng_state(there.state + 1))
        assert (there.state.item(), stream.state[1].item()) == (7, expected)


def test_a_stream_interrupted_anywhere_gives_torchs_own_back(lock_of_its_own):
    def draw():
        return torch.rand(3)

    before, stream = torch.get_rng_state(), runtime.RandomState(1)
    for line in range(1, lines_of(lambda: stream.call(draw))):
        assert interrupted(lambda: stream.call(draw), line)
        assert torch.get_rng_state().equal(before), line
