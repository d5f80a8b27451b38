"""A sweep by the workers of an executor: what it finds without one, whatever happens to them."""

import multiprocessing
import os
import pathlib
import signal
import subprocess
import sys
import sysconfig
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
import torch
from torch import nn

import course_utils
from course_utils import data
from course_utils.experiment import Experiment
from course_utils.sweep import sweep, together, workers
from tests.unit.sweep.alike import assert_alike

SMALL = Experiment(data="digits", model="mlp", hidden=(16,), activation="relu", lr=0.1, epochs=2)
SPAWN = multiprocessing.get_context("spawn")


def few(number=200, kind=data.Data):
    """(train, test) of one's own: slices of the digits."""
    return tuple(kind(p.X[:number], p.y[:number], p.source, p.classes) for p in data.digits())


def net_class(step=lambda: None):
    """A class as a notebook defines it: no module holds it. `step` is called in each forward pass."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = nn.Linear(64, 12), nn.Linear(12, 10)

        def forward(self, X):
            step()
            return self.out(torch.relu(self.hidden(X.flatten(1))))

    return Net


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, SPAWN) as executor:
        yield executor


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


def test_one_thread_finds_the_same_bits():
    experiments = [SMALL.but(seed=seed, hidden=(size,)) for seed in range(3) for size in (8, 16)]
    with ThreadPoolExecutor(1) as executor:
        assert sweep(experiments, executor=executor) == sweep(experiments)


def test_threads_share_the_work_and_leave_the_notebook_s_defaults_alone():
    base = SMALL.but(data=few(), model=net_class())
    seen = set()
    threads = base.but(model=net_class(lambda: seen.add(threading.current_thread().name)))
    torch.set_default_dtype(torch.float64)
    try:
        with ThreadPoolExecutor(2, "worker") as executor:
            found = sweep(threads, lr=[0.1, 0.01], seed=range(3), executor=executor)
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert found.shape == (2, 3) and {"worker_0", "worker_1"} <= seen
    assert_alike(found, [base.but(lr=lr, seed=seed) for lr in (0.1, 0.01) for seed in range(3)], rel=1e-4)


def test_what_trains_one_by_one_is_a_part_each_and_one_sentence(capsys):
    odd = [SMALL.but(seed=seed, changes=((3, "lr", 0.01),)) for seed in range(3)]
    with ThreadPoolExecutor(2) as executor:
        histories = sweep([*odd, SMALL], executor=executor)
    assert histories == [experiment.run() for experiment in (*odd, SMALL)]
    said = capsys.readouterr().out
    assert said == "3 experiments train one by one, which takes longer: they change something on the way.\n"


def test_one_that_breaks_leaves_the_others_their_histories(capsys):
    main = threading.current_thread()

    def planted():
        if threading.current_thread() is not main:  # the look is taken here
            raise LookupError("planted")

    with ThreadPoolExecutor(2) as executor:
        histories = sweep([SMALL, SMALL.but(model=net_class(planted)), SMALL.but(seed=1)], executor=executor)
        assert list(map(bool, histories)) == [True, False, True]
        said = capsys.readouterr().out
        assert said == "experiments[1] was not finished and has no History. LookupError: planted\n"
        with pytest.raises(LookupError, match="planted"):
            sweep(SMALL.but(model=net_class(planted)), seed=range(3), executor=executor)


class Interrupted(ThreadPoolExecutor):
    """Ctrl-C comes while the third part is handed out; nothing is under way by then."""

    def submit(self, *call):
        self.calls = getattr(self, "calls", 0) + 1
        if self.calls == 4:  # one more looked whether it takes work
            raise KeyboardInterrupt
        return super().submit(*call)


def test_ctrl_c_keeps_what_is_finished(capsys):
    with Interrupted(1) as executor:
        histories = sweep([SMALL.but(hidden=(size,)) for size in (4, 5, 6, 7)], executor=executor)
    assert list(map(bool, histories)) == [True, True, False, False]
    said = capsys.readouterr().out
    assert said == "Interrupted: 2 of 4 experiments are finished, the others have no History.\n"


class OfDask:
    def get_executor(self):
        """Of what `workers.check` speaks."""


def shut_down():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    return executor


@pytest.mark.parametrize(
    ("executor", "error", "sentence"),
    [
        (2, TypeError, r"executor is 2: it must be a concurrent.futures.Executor, such as ProcessPoolExecutor\(2\)\.$"),
        (ThreadPoolExecutor, TypeError, "executor is <class .*ThreadPoolExecutor'>: it must be"),
        (OfDask(), TypeError, r"Of a Dask Client, give client.get_executor\(\)\.$"),
        (shut_down(), RuntimeError, r"executor takes no work: make a new one. \(RuntimeError: cannot schedule new"),
    ],
)
def test_an_executor_that_is_none_or_was_shut_down(executor, error, sentence):
    with pytest.raises(error, match=sentence):
        sweep([SMALL], executor=executor)


def test_what_cannot_travel_is_told_before_anything_trains():
    lock = threading.Lock()
    sentence = r"can't be sent to a worker: cannot pickle '_thread.lock' .*ThreadPool"
    with ProcessPoolExecutor(1, SPAWN) as executor, pytest.raises(TypeError, match=sentence):
        sweep([SMALL.but(model=net_class(lambda: lock.locked()))], executor=executor)


def test_without_cloudpickle_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(ModuleNotFoundError, match=r"executor needs the package cloudpickle, .*: %pip install cloud"):
        workers._packed(SMALL)


def test_of_a_slice_only_the_slice_travels():
    whole = torch.rand(1000, 1000)
    assert len(workers._packed(whole[:10])) < 50_000
    assert workers.pickle.loads(workers._packed(whole[:10])).equal(whole[:10])


def test_a_worker_with_other_data_says_so():
    with pytest.raises(ValueError, match=r"a worker has other data for 'digits': scikit.*, and the notebook has MNIST"):
        together._train_part("digits", ([(0, SMALL)], 2**30, "MNIST"))


def test_a_worker_without_a_module_is_told_of():
    error = RuntimeError("what Dask makes of it")
    error.__cause__ = ModuleNotFoundError("No module named 'course_utils'", name="course_utils")
    assert str(workers._explained(error)) == "a worker has no module 'course_utils': install the course there, too."


@pytest.mark.rest
@pytest.mark.process
@pytest.mark.parametrize("lacking, mend", [("course_utils", "the course"), ("torch", "it")])
def test_a_worker_of_dask_that_lacks_a_module_is_told_of(lacking, mend, tmp_path):
    """A real one: its Python has all packages, and the course if it may, but no link to this checkout."""
    distributed = pytest.importorskip("distributed")
    for package in (*pathlib.Path(sysconfig.get_path("purelib")).iterdir(), pathlib.Path(course_utils.__file__).parent):
        if package.name != lacking:
            (tmp_path / package.name).symlink_to(package)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        subprocess.Popen(
            [sys.executable, "-S", "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--no-dashboard"],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            stderr=subprocess.DEVNULL,
        ) as worker,
    ):
        try:
            client.wait_for_workers(1, timeout=60)
            with pytest.raises(ModuleNotFoundError, match=f"^a worker has no module '{lacking}': install {mend} there"):
                sweep([SMALL], executor=client.get_executor())
        finally:
            worker.terminate()


def test_an_error_that_does_not_travel_is_sent_in_words():
    class PlantedError(Exception):
        def __init__(self, first, second):
            super().__init__(f"{first} and {second}")

    assert repr(workers.sendable(PlantedError(1, 2))) == "RuntimeError('PlantedError: 1 and 2')"
    assert isinstance(workers.sendable(KeyError("a")), KeyError)


@pytest.mark.rest
@pytest.mark.process
def test_processes_find_the_same_with_a_notebook_s_class_a_lambda_and_data_of_one_s_own(pool):
    own = SMALL.but(data=few())
    for base in (
        SMALL,
        own.but(model=net_class()),
        own.but(model=lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 10))),
    ):
        experiments = [base.but(seed=seed) for seed in range(5)]
        assert_alike(sweep(experiments, executor=pool), experiments, rel=1e-4)
    alone = [SMALL.but(hidden=(size,)) for size in (4, 5, 6)]  # a part each, whoever cuts
    assert sweep(alone, executor=pool) == sweep(alone)


@pytest.mark.rest
@pytest.mark.process
def test_a_worker_unpacks_the_data_once(pool, tmp_path):
    log = tmp_path / "unpacked"

    class Counted(data.Data):
        def __setstate__(self, state):
            vars(self).update(state)
            with open(log, "a") as file:
                print(os.getpid(), file=file)

    base = SMALL.but(data=few(kind=Counted), epochs=1)
    parts = [base.but(hidden=(size,)) for size in range(4, 12)]
    assert all(sweep(parts, executor=pool))
    unpacked = log.read_text().split()  # a line for each of the two sets
    assert len(unpacked) == 2 * len(set(unpacked)) <= 4


@pytest.mark.rest
@pytest.mark.process
def test_versions_that_differ_are_a_sentence(pool, monkeypatch):
    monkeypatch.setattr(workers, "_versions", lambda: {"Python": "3.1", "torch": "1.0", "course_utils": ""})
    with pytest.raises(RuntimeError, match=r"process \d+ on .* has Python 3\.\d+, and the notebook has 3.1: install"):
        sweep([SMALL], executor=pool)


def kills(flag):
    """A step that ends its process as kill -9 does; only once, if there is a file to note it in."""
    flag, here = str(flag), os.getpid()

    def step():
        if os.getpid() != here and not (flag != "None" and pathlib.Path(flag).exists()):
            pathlib.Path(flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    return step


@pytest.mark.rest
@pytest.mark.process
@pytest.mark.parametrize("where", ["pool", "cluster"])
def test_a_worker_that_is_killed_costs_a_retry(where, request, capsys, tmp_path):
    base = SMALL.but(data=few())
    deadly = base.but(model=net_class(kills(tmp_path / "died")))
    own = ProcessPoolExecutor(2, SPAWN) if where == "pool" else None
    executor = own or request.getfixturevalue(where)
    experiments = [*(base.but(seed=seed) for seed in range(3)), deadly, deadly.but(seed=1)]
    histories = sweep(experiments, executor=executor)
    assert (tmp_path / "died").exists()
    assert_alike(histories, [*experiments[:3], base.but(model=net_class()), base.but(model=net_class(), seed=1)], 1e-4)
    if own:
        assert capsys.readouterr().out == "A worker has died: what it was at is trained again.\n"
        assert_alike(sweep([SMALL], executor=own), [SMALL], 1e-4)  # broken as it is
