"""Writes each notebook as one file that needs no repository: its first cell holds the library of the course.

python -m classroom.standalone            into build/standalone (make standalone)
python -m classroom.standalone FOLDER     into FOLDER

Such a file is uploaded to Colab, Kaggle, Deepnote or any Jupyter that has PyTorch. Its set-up cell unpacks the library
into a temporary folder, with the notebooks, in which the course looks things up, and installs what that Jupyter lacks.
Pictures are in the text.
"""

import argparse
import base64
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import nbformat
from packaging.requirements import Requirement

from course_utils import catalog
from tools import badges, handout
from tools.lessons import form

ROOT = pathlib.Path(__file__).resolve().parents[1]
LARGEST = 10**6  # bytes of what is packed
# What pip would call, without asking the network for a setuptools of its own.
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
SOURCES = ("pyproject.toml", "README.md", "LICENSE")
# Of requirements.txt, what a Jupyter with PyTorch has, or what only the repository needs.
LEFT_OUT = {"torch", "torchvision", "jupyterlab", "ipykernel", "pytest", "nbmake"}
MODULES = {"scikit-learn": "sklearn", "pillow": "PIL"}  # imported under another name
CELL = '''\
# This cell holds course_utils, the library of the course. It unpacks it into a
# temporary folder, where its files can be read. Nothing else is needed.
def _set_up(mark, needed, wheel):
    import atexit, base64, importlib.util, io, shutil, subprocess, sys
    import tempfile, zipfile

    if not any(mark in entry for entry in sys.path):
        folder = tempfile.mkdtemp(prefix=mark)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        zipfile.ZipFile(io.BytesIO(base64.b64decode(wheel))).extractall(folder)
        sys.path.insert(0, folder)
    lacking = [wanted for module, wanted in needed.items()
               if importlib.util.find_spec(module) is None]
    if lacking:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", *lacking]
        if subprocess.run(pip).returncode:
            raise ImportError("This lesson also needs " + ", ".join(lacking)
                              + "; installing it failed, see above.")
        importlib.invalidate_caches()


_set_up({mark!r}, {needed!r}, """
{wheel}""")
del _set_up'''
NOTE = (
    "This file holds all it needs. A number such as 04 or 03b is another notebook of the course, "
    "a file whose name begins so."
)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def wheel(folder):
    """Build the wheel of course_utils into `folder`; returns its path.

    It is built from a copy: building writes into the folder it builds from.

    Raises:
        subprocess.CalledProcessError: setuptools fails; what it says is in `output`.
    """
    with tempfile.TemporaryDirectory() as source:
        for name in SOURCES:
            shutil.copy(ROOT / name, source)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "course_utils", pathlib.Path(source, "course_utils"), ignore=ignored)
        command = [sys.executable, "-c", BUILD, folder]
        subprocess.run(command, cwd=source, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (path,) = pathlib.Path(folder).glob("*.whl")
    return path


def pack(folder):
    """The bytes of a zip file, made in `folder`, with all that a notebook unpacks: the wheel, and the notebooks.

    The course reads them: they say which exercise belongs where, and which cell makes a name.

    Raises:
        subprocess.CalledProcessError: as `wheel`.
        ValueError: it is too large to travel in a notebook.
    """
    path = wheel(folder)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for one in catalog.notebooks():
            archive.write(one, f"{catalog.FOLDER}/{catalog.place_of(one)}")
    if path.stat().st_size > LARGEST:
        size = f"{path.stat().st_size:,}"
        raise ValueError(f"the library has {size} bytes: at most {LARGEST:,} may travel in a notebook.")
    return path.read_bytes()


def set_up_cell(packed):
    """The source of the cell that unpacks what `pack` gave."""
    mark = f"gradient-steps-{hashlib.sha256(packed).hexdigest()[:8]}-"
    return CELL.format(mark=mark, needed=needed(), wheel=base64.encodebytes(packed).decode())


def needed():
    """{module: requirement} of what the lessons import besides PyTorch, from requirements.txt."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    wanted = [Requirement(line) for line in lines if line]
    return {MODULES.get(one.name, one.name): str(one) for one in wanted if one.name not in LEFT_OUT}


def alone(text, place):
    """Markdown of the page at `place` in notebooks/, without anything that lies in the repository.

    A picture becomes its own data. A link to another page becomes its text, followed by the page's number or name
    in brackets unless the text has it.
    """

    def travels(found):
        picture, said, target = found.groups()
        path, _, _ = target.partition("#")
        if re.match(r"[a-z]+:", target) or not path:  # another host, or a place on this page
            return found[0]
        file = (ROOT / catalog.FOLDER / place).parent / path
        if picture:
            return f"![{said}](data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()})"
        name = catalog.key_of(file.name) if file.suffix == ".ipynb" else file.name
        return said if name in said else f"{said} ({name})"

    return LINK.sub(travels, text)


def standalone(notebook, place, cell):
    """A copy of the notebook at `place` in notebooks/ that needs no repository; `cell` is its set-up cell's source."""
    notebook = handout.untouched(notebook)
    title = notebook.cells[0]
    heading, _, rest = badges.ANY_BADGE.sub("", title.source).partition("\n")
    title.source = f"{heading}\n\n{rest.strip()}\n\n{NOTE}"
    for one in notebook.cells:
        if one.cell_type == "markdown":
            one.source = alone(one.source, place)
        elif one.id == form.COLAB:
            one.source = f"# @title {form.TITLES['colab']}\n{cell}"
    return notebook


def write(target):
    """Write every notebook and the pages to look things up in, all into the folder `target`.

    Raises:
        ValueError: as `pack`, `handout.read` and `handout.untouched`; nothing is written then.
    """
    with tempfile.TemporaryDirectory() as folder:
        cell = set_up_cell(pack(folder))
    made = {}
    for path in catalog.notebooks():
        try:
            made[path.name] = nbformat.writes(standalone(handout.read(path), catalog.place_of(path), cell))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
    for path in sorted((ROOT / catalog.FOLDER / "docs").glob("*.md")):
        made[path.name] = alone(path.read_text(encoding="utf-8"), f"docs/{path.name}")
    target.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
    sizes = [len(text.encode()) / 1e6 for name, text in made.items() if name.endswith(".ipynb")]
    print(f"{len(sizes)} notebooks of {min(sizes):.1f} to {max(sizes):.1f} MB in {target}")


def main():
    parser = argparse.ArgumentParser(description="Writes each notebook as one file that needs no repository.")
    default = ROOT / "build" / "standalone"
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=default, help="where they go")
    try:
        write(parser.parse_args().folder)
    except ValueError as error:
        sys.exit(f"Nothing was written: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.output}\nThe library of the course can't be packed, for the reason above.")
    except OSError as error:
        sys.exit(f"The files can't be written: {error.strerror or error} ({error.filename}).")


if __name__ == "__main__":
    main()
