"""Turns an observation of an answer into feedback."""

import dis
import functools
import inspect
import itertools
import re

import torch

from course_utils import order
from course_utils.exercises import compare, errors, feedback, inputs, sandbox, slips
from course_utils.exercises.feedback import NOT_ATTEMPTED, RAISED, RIGHT, WRONG, Outcome

LIMIT = 3.0  # seconds for the learner's code; with `forked.PATIENCE` and the solution, a check stays below five
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
    right = _run(exercise, _answer(exercise, exercise.right), None, None, seed)
    if right.failure:
        raise RuntimeError(f"the solution of {exercise.name} fails: {right.failure.kind}: {right.failure.message}")
    own = _run(exercise, answer, right.seen, limit, seed)
    if own.printed:
        print(own.printed[:_SHOWN], end="" if own.printed.endswith("\n") else "\n")
    if own.late:
        return _late(exercise, own, limit)
    if _untouched(own):
        return Outcome(exercise.name, NOT_ATTEMPTED, _invitation(exercise))
    if not own.failure and not own.difference:
        return Outcome(exercise.name, RIGHT, exercise.remember)
    details = _details(own)

    @functools.cache
    def again():
        """What is seen of the right answer and of this one on another draw."""
        other = _run(exercise, _answer(exercise, exercise.right), None, None, seed + 1)
        return other, _run(exercise, answer, other.seen, limit, seed + 1)

    def alike(program):
        if not sandbox.same(own, _run(exercise, program, right.seen, None, seed)):
            return False
        if exercise.value or exercise.kind == "goal":  # nothing is drawn, or it would take too long
            return True
        other, own_again = again()
        return sandbox.same(own_again, _run(exercise, program, other.seen, None, seed + 1))

    for variant in [*([exercise.stub] if exercise.kind == "repair" else []), *exercise.mistakes.values()]:
        if not alike(_answer(exercise, variant)):
            continue
        if variant is exercise.stub and _code(answer) != _code(variant.program):
            same = "You have changed the program, and it does exactly what it did before."
            return Outcome(exercise.name, WRONG, variant.sentence, same, _uncalled(answer), _error(own), **details)
        if variant is exercise.stub:
            title = f"{NOT_ATTEMPTED}: it still fails as before"
            line = details["line"]  # and no picture: the learner has done nothing yet
            return Outcome(exercise.name, NOT_ATTEMPTED, variant.sentence, _error(own), title=title, line=line)
        sentences = variant.sentence, _uncalled(answer), _error(own)
        return Outcome(exercise.name, WRONG, *sentences, diagnosis=variant.name, **details)
    clues = _uncalled(answer), _unused(exercise, answer), _slip(exercise, own, again, seed)
    if own.failure:
        return _raised(exercise, own, clues, details)
    return _wrong(exercise, answer, own, right, clues, details)


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


def _uncalled(answer):
    """Which method's name stands as a statement of its own, without the parentheses that would call it."""
    functions = vars(answer).values() if inspect.isclass(answer) else [answer]
    for function in filter(inspect.isfunction, functions):
        for step, after in itertools.pairwise(dis.get_instructions(function)):
            if step.opname == "LOAD_ATTR" and after.opname == "POP_TOP":
                return f"`{step.argval}` stands there without parentheses: it is named, and not called."
    return ""


def _gives(answer):
    """True if there is a `return` of something in a function's code."""
    if not inspect.isfunction(answer):
        return False
    steps = list(dis.get_instructions(answer.__code__))
    ends = [place for place, step in enumerate(steps) if step.opname in ("RETURN_VALUE", "RETURN_CONST")]
    return any(steps[end if steps[end].opname == "RETURN_CONST" else end - 1].argval is not None for end in ends)


def _slip(exercise, own, again, seed):
    """What has happened to a right program that behaves like the answer on two draws, in words."""
    if exercise.value or exercise.kind == "goal" or not own.seen or own.seen[-1][1] is None:
        return ""
    right, found = _seen(exercise, exercise.right.program, seed), []
    for words, program in _slips(exercise):
        seen = _seen(exercise, program, seed)
        as_right = not seen.difference and not seen.failure and len(seen.seen) == len(right.seen)
        if not as_right and sandbox.same(own, seen) and sandbox.same(again()[1], _seen(exercise, program, seed + 1)):
            found.append(words)
    return f"It does the same as a right answer in which {', or '.join(found[:2])}." if found else ""


@functools.cache
def _slips(exercise):
    return list(slips.programs(exercise))


@functools.cache
def _seen(exercise, program, seed):
    """What is seen of a program of the course: the same for every answer."""
    own = program is exercise.right.program
    right = None if own else _seen(exercise, exercise.right.program, seed).seen
    return _run(exercise, program, right, None, seed)


def _answer(exercise, variant):
    return variant.program() if exercise.value else variant.program


def _run(exercise, program, right, limit, seed):
    # A goal is reached on copies, which may be spoilt.
    look = exercise.look if exercise.in_place or exercise.kind == "goal" else inputs.watched(exercise.look)
    return sandbox.observe(look, program, right, limit, exercise.within, seed)


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
    return Outcome(exercise.name, RAISED, sentence, meaning, *clues, _warnings(own), **details)


def _wrong(exercise, answer, own, right, clues, details):
    label, value = own.seen[-1]
    told = own.difference.sentence
    if exercise.kind == "predict":  # the right numbers stay unsaid
        told = compare.guess(right.seen[len(own.seen) - 1][1], value) or told
    printed = ""
    if value is None and _gives(answer):
        told = told.replace(
            "Is a `return` missing?", "Your `return` gives something that is `None` by then, as `.grad` may be."
        )
    sentence = f"{label[0].upper()}{label[1:]} {told}".replace(", –", " –")
    if value is None and own.printed:
        printed = "It printed something: `print` shows a value to you, `return` hands it to the one who calls."
    return Outcome(exercise.name, WRONG, sentence, *clues, printed, _warnings(own), **details)


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
