"""Environments of a lane: a Python and exact versions, apart from .venv."""

import shutil
import subprocess
import sys

import env
import pytest
from small_course import write_wheel

THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# The course runs on these too.
OTHERS = [env.find_python(version) for version in ("3.10", "3.11", "3.12", "3.13") if version != THIS_PYTHON]


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


def test_a_python_for_a_lane_is_looked_for_and_the_best_taken(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(env, "LANES", {"colab": ("3.99", "3.98"), "old": ("3.97",), "here": (THIS_PYTHON,)})
    assert env.lane_python("here") == env.lane_python("colab") == sys.executable
    assert "Colab has Python 3.99. There is none here" in capsys.readouterr().out
    sentence = r"^The lane old is for Python 3\.97, and there is none here: put python3\.97 on PATH, .* pyenv\.$"
    with pytest.raises(env.NoPythonError, match=sentence):
        env.lane_python("old")
    place = tmp_path / ".pyenv/versions/3.98.1/bin/python"
    place.parent.mkdir(parents=True)
    place.symlink_to(sys.executable)
    assert env.lane_python("colab") == str(place)
    (tmp_path / "python3.99").symlink_to(sys.executable)
    assert env.lane_python("colab") == "python3.99"
    assert capsys.readouterr().out == ""


@pytest.fixture
def with_lane(prepared):
    """A course whose lane newest has an older torch than the newest that fits, and a Python that is here."""
    folder = prepared.root / "tests" / "lanes"
    folder.mkdir(parents=True)
    (folder / "newest.txt").write_text("torch==2.14.0\n")
    write_wheel(prepared.wheels, "torch", "2.14.0")
    program = prepared.root / "tools" / "env.py"
    newest = f'"newest": ("{env.LANES["newest"][0]}",)'
    assert newest in program.read_text()
    program.write_text(program.read_text().replace(newest, f'"newest": ("{THIS_PYTHON}",)'))
    return prepared


def test_a_lane_gets_exactly_its_versions_in_an_environment_of_its_own(with_lane):
    status, out, error = with_lane.call("newest")
    assert (status, error) == (0, "")
    assert f"Made .venv-newest with Python {THIS_PYTHON}." in out
    (own,) = with_lane.root.glob(".venv-newest/lib/python*/site-packages/torch-*.dist-info")
    assert own.name == "torch-2.14.0.dist-info"
    assert with_lane.call("newest") == (0, "", "")
    assert "Ready" in with_lane.call("dev")[1]  # nobody took the lane's installation for that of .venv
    assert with_lane.installed("torch") == "2.15.0"
    assert with_lane.call("dev") == with_lane.call("newest") == (0, "", "")


def test_the_checks_own_environment_gets_a_lanes_versions_where_it_is_told_to(with_lane):
    assert with_lane.call("dev", LANE="newest")[0] == 0
    assert with_lane.installed("torch") == "2.14.0"
    assert with_lane.call("dev", LANE="newest") == with_lane.call("lab", LANE="newest") == (0, "", "")
    (with_lane.root / "tests/lanes/newest.txt").write_text("torch==2.15.0\n")
    assert "Ready" in with_lane.call("dev", LANE="newest")[1]
    assert with_lane.installed("torch") == "2.15.0"
    lanes = "lowest, newest, colab, colab-3.12"
    sentence = f"LANE is latest: there is no such lane. There are {lanes}.\n"
    assert with_lane.call("dev", LANE="latest") == (1, "", sentence)


@pytest.mark.parametrize("python", list(filter(None, OTHERS))[:1])
def test_a_venv_with_another_python_than_the_lanes_is_made_anew(with_lane, python):
    shutil.rmtree(with_lane.root / ".venv")
    subprocess.run([python, "-m", "venv", "--without-pip", with_lane.root / ".venv"], check=True)
    status, out, error = with_lane.call("dev", LANE="newest")
    assert (status, error) == (0, "")
    said = ["The lane newest is for another Python than the one in .venv.", f"Made .venv with Python {THIS_PYTHON}."]
    assert out.splitlines()[:2] == said
    assert with_lane.installed("torch") == "2.14.0"
