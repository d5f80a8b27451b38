"""Turns an observation of an answer into feedback."""

import ast
import dis
import functools
import inspect
import itertools
import re
import time

import torch

from course_utils import order
from course_utils.exercises import compare, errors, feedback, inputs, relations, sandbox
from course_utils.exercises.feedback import NOT_ATTEMPTED, RAISED, RIGHT, WRONG, Outcome
from course_utils.exercises.programs import mending, reading, remarks, slips

LIMIT = 3.0  # seconds for the learner's code; with `forked.PATIENCE` and the solution, a check stays below five
_MENDING = 0.8  # seconds to look for the place of a mistake
_SLIPPING = 1.5  # seconds to hold an answer against slips
_NOTES = 3  # that are told about an answer's code
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SHOWN = 2000  # characters of what the learner's code printed
_ERROR = 600  # characters of an error's message
_DRAWN = 2000  # numbers in a tensor that is still drawn


def diagnose(exercise, answer, limit=LIMIT, seed=0):
    """The `Outcome` of an answer to an exercise.

    Not attempted: the answer is the stub as it was handed out; where a program is to be repaired, that program. Right:
    nothing differs from the solution. Wrong: something does, or it fails as a known mistake does. Your code raised: it
    fails in another way, or does not end.

    A mistake is named only if the answer behaves like it on a second draw, of other sizes, too.

    Args:
        exercise: an `Exercise`.
        answer: anything.
        limit: seconds for the learner's code.
        seed: of the inputs; 0 is the usual draw.
    """
    refused = _wrong_kind(exercise, answer)
    if refused:
        return refused
    right = _seen(exercise, exercise.right, seed)
    if right.failure:
        raise RuntimeError(f"the solution of {exercise.name} fails: {right.failure.kind}: {right.failure.message}")
    begun = time.monotonic()
    own = _run(exercise, answer, right.seen, limit, seed)
    slow = time.monotonic() - begun > _MENDING / 2  # no time to look at it again and again
    if own.printed:
        print(own.printed[:_SHOWN], end="" if own.printed.endswith("\n") else "\n")
    if own.late:
        return _late(exercise, own, limit)
    if _untouched(own):
        return Outcome(exercise.name, NOT_ATTEMPTED, _blanks(own), _invitation(exercise))
    if not own.failure and not own.difference:
        return Outcome(exercise.name, RIGHT, exercise.remember)
    details = _details(own)

    @functools.cache
    def again():
        """What is seen of the right answer and of this one on another draw."""
        other = _seen(exercise, exercise.right, seed + 1)
        return other, _run(exercise, answer, other.seen, limit, seed + 1)

    as_handed_out = exercise.kind == "repair" and _code(answer) == _code(exercise.stub.program)

    def alike(variant):
        if not sandbox.same(own, _seen(exercise, variant, seed)):
            return False
        # Nothing is drawn, or it would take too long, or nothing has to be guessed.
        if exercise.value or exercise.kind == "goal" or (as_handed_out and variant is exercise.stub):
            return True
        return sandbox.same(again()[1], _seen(exercise, variant, seed + 1))

    tree = reading.tree_of(answer)
    notes = _notes(exercise, tree)
    told = []  # of mistakes that the answer makes otherwise than the known program
    for variant in [*([exercise.stub] if exercise.kind == "repair" else []), *exercise.mistakes.values()]:
        if not alike(variant):
            continue
        if variant is exercise.stub and as_handed_out:
            title = f"{NOT_ATTEMPTED}: it still fails as before"
            line = details["line"]  # and no picture: the learner has done nothing yet
            return Outcome(exercise.name, NOT_ATTEMPTED, variant.sentence, _error(own), title=title, line=line)
        if variant is exercise.stub:
            same = "You have changed the program, and what the check looks at is as it was before."
            clues = _idle_changes(exercise, tree), *notes, _mended(exercise, answer, None if slow else tree, seed)
            return Outcome(exercise.name, WRONG, variant.sentence, same, *clues, _error(own), **details)
        said = _deserved(exercise, variant, tree)
        if said == variant.sentence:
            return Outcome(exercise.name, WRONG, said, *notes, _error(own), diagnosis=variant.name, **details)
        told.append(said)
    clues = [*filter(None, told[:1]), *notes, _unused(exercise, answer)]
    clues += _slip(exercise, own, again, tree, seed) or [_mended(exercise, answer, None if slow else tree, seed)]
    if not any(clues) and own.difference and not exercise.value and exercise.kind != "goal":
        clues.append(_relation((right, own), again()))
    if own.failure:
        return _raised(exercise, own, clues, details)
    return _wrong(exercise, answer, own, right, clues, details)


def _notes(exercise, tree):
    """What comes to nothing in an answer, and not already in what was handed out."""
    if tree is None:
        return []
    right = exercise.right.source
    before = remarks.remarks(ast.parse(exercise.stub.source), right) if exercise.kind == "repair" else []
    return [one for one in remarks.remarks(tree, right) if one not in before][:_NOTES]


