"""`chrome`, for the tests of all folders: Playwright can run once in a process."""

import sys

import pytest

# With nbformat comes jsonschema, which would build the grammar of a kind of text that no notebook has, for seconds.
sys.modules.setdefault("rfc3987_syntax", None)


@pytest.fixture(scope="session")
def chrome():
    """The system's Chromium or Chrome; skips where there is none."""
    from tests.browser.lab import chromium  # loads Playwright, which most tests don't need
    from tools import browser

    if not browser.find():
        pytest.skip(browser.how_to_install())
    with chromium() as running:
        yield running
