"""Small breaks of a program, as a person might make them by mistake: each changes one place.

`tools/mutants.py` makes them in what decides about the answers to an exercise: its probe, its solution, and whatever
these two call of its own file, of its lesson's folder and of `course_utils.exercises.probes`. Two breaks are of a probe
as a whole: its inputs come from the stream that the answer draws from, too; and all its sizes are equal. A comment
`# same: why`, at the end of a line or above it, says that some break of this line changes nothing anybody could see.
"""

import ast
import contextlib
import functools
import importlib.util
import pathlib
import re
from typing import NamedTuple

from course_utils import exercises

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = f"{exercises.__name__}.probes"  # what the exercises of several lessons call
MARK = re.compile(r"# same: \S")

PAIRS = "Add Sub, Mult Div, Pow Mult, FloorDiv Div, Mod FloorDiv, Eq NotEq, Lt GtE, Gt LtE, Is IsNot, In NotIn, And Or"
EDGES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPERATORS = {}
for _pair in PAIRS.split(", "):
    _one, _other = (getattr(ast, name) for name in _pair.split())
    OPERATORS = {_other: _one, _one: _other, **OPERATORS}  # Div becomes Mult, the first that it stands beside
BUILTINS = {"any": "all", "all": "any", "min": "max", "max": "min"}
METHODS = {**BUILTINS, "mean": "sum", "sum": "mean", "std": "var", "var": "std", "argmax": "argmin", "argmin": "argmax"}
DROPPED = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Break, ast.Continue, ast.Raise)
DRAWN = {"randn", "rand", "randint", "randperm"}
OBSERVERS = {"AtMost", "range", "len", "list", "round", *BUILTINS}
ALIKE = {"item", "detach", "clone"}  # a tensor of one number is judged like the number, and what is seen is a copy


class Mutation(NamedTuple):
    """One AST mutation: `other` in place of `node`, which `parent` has in its `field`, at `index` if that is a list."""

    module: str
    definition: str
    names: list  # of the exercises it concerns
    line: int
    old: str
    new: str
    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    other: ast.AST

    @property
    def place(self):
        return place(self.module, self.line)

    @property
    def marked(self):
        return self.line in marks(self.module)

    @contextlib.contextmanager
    def made(self):
        """Apply it inside the block."""
        put(self.parent, self.field, self.index, self.other)
        try:
            yield
        finally:
            put(self.parent, self.field, self.index, self.node)

    def __str__(self):
        return f"{self.place}: {self.definition} ({', '.join(self.names)})\n  - {self.old}\n  + {self.new}"


def place(module, line):
    """A line by its file's path."""
    path = pathlib.Path(origin(module))
    return f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}:{line}"


def put(parent, field, index, node):
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def others(parent, field, node, exact):
    """What may stand in a node's place in a program with one mistake; `exact` is True where its numbers matter."""
    for table in (OPERATORS, EDGES):
        if type(node) in table and (exact or not isinstance(node, ast.operator)):
            yield table[type(node)]()
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and exact:
        yield from map(ast.Constant, near(node.value))
    if isinstance(node, ast.UnaryOp) and (exact or isinstance(node.op, ast.Not)):
        yield node.operand
    if isinstance(node, ast.Name) and node.id in BUILTINS:
        yield ast.Name(BUILTINS[node.id], node.ctx)
    if isinstance(node, ast.Attribute) and node.attr in METHODS and exact:
        yield ast.Attribute(node.value, METHODS[node.attr], node.ctx)
    bare = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords
    if bare and exact and node.func.attr not in ALIKE and not isinstance(parent, (ast.Expr, ast.withitem)):
        yield node.func.value  # the method is not called
    if field in ("test", "ifs") and isinstance(parent, (ast.If, ast.IfExp, ast.comprehension)):
        yield from (ast.Constant(True), ast.Constant(False))
    if isinstance(node, ast.With):
        yield ast.If(ast.Constant(True), node.body, [])
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if isinstance(node, DROPPED) and not docstring:
        yield ast.Pass()


