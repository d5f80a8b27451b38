"""The real hub, as root: five learners at once in browsers of their own, their limits, and a restart."""

import contextlib
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import nbformat
import psutil
import pytest

from classroom import hub
from tests.browser import lab
from tests.browser.lab import ROOT, wait_until
from tests.browser.scenarios import PANELS
from tests.classroom.learner import LESSON, HubNotebook, log_in

PORT = 9450
NAMES = ("Ada Lovelace", "Alan Turing", "Grace Hopper", "李 明", "Zoë Hitzig")
FIRST = 1_900_000_000
BIG = "x = [0] * 500_000_000"  # 4 GB
MEMORY = 2 * 2**30

pytestmark = pytest.mark.timeout(1500)


def python_for_learners(folder):
    """The Python of this environment, or where learners can't read that one, the system's with the same packages."""
    if hub.outsiders_can_read(sys.executable):
        return pathlib.Path(sys.executable)
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    packages = next(path for path in sys.path if path.endswith(f"{site.parent.name}/site-packages"))
    (site / "course.pth").write_text(f"{ROOT}\n{os.path.realpath(packages)}\n")
    return folder / "bin" / "python"


class Hub:
    """A hub that runs, and its folder."""

    def __init__(self, folder):
        self.folder, self.url = folder / "hub", f"http://127.0.0.1:{PORT}"
        roster = folder / "class.csv"
        roster.write_text("name,id\n" + "".join(f"{name},{number}\n" for number, name in enumerate(NAMES)))
        kernel = python_for_learners(folder / "course")
        self.command = [sys.executable, "-m", "classroom.hub", "--class", roster, "--folder", self.folder]
        self.command += ["--port", str(PORT), "--kernel", kernel, "--memory", "2G"]
        self.start()

    def start(self):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COURSE_OFFLINE": "1"}
        with (self.folder.parent / "hub.log").open("a") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

        def answers():
            assert self.process.poll() is None, self.said()
            with contextlib.suppress(OSError):
                return urllib.request.urlopen(f"{self.url}/hub/login", timeout=5).status == 200

        wait_until(answers, 300, "the hub to answer")

    def said(self):
        return (self.folder.parent / "hub.log").read_text()

    def passwords(self):
        with (self.folder / "private" / "passwords.csv").open(encoding="utf-8") as file:
            return {row["name"]: (row["username"], row["password"]) for row in csv.DictReader(file)}

    def home(self, name):
        return self.folder / "homes" / self.passwords()[name][0]

    def stop(self):
        """What Ctrl-C does; everything that belongs to it has to end."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(90)
        _, left = psutil.wait_procs(family, timeout=30)
        for one in left:
            one.kill()
        assert left == []


@pytest.fixture(scope="module")
def running():
    assert hub.why_trial() == "", "a hub for a class can't be tried here"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hub-"))
    folder.chmod(0o755)  # learners have to reach it
    started = Hub(folder)
    yield started
    if started.process.poll() is None:
        started.stop()
    shutil.rmtree(folder)


def move_in(home, number):
    """A learner's home with lesson 02 worked on: a panel stands below it. The page lets tests give commands."""
    lesson = nbformat.read(ROOT / "notebooks" / LESSON, as_version=4)
    lesson.cells.append(nbformat.v4.new_code_cell(PANELS[0].strip()))
    (home / "gradient-steps").mkdir(parents=True)
    nbformat.write(lesson, home / "gradient-steps" / LESSON)
    (home / ".jupyter").mkdir()
    (home / ".jupyter" / "jupyter_server_config.json").write_text('{"LabApp": {"expose_app_in_browser": true}}')
    for name, values in lab.SETTINGS.items():
        file = home / ".jupyter" / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    home.chmod(0o700)
    for path in (home, *home.rglob("*")):
        os.chown(path, FIRST + number, FIRST + number)


def memory(name, file):
    """Bytes that a learner's control group counts, by its `file` in version 1, "usage_in_bytes", or 2."""
    v1, v2 = f"/sys/fs/cgroup/memory/gradient-steps/{name}/memory.", f"/sys/fs/cgroup/gradient-steps/{name}/memory."
    other = {"usage_in_bytes": "current", "limit_in_bytes": "max"}[file]
    path = pathlib.Path(v1 + file if os.path.isdir(os.path.dirname(v1)) else v2 + other)
    return int(path.read_text())


