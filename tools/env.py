"""Makes or refreshes .venv: `python tools/env.py lab` for learners, `python tools/env.py dev` for the checks too.

`python tools/env.py lowest` does the same to .venv-lowest, with exactly the versions of the lane of that name; so do
newest, colab and colab-3.12. With LANE=newest in the environment, `dev` gets that lane's Python and versions in .venv.
With --browser it first stops if there is no browser for the tests.

Written in the Python that 2.7 can still read, so that a Python too old gets a sentence instead of a SyntaxError.
"""

from __future__ import print_function

import glob
import hashlib
import os
import subprocess
import sys
import tempfile
import time

NEEDED = (3, 10)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LANES = {  # the Pythons that a lane may have, the first found is taken; Colab's are those of its runtimes
    "lowest": ("3.10",),
    "newest": ("3.13",),
    "colab": ("3.13", "3.12"),
    "colab-3.12": ("3.12",),
}
COLAB = ["tests/colab/constraints.txt", "tests/colab/requirements.txt"]
DEV = ["requirements.txt", "requirements-dev.txt"]
FILES = {  # to install, the last of them names the others; but a lane's first has its exact versions
    "lab": ["requirements.txt"],
    "dev": DEV,
    "bench": DEV + ["benchmarks/requirements.txt"],
    "lowest": ["tests/lanes/lowest.txt"] + DEV,
    "newest": ["tests/lanes/newest.txt"] + DEV,
    "colab": COLAB,
    "colab-3.12": COLAB,
}
FOR = {
    "lab": "lessons need",
    "dev": "checks need",
    "bench": "benchmarks need",
    "lowest": "checks on the lowest versions need",
    "newest": "checks on the newest versions need",
    "colab": "checks on Colab's versions need",
    "colab-3.12": "checks on Colab's versions need",
}
SIZE = "6 GB" if sys.platform.startswith("linux") else "2 GB"  # Linux wheels of torch bring CUDA along

# What pip and uv say when they reach nobody.
UNREACHED = (
    "NewConnectionError",
    "Failed to establish a new connection",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "client error (Connect)",
    "error sending request",
    "dns error",
)

VERSIONS = """
from importlib.metadata import version
print("torch " + version("torch") + " and torchvision " + version("torchvision"))
"""

# An installer that was broken off leaves packages that claim to be there and lack files. Without its
# dist-info such a package counts as absent, and is installed again.
FORGET_DAMAGED = """
import csv, pathlib, shutil, sysconfig

def whole(site, path, size):
    file = site / path
    return path.endswith(".pyc") or file.is_file() and size in ("", str(file.stat().st_size))

site = pathlib.Path(sysconfig.get_path("purelib"))
for info in site.glob("*.dist-info"):
    record = info / "RECORD"
    rows = csv.reader(record.read_text(encoding="utf-8").splitlines()) if record.is_file() else [("RECORD", "", "")]
    if not all(whole(site, path, size) for path, _, size in rows):
        shutil.rmtree(info)
"""


class SetupError(Exception):
    """Ends the program with a sentence."""


class NoPythonError(SetupError):
    """There is no Python here for a lane."""


def say(text):
    """Print at once, also into a pipe."""
    print(text)
    sys.stdout.flush()


def silently(command):
    """Run a command; its output, or None where it could not run or failed."""
    try:
        with open(os.devnull, "w") as nowhere:
            return subprocess.check_output(command, stderr=nowhere, cwd=ROOT).decode()
    except (OSError, subprocess.CalledProcessError):
        return None


def check_version(version):
    """SetupError with one sentence if `version`, a tuple like sys.version_info, is too old for the course."""
    if tuple(version[:2]) >= NEEDED:
        return
    newer = ("python3.%d" % minor for minor in range(20, NEEDED[1] - 1, -1))
    # Run it: a version manager leaves names on PATH that lead nowhere.
    found = next((name for name in newer if silently([name, "-c", ""]) is not None), None)
    advice = "You have %s, so call:" % found if found else "Install a newer one and name it:"
    raise SetupError(
        "Python %s is too old, the course needs %d.%d or newer. %s make lab PYTHON=%s"
        % ((".".join(str(part) for part in version[:3]),) + NEEDED + (advice, found or "python3.12"))
    )


