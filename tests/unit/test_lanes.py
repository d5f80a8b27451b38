"""The lanes: exact versions at both ends of what the requirement files allow, and who runs them."""

import pathlib
import re
import subprocess
import sys

import check
import env
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = pathlib.Path(__file__).resolve().parents[2]
OTHER_PYTHON = next(lane for lane in ("lowest", "newest") if f"3.{sys.version_info.minor}" not in env.LANES[lane])


def required(*names):
    """{name: Requirement} of requirement files."""
    lines = [line.partition("#")[0].strip() for name in names for line in (ROOT / name).read_text().splitlines()]
    return {(one := Requirement(line)).name: one for line in lines if line and not line.startswith("-")}


def test_the_lowest_lane_is_the_lower_bounds():
    bounds = required("requirements.txt")
    lower = {name: max(Version(s.version) for s in bounds[name].specifier if s.operator == ">=") for name in bounds}
    assert {name: Version(version) for name, version in check.pinned("lowest").items()} == lower


def test_the_lowest_python_is_that_of_the_course():
    project = (ROOT / "pyproject.toml").read_text()
    lowest = re.search(r'^requires-python = ">=3\.(\d+)"$', project, re.MULTILINE)[1]
    assert env.LANES["lowest"] == (f"3.{lowest}",) and (3, int(lowest)) == env.NEEDED


def test_the_newest_lane_leaves_nothing_open():
    assert set(check.pinned("newest")) == set(required("requirements.txt", "requirements-dev.txt"))


@pytest.mark.parametrize("lane", env.LANES)
def test_what_a_lane_pins_is_allowed(lane):
    allowed = required("requirements.txt", "requirements-dev.txt")
    wrong = {name: version for name, version in check.pinned(lane).items() if name in allowed}
    wrong = {name: version for name, version in wrong.items() if not allowed[name].specifier.contains(version)}
    assert wrong == {}


def test_what_differs_from_a_lane_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setitem(env.LANES, "newest", (f"3.{sys.version_info.minor}",))
    here = check.metadata.version("packaging")
    (tmp_path / "tests/lanes").mkdir(parents=True)
    file = tmp_path / "tests/lanes/newest.txt"
    file.write_text(f"# pinned\npackaging=={here}  # yes\npytest==0.1; python_version < '3'\n")
    monkeypatch.delenv("LANE", raising=False)
    assert check.say_which_lane() == []
    file.write_text(f"packaging==0.1\npytest=={check.metadata.version('pytest')}\n")
    monkeypatch.setitem(env.LANES, "newest", ("3.8", "3.9"))
    assert check.say_which_lane() == []  # said, since nobody asked for it
    monkeypatch.setenv("LANE", "newest")
    assert check.say_which_lane() == ["the lane newest"]
    said = f"Python 3.{sys.version_info.minor} instead of 3.8 or 3.9, packaging {here} instead of 0.1"
    said = f"not the lane newest: {said}."
    assert capsys.readouterr().out == f"\n── This is the lane newest.\n\n── This is {said}\n\n── This is {said}\n"


def test_a_lane_without_its_python_is_said_to_be_left_out(course):
    command = [sys.executable, "tools/lanes.py", OTHER_PYTHON]
    nothing = {**course.environment, "PATH": str(course.home)}
    done = subprocess.run(command, cwd=course.root, env=nothing, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    said = f"The lane {OTHER_PYTHON} is for Python {env.LANES[OTHER_PYTHON][0]}, and there is none here: put python3."
    assert said in done.stdout
    assert done.stdout.endswith(f"\nlane {OTHER_PYTHON}: NOT RUN (0 s)\n")
    assert subprocess.run(command, cwd=course.root, env={**nothing, "CI": "1"}, capture_output=True).returncode == 1
    command[-1] = "latest"
    done = subprocess.run(command, cwd=course.root, env=nothing, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, f"There is no lane latest. There are {', '.join(env.LANES)}.\n")


def test_a_lane_that_cannot_be_installed_has_failed(course):
    (course.root / "tests/lanes").mkdir(parents=True)
    lane = next((lane for lane in env.LANES if f"3.{sys.version_info.minor}" in env.LANES[lane]), "colab")
    for name in env.FILES[lane]:
        (course.root / name).parent.mkdir(parents=True, exist_ok=True)
        (course.root / name).write_text("no-such-package-anywhere==1\n")
    command = [sys.executable, "tools/lanes.py", lane]
    done = subprocess.run(command, cwd=course.root, env=course.environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Installing failed, for the reason above." in done.stdout and f"lane {lane}: FAILED (" in done.stdout


def test_the_readme_has_every_lane_as_it_is():
    text = (ROOT / "README.md").read_text()
    found = re.findall(r"^\| (\S+) \| (3\.\d+) \| ([\d.]+) \| ([\d.]+) \|", text, re.MULTILINE)
    pins = {lane: check.pinned(lane) for lane in env.LANES}
    short = {lane: [".".join(pins[lane][name].split(".")[:2]) for name in ("torch", "ipywidgets")] for lane in pins}
    assert {row[0]: row[1:] for row in found} == {lane: (env.LANES[lane][0], *short[lane]) for lane in env.LANES}


def test_the_workflow_runs_every_lane():
    workflow = (ROOT / ".github/workflows/tests.yml").read_text()
    run = (ROOT / ".ci/run").read_text()
    assert "bash .ci/run" in workflow and "test test-colab" in run and "LANE=newest" in run
    assert set(re.findall(r"lane: ([\w.-]+)", workflow)) | {"newest"} == set(env.LANES)
