"""The stop button: autograd is, after a cell that it ended, as it was before."""

import torch

_records = True  # did autograd record when the running cell began?


def watch():
    """From now on, in a notebook: switch autograd back after a cell that was interrupted.

    The end of a `with torch.no_grad():` can be interrupted itself, anybody's. Then nothing would be recorded any more,
    and the next `backward()` would fail for no reason that one can see.
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or _after_cell in shell.events.callbacks["post_run_cell"]:
        return
    shell.events.register("pre_run_cell", _before_cell)
    shell.events.register("post_run_cell", _after_cell)


def _before_cell(info):
    global _records
    _records = torch.is_grad_enabled()


def _after_cell(result):
    # None where the button came before anything was run.
    if result is None or isinstance(result.error_in_exec, KeyboardInterrupt):
        torch.set_grad_enabled(_records)
