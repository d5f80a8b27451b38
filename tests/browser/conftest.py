"""Fixtures for tests in a real JupyterLab: `lab` (the server), `page` (a tab), `notebook` (opens one in it)."""

import os

import browser as browser_finder
import pytest
from lab import Notebook, chromium, running_lab


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skipped browser test is a failed one: a lane that tests nothing must not be green."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI does not allow: {report.longrepr[-1]}"
    return report


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """`make lab`, running, over the course's own notebooks."""
    with running_lab(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def chrome():
    """The system's Chromium or Chrome; skips where there is none."""
    if not browser_finder.find():
        pytest.skip(browser_finder.how_to_install())
    with chromium() as running:
        yield running


@pytest.fixture
def page(chrome, lab):
    """A tab of its own. The test fails at its end if the console showed errors or a foreign host was asked.

    A test that expects some removes them from `page.console_errors` or `page.foreign_requests`.
    """
    context = chrome.new_context(viewport={"width": 1300, "height": 900})
    tab = context.new_page()
    tab.console_errors, tab.foreign_requests = [], []
    tab.on("console", lambda message: message.type == "error" and tab.console_errors.append(message.text))
    tab.on("pageerror", lambda error: tab.console_errors.append(str(error)))
    own = (lab.url, "data:", "blob:")
    tab.on("request", lambda request: request.url.startswith(own) or tab.foreign_requests.append(request.url))
    yield tab
    context.close()
    assert (tab.console_errors, tab.foreign_requests) == ([], [])


@pytest.fixture
def notebook(page, lab):
    """Function that opens a notebook, named by its path in notebooks/."""
    return lambda path: Notebook(page, lab, path)
