"""`make lab` and `make test` on a bare machine: the Makefile's choice of a Python, and tools/env.py as make runs it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from tests.lanes.small_course import FITS, Course, write_wheel
from tools import env

INSTALLERS = ["pip", "uv", "fetched uv"]
DOES_NOT_FIT = "raise RuntimeError('operator torchvision::nms does not exist')\n"


def make(course, *arguments, **environment):
    """Run make in the course: (exit status, output, errors). The system's own programs are found, its Pythons not."""
    programs = course.home / "programs"
    if not programs.exists():
        programs.mkdir()
        for name in ("make", "sh", "sed", "id", "expand"):
            (programs / name).symlink_to(shutil.which(name))
    paths = {"PATH": f"{course.home / 'pythons'}:{programs}", "MAKEFLAGS": ""}
    done = subprocess.run(
        ["make", *arguments],
        cwd=course.root,
        env={**course.environment, **paths, **environment},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def put_python(course, name, program="exit 1"):
    """Put a Python on PATH: a shell script, by default one that answers every question as one too old does."""
    folder = course.home / "pythons"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{program}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("given", [[], ["PYTHON=python3"], ["PYTHON=nonsense"]])
def test_a_python_too_old_gets_one_sentence(course, given):
    put_python(course, "python3")
    status, out, error = make(course, "lab", *given)
    assert (status, out) == (2, "")
    sentence, ended = error.splitlines()
    assert sentence.startswith("The course needs Python 3.10 or newer")
    assert sentence.endswith(". Install one and name it: make lab PYTHON=python3.12")
    assert ended.startswith("make: ***")
    assert not (course.root / ".venv").exists()


def test_the_first_python_that_is_new_enough_is_taken(course):
    put_python(course, "python3")
    put_python(course, "python3.13", "exit 127")  # a version manager leaves names on PATH that lead nowhere
    put_python(course, "python3.12", f'exec {sys.executable} "$@"')
    assert make(course, "-n", "lab")[1].splitlines()[1] == "python3.12 tools/env.py lab"


def test_without_the_venv_module_the_package_to_install_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(env.SetupError, match=r"sudo apt-get install -y python3\.\d+-venv$"):
        env.make_venv()


@pytest.mark.parametrize("installer", INSTALLERS)
def test_installs_once(tmp_path, installer):
    course = Course(tmp_path, installer)
    status, out, error = course.call(PYTHONDONTWRITEBYTECODE="1")
    assert (status, error) == (0, "")
    assert f"with {installer.removeprefix('fetched ')}: usually" in out
    assert "Ready" in out
    assert [course.installed(name) for name in ("torch", "torchvision", "course", "extra")] == [
        "2.15.0",
        "0.29.2",
        "1",
        None,
    ]
    # Compiled, else every process that may not write there compiles them anew.
    assert list(course.root.glob(".venv/lib/python*/site-packages/torchvision/__pycache__/*.pyc"))
    assert course.call() == (0, "", "")


def test_installs_again_only_when_the_requirements_or_the_place_changed(prepared):
    assert prepared.call("dev")[0] == 0
    assert prepared.installed("extra") == "1"
    assert prepared.call("dev") == prepared.call("lab") == (0, "", "")  # dev includes lab

    requirements = prepared.root / "requirements-dev.txt"
    requirements.write_text(requirements.read_text() + "another\n")
    write_wheel(prepared.wheels, "another", "3")
    assert prepared.call("lab") == (0, "", "")
    assert "Installing" in prepared.call("dev")[1]
    assert prepared.installed("another") == "3"

    prepared.root = prepared.root.rename(prepared.root.with_name("moved"))
    assert "Ready" in prepared.call("dev")[1]
    assert prepared.call("dev") == (0, "", "")


def test_a_venv_whose_python_is_gone_is_made_again(prepared):
    python = prepared.root / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/gone/python3")
    status, out, _ = prepared.call()
    assert status == 0
    assert "Made .venv with" in out
    assert prepared.installed("torch") == "2.15.0"


@pytest.mark.parametrize("installer", INSTALLERS)
def test_a_package_left_half_installed_is_mended(tmp_path, installer, empty_venv):
    course = Course(tmp_path, installer)
    course.put_venv(empty_venv)
    assert course.call()[0] == 0
    package = next(course.root.glob(".venv/lib/python*/site-packages/torchvision"))
    (package / "__init__.py").unlink()
    for stamp in course.root.glob(".venv/*.stamp"):
        stamp.unlink()
    assert course.call()[0] == 0
    assert (package / "__init__.py").read_text() == FITS


def test_a_venv_made_by_a_python_too_old_is_not_touched(course):
    python = course.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 3 9 True\n")
    python.chmod(0o755)
    status, out, error = course.call()
    assert (status, out) == (1, "")
    assert error == "The Python in .venv is 3.9, too old for the course. Delete .venv and call again.\n"
    assert python.read_text().endswith("echo 3 9 True\n")


@pytest.mark.parametrize("installer", INSTALLERS)
def test_a_torch_put_in_first_is_kept(tmp_path, installer, empty_venv):
    course = Course(tmp_path, installer)
    course.put_venv(empty_venv)
    own = course.wheels / write_wheel(course.wheels, "torch", "2.12.0+cpu")
    subprocess.run([course.root / ".venv/bin/python", "-m", "pip", "install", "-q", "--no-index", own], check=True)
    own.unlink()
    status, out, error = course.call()
    assert (status, error) == (0, "")
    assert "Keeping torch 2.12.0+cpu" in out
    assert course.installed("torch") == "2.12.0+cpu"
    assert course.installed("torchvision") == "0.27.0"  # the newer one would have replaced torch


def test_torch_and_torchvision_that_do_not_fit_are_named_with_the_cure(prepared):
    write_wheel(prepared.wheels, "torchvision", "0.29.2", DOES_NOT_FIT)
    status, _, error = prepared.call()
    assert status == 1
    assert error.startswith("torch 2.15.0 and torchvision 0.29.2 do not work together. Mend it with: ")
    assert error.count("\n") == 1
    assert prepared.call()[0] == 1  # and it is not taken for done


@pytest.mark.parametrize("installer", INSTALLERS)
def test_no_network_is_one_sentence(tmp_path, installer, empty_venv):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
    course = Course(tmp_path, installer)
    course.put_venv(empty_venv)
    status, _, error = course.call(
        PIP_INDEX_URL=index,
        UV_INDEX_URL=index,
        PIP_RETRIES="1",
        UV_HTTP_RETRIES="1",
        PIP_NO_INDEX=None,
        UV_CONFIG_FILE=None,
        PIP_FIND_LINKS=None,
        UV_FIND_LINKS=None,
    )
    assert status == 1
    assert error == (
        "The package index does not answer. The first installation needs the network; "
        "go online (or set your proxy) and call the same command again.\n"
    )


def test_any_other_failure_shows_the_installers_own_reason(prepared):
    (prepared.root / "requirements.txt").write_text("torch\ntorchvision\nno-such-package-anywhere\n")
    status, _, error = prepared.call()
    assert status == 1
    assert "no-such-package-anywhere" in error
    assert error.endswith("Installing failed, for the reason above.\n")
    assert "env.py" not in error  # no traceback of ours


def test_an_interrupt_is_one_sentence_and_the_next_call_goes_on(prepared):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never answers
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        process = prepared.start(PIP_INDEX_URL=index, UV_INDEX_URL=index, PIP_NO_INDEX=None, UV_CONFIG_FILE=None)
        silent.settimeout(60)
        connection, _ = silent.accept()
        with contextlib.closing(connection):
            os.killpg(process.pid, signal.SIGINT)
            _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert error.strip() == "Interrupted. The same command goes on where this one stopped."
    status, out, _ = prepared.call()
    assert status == 0
    assert "Made" not in out
    assert prepared.installed("torch") == "2.15.0"


def test_a_full_disk_is_one_sentence_and_the_next_call_goes_on(prepared):
    write_wheel(prepared.wheels, "torch", "2.15.0", code=f"large = {os.urandom(2**24).hex()!r}")
    disk = 'mkdir "$HOME/disk"; mount -t tmpfs -o size=40m tmpfs "$HOME/disk"; '
    disk += 'cp -a .venv "$HOME/disk"; mount --bind "$HOME/disk/.venv" .venv; exec "$@"'
    wrap = ["unshare", "--map-root-user", "--mount", "sh", "-ec", disk, "sh"]
    status, _, error = prepared.call(wrap=wrap, PATH=f"{prepared.environment['PATH']}:{os.environ['PATH']}")
    assert status == 1
    assert error == f"The disk is full: .venv takes about {env.SIZE}. Make room and call the same command again.\n"
    assert prepared.call()[0] == 0
    assert prepared.installed("torch") == "2.15.0"
