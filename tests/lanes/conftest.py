"""Courses that install in a second, to try tools/env.py on."""

import signal
import subprocess
import sys

import pytest

from tests.lanes.small_course import Course

# A job in a shell's background ignores Ctrl-C, and so would all that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def course(tmp_path):
    """A course with uv on PATH."""
    return Course(tmp_path, "uv")


@pytest.fixture(scope="session")
def empty_venv(tmp_path_factory):
    """A .venv with nothing but pip, made once, since that takes seconds."""
    path = tmp_path_factory.mktemp("template") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", path], check=True)
    return path


@pytest.fixture
def prepared(course, empty_venv):
    """A course with an empty .venv."""
    course.put_venv(empty_venv)
    return course
