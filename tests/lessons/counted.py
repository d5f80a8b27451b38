"""What a computation costs, counted: a time would be another on each machine, and in each minute."""

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode


def operations(work):
    """How many floating-point operations the matrix products and convolutions of `work()` take."""
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


def calls(work):
    """How many of torch's operations `work()` calls: each takes its time, however few the numbers are."""
    with _Calls() as counter:
        work()
    return counter.count


class _Calls(TorchDispatchMode):
    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += 1
        return function(*args, **(kwargs or {}))
