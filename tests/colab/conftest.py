"""Fixtures for tests in a classic Notebook: `lab` (the server), `page` (a tab), `notebook` (opens one in it).

And `environment`, for kernels that have nothing of the course.
"""

import shutil

import pytest

from tests import notebooks
from tests.browser.fixtures import page, pytest_runtest_makereport  # noqa: F401
from tests.browser.lab import ROOT
from tests.browser.scenarios import PANELS, SIGNS
from tests.colab import arrived_alone
from tests.colab.classic import ClassicNotebook, ClassicServer


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A classic Notebook over the course's notebooks, one with a panel of each kind, one with the pad that collects."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(ROOT / "notebooks", folder, dirs_exist_ok=True)
    notebooks.write(folder / "panels.ipynb", *PANELS)
    notebooks.write(folder / "signs.ipynb", *SIGNS)
    server = ClassicServer(tmp_path_factory.mktemp("jupyter"), folder)
    yield server
    server.close()


@pytest.fixture
def notebook(page, lab):  # noqa: F811
    """Function that opens a notebook, named by its path in notebooks/."""
    return lambda path: ClassicNotebook(page, lab, path)


@pytest.fixture
def panels(notebook):
    """The notebook with a panel of each kind, run."""
    yield from ready(notebook, "panels.ipynb")


@pytest.fixture
def signs(notebook):
    """The notebook with the pad that collects, run."""
    yield from ready(notebook, "signs.ipynb")


def ready(notebook, name):
    opened = notebook(name)
    opened.run_all()
    assert opened.errors() == []
    yield opened
    assert opened.ask("[one.errors for one in live if one.errors]") == "[]"
    # Same kernel, new page: it would fetch them, and miss them when the cells are run again.
    opened.page.evaluate("() => Jupyter.notebook.clear_all_output()")
    opened.ask("[one.close() for one in list(live)]")


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """Environment variables of a kernel on Colab: see `arrived_alone`."""
    return arrived_alone.environment(tmp_path_factory.mktemp("colab"))