def near(number):
    """One more and one less, or twice and half as much; for True its opposite."""
    if isinstance(number, bool):
        return (not number,)
    if isinstance(number, int):
        return (number + 1, number - 1) if number < 10 else (number * 2, number // 2)
    return (number * 2, number / 2) if number else (1.0,)


def is_input(parent, field, node):
    """True for what a probe passes to something: how many numbers, and which, it may choose itself."""
    if isinstance(parent, ast.Call) and field != "func" and name_of(parent) not in OBSERVERS:
        return True
    if isinstance(node, (ast.List, ast.Tuple, ast.Dict)) and not any(
        isinstance(part, (ast.Name, ast.Call)) for part in ast.walk(node)
    ):
        return True
    local = isinstance(node, ast.Lambda) or (isinstance(node, ast.FunctionDef) and not isinstance(parent, ast.ClassDef))
    calls = (part for part in ast.walk(node) if isinstance(part, ast.Call)) if isinstance(node, ast.expr) else ()
    return local or any(name_of(call) in DRAWN or ast.unparse(call.func).startswith("draw.") for call in calls)


def name_of(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def breaks(parent, statement, numbers, first=0):
    """(line, old, new, parent, field, index, node, other) of all breaks below a node, which is a part of `statement`.

    Args:
        numbers: which matter, "all", "seen" (those that are no input) or "none".
        first: of the parts to look at.
    """
    for field, value in ast.iter_fields(parent):
        if field in ("decorator_list", "returns", "annotation"):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or (index is not None and index < first):
                continue
            here = node if isinstance(node, ast.stmt) else statement
            below = "none" if numbers == "seen" and is_input(parent, field, node) else numbers
            if field in ("defaults", "kw_defaults"):
                below = "none"
            for other in others(parent, field, node, below != "none"):
                put(parent, field, index, other)
                new = text(other if here is node else here)
                put(parent, field, index, node)
                line = getattr(node, "lineno", getattr(parent, "lineno", here.lineno))
                yield line, text(here), new, parent, field, index, node, other
            label = isinstance(parent, ast.Yield) and isinstance(node, ast.Tuple)
            yield from breaks(node, here, below, first=1 if label else 0)


def of_a_probe(probe):
    """Breaks of a probe as a whole, as `breaks` gives them."""
    first = probe.body[0]
    for applies, code in (
        (draws_late(probe), "draw._stream = __import__('torch').default_generator  # the answer's, too"),
        (ast.unparse(probe).count("draw.size(") > 1, "draw.size = lambda n: 5  # all of them equal"),
    ):
        if applies:
            other = ast.If(ast.Constant(True), [*ast.parse(code).body, first], [])
            yield probe.lineno, text(probe), code, probe, "body", 0, first, other


def draws_late(probe):
    """True if a probe draws after it has used the answer, so that what the answer draws could shift its inputs."""
    answer, draw = (one.arg for one in probe.args.args)

    def uses(name, node):
        return [part for part in ast.walk(node) if isinstance(part, ast.Name) and part.id == name]

    calls = [part for part in ast.walk(probe) if isinstance(part, ast.Call)]
    used = [
        (one.end_lineno, one.end_col_offset) for one in calls if any(uses(answer, p) for p in (one.func, *one.args))
    ]
    drawn = [(one.lineno, one.col_offset) for one in uses(draw, probe)]
    loops = (part for part in ast.walk(probe) if isinstance(part, ast.For))
    return any(place > min(used) for place in drawn if used) or any(
        uses(answer, one) and uses(draw, one) for one in loops
    )


def text(statement):
    """Its first line of code."""
    lines = ast.unparse(ast.fix_missing_locations(statement)).splitlines()
    return next(line for line in lines if line and not line.startswith("@"))


def origin(module):
    return importlib.util.find_spec(module).origin


@functools.cache
def source(module):
    return pathlib.Path(origin(module)).read_text(encoding="utf-8")


@functools.cache
def tree(module):
    return ast.parse(source(module))


@functools.cache
def marks(module):
    """The numbers of the lines that are marked with `# same: why`. One that stands alone marks the line below."""
    lines = source(module).splitlines()
    found = set()
    for number, line in enumerate(lines, 1):
        if MARK.search(line):
            while number <= len(lines) and lines[number - 1].lstrip().startswith("#"):
                number += 1
            found.add(number)
    return found


def is_exercise(node):
    return isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Exercise(")


def is_probe(node):
    return "exercise.probe" in map(ast.unparse, getattr(node, "decorator_list", []))


@functools.cache
def definitions(module):
    """{name: node} of a module's functions, classes and constants; its exercise is none of them."""
    found = {}
    for node in tree(module).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and not is_exercise(node):
            found |= {part.id: node for part in ast.walk(node.targets[0]) if isinstance(part, ast.Name)}
    return found


@functools.cache
def imported(module):
    """{name in a module: (module, name there, or None for the module itself)} of the helpers that it imports."""
    found = {}
    for node in tree(module).body:
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            for home, name in ((f"{node.module}.{alias.name}", None), (node.module, alias.name)):
                if home == SHARED or (home.startswith(f"{module.rpartition('.')[0]}.") and is_module(home)):
                    found[alias.asname or alias.name] = home, name
    return found


def is_module(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def helpers(module):
    """The modules of helpers that a module imports, itself or by way of another, each after those that it needs."""
    found = []
    for home, _ in imported(module).values():
        found += [one for one in (*helpers(home), home) if one not in found]
    return found


def called(module, node):
    """The (module, name) of the definitions that are named in a node."""
    for part in ast.walk(node):
        pair = None, None
        if isinstance(part, ast.Name):
            pair = imported(module).get(part.id, (module, part.id))
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            pair = imported(module).get(part.value.id, pair)[0], part.attr
        if None not in pair and pair[1] in definitions(pair[0]):
            yield pair


def deciding(module):
    """{(module, name): which numbers matter} of what decides about the answers to the exercise of a module."""
    found, waiting, goal, solution = {}, [], False, None
    for name, definition in definitions(module).items():
        decorators = set(map(ast.unparse, getattr(definition, "decorator_list", [])))
        if is_probe(definition):
            waiting.append(((module, name), "seen"))
            goal = any(isinstance(part, ast.Name) and part.id == "AtMost" for part in ast.walk(definition))
        if "exercise.solution" in decorators:
            solution = module, name
            waiting += [(one, "seen") for one in called(module, definition)]
    while waiting:
        one, numbers = waiting.pop()
        if one not in found:
            found[one] = numbers
            waiting += [(other, numbers) for other in called(one[0], definitions(one[0])[one[1]])]
    found[solution] = "none" if goal else "all"  # many reach a goal, and this is one of them
    return found


def all_breaks(homes):
    """All `Mutation`s of some exercises, given as {name: module}, and the places of marks on lines without any."""
    concerned = {}
    for exercise, module in homes.items():
        for one, numbers in deciding(module).items():
            concerned.setdefault(one, (numbers, []))[1].append(exercise)
    found = {}
    for (module, name), (numbers, names) in concerned.items():
        definition = definitions(module)[name]
        whole = of_a_probe(definition) if is_probe(definition) else ()
        for line, old, new, *rest in (*breaks(definition, definition, numbers), *whole):
            found.setdefault((module, name, line, new), Mutation(module, name, names, line, old, new, *rest))
    modules = {module for module, _ in concerned}
    idle = {(module, line) for module in modules for line in marks(module)} - {
        (one.module, one.line) for one in found.values()
    }
    return sorted(found.values(), key=lambda one: (one.module, one.line)), [place(*one) for one in sorted(idle)]
