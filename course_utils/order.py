"""Cells that were run out of order: which cell of the lesson makes a name, and which one made it last."""

import functools
import json
import os
import pathlib
import re
import symtable
import textwrap
from typing import NamedTuple

from course_utils import catalog

UNKNOWN = re.compile(r"name '(\w+)' is not defined")
ABOVE = "run the cells above first (menu Run ▸ Run All Above Selected Cell)"

lesson = None  # the row of the catalog that `setup` was told
_made = {}  # name -> (id, source) of the cell that made it last in this kernel


class Cell(NamedTuple):
    """A code cell of the lesson: its source, the names it makes, those it takes from others, and what it is called."""

    id: str
    source: str
    makes: frozenset
    takes: frozenset
    call: str


def watch():
    """From now on, in a notebook: note which cell makes which name, and tell of the order where a cell fails by it."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or _after_cell in shell.events.callbacks["post_run_cell"]:
        return
    shell.events.register("post_run_cell", _after_cell)
    shell.set_custom_exc((NameError,), _explain)


def explained(message):
    """An error's message; of an unknown name, with the cell that makes it, or where else to look."""
    unknown = UNKNOWN.match(message)
    if not unknown:
        return message
    maker = _maker(unknown[1])
    advice = f"If a cell above makes it, {ABOVE}; if not, look at its spelling."
    return f"{message}. {f'{maker.call} makes it: run that first.' if maker else advice}"


def leftovers():
    """A line for each name that the running cell takes from another cell than the lesson has it; "" for none."""
    here, lines = _running(), []
    for name in sorted(_names(here[1])[1] & set(_made)) if _place(here) is not None else ():
        maker, last = _maker(name), _place(_made[name])
        by = "a cell of your own" if last is None else f"t{_cells()[last].call[1:]}".rstrip(",")
        if maker and (last is None or _cells()[last].id != maker.id):
            lines.append(f"`{name}` was made last by {by}. {maker.call} makes what is wanted here: run that again.")
    return "\n".join(lines)


def _explain(shell, kind, error, traceback, tb_offset=None):
    error.args = (explained(str(error)),)
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def _after_cell(result):
    if result is None:  # it was stopped before anything was run
        return
    error = result.error_in_exec or result.error_before_exec
    here = _running()
    for name in _names(here[1])[0]:
        _made.pop(name, None)  # of a cell that failed it is not known how far it came
        if error is None:
            _made[name] = here
    if isinstance(error, Exception) and (lines := leftovers()):
        print(lines)


def _running():
    """(id or None, source) of the cell that is running."""
    from IPython import get_ipython

    request = get_ipython().kernel.get_parent() if hasattr(get_ipython(), "kernel") else {}
    return request.get("metadata", {}).get("cellId"), request.get("content", {}).get("code", "")


def _maker(name):
    """The cell that makes `name` where the lesson is read from top to bottom: above the running cell the nearest."""
    makers = [number for number, cell in enumerate(_cells()) if name in cell.makes]
    place = _place(_running())
    above = [number for number in makers if place is not None and number < place]
    return _cells()[above[-1] if above else makers[0]] if makers else None


def _place(cell):
    """The number in the lesson of a cell, (id or None, source), or None."""
    for number, one in enumerate(_cells() if cell[1] else ()):
        if one.id == cell[0] or one.source == cell[1]:
            return number
    return None


def _cells():
    """The lesson's code cells, from the notebook that is open here; none where it can't be told or found."""
    files = {row.file: catalog.ROOT / catalog.FOLDER / row.place for row in catalog.rows() if row.file}
    opened = pathlib.Path(os.environ.get("JPY_SESSION_NAME", "")).name  # Jupyter's server sets it
    return _read(files.get(opened) or (lesson and files[lesson.file]))


@functools.lru_cache
def _read(path):
    if not path or not path.is_file():
        return ()
    heading, cells = "", []
    for one in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(one["source"])
        if one["cell_type"] == "code":
            code = " ".join(line for line in source.splitlines() if not line.lstrip().startswith("#"))
            call = f"The cell that begins with `{textwrap.shorten(code, 60, placeholder=' …')}`"
            call += f", under “{heading}”," if heading else ""
            cells.append(Cell(one["id"], source, *_names(source), call))
        else:
            heading = (re.findall(r"^##+ (.+)$", source, re.MULTILINE) or [heading])[-1]
    return tuple(cells)


def _names(source):
    """(names that a cell makes, names that it takes from others): none where it is no Python, but for IPython."""
    try:
        top = symtable.symtable(source, "cell", "exec")
    except SyntaxError:
        return frozenset(), frozenset()
    makes = {one.get_name() for one in top.get_symbols() if one.is_assigned() or one.is_imported()}
    takes, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        takes |= {one.get_name() for one in table.get_symbols() if one.is_referenced() and one.is_global()}
        takes |= {one.get_name() for one in table.get_symbols() if table is top and one.is_referenced()}
    return frozenset(makes), frozenset(takes - makes)
