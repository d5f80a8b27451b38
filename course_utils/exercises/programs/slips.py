"""Slips that anybody makes in any program: the solution with one place changed, and what has happened there.

A wrong answer without a name of its own is held against them (`diagnose`): whatever behaves like one, on two draws, is
told so. So the words say how a *right* program would have to be changed, and name nothing that stands in it alone.
"""

import ast
import itertools
import re
from collections.abc import Iterator

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
COMPARED = {ast.Eq: ast.NotEq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
SPOKEN = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
NAMES = {"mean": "sum", "sum": "mean", "max": "min", "min": "max", "std": "var", "argmax": "argmin", "eval": "train"}
SUMS = (ast.Add, ast.Sub)
MODULES = ("torch", "F", "nn", "math", "copy", "models")
ALONG = ("argmax", "argmin", "mean", "sum", "std", "amax", "softmax")
RESULTS = {
    "the result comes out 100 times as large, in per cent": "100 * ({})",
    "the result is taken away from 1": "1 - ({})",
    "the result has the other sign": "-({})",
    "the result is doubled": "2 * ({})",
    "the result is halved": "({}) / 2",
    "the root of the result is taken": "({}) ** 0.5",
    "the result is squared": "({}) ** 2",
    "the result is turned upside down, 1 divided by it": "1 / ({})",
}


def programs(exercise):
    """(what has happened, `exercise.Variant`) for each slip in the solution of an exercise."""
    for words, source in slips(exercise.right.source):
        program = exercise.made(compile(source, f"<slip: {words}>", "exec"))
        yield words, exercise.right._replace(program=program, source=source)


def slips(source) -> Iterator[tuple[str, str]]:
    """(what has happened, source) of each program that is `source`, a function or a class, with one place changed."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for words, _ in changed(tree):
        text = ast.unparse(ast.fix_missing_locations(tree))
        if text not in seen:
            seen.add(text)
            yield words, text


def changed(tree):
    """(what has happened, the node before) for each slip; as long as one is looked at, `tree` has suffered it."""
    last = tree.body[-1]
    parameters = [one.arg for one in last.args.args] if isinstance(last, ast.FunctionDef) else []
    for parent in list(ast.walk(tree)):
        for field, value in list(ast.iter_fields(parent)):
            if field in ("decorator_list", "returns", "annotation", "bases"):
                continue
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                found = _statements(value)
            else:
                found = _places(parent, field, value, parameters)
            for words, node, other in found:
                setattr(parent, field, other)
                yield words, node
                setattr(parent, field, value)


def _places(parent, field, value, parameters):
    """(words, expression, what the field holds instead) for the expressions in one field of a node."""
    nodes = value if isinstance(value, list) else [value]
    for index, node in enumerate(nodes):
        if not isinstance(node, ast.AST):
            continue
        for words, other in _expressions(node, parent, field, parameters):
            put = [*nodes[:index], other, *nodes[index + 1 :]] if isinstance(value, list) else other
            yield words, node, put
    if isinstance(parent, ast.Call) and field == "args" and len(nodes) > 1:
        for i, j in itertools.combinations(range(len(nodes)), 2):
            swapped = list(nodes)
            swapped[i], swapped[j] = nodes[j], nodes[i]
            yield f"two arguments of `{_name(parent)}` are exchanged", parent, swapped
    if isinstance(parent, ast.Call) and field == "keywords":
        for index, one in enumerate(nodes):
            yield f"`{ast.unparse(one)}` is missing", parent, nodes[:index] + nodes[index + 1 :]


def _expressions(node, parent, field, parameters):
    """(words, what stands in its place) for one expression."""
    if isinstance(node, ast.BinOp):
        yield from _operations(node)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        other = COMPARED[type(node.ops[0])]
        words = f"`{SPOKEN[other]}` stands in place of `{SPOKEN[type(node.ops[0])]}`"
        yield words, ast.Compare(node.left, [other()], node.comparators)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield "a minus sign is missing", node.operand
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from _methods(node, parent)
    if isinstance(node, ast.Call) and re.search(r"(cross_entropy|mse_loss|Loss)$", _name(node)):
        total = ast.keyword("reduction", ast.Constant("sum"))
        yield "the loss is the sum over a batch, not its mean", ast.Call(node.func, node.args, [*node.keywords, total])
    if isinstance(node, ast.Starred):
        yield "the star is missing", node.value
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value < 10:
        for other in (node.value + 1, node.value - 1):
            yield f"a number is off by one: `{other}` for `{node.value}`", ast.Constant(other)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in parameters:
        for other in parameters if len(parameters) < 5 else ():
            if other != node.id:
                yield f"`{other}` stands where `{node.id}` belongs", ast.Name(other, node.ctx)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield f"`[{ast.unparse(node.slice)}]` is missing", node.value
    if isinstance(parent, ast.For) and field == "iter":
        for words, part in (("first", "[1:]"), ("last", "[:-1]")):
            yield f"the loop leaves its {words} round out", _parsed(f"list({ast.unparse(node)}){part}")
    if isinstance(parent, ast.Return):
        if isinstance(node, ast.Tuple):
            yield "the results come in another order", ast.Tuple(node.elts[::-1], node.ctx)
        else:
            yield from ((words, _parsed(form.format(ast.unparse(node)))) for words, form in RESULTS.items())
    if field == "test":
        for other in (True, False):
            yield f"the condition `{ast.unparse(node)}` is {'always' if other else 'never'} met", ast.Constant(other)


def _operations(node):
    sign, right = type(node.op), ast.unparse(node.right)
    if sign in SIGNS:
        other = OTHER[sign]
        yield f"`{SIGNS[other]} {right}` stands in place of `{SIGNS[sign]} {right}`", _operation(node, other)
        yield f"`{SIGNS[sign]} {right}` is missing", node.left
    if sign in (ast.Add, ast.Mult):
        yield f"`{ast.unparse(node.left)} {SIGNS[sign]}` is missing", node.right
    if sign is ast.Sub:
        yield "a difference is taken the other way round", ast.BinOp(node.right, node.op, node.left)
    if sign is ast.Div:
        yield f"`{ast.unparse(node.left)} /` is missing", node.right
        yield "a quotient is turned upside down", ast.BinOp(node.right, node.op, node.left)
    if sign is ast.FloorDiv:
        yield "`/` stands in place of `//`", _operation(node, ast.Div)
    if sign is ast.Pow:
        yield f"`** {right}` is missing", node.left
        absolute = ast.Call(ast.Name("abs", ast.Load()), [node.left], [])
        yield "absolute values stand in place of squares", absolute
    yield from _parentheses(node)


def _parentheses(node):
    left, right = node.left, node.right
    if isinstance(left, ast.BinOp) and isinstance(left.op, SUMS) and isinstance(node.op, (ast.Mult, ast.Div, ast.Pow)):
        what = "**" if isinstance(node.op, ast.Pow) else SIGNS[type(node.op)]
        words = f"parentheses are missing, so that only the last part meets the `{what}`"
        yield words, ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
    if isinstance(node.op, ast.Div) and isinstance(right, ast.BinOp) and isinstance(right.op, (*SUMS, ast.Mult)):
        words = "parentheses are missing, so that only the first part divides"
        yield words, ast.BinOp(ast.BinOp(node.left, node.op, right.left), right.op, right.right)


def _methods(node, parent):
    name, calls = node.func.attr, ast.unparse(ast.Call(ast.Name(node.func.attr), node.args, node.keywords))
    module = isinstance(node.func.value, ast.Name) and node.func.value.id in MODULES
    if not module and not isinstance(parent, ast.Expr):
        yield f"`.{calls}` is missing", node.func.value
    if name in NAMES:
        yield (
            f"`{NAMES[name]}` stands in place of `{name}`",
            ast.Call(ast.Attribute(node.func.value, NAMES[name], ast.Load()), node.args, node.keywords),
        )
    if not module and name in ALONG and (node.args or node.keywords):
        without = ast.Call(node.func, [], [])
        yield f"`{name}` gets no dimension", without
        for dim in (0, 1):
            yield f"`{name}` runs along dimension {dim}", ast.Call(node.func, [ast.Constant(dim)], [])


def _statements(body):
    """(words, statement, statements) of a block in which one is left out, changed, or stands elsewhere."""
    for index, one in enumerate(body):
        rest = body[:index] + body[index + 1 :]
        text = _short(one)
        moves = isinstance(one, (ast.Expr, ast.AugAssign, ast.Assign))
        if moves and not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)):
            yield f"`{text}` is missing", one, rest or [ast.Pass()]
            for place in range(len(body)):
                if place != index and (place < index or not isinstance(body[place], ast.Return)):
                    other = _short(body[place])
                    words = f"`{text}` comes {'before' if place < index else 'after'} `{other}`"
                    yield words, one, [*rest[:place], one, *rest[place:]]
        if isinstance(one, ast.AugAssign):
            sign = SIGNS.get(type(one.op), "")
            words = f"`=` stands in place of `{sign}=`, so that only the last round counts"
            yield words, one, [*body[:index], ast.Assign([one.target], one.value), *body[index + 1 :]]
        if isinstance(one, ast.With):
            yield f"`{text}` is missing", one, [*body[:index], *one.body, *body[index + 1 :]]
        if isinstance(one, ast.For):
            yield from _loops(body, index, one)


def _loops(body, index, loop):
    before, after = body[:index], body[index + 1 :]

    def around(inside):
        return ast.For(loop.target, loop.iter, inside or [ast.Pass()], [])

    words = "the loop ends in its first round, by a `return` or `break` inside it"
    yield words, loop, [*before, around([*loop.body, ast.Break()]), *after]
    for place, one in enumerate(loop.body):
        if isinstance(one, (ast.Expr, ast.AugAssign, ast.Assign, ast.Return)):
            text = _short(one)
            rest = loop.body[:place] + loop.body[place + 1 :]
            yield f"`{text}` runs once, after the loop", one, [*before, around(rest), one, *after]
            if not isinstance(one, ast.Return):
                yield f"`{text}` runs once, before the loop", one, [*before, one, around(rest), *after]
    for place, one in enumerate(before):
        if isinstance(one, (ast.Expr, ast.Assign)):
            rest = before[:place] + before[place + 1 :]
            yield (
                f"`{_short(one)}` runs anew in each round of the loop",
                one,
                [*rest, around([one, *loop.body]), *after],
            )
    for place, one in enumerate(after):
        if isinstance(one, (ast.Expr, ast.AugAssign, ast.Return)):
            rest = after[:place] + after[place + 1 :]
            yield f"`{_short(one)}` stands inside the loop", one, [*before, around([*loop.body, one]), *rest]


def _short(statement):
    """Its first words: what it names, not what the learner is to find."""
    if isinstance(statement, ast.AugAssign):
        return f"{ast.unparse(statement.target)} {SIGNS.get(type(statement.op), '')}= …"
    if isinstance(statement, ast.Assign):
        return f"{ast.unparse(statement.targets[0])} = …"
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and statement.value.args:
        return f"{_name(statement.value)}(…)"
    return ast.unparse(statement).splitlines()[0].rstrip(":")


def _operation(node, sign):
    return ast.BinOp(node.left, sign(), node.right)


def _parsed(text):
    return ast.parse(text, mode="eval").body


def _name(call):
    return ast.unparse(call.func)
