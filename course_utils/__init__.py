"""Gradient Steps: the small library under the lessons.

Everything is reached by its module (`from course_utils.data import mnist`); only what the first cell of
a lesson needs hangs on the package itself. Modules load when first asked for, so `import course_utils`
costs little beyond torch.
"""

import importlib
import sys

_HOMES = {"setup": "session", "check_machine": "session", "show": "panels"}


def __getattr__(name):
    if name in _HOMES:
        return getattr(importlib.import_module(f"course_utils.{_HOMES[name]}"), name)
    raise AttributeError(f"course_utils has no {name!r}: it has {', '.join(_HOMES)}")


if "IPython" in sys.modules:
    importlib.import_module("course_utils.order").watch()
