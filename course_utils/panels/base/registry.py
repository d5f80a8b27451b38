"""Which panels are alive in this kernel, and which cell made them."""

import re

from IPython import get_ipython

live = []  # the panels that have not been closed, oldest first
_cells = {}  # id of a live panel -> the cell that made it


def add(panel):
    """Add `panel` to the live ones. It is closed when the cell that is running now is run again."""
    if panel in live:
        return
    _watch_cells()
    live.append(panel)
    _cells[id(panel)] = _running_cell()


def remove(panel):
    """Take `panel` from the live ones."""
    if panel in live:
        live.remove(panel)
        del _cells[id(panel)]
    _forget_output(panel)


def close_panels_of(cell):
    """Close the live panels that `cell` has made."""
    for panel in [panel for panel in live if _cells[id(panel)] == cell]:
        panel.close()


def _forget_output(panel):
    """Take `panel` out of `Out`, `_` and the like, in which IPython keeps the value of every cell for ever."""
    shell = get_ipython()
    if shell is None:
        return
    for names in (*shell.all_ns_refs, shell.history_manager.output_hist):
        own = [name for name, value in names.items() if value is panel and re.fullmatch(r"_*\d*", str(name))]
        for name in own:
            del names[name]
    for name in ("_", "__", "___"):
        if getattr(shell.displayhook, name) is panel:
            setattr(shell.displayhook, name, None)


def _watch_cells():
    shell = get_ipython()
    if shell is not None and _before_cell not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _before_cell)


def _before_cell(info):
    cell = _running_cell()
    if cell is not None:
        close_panels_of(cell)


def _running_cell():
    """What identifies the running cell: its id where the front end sends one, else its text.

    None outside a notebook, where no cell is run again.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None
    request = kernel.get_parent()
    return request.get("metadata", {}).get("cellId") or request.get("content", {}).get("code")
