"""What in a program comes to nothing, true of its code alone: results thrown away, unused names, idle lines."""

import ast
import difflib
import itertools
import re

from course_utils.exercises.programs import reading

# Methods that give something new and leave what they are asked of as it was, whatever that is: a set's `add`, a
# logger's `log`, and a module's `cpu`, `double` and `float` don't.
_NEW = """abs argmax clamp clip clone cumsum detach div exp expand flatten flip int item long mean mul nan_to_num
permute pow relu repeat reshape roll round sigmoid softmax sqrt squeeze state_dict sub sum tanh transpose
unsqueeze view"""
# Where one of these is read, a layer may be used without its name.
_ALL_LAYERS = {"children", "modules", "named_children", "named_modules", "_modules", "getattr", "vars", "super"}
_MODES = ("no_grad", "enable_grad", "inference_mode")
_NOTES = {
    "training": "sets this one module's mode, and not that of its layers",
    "out_features": "is a note of how the layer was made: its weights stay as they are",
    "in_features": "is a note of how the layer was made: its weights stay as they are",
}
_ALWAYS_0 = re.compile(r"(torch|np\.random)\.randint\(0, 1\b[^()]*(\([^()]*\))?\)")
_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def remarks(tree, right):
    """Sentences about a learner's program.

    Args:
        tree: `ast.Module` of definitions.
        right: source of a right one, which may return nothing, and may have use for a note.
    """
    found, notes = [], {attr: what for attr, what in _NOTES.items() if f".{attr} = " not in right}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Expr):
                found += _thrown_away(node.value)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in notes:
                found.append(f"`{reading.first(node)} = …` {notes[node.attr]}.")
            if isinstance(node, ast.Call) and _ALWAYS_0.fullmatch(reading.first(node)):
                found.append(f"`{reading.first(node)}` is always 0: it ends before its second number.")
            if isinstance(node, ast.ExceptHandler) and all(
                isinstance(one, (ast.Pass, ast.Continue)) for one in node.body
            ):
                found.append("Your `except` is silent: what it catches, and why, nobody learns.")
            if isinstance(node, ast.With) and all(isinstance(one, ast.Pass) for one in node.body):
                found.append(f"Nothing stands inside `{reading.first(node)}`.")
        for body in _blocks(function):
            found += _never_reached(body)
        found += _loops(function)
        found += _unused(function)
        if "return " not in right:
            found += _renamed(function)
    for one in tree.body:
        found += _unread(one) if isinstance(one, ast.ClassDef) else []
    return list(dict.fromkeys(found))


def _thrown_away(value):
    code = f"`{reading.first(value)}`"
    if isinstance(value, ast.Compare):
        yield f"{code} compares, and changes nothing."
    elif isinstance(value, (ast.BinOp, ast.Subscript)):
        yield f"{code} is computed, and thrown away."
    elif isinstance(value, ast.Attribute):
        yield f"`{value.attr}` stands there without parentheses: it is named, and not called."
    elif isinstance(value, ast.Call):
        name = ast.unparse(value.func).rpartition(".")[2]
        if name in _MODES:
            yield f"{code} on a line of its own does nothing: it is for `with`, and holds for the lines inside."
        elif re.fullmatch(r"nn\.[A-Z]\w*", ast.unparse(value.func)):
            yield f"{code} makes something that nobody keeps."
        elif _is_new(value) and not any(o.arg == "out" for o in value.keywords):
            yield f"The result of {code} is thrown away: `{name}` changes nothing by itself."


def _is_new(value):
    """Whether a node is the call of a method that gives something new: of `_NEW`, or `add` of what such a one gave."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)):
        return False
    name = value.func.attr
    return name in _NEW.split() or (name == "add" and _is_new(value.func.value))


def _blocks(function):
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, field, None), list):
                yield getattr(node, field)


def _never_reached(body):
    for one, after in itertools.pairwise(body):
        if isinstance(one, _ENDS):
            yield f"`{reading.first(after)}` is never reached: it stands below `{reading.first(one)}`."


def _loops(function):
    for body in _blocks(function):
        for place, loop in enumerate(body):
            if not isinstance(loop, (ast.For, ast.While)):
                continue
            goes_on = any(isinstance(node, ast.Continue) for node in ast.walk(loop))
            if isinstance(loop.body[-1], (ast.Return, ast.Break)) and not goes_on:
                yield f"`{reading.first(loop.body[-1])}` ends the loop in its first round: it stands inside."
            made = {name for one in loop.body if isinstance(one, ast.Assign) for name in _names(one, ast.Store)}
            used = {name for one in loop.body for name in _names(one, ast.Load)}
            before = {name for one in body[:place] for name in _names(one, ast.Store)}
            for after in body[place + 1 :]:
                for name in sorted((made - used - before) & _names(after, ast.Load)):
                    yield (
                        f"Each round makes `{name}` anew, and nothing in the loop uses it: `{reading.first(after)}` "
                        "behind the loop gets that of the last round only."
                    )


def _unused(function):
    read = _names(function, ast.Load)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name not in read and not name.startswith("_"):
                yield f"`{name}` gets a value that nothing uses."


def _renamed(function):
    if any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function)):
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in ("list", "tuple", "iter", "sorted"):
                continue  # of what somebody gave, to read it twice
            for name in sorted(_names(node, ast.Store) & set(reading.parameters(function))):
                yield f"`{name} = …` names something new inside your function; the caller's stays as it was."


def _unread(cls):
    """What a class has, and nothing uses."""
    own = [node for node in ast.walk(cls) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    read = {node.attr for node in own if isinstance(node.ctx, ast.Load)}
    methods = {one.name: one for one in cls.body if isinstance(one, ast.FunctionDef)}
    for name in (name for name in methods if name not in read):
        for meant in ("__init__", "forward"):
            if name != meant and difflib.SequenceMatcher(None, name, meant).ratio() > 0.8:
                yield f"Nobody calls a method named `{name}`: look at each letter."
    if "forward" not in methods:
        return
    inside = list(ast.walk(methods["forward"]))
    if _ALL_LAYERS & {getattr(node, "attr", getattr(node, "id", None)) for node in inside}:
        return
    # Who holds parts of another attribute makes these known to the model.
    made_of = {one: node.value for node in ast.walk(cls) if isinstance(node, ast.Assign) for one in node.targets}
    for node in own:
        parts = ast.walk(made_of[node]) if node in made_of else ()
        if any(isinstance(part, ast.Attribute) and ast.unparse(part.value) == "self" for part in parts):
            continue
        if isinstance(node.ctx, ast.Store) and node.value.id == "self" and node.attr not in read:
            yield f"`self.{node.attr}` stands in the class, and `forward` does not use it."


def _names(node, context):
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, context)}