def _idle_changes(exercise, tree):
    """What is new in a program that behaves like the one that was handed out; "" if it was written anew."""
    new = reading.news(tree, exercise.stub.source) if tree else []
    if len(new) > _NOTES:
        return ""
    lines = [f"`{code}` in line {line}" for line, code in new]
    return f"{' and '.join(lines)} {'make' if lines[1:] else 'makes'} no difference to it." if lines else ""


def _deserved(exercise, variant, tree):
    """The beginning of what is said of a known mistake, up to the first sentence that the answer belies."""
    if tree is None:
        return variant.sentence
    others = ast.parse(variant.source), ast.parse(exercise.right.source)
    said = itertools.takewhile(
        lambda sentence: reading.deserves(sentence, tree, *others), _SENTENCE.split(variant.sentence)
    )
    return " ".join(said)


def _mended(exercise, answer, tree, seed):
    """At which place one change makes the answer right, in words, or ""."""
    if tree is None or exercise.value or exercise.kind == "goal":
        return ""
    names, look = reading.names_of(answer), _look(exercise)
    rights = {one: _seen(exercise, exercise.right, one).seen for one in (seed, seed + 1)}

    def find(answer, draw):
        end = time.monotonic() + _MENDING
        for where, code in mending.mended(tree, exercise.right.source):
            if time.monotonic() > end:
                break
            inside = dict(names)
            try:
                exec(code, inside)
            except Exception:  # a class's body, or an argument's default
                continue
            if all(sandbox.accepts(look, inside[tree.body[-1].name], right, one) for one, right in rights.items()):
                yield "where", where
                break

    found = sandbox.observe(find, answer, None, 2 * _MENDING, exercise.within, seed).seen
    return f"With one change it would be right: {found[0][1]}." if found else ""


def _unused(exercise, answer):
    """Which of its arguments a function never reads, though the solution does."""
    if not inspect.isfunction(answer) or not inspect.isfunction(exercise.right.program):
        return ""
    idle = [name for place, name in _idle(answer).items() if place not in _idle(exercise.right.program)]
    several = "arguments" if len(idle) > 1 else "argument"
    return f"Your code never uses its {several} {' and '.join(f'`{name}`' for name in idle)}." if idle else ""


def _idle(function):
    """{place: name} of the arguments that a function's code never reads, or writes over before it does."""
    code = function.__code__
    first = dict.fromkeys(code.co_cellvars, "LOAD")
    for step in dis.get_instructions(code):
        names = step.argval if isinstance(step.argval, tuple) else [step.argval]
        for name, done in zip(
            names, re.findall("LOAD|STORE", step.opname), strict=False
        ):  # Python 3.13 does two at once
            first.setdefault(name, done)
    names = code.co_varnames[: code.co_argcount]
    return {place: name for place, name in enumerate(names) if first.get(name) != "LOAD"}


def _code(thing):
    """What a function or a class does, comparable: its code without lines; of a class its methods'."""
    if inspect.isclass(thing):
        return {name: _code(one) for name, one in vars(thing).items() if inspect.isfunction(one)}
    code = getattr(thing, "__code__", thing)
    if not inspect.iscode(code):
        return repr(code)
    return code.co_code, code.co_names, code.co_varnames, [_code(one) for one in code.co_consts]


def _gives(answer):
    """True if there is a `return` of something in a function's code."""
    if not inspect.isfunction(answer):
        return False
    steps = list(dis.get_instructions(answer.__code__))
    ends = [place for place, step in enumerate(steps) if step.opname in ("RETURN_VALUE", "RETURN_CONST")]
    return any(steps[end if steps[end].opname == "RETURN_CONST" else end - 1].argval is not None for end in ends)


def _relation(*draws):
    """What the first value that is not right has to do with the right one, on all draws; or ""."""
    ends = [(right.seen[len(own.seen) - 1][1], own.seen[-1][1]) for right, own in draws if own.difference]
    return relations.relation(ends) if len(ends) == len(draws) else ""


def _slip(exercise, own, again, tree, seed):
    """What has happened to a right program that behaves like the answer on two draws, and is changed like it."""
    if exercise.value or exercise.kind == "goal" or not own.seen or own.seen[-1][1] is None:
        return []
    right, found = _seen(exercise, exercise.right, seed), []
    best, end = ast.parse(exercise.right.source), time.monotonic() + _SLIPPING
    for words, variant in _slips(exercise):
        if time.monotonic() > end:  # where each of a hundred trains; those that were seen take no time again
            break
        seen = _seen(exercise, variant, seed)
        as_right = not seen.difference and not seen.failure and len(seen.seen) == len(right.seen)
        if as_right or not sandbox.same(own, seen):
            continue
        slipped = ast.parse(variant.source)
        if tree is not None and not (
            reading.alike(tree, slipped, best) and reading.deserves(words, tree, slipped, best)
        ):
            continue
        if sandbox.same(again()[1], _seen(exercise, variant, seed + 1)):
            found.append(words)
    return [f"It does the same as a right answer in which {', or '.join(found[:2])}."] if found else []


@functools.cache
def _slips(exercise):
    return list(slips.programs(exercise))


