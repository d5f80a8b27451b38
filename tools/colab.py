"""Finishes the set-up on Colab: the set-up cell, which fetches the course, runs this file in the notebook's kernel.

Puts the course on the path, and installs what its lessons import and Colab lacks; torch is left alone. `%run` gives
the notebook every name of this file, so none is left.
"""


def _finish():
    import importlib.util
    import pathlib
    import subprocess
    import sys

    course = pathlib.Path(__file__).resolve().parents[1]
    if str(course) not in sys.path:
        sys.path.insert(0, str(course))
    lacking = [name for name in ["torchinfo"] if importlib.util.find_spec(name) is None]
    wanted = (line.partition("#")[0].strip() for line in (course / "requirements.txt").read_text().splitlines())
    missing = [line for line in wanted if line.startswith(tuple(lacking))]
    if missing:
        # Without dependencies: none may bring another torch along.
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run(pip + missing, check=True)
        importlib.invalidate_caches()


_finish()
del _finish
