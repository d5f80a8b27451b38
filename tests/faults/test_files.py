"""MNIST's files that are not what they seem, and disks that fill up under a download: MNIST, or the digits in words."""

import json
import sys

import pytest

from tests.faults.test_kills import in_a_process
from tests.faults.test_worlds import mounted

# Each world in a folder and a process of its own, forked from one that has loaded everything.
WORLDS = r"""
import contextlib, io, os, pathlib
from course_utils import data, session
from course_utils.data import files
from tests.unit import mirrors

files.MNIST_SUMS = mirrors.SUMS
here = pathlib.Path.cwd()
os.umask(0o022)
os.environ["COURSE_DATA"] = str(here)
data.mnist()  # it loads what nobody may be unable to read
mirrors.write_mnist(here / "whole")
LABELS, IMAGES = "t10k-labels-idx1-ubyte", "train-images-idx3-ubyte"

def changed(name, change):
    def make(raw):
        content = change((raw / name).read_bytes())
        (raw / name).unlink()
        (raw / name).write_bytes(content)
    return make

def only_processed(raw):
    (raw.parent / "processed").mkdir()
    for name in ("training.pt", "test.pt"):
        (raw.parent / "processed" / name).write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR.")
    for one in raw.iterdir():
        one.unlink()

def another(what):
    def make(raw):
        (raw / LABELS).unlink()
        what(raw / LABELS)
    return make

WORLDS = {
    "one other byte": changed(LABELS, lambda content: content[:-1] + b"\7"),
    "labels of another order": changed(LABELS, lambda content: content[:8] + content[:7:-1]),
    "another magic number": changed(IMAGES, lambda content: b"PNG!" + content[4:]),
    "another number of pictures": changed(IMAGES, lambda content: content[:4] + b"\0\0\0\7" + content[8:]),
    "no header": changed(LABELS, lambda content: content[8:]),
    "cut": changed(IMAGES, lambda content: content[:1000]), "empty": changed(LABELS, lambda content: b""),
    "twice": changed(LABELS, lambda content: 2 * content),
    "a page for a file": changed(LABELS, lambda content: b"<html>Please log in.</html>"),
    "a folder for a file": another(pathlib.Path.mkdir), "a link to itself": another(lambda path: path.symlink_to(path)),
    "/dev/zero": another(lambda path: path.symlink_to("/dev/zero")),
    "in MNIST/processed alone": only_processed,
    "without rights": lambda raw: raw.chmod(0), "a file without rights": lambda raw: (raw / LABELS).chmod(0),
}
for name, make in WORLDS.items():
    child = os.fork()
    if not child:
        try:
            raw = here / name.replace("/", "") / "MNIST" / "raw"
            raw.mkdir(parents=True)
            for one in files.MNIST_BYTES:
                (raw / one).write_bytes((here / "whole" / one).read_bytes())
            os.environ["COURSE_DATA"] = str(raw.parents[1])
            make(raw)
            if "without rights" in name and os.getuid() == 0:  # the administrator may read everything
                os.setuid(65534)
            with contextlib.redirect_stdout(io.StringIO()) as said:
                train, test = data.mnist()
            assert train.source == test.source == "the embedded digits (not MNIST)", train.source
            assert "Using the embedded digits instead." in said.getvalue(), said.getvalue()
            assert session.mnist_status()
            os._exit(0)
        except BaseException as error:
            print(name, "→", type(error).__name__, str(error)[:200], flush=True)
            os._exit(1)
    print("tried", name, os.waitpid(child, 0)[1], flush=True)
os.environ["COURSE_DATA"] = str(here / "as it should be")
(here / "as it should be" / "MNIST").mkdir(parents=True)
(here / "whole").rename(here / "as it should be" / "MNIST" / "raw")
print(data.mnist()[0].source)
"""

