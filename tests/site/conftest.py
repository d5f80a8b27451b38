"""Fixtures for tests of the lessons' pages: `lab` (their server), `page` (a tab of its own on it)."""

import functools
import http.server
import os
import pathlib
import subprocess
import sys
import threading

import pytest
from fixtures import chrome, page, pytest_runtest_makereport  # noqa: F401
from lab import ROOT

RUN = ("00_start_here", "02_linear_regression")  # of what is built here; it would take minutes to run all


class Pages:
    """Built pages and their address.

    Attributes:
        folder: where index.html is.
        url: address of that folder; below another one, as on GitHub Pages.
        names: of the lessons' pages, without .html.
        ran: those whose notebooks were run.
    """

    def __init__(self, folder, url, ran):
        self.folder, self.url, self.ran = folder, url, ran
        self.names = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *text):
        pass


def build(folder):
    """Make pages, of which only the lessons in `RUN` are run."""
    pages = [sys.executable, "tools/pages.py", "--out", folder, "--run", *RUN]
    subprocess.run(pages, cwd=ROOT, check=True)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The pages that COURSE_SITE names, else some built for these tests."""
    given = os.environ.get("COURSE_SITE")
    folder = ROOT / given if given else tmp_path_factory.mktemp("pages") / "site"
    if not given:
        build(folder)
    handler = functools.partial(_Quiet, directory=str(folder.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/{folder.name}"
        names = [path.stem for path in pathlib.Path(ROOT / "notebooks").glob("*.ipynb")]
        yield Pages(folder, url, names if given else RUN)
        server.shutdown()
