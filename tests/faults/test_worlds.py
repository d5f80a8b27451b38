"""Bad worlds: folders that can't be written, full disks, odd paths, one core, clocks, proxies, and hostile files."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from tests.faults.test_kills import in_a_process

LESSON = """
import course_utils as cu
cu.setup(seed=0, lesson=1)
from course_utils.data import mnist
from course_utils.exercises import check, find, hand_in, my_progress
from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel
train, test = mnist()
assert train.source == "the embedded digits (not MNIST)", train.source
assert check("01-5", find("01-5").right.program).status == "right"
print(my_progress())
e = Experiment(data="digits", hidden=(16,), epochs=1)
panel = TrainingPanel(e)
panel.play()
assert panel.wait(60) and panel.history == e.run() and panel.errors == []
print("survived")
"""
ODD = "Kurs Übung 'ß' & 100 %"


def home(path):
    """Settings under which `path` is the home folder, with nothing named by itself."""
    unset = dict.fromkeys(("COURSE_DATA", "COURSE_PROGRESS", "XDG_CACHE_HOME", "MPLCONFIGDIR"))
    return {**unset, "HOME": str(path), "COURSE_OFFLINE": "1"}


@contextlib.contextmanager
def plain(folder):
    yield folder, home(folder), ()


@contextlib.contextmanager
def odd_path(folder):
    (folder / ODD).mkdir()
    yield folder / ODD, {**home(folder / ODD), "COURSE_DATA": str(folder / ODD)}, ()


@contextlib.contextmanager
def no_home(folder):
    yield folder, home("/proc"), ()  # nobody, root included, can make a folder there


@contextlib.contextmanager
def cache_is_a_file(folder):
    (folder / ".cache").write_text("")
    yield folder, home(folder), ()


@contextlib.contextmanager
def progress_cannot_be_written(folder):
    yield folder, {**home(folder), "COURSE_PROGRESS": "/proc/progress.json"}, ()


@contextlib.contextmanager
def mounted(folder, *options):
    """A file system of its own in memory."""
    place = folder / "disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(place)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextlib.contextmanager
def full_disk(folder):
    with mounted(folder, "-o", "size=64k") as disk:
        with contextlib.suppress(OSError), open(disk / "full", "wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
        yield disk, home(disk), ()


@contextlib.contextmanager
def read_only_disk(folder):
    with mounted(folder, "-o", "ro") as disk:
        yield disk, home(disk), ()


@contextlib.contextmanager
def one_core(folder):
    if not shutil.which("taskset"):
        pytest.skip("there is no taskset")
    yield folder, home(folder), ("taskset", "-c", "0")


@contextlib.contextmanager
def clock_set_back(folder):
    for name in (".gradient-steps-progress.json", ".gradient-steps-progress.json.lock"):
        (folder / name).write_text('{"format": 1, "exercises": {}}' if name.endswith("json") else "")
        os.utime(folder / name, (4_000_000_000, 4_000_000_000))  # in the year 2096
    yield folder, home(folder), ()


@contextlib.contextmanager
def a_proxy_that_is_none(folder):
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"), "foo:bar:baz")
    yield folder, {**home(folder), **proxies, "COURSE_OFFLINE": None}, ()


@contextlib.contextmanager
def ascii_only(folder):
    yield folder, {**home(folder), "LC_ALL": "C", "LANG": "C"}, ()


WORLDS = {
    "nothing special": plain,
    "blanks, quotes and umlauts in the path": odd_path,
    "no home": no_home,
    "a cache folder that is a file": cache_is_a_file,
    "progress that can't be written": progress_cannot_be_written,
    "a full disk": full_disk,
    "a disk that can only be read": read_only_disk,
    "one core": one_core,
    "a clock set back by seventy years": clock_set_back,
    "a proxy that is no address": a_proxy_that_is_none,
    "a terminal without umlauts": ascii_only,
}


@pytest.mark.parametrize("world", WORLDS)
def test_world(world, row, tmp_path):
    """A lesson's steps in a bad world."""
    with WORLDS[world](tmp_path) as (folder, settings, prefix), row.attempt(world):
        told = in_a_process(LESSON, folder, prefix=prefix, **settings)
        assert told.stdout.endswith("survived\n"), told.stderr[-400:]
        assert "Traceback" not in told.stderr, told.stderr[-400:]


