"""The stop button at random moments, in a real kernel: afterwards all goes on, with the same numbers."""

import time

import pytest

from tests.kernels import Kernel

SECONDS = 30  # that a kernel has to answer after the button
# What matplotlib's own C++ makes of the button inside a call back to Python; the cell ends by it, too.
WITHIN_MATPLOTLIB = "ValueError: Invalid affine transformation matrix"
PREPARE = """
import torch
import course_utils as cu
from course_utils.data import digits
from course_utils.exercises import check, find, forked, my_progress
from course_utils.experiment import Experiment
from course_utils.panels import Explorer, TrainingPanel, live
from course_utils.sweep import sweep
from course_utils.training import evaluate, fit
cu.setup(seed=0)
right = find("01-5").right.program

def slow(f, x):
    for _ in range(3_000_000):
        pass
    return right(f, x)

def slow_in_a_thread():
    possible, forked.possible = forked.possible, lambda: False
    try:
        return check("01-5", slow)
    finally:
        forked.possible = possible

def draw(axes, k):
    axes.plot(range(k))
    return "A line."

e = Experiment(data="digits", hidden=(16,), epochs=15)
dropout = e.but(model=lambda: torch.nn.Sequential(
    torch.nn.Flatten(), torch.nn.Linear(64, 16), torch.nn.Dropout(0.5), torch.nn.Linear(16, 10)))
reference, dropped = e.run(), dropout.run()
few = dict(lr=[0.01, 0.1, 1.0], seed=[0, 1])
swept = [history.train_loss for history in sweep(e, **few)]
train, test = digits()
network = e.start().model
evaluated = evaluate(network, train)
torch.manual_seed(5)
drawn = torch.rand(3)

def fine():
    torch.manual_seed(5)
    same = torch.equal(torch.rand(3), drawn) and torch.is_grad_enabled()
    c = check("01-5", right); r = e.run() == reference
    if not (same and c.status == "right" and r): print(torch.is_grad_enabled(), same, c, r)
    return same and c.status == "right" and r
"""
# What is interrupted, and an expression that is True if all is as it would be.
KINDS = {
    "check": ("outcome = check('01-5', slow)", "fine()"),
    "check in a thread": ("outcome = slow_in_a_thread()", "fine()"),
    "Experiment.run": ("history = e.run()", "fine()"),
    "a run with dropout": ("history = dropout.run()", "fine() and dropout.run() == dropped"),
    "run.step": (
        "run = dropout.start()\nrun.step(run.total_steps)",
        "run.step(run.total_steps) == dropped and fine()",
    ),
    "sweep": (
        "result = sweep(e, **few)",
        "[history.train_loss for history in sweep(e, **few)] == swept and fine()",
    ),
    "a sweep's cell": (  # which goes on with what there is
        "result = sweep(e, **few)\nprint(result)\nlosses = result.array('train_loss')",
        "[history.train_loss for history in sweep(e, **few)] == swept and fine()",
    ),
    "evaluate": (
        "network.eval()\nfor _ in range(100): found = evaluate(network, train)",
        "evaluate(network, train) == evaluated and not network.training and fine()",
    ),
    "fit": (
        "model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))\n"
        "history = fit(model, train, torch.optim.SGD(model.parameters(), lr=0.1), epochs=15, verbose=True)",
        "fine()",
    ),
    "a panel's cell": (
        "panel, knob = TrainingPanel(e), Explorer(draw, k=[5, 10])\npanel.step(); ended = panel.wait(20)\nknob",
        "len(live) == 2 and panel.errors == knob.errors == [] and fine()",
    ),
    "the data": ("train, test = digits()", "len(digits()[0]) == 1437 and fine()"),
}


class Held:
    """A kernel for many tries, and a new one after a try that was lost: the next isn't to suffer."""

    def __init__(self, folder):
        self._folder, self.kernel = folder, None

    def renew(self):
        if self.kernel:
            self.kernel.close()
        settings = {"COURSE_HEADLESS": "0", "COURSE_PROGRESS": str(self._folder / "progress.json")}
        self.kernel = Kernel(self._folder, **settings)
        self.kernel.run(PREPARE, seconds=120)


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    made = Held(tmp_path_factory.mktemp("interrupts"))
    made.renew()
    yield made
    made.kernel.close()


@pytest.mark.quick
@pytest.mark.parametrize("kind", KINDS)
def test_interrupted(kind, row, times, chance, held):
    """The stop button."""
    work, expression = KINDS[kind]
    held.kernel.run(f"for one in list(live): one.close()\n{work}", "work")  # imports what it needs, once
    began = time.monotonic()
    held.kernel.run(work, "work")
    usual, hit = time.monotonic() - began, 0
    for _ in range(times):
        moment = chance.uniform(0, usual)
        with row.attempt(f"after {moment:.3f} of {usual:.3f} s"):
            try:
                stopped = interrupted(held.kernel, work, moment)
                assert stopped.error in ("", "KeyboardInterrupt: ", WITHIN_MATPLOTLIB), stopped.error
                hit += bool(stopped.error) or "nterrupted" in stopped.printed
                if kind == "a panel's cell":
                    held.kernel.run(work, "work", SECONDS)
                printed = held.kernel.run(f"print({expression})", seconds=SECONDS)
                assert printed.endswith("True"), printed
            except BaseException:
                held.renew()
                raise
    row.seen = f"{hit} ended the cell"


def interrupted(kernel, work, moment):
    """The `Answer` to a cell that is stopped after `moment` seconds."""
    sent = kernel.send(work, "work")
    time.sleep(moment)  # the moment is what is tried
    kernel.interrupt()
    return kernel.answer(sent, SECONDS)
