"""What JupyterHub is told: who may log in, as whom a learner's server runs, and how much it may take.

`make hub` (classroom/hub.py) prepares all this and names it in HUB_SETTINGS, a text of JSON.
"""

import contextlib
import csv
import hmac
import json
import os
import pathlib
import sys

from jupyterhub.auth import Authenticator
from jupyterhub.spawner import SimpleLocalProcessSpawner

HERE = pathlib.Path(__file__).resolve().parent
given = json.loads(os.environ["HUB_SETTINGS"])
hub = pathlib.Path(given["hub"])
CGROUPS = pathlib.Path("/sys/fs/cgroup")
FIRST = 1_900_000_000  # the first learner's number as a user of this machine: no account and no container has it


def groups(name, memory, cpus):
    """{folder of a control group: {file: text}} that hold what the learner `name` may take.

    Args:
        memory: bytes.
        cpus: how many cores.
    """
    if (CGROUPS / "cgroup.controllers").exists():  # version 2: one folder for all
        limits = {"memory.max": memory, "memory.swap.max": 0, "cpu.max": f"{int(cpus * 1e5)} 100000", "pids.max": 1024}
        return {CGROUPS / "gradient-steps" / name: limits}
    version_1 = {
        "memory": {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
        "cpu": {"cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": int(cpus * 1e5)},
        "pids": {"pids.max": 1024},
    }
    return {CGROUPS / kind / "gradient-steps" / name: limits for kind, limits in version_1.items()}


def limit(name, memory, cpus):
    """Make the control groups of a learner; returns their files that take a process in.

    Raises:
        OSError: this machine doesn't let us.
    """
    doors = []
    for folder, limits in groups(name, memory, cpus).items():
        with contextlib.suppress(OSError):  # a limit of an earlier start would be in the way of a larger one
            folder.rmdir()
        for above in (folder.parent, folder):
            above.mkdir(exist_ok=True)
            if (control := above.parent / "cgroup.subtree_control").exists():
                control.write_text("+memory +cpu +pids")
        for file, text in limits.items():
            if "sw" not in file or (folder / file).exists():  # a kernel without swap has no file for it
                (folder / file).write_text(str(text))
        doors.append(folder / "cgroup.procs")
    return doors


def home_of(name):
    """(folder, number) of a learner: their home, which nobody else can enter, and whom it belongs to."""
    home = hub / "homes" / name
    if not home.exists():
        taken = [one.stat().st_uid for one in home.parent.iterdir()]
        home.mkdir(mode=0o700)
        if not given["trial"]:
            number = max([FIRST - 1, *taken]) + 1
            os.chown(home, number, number)
    return home, home.stat().st_uid


class Server(SimpleLocalProcessSpawner):
    """A learner's server, which runs under a number of its own, within the learner's limits."""

    def user_env(self, env):
        home, _ = home_of(self.user.name)
        local = {"HOME": str(home), "USER": self.user.name, "LOGNAME": self.user.name, "SHELL": "/bin/bash"}
        return env | local

    def make_preexec_fn(self, name):
        home, number = home_of(name)
        doors = [] if given["trial"] else limit(name, given["memory"], given["cpus"])

        def become():  # in the new process: whatever fails here ends it
            for door in doors:
                door.write_text("0")
            os.umask(0o077)
            if not given["trial"]:
                os.setgroups([])
                os.setgid(number)
                os.setuid(number)
            os.chdir(home)

        return become

    async def stop(self, now=False):
        await super().stop(now)
        if not given["trial"]:
            for folder in groups(self.user.name, 0, 0):
                with contextlib.suppress(OSError):  # a process that outlives its server keeps it
                    folder.rmdir()


class ClassList(Authenticator):
    """Those on the teacher's list, each with the password that stands there. Nobody can put oneself on it."""

    async def authenticate(self, handler, data):
        with (hub / "private" / "passwords.csv").open(encoding="utf-8", newline="") as file:
            words = {row["username"]: row["password"] for row in csv.DictReader(file)}
        name = data["username"].strip()
        right = hmac.compare_digest(words.get(name, "").encode(), data["password"].strip().encode())
        return name if name in words and right else None


c = get_config()  # noqa: F821
c.JupyterHub.bind_url = f"{'https' if given['key'] else 'http'}://{given['host']}:{given['port']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{given['port'] + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{given['port'] + 2}"
c.ConfigurableHTTPProxy.command = given["proxy"]
c.ConfigurableHTTPProxy.pid_file = str(hub / "private" / "proxy.pid")
c.JupyterHub.ssl_key, c.JupyterHub.ssl_cert = given["key"], given["certificate"]
c.JupyterHub.db_url = f"sqlite:///{hub / 'private' / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(hub / "private" / "cookie_secret")
c.JupyterHub.authenticator_class = ClassList
c.JupyterHub.spawner_class = Server
c.Authenticator.allow_all = True  # who is on the list
c.Authenticator.admin_users = {"teacher"}
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL"]
c.Spawner.environment = {"JUPYTER_PATH": given["kernels"], "COURSE_THREADS": "1", "COURSE_DATA": given["data"]}
c.Spawner.notebook_dir = "~/gradient-steps"
c.Spawner.default_url = "/lab/tree/00_start_here.ipynb"
lessons = [str(HERE.parent / "notebooks"), "gradient-steps"]
c.Spawner.cmd = [sys.executable, str(HERE / "start.py"), *lessons, sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = [  # idle kernels end after an hour, a server without kernels and visits an hour later
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_connected=True",
    "--ServerApp.shutdown_no_activity_timeout=3600",
]
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # when thirty begin at once
