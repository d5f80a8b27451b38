"""Interrupts at chosen lines: Ctrl-C as the program meets it, between two lines of any function, torch's included."""

import sys


def interrupted(work, line):
    """Do `work()` and interrupt it when it comes to its line number `line`, counted from 1 over all functions.

    Returns:
        True if it came so far.
    """
    return _traced(work, line) >= line


def lines_of(work):
    """How many lines `work()` comes to."""
    return _traced(work, float("inf"))


def _traced(work, last):
    seen = 0

    def trace(frame, event, argument):
        nonlocal seen
        seen += event == "line"
        if seen >= last:
            raise KeyboardInterrupt  # which ends the tracing too
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return seen
