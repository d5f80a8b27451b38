"""What the code of a lesson's cells does, and which of these cells are folded away.

A cell is folded if all it does is set up Colab, call `cu.setup`, import from course_utils or ask for guesses. What a
learner reads, edits or needs stays in sight, the imports of torch included. `fold` writes it three times over: for
JupyterLab (`source_hidden`), for Colab (a form with a title) and for the site (the tag `hide-input`).
"""

import ast
import functools
import re
from typing import NamedTuple

from course_utils import catalog

COLAB = "colab"  # the id of the cell that sets up Colab
TITLES = {"colab": "Run me first", "set-up": "Set-up", "guess": "Your guess", "import": "Imports"}
HIDDEN = "hide-input"
# Kinds of plumbing: lines that import it, set up, ask or reveal, draw or display by what the course has, draw by
# matplotlib.
IMPORT, SET_UP, GUESS, DRAWING, MATPLOTLIB = "import", "set-up", "guess", "drawing", "matplotlib"
ASK, SETUP = "course_utils.panels.ask", "course_utils.setup"
EXPLORER = "course_utils.panels.Explorer"
PANELS = {EXPLORER, "course_utils.panels.TrainingPanel", "course_utils.panels.DrawPad", "course_utils.panels.SignPad"}
KNOBS = re.compile(r"course_utils\.lessons\.(\w+)\.knobs\.(\w+)")
DISPLAYS = re.compile(
    r"(IPython\.display|course_utils\.(plots|panels|tables|session|show|check_machine"
    r"|lessons\.\w+\.knobs))\b"
)
COLLECTED = "course_utils.panels.SignPad.data"  # data, no drawing
# Methods of matplotlib's Axes and Figure whose names mean nothing else.
METHODS = re.compile(
    "plot|imshow|matshow|pcolormesh|barh?|boxplot|errorbar|hist|contourf?|quiver|fill_between|annotate|legend|savefig|"
    "ax[hv](line|span)|set_(title|[xy]label|[xy]lim)"
)
NOT_PYTHON = re.compile(r"^(\s*)(?:[%!].*|[\w.]+\?{1,2}\s*)$", re.MULTILINE)
TITLE = re.compile(r"\A# @title .*\n")


class Code(NamedTuple):
    """What the code of one cell does.

    Attributes:
        lines: the numbers of its lines, from 1, blank ones and the title of a folded cell left out.
        plumbing: {number of a line: its kind}.
        asks: the calls of `ask`, as `ast.Call`s.
        knobs: how many it puts on the page.
        shows: does it put a picture on the page that is no knob?
        folded: None, or the key in TITLES of a cell that is to be folded.
    """

    lines: set
    plumbing: dict
    asks: list
    knobs: int
    shows: bool
    folded: str | None