# The mirror fills the disk when it is asked for one of the four files, or kills the program while it unpacks.
DISK = r"""
import contextlib, json, os, pathlib, random, shutil, signal, sys, time
from course_utils.data import files
from tests.unit import mirrors

disk, times, chance = pathlib.Path(sys.argv[1]), int(sys.argv[2]), random.Random(0)
here, other, data = pathlib.Path.cwd(), disk / "other", disk / "data"
source = files.torchvision_datasets().MNIST
files.MNIST_SUMS = mirrors.SUMS
mirrors.pack_mnist(here / "packed")
mirror = mirrors.Mirror(here / "packed")
source.mirrors = [mirror.url]
source.resources = [(name, mirrors.md5_of(here / "packed" / name)) for name, _ in source.resources]

def fills_the_disk(at, room):
    def answer(request, content):
        if len(mirror.requests) == at and not other.exists():
            with open(other, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(1, shutil.disk_usage(disk).free - room))
        mirrors.honest(request, content)
    return answer

def kills(at, after):
    def answer(request, content):
        victim = child
        mirrors.honest(request, content)
        if len(mirror.requests) == at:
            request.wfile.flush()
            time.sleep(after)  # the moment is what is tried
            with contextlib.suppress(ProcessLookupError):  # it was faster
                os.kill(victim, signal.SIGKILL)
    return answer

def got():
    # A process of its own tries; returns its end and what it said.
    global child
    said, end = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(end, 1)
        why_not = files.mnist(data)
        os.write(end, ("\n" + str(why_not)).encode())
        os._exit(0)
    os.close(end)
    with open(said, encoding="utf-8") as told:
        text = told.read()
    return os.waitpid(child, 0)[1], text.rpartition("\n")[2]

for number in range(times):
    lost, killed = "", number % 2
    at, room = chance.randint(1, 4), chance.choice([0, 4096, 2**21, 2**25])
    mirror.manner = kills(4, chance.uniform(0, 0.3)) if killed else fills_the_disk(at, room)
    mirror.requests.clear()
    first = got()
    again = ("", "") if killed else got()  # the disk is still full
    other.unlink(missing_ok=True)
    mirror.manner = mirrors.honest
    last = got()
    if last != (0, "None") or not files.whole(data / "MNIST" / "raw"):
        lost = f"it doesn't come afterwards: {first}, {again}, {last}"
    for status, text in () if killed else (first, again):
        if status or not (text == "None" or "No space left" in text or "are free in" in text):
            lost = f"on the full disk: {status}, {text}"
    left = sorted(str(one.relative_to(data)) for one in data.rglob("*") if "raw" not in one.parts and one.is_file())
    if [one for one in left if not one.endswith(".lock")]:
        lost = f"left over: {left}"
    print(json.dumps(["killed" if killed else f"full at file {at}", lost, first]), flush=True)
    shutil.rmtree(data)
mirror.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="rights and forks are Linux's")
def test_mnist(row, tmp_path):
    """Files of MNIST that are not what they seem."""
    tmp_path.chmod(0o755)
    for folder in list(tmp_path.parents)[:-2]:
        folder.chmod(folder.stat().st_mode | 0o055)
    told = in_a_process(WORLDS, tmp_path, COURSE_OFFLINE="1", COURSE_PROGRESS=str(tmp_path / "progress.json"))
    tried = [line.rpartition(" ") for line in told.stdout.splitlines() if line.startswith("tried ")]
    for name, _, status in tried:
        with row.attempt(name):
            assert status == "0", [line for line in told.stdout.splitlines() if line.startswith(name.partition(" ")[2])]
    with row.attempt("all of them"):
        assert told.stdout.endswith("\nMNIST\n") and len(tried) > 14, told.stderr[-400:]


def test_full_disk(row, times, tmp_path):
    """A disk that fills up under a download, or a kill -9 while it unpacks, and another try."""
    with mounted(tmp_path, "-o", "size=75m") as disk:
        proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"))
        told = in_a_process(DISK, tmp_path, str(disk), str(times), COURSE_OFFLINE=None, **proxies)
    for number in range(times):
        with row.attempt(f"try {number}"):
            what, lost, _ = (
                json.loads(told.stdout.splitlines()[number]) if told.returncode == 0 else ("", told.stderr, 0)
            )
            assert not lost, f"{what}: {lost}"
