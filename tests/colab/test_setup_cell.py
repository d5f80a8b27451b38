"""The set-up cell on Colab's versions, in an empty folder: what it does, and what it leaves alone."""

import os
import subprocess
import sys
import zipfile

from tests.browser.lab import ROOT
from tests.colab.arrived_alone import NAME, REF, REPO, git, run
from tools import badges

LOOK = """
names = sorted(name for name in globals() if not name.startswith("_"))
import os, sys
print(names, "torch" in sys.modules, os.getcwd())
import course_utils, torchinfo
print(os.path.dirname(course_utils.__file__))
"""


def test_the_set_up_cell_fetches_the_course_and_nothing_else(environment, tmp_path):
    cell = badges.set_up_cell(REPO, REF)
    *silent, said = run(tmp_path, environment, cell, cell, LOOK)
    assert silent == ["", ""]
    names = ["In", "Out", "exit", "find_spec", "get_ipython", "quit"]  # IPython's, and what the cell imports
    assert said.splitlines() == [f"{names} False {tmp_path}", str(tmp_path / NAME / "course_utils")]  # False: no torch
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert git(tmp_path / NAME, "rev-list", "--count", "HEAD").strip() == "1"


def test_a_kernel_that_starts_again_finds_the_course_where_it_is(environment, tmp_path):
    cell = badges.set_up_cell(REPO, REF)
    run(tmp_path, environment, cell)
    without_github = {**environment, "GIT_CONFIG_VALUE_0": "https://elsewhere/", "GIT_TERMINAL_PROMPT": "0"}
    silent, said = run(tmp_path, without_github, cell, LOOK)
    assert silent == "" and said.endswith(f"{tmp_path / NAME / 'course_utils'}\n")


def test_a_tag_serves_as_well_as_a_branch(environment, tmp_path):
    bare = environment["GIT_CONFIG_KEY_0"].removeprefix("url.file://").removesuffix(".insteadOf") + REPO
    git(bare, "tag", "v1.0", REF)
    _, said = run(tmp_path, environment, badges.set_up_cell(REPO, "v1.0"), LOOK)
    assert said.endswith(f"{tmp_path / NAME / 'course_utils'}\n")


def test_where_the_course_is_nothing_happens(environment, tmp_path):
    installed = {**environment, "IPYTHONDIR": str(tmp_path / "ipython")}  # without LIKE_COLAB
    folder = tmp_path / "alone"
    folder.mkdir()
    silent, said = run(folder, installed, badges.set_up_cell(REPO, REF), LOOK)
    assert silent == "" and str(folder) not in said.splitlines()[1]
    assert list(folder.iterdir()) == []


def test_what_colab_lacks_is_installed_without_what_it_asks_for(environment, tmp_path):
    """In a fresh environment, with torchinfo from a folder: one that asks for another torch, and must not get it."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    info = "torchinfo-1.8.0.dist-info"
    files = {
        "torchinfo/__init__.py": "summary = print",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: torchinfo\nVersion: 1.8.0\nRequires-Dist: torch",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any",
    }
    files[f"{info}/RECORD"] = "\n".join(f"{name},," for name in files)
    wheel = tmp_path / "torchinfo-1.8.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text + "\n")
    program = (
        f"import runpy, sys; runpy.run_path({str(ROOT / 'tools' / 'colab.py')!r})\n"
        f"import importlib.util, torchinfo; print(sys.path[0], importlib.util.find_spec('torch'))"
    )
    offline = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    for _ in range(2):
        done = subprocess.run([python, "-c", program], env=offline, capture_output=True, text=True, cwd=tmp_path)
        assert (done.stdout, done.stderr) == (f"{ROOT} None\n", "")
        wheel.unlink(missing_ok=True)  # the second time pip is not asked