class Reader:
    """Reads the code cells of one notebook from top to bottom.

    It keeps where each name comes from: `known["knobs"]` is "course_utils.lessons.lesson_01.knobs" after its import,
    and a variable has the name of the call that made it, as far as that draws.
    """

    def __init__(self, known=None):
        self.known = dict(known or {"display": "IPython.display.display"})

    def read(self, cell):
        """The `Code` of the next cell."""
        source = cell.source
        statements = ast.parse(NOT_PYTHON.sub(r"\1pass", source)).body
        folded = self.folded(cell, statements)
        plumbing = self.visit(statements)
        run = [one for one in statements if not isinstance(one, ast.FunctionDef | ast.ClassDef)]
        calls = [node for one in run for node in ast.walk(one) if isinstance(node, ast.Call)]
        asks = [call for call in calls if self.path(call.func) == ASK]
        knobs = sum(map(self.is_knob, calls))
        drawn = [one for one in run if plumbing.get(one.end_lineno) in (DRAWING, MATPLOTLIB)]
        shows = not knobs and any(not isinstance(one, ast.Assign) for one in drawn)
        skipped = len(TITLE.findall(source))
        lines = {number for number, line in enumerate(source.splitlines(), 1) if line.strip() and number > skipped}
        return Code(lines, plumbing, asks, knobs, shows, folded)

    def folded(self, cell, statements):
        """None, or the key in TITLES of a cell that consists of nothing but what is folded away."""
        if cell.id == COLAB:
            return "colab"
        names, kinds = Reader(self.known), set()
        for statement in statements:
            paths = names.learn(statement)
            value = getattr(statement, "value", None)
            called = names.path(value.func) if isinstance(value, ast.Call) else ""
            if {path.partition(".")[0] for path in paths} == {"course_utils"}:
                kinds.add("import")
            elif called in (SETUP, ASK) and isinstance(statement, ast.Expr | ast.Assign):
                kinds.add("set-up" if called == SETUP else "guess")
            else:
                return None
        return next((key for key in TITLES if key in kinds), None)

    def learn(self, statement):
        """Note the names that an import binds; returns the full names of what it imports."""
        paths = []
        if isinstance(statement, ast.Import | ast.ImportFrom):
            module = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
            for alias in statement.names:
                paths.append(module + alias.name)
                local, path = alias.asname or alias.name, paths[-1]
                if not alias.asname and not module:  # import a.b binds a
                    local = path = alias.name.partition(".")[0]
                self.known[local] = path
        return paths

    def path(self, node):
        """The full name of an expression, as far as it is known: "course_utils.plots.Picture" for `plots.Picture`."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id, "")
        if isinstance(node, ast.Attribute):
            before = self.path(node.value)
            return before and f"{before}.{node.attr}"
        inner = getattr(node, "func", None) or getattr(node, "value", None)
        return self.path(inner) if isinstance(node, ast.Call | ast.Subscript) else ""

    def is_knob(self, call):
        """Does this call put a panel on the page that a learner turns?"""
        path = self.path(call.func)
        lesson = KNOBS.fullmatch(path)
        return path in PANELS or bool(lesson and lesson[2] in makers(lesson[1]))

    def kind(self, *nodes):
        """None, or the kind of plumbing that the expressions are."""
        found = set()
        for node in (inner for outer in nodes for inner in ast.walk(outer)):
            if isinstance(node, ast.Call):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                given = [one.value if isinstance(one, ast.Starred) else one for one in given]
                found |= {kind_of(path) for path in (self.path(node.func), *map(self._plain, given))}
                if isinstance(node.func, ast.Attribute) and METHODS.fullmatch(node.func.attr):
                    found.add(MATPLOTLIB)
        return next((kind for kind in (SET_UP, GUESS, DRAWING, MATPLOTLIB) if kind in found), None)

    def visit(self, statements):
        """{number of a line: kind of plumbing} of some statements; notes the names that they bind."""
        found = {}
        for statement in statements:
            found.update(self._lines_of(statement))
        return found

    def _lines_of(self, statement):
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return self._definition(statement)
        blocks = [block for block in _blocks(statement) if block]
        if blocks:
            return self._compound(statement, blocks)
        paths = self.learn(statement)
        if any(path.partition(".")[0] == "course_utils" or kind_of(path) for path in paths):
            return dict.fromkeys(_span(statement), IMPORT)
        kind = self.kind(statement)
        value = getattr(statement, "value", None)
        if not kind and isinstance(statement, ast.Expr):
            kind = kind_of(self.path(value))  # a name alone shows what it stands for
        for target in getattr(statement, "targets", []):
            self._bind(target, self.path(value) or kind if kind and isinstance(value, ast.Call | ast.Lambda) else "")
        return dict.fromkeys(_span(statement), kind) if kind else {}

    def _definition(self, statement):
        inner = Reader(self.known)
        found = inner.visit(statement.body)
        self.known[statement.name] = ""
        if isinstance(statement, ast.ClassDef):
            return found
        kinds = set(found.values())
        if {argument.arg for argument in statement.args.args} & {"ax", "axes"}:
            kinds.add(MATPLOTLIB)
        draws = next((kind for kind in (DRAWING, MATPLOTLIB) if kind in kinds), None)
        calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
        makes = any(inner.is_knob(call) for call in calls)
        if draws:
            self.known[statement.name] = EXPLORER if makes else draws
        return dict.fromkeys(_span(statement), draws) if draws else found

    def _compound(self, statement, blocks):
        heads = [getattr(statement, name) for name in ("test", "iter", "subject") if hasattr(statement, name)]
        heads += [item.context_expr for item in getattr(statement, "items", [])]
        kind = self.kind(*heads)
        through = getattr(statement, "iter", None)
        if through is not None:  # a loop over axes, alone or zipped with something
            parts = [through, *getattr(through, "args", [])]
            kind = kind or next((found for part in parts if (found := kind_of(self._plain(part)))), None)
            self._bind(statement.target, kind or "")
        for item in getattr(statement, "items", []):
            if item.optional_vars is not None:
                self._bind(item.optional_vars, self.path(item.context_expr) if kind else "")
        found = {}
        for block in blocks:
            found.update(self.visit(block))
        inside = {number for block in blocks for part in block for number in _span(part)}
        kind = kind or (found[max(inside)] if inside <= set(found) else None)
        if kind:
            found.update(dict.fromkeys(range(statement.lineno, min(inside)), kind))
        return found

    def _plain(self, node):
        return self.path(node) if isinstance(node, ast.Name | ast.Subscript) else ""

    def _bind(self, target, path):
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self.known[node.id] = path


def kind_of(path):
    """None, or the kind of plumbing that a full name stands for."""
    root = path.partition(".")[0]
    if path == SETUP:
        return SET_UP
    if path == COLLECTED:
        return None
    if path.startswith(ASK) or root == GUESS:
        return GUESS
    if DISPLAYS.match(path) or root == DRAWING:
        return DRAWING
    return MATPLOTLIB if root == MATPLOTLIB else None


def _span(statement):
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", []))])
    return range(first, statement.end_lineno + 1)


def _blocks(statement):
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for name in ("handlers", "cases"):
        for one in getattr(statement, name, []):
            yield one.body


@functools.cache
def makers(lesson):
    """The functions of a lesson's knobs.py that make a panel; the others draw a picture."""
    path = catalog.ROOT / "course_utils" / "lessons" / lesson / "knobs.py"
    reader = Reader()
    reader.visit(ast.parse(path.read_text(encoding="utf-8")).body)
    return {name for name, path in reader.known.items() if path in PANELS}