def test_five_at_once_and_a_restart(running, capsys):
    for number, name in enumerate(NAMES):
        move_in(running.home(name), number)
    worked_on = (running.home(NAMES[0]) / "gradient-steps" / LESSON).read_bytes()
    users = running.passwords()
    homes = [str(running.home(name)) for name in NAMES]
    began = time.monotonic()
    browsers = []
    for number, name in enumerate(NAMES):
        others = [*(one for one in homes if one != homes[number]), str(running.folder / "private")]
        command = [sys.executable, "-m", "tests.classroom.learner", running.url, *users[name], *others]
        browsers.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    ended = [one.communicate(timeout=900) for one in browsers]
    for said, error in ended:
        assert said, error[-3000:] + running.said()[-3000:]
    seen = [json.loads(said) for said, _ in ended]
    with capsys.disabled():
        print(f"\nfive learners at once, {time.monotonic() - began:.0f} s:", *seen, sep="\n")
    assert [one["errors"] for one in seen] == [[]] * 5
    assert min(one["steps"] for one in seen) > 0
    assert [one["solved"] for one in seen] == ["right"] * 5
    assert [one["others"] for one in seen] == [["PermissionError"] * 5] * 5

    # Each by its own number, within its own limit.
    assert [psutil.Process(one["process"]).uids().real for one in seen] == [FIRST + number for number in range(5)]
    used = [memory(users[name][0], "usage_in_bytes") for name in NAMES]
    assert {memory(users[name][0], "limit_in_bytes") for name in NAMES} == {MEMORY}
    with capsys.disabled():
        print("memory in MB of each learner, server and one kernel:", [round(one / 1e6) for one in used])

    # A list of 4 GB ends that kernel, and neither its server nor anybody else's kernel.
    with lab.chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(120_000)
        lesson = HubNotebook(page, log_in(page, running.url, *users[NAMES[0]]), LESSON)
        victim = psutil.Process(seen[0]["process"])
        server = victim.parent()
        page.evaluate(
            "code => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}); }",
            BIG,
        )
        wait_until(lambda: not victim.is_running() or victim.status() == "zombie", 120, "the kernel to end")
        page.get_by_text("appears to have died").wait_for()
        lesson.settle(120)
        assert server.is_running() and lesson.ask("print(2 + 2)") == "4"  # the kernel begins anew
    assert all(psutil.pid_exists(one["process"]) for one in seen[1:])

    # The hub restarts; records and work are as before, and the course finds them.
    records = {name: (running.home(name) / "gradient-steps" / ".gradient-steps-progress.json") for name in NAMES}
    before = {name: path.read_bytes() for name, path in records.items()}
    running.stop()
    running.start()
    assert running.passwords() == users
    with lab.chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(120_000)
        lesson = HubNotebook(page, log_in(page, running.url, *users[NAMES[1]]), LESSON)
        done = 'from course_utils.exercises import store; print(store.read()[0]["01-1"].done)'
        assert lesson.ask(done) == "True"
    assert {name: path.read_bytes() for name, path in records.items()} == before
    assert (running.home(NAMES[0]) / "gradient-steps" / LESSON).read_bytes() == worked_on


def test_who_is_not_on_the_list_stays_out(running):
    users = running.passwords()
    assert {*users} == {"teacher", *NAMES} and len({password for _, password in users.values()}) == 6
    assert (running.folder / "private").stat().st_mode & 0o077 == 0
    with lab.chromium() as browser:
        page = browser.new_page()
        for name, password in (("eve", "x"), ("eve", ""), (users[NAMES[0]][0], users[NAMES[1]][1])):
            assert log_in(page, running.url, name, password) is None
        base = log_in(page, running.url, *users["teacher"])
        assert base.endswith("/user/teacher")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{running.url}/hub/signup")
    listening = [
        one.laddr.ip for one in psutil.net_connections("tcp") if one.laddr and one.laddr.port in range(PORT, PORT + 3)
    ]
    assert {*listening} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert running.home("teacher").stat().st_uid >= FIRST
