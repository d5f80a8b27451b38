"""What stands in a program: its code, and what that is made of, whatever its variables are called."""

import ast
import collections
import inspect
import linecache
import re

from course_utils import own_code

CODE = re.compile(r"`([^`]+)`")
_LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
_LONG = 70  # characters of code that are quoted
_MORE = 3  # parts that a program may have beyond a right one of which it is said that something is missing
_LEAVES, _LEAVE = (ast.Return, ast.Break), "leave"


def tree_of(answer):
    """The code of a learner's function or class and of what it calls in the same cell; None if that can't be read.

    Of a function that another one made, what it takes from there can't be read.

    Returns:
        An `ast.Module` of definitions, the answer's own the last; a new one each time. Lines are those of the cell.
        Of its decorators only torch's are left: others may do something when they are applied once more.
    """
    code = getattr(_function_of(inspect.unwrap(answer)), "__code__", None)
    if code is None or not own_code.is_own(code.co_filename) or set(code.co_freevars) - {"__class__"}:
        return None
    definitions = _definitions("".join(linecache.getlines(code.co_filename)))
    own = _place(definitions, code.co_firstlineno, inspect.isclass(answer))
    if own is None:
        return None
    own.decorator_list = [one for one in own.decorator_list if ast.unparse(one).startswith("torch.")]
    others = {one.name: one for one in definitions if one.col_offset == 0 and one is not own}
    called, left = [], [own]
    while left:
        for node in ast.walk(left.pop()):
            other = others.pop(node.id, None) if isinstance(node, ast.Name) else None
            if other is not None:
                called.append(other)
                left.append(other)
    return ast.Module([*called, own], [])


def names_of(answer):
    """The names among which a function or a class was written."""
    return getattr(_function_of(inspect.unwrap(answer)), "__globals__", {})


def _function_of(answer):
    """The function itself, or a method that stands in a class itself."""
    if inspect.isclass(answer):
        methods = [one for one in vars(answer).values() if inspect.isfunction(one)]
        answer = next((one for one in methods if one.__qualname__ == f"{answer.__qualname__}.{one.__name__}"), None)
    return answer


def _definitions(text):
    try:
        return [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    except SyntaxError:  # a magic
        return []


def _place(definitions, line, is_class):
    """The function that begins at a line, or the innermost class around it."""
    found = None
    for one in definitions:  # from the outside in
        first = min(node.lineno for node in [one, *one.decorator_list])
        if isinstance(one, ast.ClassDef) == is_class and (
            first <= line <= one.end_lineno if is_class else first == line
        ):
            found = one
    return found


def parameters(function):
    """The names of a function's arguments, `self` left out."""
    names = [one.arg for one in function.args.args]
    return names[1:] if names[:1] == ["self"] else names


def parts(tree):
    """What a program is made of, a Counter of texts: what is called, compared and computed, in which block.

    Arguments count by their place, other variables not at all: so two programs that differ in names have equal parts.
    """
    found = collections.Counter()
    for definition in tree.body:
        _count(definition, "", {}, found)
    return found


def _count(node, where, names, found):
    inside = where
    if isinstance(node, ast.ClassDef):
        names = names | {node.name: ""}
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        local = {one.id: "" for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        given = parameters(node) if isinstance(node, ast.FunctionDef) else [one.arg for one in node.args.args]
        names = names | local | {name: f"argument {place}" for place, name in enumerate(given)}
        inside = f"{where}{'' if node.__class__ is ast.Lambda or not _is_method(node) else node.name + ' > '}"
    if isinstance(node, _LOOPS):
        inside = f"{where}loop > "
    if isinstance(node, ast.With):
        for item in node.items:
            _count(item, where, names, found)
        inside = f"{where}with > "
    for text in _texts(node, where, names):
        found[where + text] += 1
    for field, value in ast.iter_fields(node):
        counted = isinstance(node, ast.With) and field == "items"
        if counted or (field in ("args", "returns") and hasattr(node, "name")):
            continue  # the one is counted, the other is nothing that is done
        outside = where if isinstance(node, ast.For) and field == "iter" else inside
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, ast.AST):
                _count(one, outside, names, found)


def _is_method(function):
    return [one.arg for one in function.args.args][:1] == ["self"]


def _texts(node, where, names):
    if isinstance(node, ast.Call):
        yield f"{ast.unparse(node.func).rpartition('.')[2]}()"
    elif isinstance(node, ast.keyword):
        yield f"{node.arg}={ast.unparse(node.value) if isinstance(node.value, ast.Constant) else ''}"
    elif isinstance(node, ast.Constant) and not isinstance(node.value, str):
        yield repr(node.value)
    elif isinstance(node, (ast.BinOp, ast.UnaryOp)):
        yield type(node.op).__name__
    elif isinstance(node, ast.AugAssign):
        yield f"{type(node.op).__name__}="
    elif isinstance(node, ast.Compare):
        yield from (type(one).__name__ for one in node.ops)
    elif isinstance(node, ast.Attribute):
        yield f".{node.attr}" + (" =" if isinstance(node.ctx, ast.Store) else "")
    elif isinstance(node, ast.Name) and names.get(node.id, node.id):
        yield names.get(node.id, node.id) + (" =" if isinstance(node.ctx, ast.Store) else "")
    elif isinstance(node, _LEAVES) and "loop" in where:
        yield _LEAVE
    elif isinstance(node, (ast.Subscript, ast.Slice, ast.Starred, ast.Continue, ast.Try, ast.IfExp, ast.If, *_LOOPS)):
        yield type(node).__name__


def stands(quote, tree):
    """True if a piece of code, in which `…` is anything, stands in a program."""
    text = _plain(ast.unparse(tree))
    pattern = ".*?".join(re.escape(part) for part in _plain(quote).split("…"))
    before, after = (r"\b" if re.match(r"\w", end) else "" for end in (_plain(quote), _plain(quote)[::-1]))
    return re.search(before + pattern + after, text) is not None


def _plain(code):
    return "\n".join(re.sub(r"\s+|\bdim=", "", line) for line in code.replace('"', "'").split("\n"))


def deserves(sentence, yours, wrong, right):
    """True if what is said of a wrong program may be said of another one that does the same.

    Of the code that the sentence quotes, what stands in the wrong program alone stands in yours, too, and what stands
    in the right one alone does not.

    Args:
        sentence: code in it stands between backticks.
        yours, wrong, right: `ast.Module`s.
    """
    for quote in CODE.findall(sentence):
        in_wrong, in_right, in_yours = (stands(quote, tree) for tree in (wrong, right, yours))
        if in_wrong != in_right and in_yours != in_wrong:
            return False
    return True


def alike(yours, wrong, right):
    """True if a program differs from the right one in a way in which the wrong one does, too.

    Where the wrong one only lacks something, the other lacks all of it, and has nothing else in its place. Where it
    leaves a loop inside it, the other does.
    """
    own, known, best = parts(yours), parts(wrong), parts(right)
    more = known - best
    if more:
        leaves = {part for part in more if part.endswith(_LEAVE)}
        return bool(more & (own - best)) and leaves <= own.keys()
    return not (best - known) - (best - own) and (own - best).total() <= _MORE


def news(tree, source):
    """[(line, code)] of the statements of a program that do not stand in another one; of a block its first line."""
    old = {first(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)}
    new = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and first(node) not in old]
    return [(node.lineno, first(node)) for node in sorted(new, key=lambda node: node.lineno)]


def first(node):
    """The first line of a node's code, shortened, to be quoted."""
    text = ast.unparse(node).splitlines()[0].rstrip(":")
    return text if len(text) <= _LONG else text[:_LONG] + "…"
