"""A folder of its own for each test of the pad that collects."""

import pytest

from course_utils import own_files
from course_utils.panels import SignPad

NAMES = ("arrow", "house", "spiral")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder beside which the notebooks are, in this test."""
    monkeypatch.chdir(tmp_path)
    own_files.folder.cache_clear()
    yield tmp_path
    own_files.folder.cache_clear()


@pytest.fixture
def pad():
    return SignPad(classes=NAMES)
