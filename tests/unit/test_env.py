"""tools/env.py, run as it is run by make, over small stand-ins for torch and torchvision."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys

import env
import pytest
from small_course import FITS, UV, Course, write_wheel


def is_old(python):
    """Whether a Python runs and is older than the course needs."""
    ask = [python, "-c", "import sys; sys.exit(sys.version_info >= (3, 10))"]
    return subprocess.run(ask, stderr=subprocess.DEVNULL).returncode == 0


NAMES = ("python2.7", "python3.6", "python3.7", "python3.8", "python3.9")
FOUND = glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python")) + list(filter(None, map(shutil.which, NAMES)))
OLD = sorted(filter(is_old, FOUND))
INSTALLERS = ["pip", pytest.param("uv", marks=pytest.mark.skipif(not UV, reason="uv is not on PATH"))]
DOES_NOT_FIT = "raise RuntimeError('operator torchvision::nms does not exist')\n"


@pytest.mark.parametrize("python", OLD)
def test_a_python_too_old_gets_one_sentence(course, python):
    status, out, error = course.call(python=python)
    assert (status, out) == (1, "")
    assert error.count("\n") == 1
    assert "is too old, the course needs 3.10 or newer." in error
    assert "make lab PYTHON=python3." in error
    assert not (course.root / ".venv").exists()


def test_the_advice_names_a_newer_python_that_runs(tmp_path, monkeypatch):
    (tmp_path / "python3.12").symlink_to(sys.executable)
    dead = tmp_path / "python3.13"
    dead.write_text("#!/bin/sh\nexit 127\n")
    dead.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(env.SetupError, match=r"Python 3\.9\.1 .* You have python3\.12, .* PYTHON=python3\.12$"):
        env.check_version((3, 9, 1, "final", 0))
    env.check_version((3, 10, 0, "final", 0))
    env.check_version((4, 0, 0, "final", 0))


def test_without_the_venv_module_the_package_to_install_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(env.SetupError, match=r"sudo apt-get install -y python3\.\d+-venv$"):
        env.make_venv("dev", uv=None)


@pytest.mark.parametrize("installer", INSTALLERS)
def test_installs_once(tmp_path, installer):
    course = Course(tmp_path, installer)
    status, out, error = course.call(PYTHONDONTWRITEBYTECODE="1")
    assert (status, error) == (0, "")
    assert f"with {installer}" in out
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


@pytest.mark.parametrize("python", [path for path in OLD if "2.7" not in path][-1:])
def test_a_venv_made_by_a_python_too_old_is_not_touched(course, python):
    subprocess.run([python, "-m", "venv", "--without-pip", course.root / ".venv"], check=True)
    status, out, error = course.call()
    assert (status, out) == (1, "")
    assert "Delete .venv and call again." in error


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


def test_a_missing_browser_is_said_before_anything_is_installed(course):
    status, out, error = course.call("dev", "--browser", COURSE_BROWSER="/no/browser")
    assert (status, out) == (1, "")
    assert error == "COURSE_BROWSER names /no/browser, which is no program here. Correct it, or unset it.\n"
    assert not (course.root / ".venv").exists()
