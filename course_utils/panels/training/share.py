"""A panel as a line of code that opens it again."""

import inspect
import math

from course_utils.experiment import name_of

_UNSET = {"budget": math.inf, "earlier": []}


def line(kind, code, given, earlier):
    """The text of a panel whose Experiment has the text `code`.

    Args:
        kind: TrainingPanel.
        code: the text.
        given: {argument of it: value}; those that have their default are left out.
        earlier: Experiments of the earlier runs.
    """
    usual = {name: one.default for name, one in inspect.signature(kind).parameters.items()} | _UNSET
    values = {name: value for name, value in (given | {"earlier": earlier}).items() if value != usual[name]}
    texts = [f"{name}={name_of(value) if callable(value) else repr(value)}" for name, value in values.items()]
    return f"{kind.__name__}({', '.join([code, *texts])})"
