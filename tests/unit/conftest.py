"""One torch thread: losses are compared to the last bit, and two threads round differently. And no panel outlives
its test."""

import sys

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _close_panels():
    yield
    if "course_utils.panels" in sys.modules:
        for panel in list(sys.modules["course_utils.panels"].live):
            panel.close()
