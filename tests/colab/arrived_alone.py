"""Kernels as Colab has them: nothing of the course is there, and github.com is a folder on this machine."""

import os
import pathlib
import shutil
import subprocess

import nbformat
from nbclient import NotebookClient

from tests.browser.lab import ROOT
from tools import badges

REPO, REF = badges.address(ROOT)
NAME = REPO.partition("/")[2]

# Colab has no course installed, as this environment has, and its own modules are loaded.
LIKE_COLAB = f"""
import sys
sys.path[:] = [entry for entry in sys.path if entry != {str(ROOT)!r}]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
import google.colab.output
del google, sys
"""


def git(folder, *arguments):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def environment(home):
    """Environment variables of a kernel on Colab, for which github.com is a bare repository with the course as it is.

    Args:
        home: empty folder for all that this takes.
    """
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (home / "work" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, home / "work" / name)
    git(home, "init", "--quiet", f"--initial-branch={REF}", "work")
    git(home / "work", "commit", "--quiet", "--allow-empty", "--message", "history")
    git(home / "work", "add", "--all")
    git(home / "work", "commit", "--quiet", "--message", "the course")
    git(home, "clone", "--quiet", "--bare", "work", f"github/{REPO}")
    (home / "stub" / "google" / "colab").mkdir(parents=True)
    (home / "stub" / "google" / "colab" / "output.py").write_text("def enable_custom_widget_manager():\n    pass\n")
    startup = home / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    for file in pathlib.Path(os.environ.get("IPYTHONDIR", ""), "profile_default", "startup").glob("*.py"):
        shutil.copy(file, startup)  # what tools/check.py put there
    (startup / "colab.py").write_text(LIKE_COLAB)
    return {
        **os.environ,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{home}/github/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "PYTHONPATH": str(home / "stub"),
        "IPYTHONDIR": str(home / "ipython"),
    }


def run(folder, environment, *sources):
    """Run `sources` as the cells of a notebook in `folder`; returns what each printed."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells), kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=environment)
    return ["".join(output.get("text", str(output)) for output in cell.outputs) for cell in cells]