def code_cells(notebook):
    """[(cell, its `Code`)] from top to bottom."""
    reader = Reader()
    return [(cell, reader.read(cell)) for cell in notebook.cells if cell.cell_type == "code"]


def has_panels(notebook):
    """Does a cell make a panel, be it a knob or a guess?"""
    return any(code.knobs or code.asks for _, code in code_cells(notebook))


def is_folded(cell):
    """Is the code of this cell out of sight?"""
    return HIDDEN in cell.metadata.get("tags", [])


def without_title(source):
    """The source of a cell as it is unfolded."""
    return TITLE.sub("", source)


def fold(notebook):
    """Fold the cells that are to be, and unfold all others."""
    for cell, code in code_cells(notebook):
        cell.source = without_title(cell.source)
        cell.metadata.pop("cellView", None)
        jupyter = {key: value for key, value in cell.metadata.pop("jupyter", {}).items() if key != "source_hidden"}
        tags = [tag for tag in cell.metadata.pop("tags", []) if tag != HIDDEN]
        if code.folded:
            cell.source = f"# @title {TITLES[code.folded]}\n{cell.source}"
            cell.metadata["cellView"], jupyter["source_hidden"] = "form", True
            tags.append(HIDDEN)
        cell.metadata.update({key: value for key, value in (("jupyter", jupyter), ("tags", tags)) if value})
