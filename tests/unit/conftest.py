"""One torch thread: losses are compared to the last bit, and two threads round differently."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)