def venv(kind):
    """Name of the environment's folder."""
    return ".venv-" + kind if kind in LANES else ".venv"


def python_of(kind):
    """The Python in the environment."""
    return os.path.join(ROOT, venv(kind), *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


def venv_version(kind):
    """(major, minor) of the environment's Python, or None if there is none that runs and finds its packages."""
    code = "import os, sys, sysconfig; print(*sys.version_info[:2], os.path.isdir(sysconfig.get_path('purelib')))"
    words = (silently([python_of(kind), "-I", "-c", code]) or "0 0 False").split()
    return (int(words[0]), int(words[1])) if words[2] == "True" else None


def stamp_path(kind):
    """The file in the environment that says for which requirements it was installed."""
    return os.path.join(ROOT, venv(kind), "course-%s.stamp" % kind)


def lane_of(kind):
    """The lane that `kind` is, or follows because LANE says so; else None."""
    lane = os.environ.get("LANE") if kind == "dev" else kind
    if kind == "dev" and lane and lane not in LANES:
        raise SetupError("LANE is %s: there is no such lane. There are %s." % (lane, ", ".join(LANES)))
    return lane if lane in LANES else None


def pins(kind):
    """The files with the exact versions that `kind` gets: one, or none where it gets the newest that fit."""
    return FILES[lane_of(kind)][:1] if lane_of(kind) else []


def fingerprint(kind):
    """What an installation depends on: the requirement files, and where the folder is (an editable install knows)."""
    digest = hashlib.sha256(ROOT.encode())
    for name in pins(kind) + FILES[kind]:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamped(kind):
    """Whether the environment was installed for the requirements as they are now."""
    try:
        with open(stamp_path(kind)) as file:
            return file.read() == fingerprint(kind)
    except OSError:
        return False


def find_python(version):
    """A Python of this version, for example "3.10", that can make an environment: this one, or one of PATH or pyenv."""
    if "%d.%d" % sys.version_info[:2] == version:
        return sys.executable
    homes = glob.glob(os.path.expanduser("~/.pyenv/versions/%s.*/bin/python" % version))
    for python in ["python" + version] + sorted(homes):
        if silently([python, "-c", "import ensurepip, venv"]) is not None:
            return python
    return None


def lane_python(kind):
    """A Python for the lane. NoPythonError where there is none; but Colab's takes any, and that is said."""
    for version in LANES[kind]:
        python = find_python(version)
        if python:
            return python
    missing = LANES[kind][0]
    if kind != "colab":
        raise NoPythonError(
            "The lane %s is for Python %s, and there is none here: put python%s on PATH, or install it with pyenv."
            % (kind, missing, missing)
        )
    say("Colab has Python %s. There is none here: its packages go on the Python that is." % missing)
    return sys.executable


def make_venv(kind, uv):
    """Create the environment, in place of one whose Python no longer runs."""
    import importlib.util

    python = lane_python(lane_of(kind)) if lane_of(kind) else sys.executable
    with_pip = python != sys.executable or importlib.util.find_spec("ensurepip") is not None
    if not importlib.util.find_spec("venv") or not (with_pip or uv):
        raise SetupError(
            "This Python (%s) cannot make a virtual environment. On Debian and Ubuntu install the missing part with: "
            "sudo apt-get install -y python%d.%d-venv" % ((sys.executable,) + tuple(sys.version_info[:2]))
        )
    run([python, "-m", "venv", "--clear"] + ([] if with_pip else ["--without-pip"]) + [os.path.join(ROOT, venv(kind))])
    say("Made %s with Python %d.%d." % ((venv(kind),) + venv_version(kind)))


def run(command):
    """Run a long command quietly, with a clock where a person watches. SetupError with its own words if it fails."""
    began = time.time()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                try:
                    process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    if sys.stdout.isatty():
                        print("  %d s" % (time.time() - began), end="\r", flush=True)
        finally:
            # After Ctrl-C: not to leave an installer at work behind the learner's back.
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode == 0:
            return
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if any(sign in said for sign in UNREACHED) and "certificate" not in said:
        raise SetupError(
            "The package index does not answer. The first installation needs the network; "
            "go online (or set your proxy) and call the same command again."
        )
    raise SetupError("\n".join(said.splitlines()[-20:]) + "\n\nInstalling failed, for the reason above.")


def install(kind, uv):
    """Bring the environment up to the requirement files and put the course itself into it."""
    python = python_of(kind)
    if uv:
        # As pip does. Otherwise each process compiles anew what it imports, wherever none may write the result.
        command = [uv, "pip", "install", "--compile-bytecode", "--python", python]
    else:
        if silently([python, "-m", "pip", "--version"]) is None:
            run([python, "-m", "ensurepip"])
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    silently([python, "-c", FORGET_DAMAGED])
    stamps = [stamp_path(one) for one in FILES if os.path.exists(stamp_path(one)) and venv(one) == venv(kind)]
    for path in stamps:
        # Broken off from here on, the next call must not believe the old stamp.
        with open(path, "w") as file:
            file.write("unfinished")
    with tempfile.TemporaryDirectory() as folder:
        torch = silently([python, "-c", "from importlib.metadata import version; print(version('torch'))"])
        if pins(kind):
            command += ["--constraint"] + pins(kind)
        elif torch and not stamps:
            # The learner put it there beforehand, perhaps the small CPU-only one.
            say("Keeping torch %s, which is already in .venv." % torch.strip())
            constraints = os.path.join(folder, "constraints.txt")
            with open(constraints, "w") as file:
                file.write("torch==" + torch)
            command += ["--constraint", constraints]
        run(command + ["--requirement", FILES[kind][-1], "--editable", "."])


def check_torch(kind, uv):
    """SetupError if torch and torchvision were built for different versions of each other; only importing tells."""
    python = python_of(kind)
    if silently([python, "-c", "import torch, torchvision; torchvision.ops.nms"]) is None:
        versions = silently([python, "-c", VERSIONS]) or "torch and torchvision"
        pip = "uv pip install --python " + venv(kind) if uv else os.path.relpath(python, ROOT) + " -m pip install"
        raise SetupError(
            "%s do not work together. Mend it with: %s --upgrade torch torchvision" % (versions.strip(), pip)
        )


def main(kind, with_browser):
    """Do what is left to do for `kind`: "lab"; "dev", which includes it; "bench", which includes both; or a lane."""
    check_version(sys.version_info)
    if with_browser:
        import browser

        if not browser.find():
            raise SetupError(browser.how_to_install())
    version = venv_version(kind)
    if version and version < NEEDED:
        text = "The Python in {0} is %d.%d, too old for the course. Delete {0} and call again.".format(venv(kind))
        raise SetupError(text % version)
    if version and kind == "dev" and lane_of(kind) and "%d.%d" % version not in LANES[lane_of(kind)]:
        say("The lane %s is for another Python than the one in %s." % (lane_of(kind), venv(kind)))
        version = None  # make it anew
    if version and stamped(kind):
        return
    import shutil

    uv = shutil.which("uv")
    if not uv or silently([uv, "--version"]) is None:
        uv = None
    began = time.time()
    if not version:
        make_venv(kind, uv)
    say(
        "Installing what the %s into %s with %s: usually 1 to 3 minutes and about %s on disk the first time, "
        "seconds later." % (FOR[kind], venv(kind), "uv" if uv else "pip", SIZE)
    )
    install(kind, uv)
    check_torch(kind, uv)
    for one in FILES:
        if venv(one) == venv(kind) and set(FILES[one]) <= set(FILES[kind]):
            with open(stamp_path(one), "w") as file:
                file.write(fingerprint(one))
    say("Ready after %d s." % (time.time() - began))


if __name__ == "__main__":
    try:
        if sys.argv[1:2] not in ([kind] for kind in FILES) or sys.argv[2:] not in ([], ["--browser"]):
            known = "dev, bench, " + ", ".join(LANES)
            raise SetupError("Call it as: python tools/env.py lab, or %s; all but lab take --browser" % known)
        main(sys.argv[1], with_browser="--browser" in sys.argv)
    except SetupError as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. The same command goes on where this one stopped.")
