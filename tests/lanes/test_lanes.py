"""The lanes: exact versions at both ends of what the requirement files allow, and who runs them."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools import env

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOX = [sys.executable, "-m", "nox", "-f", "tests/lanes/noxfile.py"]
spec = importlib.util.spec_from_file_location("noxfile", ROOT / "tests" / "lanes" / "noxfile.py")
noxfile = importlib.util.module_from_spec(spec)
spec.loader.exec_module(noxfile)


def required(*names):
    """{name: Requirement} of requirement files."""
    lines = [line.partition("#")[0].strip() for name in names for line in (ROOT / name).read_text().splitlines()]
    return {(one := Requirement(line)).name: one for line in lines if line and not line.startswith("-")}


def pinned(lane):
    """{name: version} of what a lane pins on its Python."""
    python, pins, _ = noxfile.LANES[lane]
    lines = [line.partition("#")[0].strip() for line in (ROOT / pins).read_text().splitlines()]
    ours = [
        one
        for one in map(Requirement, filter(None, lines))
        if not one.marker or one.marker.evaluate({"python_version": python})
    ]
    return {one.name: str(one.specifier).removeprefix("==") for one in ours}


def test_the_lowest_lane_is_the_lower_bounds():
    bounds = required("requirements.txt")
    lower = {name: max(Version(s.version) for s in bounds[name].specifier if s.operator == ">=") for name in bounds}
    assert {name: Version(version) for name, version in pinned("lowest").items()} == lower


def test_the_lowest_python_is_that_of_the_course():
    project = (ROOT / "pyproject.toml").read_text()
    lowest = re.search(r'^requires-python = ">=(3\.\d+)"$', project, re.MULTILINE)[1]
    assert noxfile.LANES["lowest"][0] == lowest == "{}.{}".format(*env.NEEDED)
    assert f"sys.version_info < {env.NEEDED}" in (ROOT / "Makefile").read_text()


def test_the_newest_lane_leaves_nothing_open():
    assert set(pinned("newest")) == set(required("requirements.txt", "requirements-dev.txt"))


@pytest.mark.parametrize("lane", noxfile.LANES)
def test_what_a_lane_pins_is_allowed(lane):
    allowed = required("requirements.txt", "requirements-dev.txt")
    wrong = {name: version for name, version in pinned(lane).items() if name in allowed}
    wrong = {name: version for name, version in wrong.items() if not allowed[name].specifier.contains(version)}
    assert wrong == {}


def test_a_lane_without_its_python_is_named_and_none_is_downloaded(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": str(tmp_path)}
    other = next(lane for lane in ("lowest", "newest") if not sys.version.startswith(noxfile.LANES[lane][0]))
    environment.pop("CI", None)
    lane = [*NOX, "--envdir", str(tmp_path / "lanes"), "-s", other]  # none that was made before is taken
    done = subprocess.run(lane, cwd=ROOT, env=environment, capture_output=True, text=True)
    python = noxfile.LANES[other][0]
    assert f"Session {other} skipped: Python interpreter {python} not found." in done.stderr, done.stderr
    strict = subprocess.run(lane, cwd=ROOT, env={**environment, "CI": "1"}, capture_output=True, text=True)
    assert strict.returncode == 1
    assert list(tmp_path.rglob("bin")) == []


def test_the_readme_has_every_lane_as_it_is():
    text = (ROOT / "README.md").read_text()
    found = re.findall(r"^\| (\S+) \| (3\.\d+) \| ([\d.]+) \| ([\d.]+) \|", text, re.MULTILINE)
    rows = {}
    for lane, (python, *_) in noxfile.LANES.items():
        rows[lane] = (python, *(".".join(pinned(lane)[name].split(".")[:2]) for name in ("torch", "ipywidgets")))
    assert {row[0]: row[1:] for row in found} == rows


def test_the_workflow_runs_every_lane():
    workflow = (ROOT / ".github/workflows/tests.yml").read_text()
    assert "bash .ci/run" in workflow and "make --keep-going test rest" in (ROOT / ".ci/run").read_text()
    assert set(re.findall(r"\{lane: ([\w.-]+)", workflow)) == set(noxfile.LANES)
