"""Makes or refreshes .venv: `python tools/env.py lab` for learners, dev for the tests, bench for the benchmarks, too.

It needs nothing but Python with pip: uv, which installs in half of pip's time, is fetched into .venv.
"""

import csv
import hashlib
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

NEEDED = (3, 10)
ROOT = pathlib.Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
FILES = {  # each kind includes the ones before it; the last file of a kind names the others
    "lab": ["requirements.txt"],
    "dev": ["requirements.txt", "requirements-dev.txt"],
    "bench": ["requirements.txt", "requirements-dev.txt", "benchmarks/requirements.txt"],
}
FOR = {"lab": "lessons need", "dev": "tests need", "bench": "benchmarks need"}
SIZE = "6 GB" if sys.platform.startswith("linux") else "2 GB"  # Linux wheels of torch bring CUDA along

# What pip and uv say when they can't reach an index.
UNREACHED = re.compile(
    r"NewConnectionError|Failed to establish a new connection|NameResolutionError|Connect(ion)?TimeoutError"
    r"|ReadTimeoutError|ProxyError|client error \(Connect\)|error sending request|dns error"
)


class SetupError(Exception):
    """Ends the program with a sentence."""


def silently(*command):
    """Run a command; its output, or None where it could not run or failed."""
    try:
        return subprocess.check_output(command, stderr=subprocess.DEVNULL, cwd=ROOT, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None


def run(*command):
    """Run a long command quietly, with a clock where a person watches. SetupError with its own words if it fails."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                try:
                    process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    if sys.stdout.isatty():
                        print(f"  {time.monotonic() - began:.0f} s", end="\r", flush=True)
        finally:
            # After Ctrl-C no installer may go on unseen.
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode == 0:
            return
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if UNREACHED.search(said) and "certificate" not in said:
        raise SetupError(
            "The package index does not answer. The first installation needs the network; "
            "go online (or set your proxy) and call the same command again."
        )
    if "No space left on device" in said:
        raise SetupError(f"The disk is full: .venv takes about {SIZE}. Make room and call the same command again.")
    raise SetupError("\n".join(said.splitlines()[-20:]) + "\n\nInstalling failed, for the reason above.")


def fingerprint(kind):
    """What an installation depends on: the requirement files, and the folder, whose path an editable install has."""
    parts = [os.fsencode(ROOT), *((ROOT / name).read_bytes() for name in FILES[kind])]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def stamp(kind):
    """The file in .venv that says for which requirements it was installed."""
    return VENV / f"course-{kind}.stamp"


def venv_version():
    """(major, minor) of the Python in .venv, or None if there is none that runs and finds its packages."""
    code = "import os, sys, sysconfig; print(*sys.version_info[:2], os.path.isdir(sysconfig.get_path('purelib')))"
    major, minor, whole = (silently(PYTHON, "-I", "-c", code) or "0 0 False").split()
    return (int(major), int(minor)) if whole == "True" else None


def make_venv():
    """Create .venv, in place of one whose Python no longer runs."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise SetupError(
            f"This Python ({sys.executable}) cannot make a virtual environment. On Debian and Ubuntu install the "
            f"missing part with: sudo apt-get install -y python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    run(sys.executable, "-m", "venv", "--clear", VENV)
    print(f"Made .venv with Python {sys.version_info[0]}.{sys.version_info[1]}.", flush=True)


def forget_damaged():
    """Remove the dist-info of each package in .venv that lacks files, so that it counts as absent and comes again.

    An installer that was broken off leaves packages that claim to be there.
    """
    site = pathlib.Path(silently(PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())

    def whole(path, size):
        file = site / path
        return path.endswith(".pyc") or (file.is_file() and size in ("", str(file.stat().st_size)))

    for info in site.glob("*.dist-info"):
        record = info / "RECORD"
        rows = csv.reader(record.read_text(encoding="utf-8").splitlines()) if record.is_file() else [("RECORD", "", "")]
        if not all(whole(path, size) for path, _, size in rows):
            shutil.rmtree(info)


def pip():
    """The command that runs .venv's pip, which is put there if it is missing."""
    if silently(PYTHON, "-m", "pip", "--version") is None:
        run(PYTHON, "-m", "ensurepip")
    return [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]


def installer():
    """The name and the command of what installs into .venv: uv, from PATH or fetched; pip where there is no uv."""
    own = PYTHON.with_name("uv.exe" if os.name == "nt" else "uv")
    uv = next((one for one in ("uv", own) if silently(one, "--version")), None)
    if not uv:
        try:
            run(*pip(), "--only-binary=uv", "uv")
        except SetupError as stop:
            if "No matching distribution" not in str(stop):
                raise
            return "pip", pip()
    # Compiled as pip does: else, where none may write the results, each process compiles all that it imports.
    return "uv", [uv or own, "pip", "install", "--compile-bytecode", "--python", PYTHON]


def install(kind):
    """Bring .venv up to the requirement files and put the course itself into it."""
    forget_damaged()
    stamps = [stamp(one) for one in FILES if stamp(one).exists()]
    for path in stamps:
        path.write_text("unfinished")  # if this breaks off, the next call must not trust the old stamp
    name, command = installer()
    print(
        f"Installing what the {FOR[kind]} into .venv with {name}: usually 1 to 3 minutes and about {SIZE} on disk "
        "the first time, seconds later.",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        torch = silently(PYTHON, "-c", "from importlib.metadata import version; print(version('torch'))")
        if torch and not stamps:
            # The learner has put it there, perhaps the small CPU-only one.
            print(f"Keeping torch {torch.strip()}, which is already in .venv.", flush=True)
            constraints = pathlib.Path(folder, "constraints.txt")
            constraints.write_text(f"torch=={torch}")
            command += ["--constraint", constraints]
        run(*command, "--requirement", FILES[kind][-1], "--editable", ".")


def check_torch():
    """SetupError if torch and torchvision were built for different versions of each other; only importing tells."""
    if silently(PYTHON, "-c", "import torch, torchvision; torchvision.ops.nms") is None:
        code = "from importlib.metadata import version; print(*map(version, ('torch', 'torchvision')))"
        torch, torchvision = (silently(PYTHON, "-c", code) or "? ?").split()
        raise SetupError(
            f"torch {torch} and torchvision {torchvision} do not work together. "
            f"Mend it with: {PYTHON.relative_to(ROOT)} -m pip install --upgrade torch torchvision"
        )


def main(kind):
    """Do what is left to do for `kind`: "lab", "dev" or "bench"."""
    version = venv_version()
    if version and version < NEEDED:
        raise SetupError(
            f"The Python in .venv is {version[0]}.{version[1]}, too old for the course. Delete .venv and call again."
        )
    if version and stamp(kind).exists() and stamp(kind).read_text() == fingerprint(kind):
        return
    began = time.monotonic()
    if not version:
        make_venv()
    install(kind)
    check_torch()
    for one in FILES:
        if set(FILES[one]) <= set(FILES[kind]):
            stamp(one).write_text(fingerprint(one))
    print(f"Ready after {time.monotonic() - began:.0f} s.", flush=True)


if __name__ == "__main__":
    try:
        if sys.argv[1:] not in ([kind] for kind in FILES):
            raise SetupError(f"Call it as: python tools/env.py KIND, where KIND is {' or '.join(FILES)}.")
        main(sys.argv[1])
    except SetupError as stop:
        sys.exit(str(stop))
    except OSError as stop:
        sys.exit(f"{stop}. Mend that and call the same command again.")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. The same command goes on where this one stopped.")
