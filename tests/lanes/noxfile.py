"""The lanes, each an environment of its own: exact versions at both ends of what the course supports, and Colab's.

.venv/bin/python -m nox -f tests/lanes/noxfile.py                      notebooks and controls on all (make lanes)
.venv/bin/python -m nox -f tests/lanes/noxfile.py -s lowest newest     on these
.venv/bin/python -m nox -f tests/lanes/noxfile.py -s colab -- colab    Colab's panels and front end (make test-colab)

uv makes and fills the environments. It takes Pythons from PATH and from pyenv, and never downloads one.
"""

import os
import pathlib

import nox

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEV = ("requirements-dev.txt",)
COLAB = ("tests/colab/requirements.txt",)
LANES = {  # name: its Python, the file with its exact versions, and the files of what it needs
    "lowest": ("3.10", "tests/lanes/lowest.txt", DEV),
    "newest": ("3.13", "tests/lanes/newest.txt", DEV),
    "colab": ("3.13", "tests/colab/constraints.txt", COLAB),
    "colab-3.12": ("3.12", "tests/colab/constraints.txt", COLAB),
}

nox.needs_version = ">=2025.11"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_existing_virtualenvs = True
nox.options.envdir = str(ROOT / ".venv-lanes")

# pyenv shows only the Python that is chosen; the others lie here.
pyenv = sorted(map(str, pathlib.Path("~/.pyenv/versions").expanduser().glob("3.*/bin")))
os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *pyenv])


def add(lane):
    """Define the session of a lane; an argument after -- names another size of tools/check.py than "lane"."""
    python, pins, files = LANES[lane]

    @nox.session(name=lane, python=python)
    def run(session):
        session.chdir(ROOT)
        options = [option for file in files for option in ("--requirement", file)]
        # Compiled, else each process that may not write bytecode compiles anew what it imports.
        session.install("--compile-bytecode", "--constraint", pins, *options, "--editable", ".")
        session.run("python", "-m", "tools.check", *(session.posargs or ["lane"]))


for lane in LANES:
    add(lane)
