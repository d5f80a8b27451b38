"""One torch thread: losses are compared to the last bit, and two threads round differently. And no panel outlives
its test, and no test starts a process unless it says so. Besides: local mirrors to download from.

What loads torch is imported where it is needed: pytest-xdist's first process runs no test, and the others start only
when it has read this file.
"""

import io
import os
import pathlib
import re
import shutil
import signal
import sys

import pytest

from tests import scheduling

# A job in a shell's background ignores Ctrl-C, and so would all that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    """In the processes that run tests, before the first: to load torch starts a process, which no test may."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _own_progress(tmp_path_factory):
    """What is checked here is nobody's progress."""
    os.environ["COURSE_PROGRESS"] = str(tmp_path_factory.mktemp("progress") / "progress.json")


@pytest.fixture(autouse=True)
def _close_panels():
    yield
    if "course_utils.panels" in sys.modules:
        for panel in list(sys.modules["course_utils.panels"].live):
            panel.close()


def _forbidden(event, arguments):
    """An audit hook can't be removed, so it looks whether a test without the marker is running."""
    if event == "os.fork" and sys._getframe(1).f_globals.get("__name__") == "course_utils.exercises.forked":
        return  # an answer that is checked: it takes milliseconds
    if _without_processes and event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec"):
        raise RuntimeError(f"{event}: a test that starts a process is marked with @pytest.mark.process")


def _shared(nodeid):
    """A file's fixtures, or, in exercises/test_answers.py, what is seen of the programs that one exercise knows."""
    file, _, test = nodeid.partition("::")
    exercise = re.search(r"\[((?:\d\d|clinic)-\d+)\b", test) if file.endswith("test_answers.py") else None
    return exercise[1] if exercise else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return scheduling.together(config, log, _shared)


_without_processes = []
sys.addaudithook(_forbidden)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Hold each test to its marker: `make check` leaves out those that start processes."""
    here = pathlib.Path(__file__).parent in item.path.parents  # pytest asks this file about all tests of a run
    if here and not item.get_closest_marker("process"):
        _without_processes.append(item)
    try:
        return (yield)
    finally:
        _without_processes.clear()


@pytest.fixture
def in_threads(monkeypatch):
    """Answers are looked at as where there are no forks: in a thread, with the same outcome."""
    monkeypatch.setattr("course_utils.exercises.forked.possible", lambda: False)


@pytest.fixture
def empty_data_dir(tmp_path, monkeypatch):
    """The data directory; what `mirrors.write_mnist` writes there counts as MNIST."""
    from course_utils.data import files
    from tests.unit import mirrors

    monkeypatch.setattr(files, "MNIST_SUMS", mirrors.SUMS)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def terminal(monkeypatch):
    """terminal(): the stream that stands for standard error from now on, a terminal with progress bars at once."""
    from course_utils import runtime

    def start():
        stream = io.StringIO()
        stream.isatty = lambda: True
        monkeypatch.setattr(sys, "stderr", stream)  # not in the fixture itself: before a test begins pytest sets it
        monkeypatch.setattr(runtime, "BAR_DELAY", 0)
        return stream

    return start


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")


@pytest.fixture
def serve():
    """serve(folder): a `mirrors.Mirror` with the files in `folder`."""
    from tests.unit import mirrors

    running = []

    def start(folder):
        running.append(mirrors.Mirror(folder))
        return running[-1]

    yield start
    for mirror in running:
        mirror.close()


@pytest.fixture(scope="session")
def packed_mnist(tmp_path_factory):
    """A folder with MNIST's four files as mirrors have them; to be read only."""
    from tests.unit import mirrors

    folder = tmp_path_factory.mktemp("packed") / "mnist"
    mirrors.pack_mnist(folder)
    return folder


@pytest.fixture
def mirror(tmp_path_factory, packed_mnist, monkeypatch, serve):
    """A mirror of MNIST, the only one that torchvision knows."""
    from course_utils.data import files
    from tests.unit import mirrors

    served = tmp_path_factory.mktemp("served")
    shutil.copytree(packed_mnist, served, dirs_exist_ok=True)
    mnist = files.torchvision_datasets().MNIST
    mirror = serve(served)
    monkeypatch.setattr(mnist, "mirrors", [mirror.url])
    monkeypatch.setattr(mnist, "resources", [(name, mirrors.md5_of(served / name)) for name, _ in mnist.resources])
    return mirror


@pytest.fixture
def cifar_server(tmp_path_factory, monkeypatch, serve):
    """A server with an archive of CIFAR-10's format, 20 images a file, known to torchvision by checksum."""
    from course_utils.data import files
    from tests.unit import mirrors

    dataset = files.torchvision_datasets().CIFAR10
    server = serve(tmp_path_factory.mktemp("served"))
    changed = mirrors.pack_cifar10(server.folder, dataset)
    for name, value in {**changed, "url": server.url + dataset.filename}.items():
        monkeypatch.setattr(dataset, name, value)
    return server
