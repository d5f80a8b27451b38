"""Gradient Steps: the small library under the lessons.

Everything is reached by its module (`from course_utils.data import mnist`); only what the first cell of
a lesson needs hangs on the package itself. Modules load when first asked for, so `import course_utils`
costs little beyond torch.
"""

import importlib
import importlib.machinery
import os
import sys

_WANTED = (
    "anywidget", "filelock", "ipywidgets", "matplotlib", "numpy", "packaging", "PIL", "platformdirs", "scipy",
    "sklearn", "torch", "torchinfo", "torchvision", "tqdm", "traitlets",
)  # fmt: skip
_HOMES = {"setup": "session", "check_machine": "session", "show": "panels"}


def _refuse_hiding_files():
    """Raise if a file beside the notebook bears the name of a package that the course needs, and so hides it.

    Raises:
        ImportError: there is one; the sentence names it.
    """
    beside = [sys.path[0] or os.getcwd()]
    for name in _WANTED:
        found = importlib.machinery.PathFinder.find_spec(name, beside)
        if found is not None and found.origin and "-packages" not in found.origin:
            raise ImportError(
                f"{found.origin} hides the package {name}, which the course needs: Python looks beside the notebook "
                "first. Rename that file, then restart the kernel."
            )


def __getattr__(name):
    if name in _HOMES:
        return getattr(importlib.import_module(f"course_utils.{_HOMES[name]}"), name)
    raise AttributeError(f"course_utils has no {name!r}: it has {', '.join(_HOMES)}")


_refuse_hiding_files()
if "IPython" in sys.modules:
    for name in ("order", "interrupts"):
        importlib.import_module(f"course_utils.{name}").watch()