@functools.cache
def _seen(exercise, variant, seed):
    """What is seen of a program of the course: the same for every answer."""
    right = None if variant is exercise.right else _seen(exercise, exercise.right, seed).seen
    return _run(exercise, _answer(exercise, variant), right, None, seed)


def _answer(exercise, variant):
    return variant.program() if exercise.value else variant.program


def _run(exercise, program, right, limit, seed):
    return sandbox.observe(_look(exercise), program, right, limit, exercise.within, seed)


def _look(exercise):
    # A goal is reached on copies, which may be spoilt.
    return exercise.look if exercise.in_place or exercise.kind == "goal" else inputs.watched(exercise.look)


def _wrong_kind(exercise, answer):
    """The outcome for an answer that can't be looked at, or None."""
    if answer is ... or answer is NotImplemented:
        return Outcome(exercise.name, NOT_ATTEMPTED, _invitation(exercise))
    pass_it = f'Pass the {{0}} itself, `check("{exercise.name}", {exercise.answer})`'
    if exercise.value:
        if not callable(answer):
            return None
        return Outcome(exercise.name, WRONG, f'A value is wanted, not a function: `check("{exercise.name}", …)`.')
    if inspect.isclass(exercise.right.program):
        if not inspect.isclass(answer):
            return Outcome(exercise.name, WRONG, f"{pass_it.format('class')}, without calling it or naming another.")
    elif not callable(answer) or isinstance(answer, torch.nn.Module):
        return Outcome(exercise.name, WRONG, f"{pass_it.format('function')}, not its result: the check calls it.")
    return None


def _invitation(exercise):
    return f'About {exercise.minutes} minutes. Stuck? `hint("{exercise.name}")`'


def _untouched(own):
    if own.failure:
        return own.failure.untouched
    last = own.seen[-1][1]
    return last is ... or (isinstance(last, (list, tuple)) and any(part is ... for part in last))


def _blanks(own):
    """Which entries of a list are left, where some are not."""
    last = own.seen[-1][1] if own.seen else None
    entries = last if isinstance(last, (list, tuple)) else []
    left = [place for place, one in zip(compare.PLACES, entries, strict=False) if one is ...]
    return f"Still a blank: the {' and the '.join(left)}." if left and len(left) < len(entries) else ""


def _details(own):
    """Where it happened and the picture, as keywords of an `Outcome`."""
    picture, found = None, own.difference
    if found and found.right is not None:
        pair = [tensor.detach() for tensor in (found.right, found.yours)]
        if all(0 < t.dim() <= 2 and 1 < t.numel() <= _DRAWN for t in pair):
            picture = feedback.side_by_side(*(t.double().numpy() for t in pair), found.wrong)
    return {"line": own.failure.line if own.failure else None, "picture": picture}


def _late(exercise, own, limit):
    sentence = f"After {limit:g} seconds it had not come to an end, and was stopped."
    if own.waited:
        sentence = (
            f"After {own.waited:g} seconds it had not come to an end, and was stopped. It hardly computed: either it "
            "waits for something that never comes, or other programs keep this machine busy."
        )
    if own.stuck:
        sentence = (
            f"After {limit:g} seconds it had not come to an end, and it can't be stopped: either it waits in one long "
            "call, or a bare `except:` catches everything, also the order to stop (`except Exception:` does not). It "
            "goes on in the background; restart the kernel to be rid of it."
        )
    return Outcome(exercise.name, RAISED, sentence, title="your code does not come to an end", line=own.line)


def _raised(exercise, own, clues, details):
    sentence = _error(own)
    if own.failure.line is None:
        label = own.seen[-1][0] if own.seen else ""
        after = f" after {label} was looked at" if label else ""
        sentence = f"No line of yours failed, but the check could not use what it got{after}. {sentence}"
    meaning = errors.meaning(own.failure.message)
    return Outcome(exercise.name, RAISED, sentence, meaning, *clues, "" if any(clues) else _warnings(own), **details)


def _wrong(exercise, answer, own, right, clues, details):
    label, value = own.seen[-1]
    told = own.difference.sentence
    if exercise.kind == "predict":  # the right numbers stay unsaid
        told = compare.guess(right.seen[len(own.seen) - 1][1], value, exercise.reasons) or told
    printed = ""
    if value is None and _gives(answer):
        told = told.replace(
            "Is a `return` missing?", "Your `return` gives `None`, or what is `None` by then, as `.grad` may be."
        )
    sentence = f"{label[0].upper()}{label[1:]} {told}".replace(", –", " –")
    if value is None and own.printed:
        printed = "It printed something: `print` shows a value to you, `return` hands it to the one who calls."
    return Outcome(exercise.name, WRONG, sentence, *clues, printed, "" if any(clues) else _warnings(own), **details)


def _error(own):
    if not own.failure:
        return ""
    message = order.explained(own.failure.message)
    return f"`{own.failure.kind}`: {message if len(message) <= _ERROR else message[:_ERROR] + '…'}"


def _warnings(own):
    if not own.warned:
        return ""
    first = own.warned[0].strip().split("\n")[0]
    return f"It warned: {first if len(first) <= 200 else first[:199] + '…'}"
