"""The package as pip installs it: nothing that lies in course_utils/ is left out of the wheel."""

import os
import subprocess
import sys
import zipfile

import pytest

from classroom import standalone
from classroom.standalone import ROOT

IMPORT = """
import importlib, sys
for name in sys.argv[1:]:
    print(importlib.import_module(name).__file__)
"""


def lying(root, *kinds):
    """The files of course_utils in the folder `root`, by their paths in it."""
    found = (path for kind in kinds for path in (root / "course_utils").rglob(f"*.{kind}"))
    return sorted(path.relative_to(root) for path in found)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with what the wheel holds."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(standalone.wheel(tmp_path_factory.mktemp("wheels"))) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.rest
@pytest.mark.process
def test_the_front_ends_files_and_what_lessons_store_are_in_the_wheel(installed):
    for kinds, least in ((("js", "css"), 6), (("npz",), 2)):
        wanted = lying(ROOT, *kinds)
        assert len(wanted) >= least
        assert lying(installed, *kinds) == wanted


@pytest.mark.rest
@pytest.mark.process
def test_what_is_stored_is_read_without_the_checkout(installed, tmp_path):
    program = "from course_utils.lessons.lesson_04 import built, knobs\nprint(knobs.__file__)\n"
    program += "print(knobs.moved(built.shift, *knobs.stored(), digit=7).sentence)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    file, sentence = done.stdout.splitlines()
    assert file.startswith(str(installed)) and sentence == "It is a 7; the MLP answers 7, the CNN answers 7."


@pytest.mark.rest
@pytest.mark.process
def test_every_module_can_be_imported_from_the_wheel(installed):
    files = [installed / path for path in lying(ROOT, "py")]
    names = [".".join(path.relative_to(installed).with_suffix("").parts).removesuffix(".__init__") for path in files]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, *names],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # From there, each of them: the environment knows the checkout, too, and would find there what the wheel lacks.
    assert done.stdout.splitlines() == list(map(str, files))
