"""Where answers to the exercises are collected: other right ones, and wrong ones as people write them.

`RIGHT`: {exercise: [program, …]}; `WRONG`: {exercise: {diagnosis: [program, …]}}; `UNKNOWN`: {exercise: [(program, what
the check says of it), …]}, wrong in ways that have no name.
"""

RIGHT, WRONG, UNKNOWN = {}, {}, {}


def right(name):
    return lambda program: RIGHT.setdefault(name, []).append(program) or program


def wrong(name, diagnosis):
    return lambda program: WRONG.setdefault(name, {}).setdefault(diagnosis, []).append(program) or program


def unknown(name, text):
    return lambda program: UNKNOWN.setdefault(name, []).append((program, text)) or program