# Each file in a process of its own, forked from one that has loaded everything; it may take a GiB more than that has.
HOSTILE = r"""
import json, os, pathlib, resource, sys
import psutil
from course_utils.exercises import check, find, my_progress
right = find("01-5").right.program
check("01-5", right)
file = pathlib.Path(os.environ["COURSE_PROGRESS"])
DEEP = 100_000

def link(target):
    return lambda: file.symlink_to(target)

def sparse():
    with open(file, "wb") as opened:
        opened.truncate(4 * 2**30)

FILES = {
    "empty": b"", "no JSON": b"\x00\xff\xfe binary", "cut": b'{"format": 1, "exerc', "a list": b"[]", "a number": b"3",
    "another format": b'{"format": 99, "exercises": {}}', "no exercises": b'{"format": 1}',
    "entries of other kinds": b'{"format": 1, "exercises": {"01-5": "done", "x": [1, 2]}}',
    "NaN": b'{"format": 1, "exercises": {"01-5": [NaN, NaN, NaN]}}',
    "huge numbers": b'{"format": 1, "exercises": {"01-5": [true, ' + b"9" * 5000 + b', ""]}}',
    "nested deep": b"[" * DEEP + b"]" * DEEP, "objects nested deep": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "another language": '{"format": 1, "exercises": {"ü": 1}}'.encode("utf-16"),
    "a folder": file.mkdir, "a link to nowhere": link("/nowhere/at/all"), "a link to itself": link(file),
    "/dev/zero": link("/dev/zero"), "four GiB of nothing": sparse, "a pickle": b"\x80\x04cos\nsystem\n(S'true'\ntR.",
}

for name, made in FILES.items():
    child = os.fork()
    if not child:
        try:
            most = psutil.Process().memory_info().vms + 2**30
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            for one in file.parent.iterdir():
                one.rmdir() if one.is_dir() and not one.is_symlink() else one.unlink()
            file.write_bytes(made) if isinstance(made, bytes) else made()
            assert check("01-5", right).status == "right"
            repr(my_progress())
            if isinstance(made, bytes):  # it was put aside, and a new record begun
                assert json.loads(file.read_text())["exercises"]["01-5"][0], os.listdir(file.parent)
            os._exit(0)
        except BaseException as error:
            print(name, "→", type(error).__name__, str(error)[:100], flush=True)
            os._exit(1)
    print("tried", name, os.waitpid(child, 0)[1], flush=True)
"""


@pytest.mark.quick
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no limit holds memory")
def test_progress(row, tmp_path):
    """A hostile file in the place of progress."""
    folder = tmp_path / "progress"
    folder.mkdir()
    settings = {"COURSE_PROGRESS": str(folder / "progress.json"), "COURSE_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    told = in_a_process(HOSTILE, tmp_path, seconds=120, **settings)
    tried = [line.rpartition(" ") for line in told.stdout.splitlines() if line.startswith("tried ")]
    for name, _, status in tried:
        with row.attempt(name):
            assert status == "0", [line for line in told.stdout.splitlines() if line.startswith(name.partition(" ")[2])]
    with row.attempt("all of them"):
        assert told.returncode == 0 and len(tried) > 15, told.stderr[-400:]


def test_links_above(row, tmp_path):
    """A link to a folder above, in a folder of pictures."""
    from PIL import Image

    from course_utils.data import image_folder

    for kind in ("a", "b"):
        for number in range(10):
            pathlib.Path(tmp_path, "pictures", kind).mkdir(parents=True, exist_ok=True)
            Image.new("L", (8, 8), 20 * number).save(tmp_path / "pictures" / kind / f"{number}.png")
    (tmp_path / "pictures" / "a" / "up").symlink_to(tmp_path / "pictures", target_is_directory=True)
    with row.attempt("a loop"):
        try:
            train, test = image_folder(tmp_path / "pictures")
        except ValueError as refused:
            row.seen = str(refused).replace(str(tmp_path), "…")
            return
        assert len(train) + len(test) <= 20, f"{len(train)} and {len(test)} of 20 pictures"
