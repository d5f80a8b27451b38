"""Which panels are alive in this kernel, and which cell made them."""

from IPython import get_ipython

live = []  # the panels that have not been closed, oldest first
_cells = {}  # id of a live panel -> the cell that made it


def add(panel):
    """Add `panel` to the live ones. It is closed when the cell that is running now is run again."""
    _watch_cells()
    live.append(panel)
    _cells[id(panel)] = _running_cell()


def remove(panel):
    """Take `panel` from the live ones."""
    if panel in live:
        live.remove(panel)
        del _cells[id(panel)]


def close_panels_of(cell):
    """Close the live panels that `cell` has made."""
    for panel in [panel for panel in live if _cells[id(panel)] == cell]:
        panel.close()


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
