"""A cell that was stopped leaves autograd as it was."""

import pytest
import torch
from torch import nn

from course_utils import interrupts, order
from course_utils.training import fit
from tests.kernels import Kernel

# As if the stop button came at the end of a `with torch.no_grad():`, before that has switched autograd on again.
STOPPED = "import torch\ntorch.set_grad_enabled({})\nraise KeyboardInterrupt"


@pytest.fixture(scope="module")
def kernel():
    with Kernel(COURSE_OFFLINE="1") as running:
        running.run("import course_utils, torch")
        yield running


@pytest.mark.process
def test_autograd_is_after_a_stopped_cell_as_it_was_before(kernel):
    assert kernel.attempt(STOPPED.format(False)).error.startswith("KeyboardInterrupt")
    assert kernel.run("print(torch.is_grad_enabled())") == "True"
    kernel.run("torch.set_grad_enabled(False)")  # what a cell does to its end is meant
    assert kernel.attempt(STOPPED.format(True)).error.startswith("KeyboardInterrupt")
    assert kernel.attempt("torch.set_grad_enabled(True)\n1 / 0").error.startswith("ZeroDivisionError")
    assert kernel.run("print(torch.is_grad_enabled())") == "True"


def test_a_cell_that_was_stopped_before_it_began_is_no_error():
    interrupts._before_cell(None)
    with torch.no_grad():
        interrupts._after_cell(None)
        assert torch.is_grad_enabled()
    order._after_cell(None)


def test_autograd_is_as_it_was_where_training_goes_on_with_what_there_is(monkeypatch, capsys):
    model, data = nn.Linear(2, 1), [(torch.zeros(4, 2), torch.zeros(4, 1))]
    monkeypatch.setattr(torch.enable_grad, "__exit__", stopped)
    with torch.no_grad():
        fit(model, data, torch.optim.SGD(model.parameters(), lr=0.1), epochs=1)
        assert not torch.is_grad_enabled()
    assert "Interrupted after 1 of 1 steps" in capsys.readouterr().out


def stopped(*_):
    raise KeyboardInterrupt
