"""Where a wrong program errs: the one place of which a change makes it right, found by trying."""

import ast
import collections
import itertools
from collections.abc import Iterator
from types import CodeType

from course_utils.exercises.programs import reading, slips

_TRIED = 60  # programs that are given at most, the likeliest first
_FAR = 0.7  # of a program's parts: one that differs from the right one in more is not mended
_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)


def mended(tree, right) -> Iterator[tuple[str, CodeType]]:
    """(where the change is, code) of programs that are a wrong one with one change, those next to the right one first.

    Args:
        tree: `ast.Module` of the wrong program; as it was when the first is given.
        right: source of the right one.
    """
    best = _in_names_of(tree, ast.parse(right))
    goal, found = reading.parts(best), []
    far = _between(reading.parts(tree), goal)
    if far > _FAR * goal.total():
        return
    for number, (where, size) in enumerate(_changes(tree, best)):
        distance = _between(reading.parts(tree), goal)
        if distance <= far:
            code = compile(ast.fix_missing_locations(tree), "<mended>", "exec")
            found.append((distance, size, number, where, code))
    for *_, where, code in sorted(found, key=lambda one: one[:3])[:_TRIED]:
        yield where, code


def _between(one, other):
    return ((one - other) + (other - one)).total()


def _changes(tree, best):
    """(where the change is, its size) of each program with one; as long as one is looked at, `tree` has suffered it."""
    lacks = _bag(best) - _bag(tree)
    expressions = {ast.dump(node): node for node in ast.walk(best) if _is_read(node) and _bag(node) & lacks}
    statements = [node for node in ast.walk(best) if isinstance(node, _SIMPLE) and _bag(node) & lacks]
    above = {one: parent for parent in ast.walk(tree) for one in ast.iter_child_nodes(parent)}
    for parent in list(ast.walk(tree)):
        for field, value in list(ast.iter_fields(parent)):
            if isinstance(parent, (ast.FunctionDef, ast.ClassDef)) and field != "body":
                continue
            for where, size, other in _put(parent, value, list(expressions.values()), statements, above):
                setattr(parent, field, other)
                yield where, size
                setattr(parent, field, value)
    places = {node: _at(node, above) for node in above if hasattr(node, "lineno")}  # as they are before the change
    for _, node in slips.changed(tree):
        yield places[node], _size(node)


def _at(node, above):
    """Where a change is, in words: with what stands around a name or a number."""
    small = ast.Constant, ast.Name, ast.Attribute, ast.keyword, ast.Slice
    while node in above and (isinstance(node, small) or getattr(above[node], "slice", None) is node):
        node = above[node]
    return f"in line {node.lineno}, at `{reading.first(node)}`"


def _is_read(node):
    return isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _size(node):
    return sum(1 for _ in ast.walk(node))


def _put(parent, value, expressions, statements, above):
    """(where, size, what a field of a node holds instead) for each piece of the right program that may stand there."""
    several = isinstance(value, list)
    nodes = value if several else [value]
    for index, node in enumerate(nodes):
        if _is_read(node):
            others = [other for other in expressions if ast.dump(other) != ast.dump(node)]
        elif isinstance(node, _SIMPLE):
            others = [other for other in statements if type(other) is type(node)]
        else:
            continue
        for other in others:
            yield _at(node, above), _size(node), [*nodes[:index], other, *nodes[index + 1 :]] if several else other
    if several and nodes and isinstance(nodes[0], ast.stmt) and not isinstance(parent, (ast.Module, ast.ClassDef)):
        for place, other in itertools.product(range(len(nodes) + 1), statements):
            line = nodes[place - 1].end_lineno if place else nodes[0].lineno - 1
            yield f"something is missing below line {line}", 0, [*nodes[:place], other, *nodes[place:]]


def _bag(node):
    """What is in a piece of code, in whatever block."""
    return collections.Counter(
        part.rpartition(" > ")[2] for part in reading.parts(ast.Module([node], [])).elements() if part
    )


def _in_names_of(tree, best):
    """The right program, its arguments and variables called as in another one, where that is clear."""
    yours, right = tree.body[-1], best.body[-1]
    names = {}
    if isinstance(yours, ast.FunctionDef) and isinstance(right, ast.FunctionDef):
        names = dict(zip(reading.parameters(right), reading.parameters(yours), strict=False))
        taken = {name: _made(yours, name) for name in _variables(yours)}
        for name in _variables(right):
            made = _made(right, name)
            nearest = max(taken, key=lambda other: (other == name, (taken[other] & made).total()), default=name)
            if name not in taken and name not in names and (taken.get(nearest, made) & made):
                names[name] = nearest
                taken.pop(nearest, None)
    for node in ast.walk(best):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return best


def _variables(function):
    names = [one.id for one in ast.walk(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    return [name for name in dict.fromkeys(names) if name not in reading.parameters(function)]


def _made(function, name):
    """What stands in the statements that give a variable its value."""
    found = collections.Counter()
    for node in ast.walk(function):
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            found += _bag(node) if not isinstance(node, ast.For) else collections.Counter(["a loop's"])
    return found
