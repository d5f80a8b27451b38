"""Data in double precision, in which rounding doesn't hide what a stack does otherwise than `run()`."""

import pytest
import torch

from course_utils import data, runtime
from course_utils.data import Data


@pytest.fixture
def in_double(monkeypatch):
    """200 training images in double precision, and networks that follow."""
    monkeypatch.setattr(runtime, "FLOAT", torch.float64)
    torch.set_default_dtype(torch.float64)
    train, test = data.digits()
    yield tuple(Data(p.X[:200].double(), p.y[:200], p.source, p.classes) for p in (train, test))
    torch.set_default_dtype(torch.float32)
