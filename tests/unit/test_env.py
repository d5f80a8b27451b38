"""tools/env.py, run as it is run by make, over small stand-ins for torch and torchvision."""

import contextlib
import glob
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import zipfile

import env
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def is_old(python):
    """Whether a Python runs and is older than the course needs."""
    ask = [python, "-c", "import sys; sys.exit(sys.version_info >= (3, 10))"]
    return subprocess.run(ask, stderr=subprocess.DEVNULL).returncode == 0


NAMES = ("python2.7", "python3.6", "python3.7", "python3.8", "python3.9")
FOUND = glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python")) + list(filter(None, map(shutil.which, NAMES)))
OLD = sorted(filter(is_old, FOUND))
UV = shutil.which("uv")
INSTALLERS = ["pip", pytest.param("uv", marks=pytest.mark.skipif(not UV, reason="uv is not on PATH"))]
FITS = "class ops:\n    nms = None\n"
DOES_NOT_FIT = "raise RuntimeError('operator torchvision::nms does not exist')\n"


def write_wheel(folder, name, version, code="", needs=""):
    """The smallest wheel that installers accept; returns its file name."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", code)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path.name


class Course:
    """A folder with the real tools/env.py, wheels of its own, and no way to any other."""

    def __init__(self, root, installer):
        self.root, self.wheels = root / "the course", root / "wheels"
        self.home, nothing = root / "home", root / "nothing"
        for folder in (self.root, self.wheels, self.home, nothing):
            folder.mkdir()
        shutil.copytree(ROOT / "tools", self.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (self.root / "requirements.txt").write_text("torch\ntorchvision\n")
        (self.root / "requirements-dev.txt").write_text("-r requirements.txt\nextra\n")
        # Stands in for setuptools, which would have to be downloaded.
        course = write_wheel(self.root, "course", "1")
        (self.root / "backend.py").write_text(
            "import shutil\n\n\ndef build_editable(folder, *_):\n"
            f"    shutil.copy('{course}', folder)\n    return '{course}'\n"
        )
        (self.root / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            '[project]\nname = "course"\nversion = "1"\n'
        )
        write_wheel(self.wheels, "torch", "2.15.0")
        write_wheel(self.wheels, "torchvision", "0.29.2", FITS, needs="Requires-Dist: torch>=2.14\n")
        write_wheel(self.wheels, "torchvision", "0.27.0", FITS)
        write_wheel(self.wheels, "extra", "1")
        (root / "offline.toml").write_text("[pip]\nno-index = true\n")
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"] if installer == "uv" else str(nothing),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "UV_CONFIG_FILE": str(root / "offline.toml"),
            "UV_FIND_LINKS": str(self.wheels),
        }

    def put_venv(self, venv):
        """Give the course a copy of a .venv."""
        shutil.copytree(venv, self.root / ".venv", symlinks=True)

    def start(self, *arguments, python=sys.executable, **environment):
        """Start tools/env.py; a None in `environment` removes a variable."""
        together = {**self.environment, **environment}
        return subprocess.Popen(
            [python, "tools/env.py", *(arguments or ["lab"])],
            cwd=self.root,
            env={name: value for name, value in together.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def call(self, *arguments, **options):
        """Run tools/env.py to its end: (exit status, standard output, standard error)."""
        process = self.start(*arguments, **options)
        out, error = process.communicate(timeout=120)
        return process.returncode, out, error

    def installed(self, name):
        """Version of a package in .venv, or None."""
        found = list(self.root.glob(f".venv/lib/python*/site-packages/{name}-*.dist-info"))
        return found[0].name.split("-")[1].removesuffix(".dist") if found else None


@pytest.fixture
def course(tmp_path):
    """A course installed by uv where there is uv, which is quicker."""
    return Course(tmp_path, "uv" if UV else "pip")


@pytest.fixture(scope="module")
def empty_venv(tmp_path_factory):
    """A .venv with nothing but pip, made once, since that takes seconds."""
    path = tmp_path_factory.mktemp("template") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", path], check=True)
    return path


@pytest.fixture
def prepared(course, empty_venv):
    """A course with an empty .venv."""
    course.put_venv(empty_venv)
    return course


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
    status, out, error = course.call()
    assert (status, error) == (0, "")
    assert f"with {installer}" in out
    assert "Ready" in out
    assert [course.installed(name) for name in ("torch", "torchvision", "course", "extra")] == [
        "2.15.0",
        "0.29.2",
        "1",
        None,
    ]
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


def test_colabs_versions_get_an_environment_of_their_own(prepared):
    folder = prepared.root / "tests" / "colab"
    folder.mkdir(parents=True)
    (folder / "constraints.txt").write_text("torch==2.11.0\n")
    (folder / "requirements.txt").write_text("torch\ntorchvision\n")
    write_wheel(prepared.wheels, "torch", "2.11.0")
    assert prepared.call("dev")[0] == 0
    status, out, error = prepared.call("colab")
    assert (status, error) == (0, "")
    assert "Made .venv-colab with Python 3." in out
    (own,) = prepared.root.glob(".venv-colab/lib/python*/site-packages/torch-*.dist-info")
    assert own.name == "torch-2.11.0.dist-info"
    assert prepared.installed("torch") == "2.15.0"  # the other environment is left alone
    assert prepared.call("dev") == prepared.call("colab") == (0, "", "")


def test_a_python_like_colabs_is_preferred_and_another_one_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(env, "COLAB_PYTHONS", ("3.99", "3.98"))
    assert env.colab_python() == sys.executable
    assert "Colab has Python 3.99. There is none here" in capsys.readouterr().out
    place = tmp_path / ".pyenv/versions/3.98.1/bin/python"
    place.parent.mkdir(parents=True)
    place.symlink_to(sys.executable)
    assert env.colab_python() == str(place)
    (tmp_path / "python3.99").symlink_to(sys.executable)
    assert env.colab_python() == "python3.99"
    assert capsys.readouterr().out == ""


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
