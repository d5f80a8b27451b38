"""Where the inputs of a probe come from: a stream of random numbers of its own, and sizes."""

import torch

from course_utils import runtime

USUAL = 0  # the seed of the draw that learners get
_APART = 1_000_003  # so that an answer that draws from torch's stream of the same seed does not draw the inputs again


class Draw:
    """Inputs for a probe: the same for every program it is used on, whatever that program draws itself.

    On the usual draw, of seed 0, sizes are what the probe says; on others they are larger. So a probe states what
    depends on a size, labels and expectations, in terms of it.
    """

    def __init__(self, seed=USUAL):
        self._usual = seed == USUAL
        self._stream = torch.Generator().manual_seed(seed + _APART)

    def size(self, n):
        """`n` on the usual draw, on another one a larger number, up to about half as large again."""
        return n if self._usual else n + self.number(1, max(3, n // 2 + 1))

    def number(self, low, high):
        """A whole number from `low` to `high - 1`."""
        return self.randint(low, high).item()

    def randint(self, low, high, shape=()):
        """As `torch.randint`: int64, from `low` to `high - 1`."""
        return torch.randint(low, high, shape, generator=self._stream)

    def labels(self, n, classes):
        """int64 [n], from 0 to `classes - 1`."""
        return self.randint(0, classes, (n,))

    def randn(self, *shape):
        """As `torch.randn`."""
        return torch.randn(shape, generator=self._stream)

    def rand(self, *shape):
        """As `torch.rand`."""
        return torch.rand(shape, generator=self._stream)

    def randperm(self, n):
        """As `torch.randperm`."""
        return torch.randperm(n, generator=self._stream)

    def network(self, make):
        """What `make()` returns when its random numbers come from here; torch's own stream stays as it was."""
        return runtime.RandomState(self.number(0, 2**31)).call(make)
