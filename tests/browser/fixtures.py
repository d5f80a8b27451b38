"""What tests in a browser share: `page`, a tab of its own in the `chrome` of tests/conftest.py; no skipping in CI."""

import os

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skipped browser test is a failed one: a lane that tests nothing must not be green."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI does not allow: {report.longrepr[-1]}"
    return report


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
    seen = tab.console_errors, tab.foreign_requests
    assert seen == ([], []), seen
