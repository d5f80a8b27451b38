"""Fixtures for tests of the lessons' pages: `lab` (their server), `page` (a tab of its own on it)."""

import functools
import http.server
import os
import subprocess
import sys
import threading

import filelock
import pytest

from tests.browser.fixtures import page, pytest_runtest_makereport  # noqa: F401
from tests.browser.lab import ROOT

RUN = ("00_start_here", "02_linear_regression")  # of what is built here; it would take minutes to run all


class Pages:
    """Built pages and their address.

    Attributes:
        folder: where index.html is.
        url: address of that folder; below another one, as on GitHub Pages.
    """

    def __init__(self, folder, url):
        self.folder, self.url = folder, url


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *text):
        pass


def build(folder):
    """Make pages, of which only the lessons in `RUN` are run; once for all processes that share these tests."""
    with filelock.FileLock(f"{folder}.lock"):
        if not folder.exists():
            pages = [sys.executable, "-m", "tools.pages", "--out", folder, "--run", *RUN]
            subprocess.run(pages, cwd=ROOT, check=True)


@pytest.fixture(scope="session")
def lab(tmp_path_factory, request):
    """The pages that COURSE_SITE names, else some built for these tests."""
    if given := os.environ.get("COURSE_SITE"):
        folder = ROOT / given
    else:
        one_of_several = hasattr(request.config, "workerinput")  # of pytest-xdist
        base = tmp_path_factory.getbasetemp()
        folder = (base.parent if one_of_several else base) / "site"
        build(folder)
    handler = functools.partial(_Quiet, directory=str(folder.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Pages(folder, f"http://127.0.0.1:{server.server_port}/{folder.name}")
        server.shutdown()
