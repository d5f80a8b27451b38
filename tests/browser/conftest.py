"""Fixtures for tests in a real JupyterLab: `lab` (the server), `page` (a tab), `notebook` (opens one in it)."""

import pytest

from tests.browser.fixtures import page, pytest_runtest_makereport  # noqa: F401
from tests.browser.lab import Notebook, running_lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """`make lab`, running, over the course's own notebooks."""
    with running_lab(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture
def notebook(page, lab):  # noqa: F811
    """Function that opens a notebook, named by its path in notebooks/; the first has a new kernel."""
    lab.end_kernels()
    return lambda path: Notebook(page, lab, path)
