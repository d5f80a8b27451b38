"""Runs the project's checks and says at the end which failed and how long all took.

python tools/check.py          what needs no browser (make check)
python tools/check.py all      everything on these versions (make test)
python tools/check.py colab    panels and notebooks on Colab's versions (make test-colab), in .venv-colab
python tools/check.py lane     notebooks and every control on a lane's versions (make lanes), in the lane's environment
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from importlib import metadata

import env
import offline
from packaging.requirements import Requirement

ROOT = pathlib.Path(__file__).resolve().parents[1]
AT_ONCE = ("-n", "2")  # each computes with one thread
NBMAKE = ("pytest", "-q", *AT_ONCE, "--nbmake", "notebooks")
EVERY_CONTROL = ("pytest", "-q", *AT_ONCE, "tests/lessons")  # runs each notebook as nbmake does, and then its controls
# Strict, since an error in a widget's callback is otherwise shown beside the picture and nowhere else.
STRICT = {"COURSE_STRICT": "1"}

# Before a kernel's first cell. As in tests/colab/pytest.ini, for what a notebook does; and IPython's own warnings stay.
DEPRECATIONS_ARE_ERRORS = """
import warnings
warnings.filterwarnings("error", category=DeprecationWarning, module="__main__|course_utils")
warnings.filterwarnings("error", "Passing unrecogni", DeprecationWarning)
del warnings
"""


def run(name, *arguments, wrap=list, **environment):
    """Run a Python module as one step; `wrap` may change the command. Returns the step's name if it failed."""
    print(f"\n── {name}", flush=True)
    done = subprocess.run(wrap([sys.executable, "-m", *arguments]), cwd=ROOT, env={**os.environ, **environment})
    return [] if done.returncode == 0 else [name]


def without_network(name, *arguments):
    """Run a step on the embedded digits where there is no network, or as if there were none."""
    obstacle = offline.why_not()
    with tempfile.TemporaryDirectory() as empty:
        if not obstacle:
            step = f"{name} on the embedded digits, without a network"
            return run(step, *arguments, wrap=offline.without_network, COURSE_OFFLINE="", COURSE_DATA=empty, **STRICT)
        print(f"\n── NOT RUN: {name} without a network, since {obstacle}. COURSE_OFFLINE stands in.", flush=True)
        failed = [f"{name} without a network"] if os.environ.get("CI") and sys.platform == "linux" else []
        step = f"{name} on the embedded digits"
        return failed + run(step, *arguments, COURSE_OFFLINE="1", COURSE_DATA=empty, **STRICT)


def style_and_units():
    """What runs no notebook. Returns the names of the steps that failed, as all of these do."""
    failed = run("ruff", "ruff", "check", "--quiet", ".")
    failed += run("ruff format", "ruff", "format", "--check", "--quiet", ".")
    return failed + run("unit tests", "pytest", "-q", *AT_ONCE, "tests/unit")


def check():
    """Everything that needs no browser."""
    return style_and_units() + without_network("notebooks", *NBMAKE)


def pinned(lane):
    """{name: version} of what the lane pins, for the Python that runs this."""
    lines = (ROOT / env.pins(lane)[0]).read_text().splitlines()
    requirements = [Requirement(line) for line in (line.partition("#")[0].strip() for line in lines) if line]
    here = [one for one in requirements if one.marker is None or one.marker.evaluate()]
    return {one.name: str(one.specifier).removeprefix("==") for one in here}


def not_as_in(lane):
    """What here is not as the lane has it, in words, Python first: ["numpy 2.1.3 instead of 2.4.6", …]."""
    python = ".".join(map(str, sys.version_info[:2]))
    pythons = env.LANES[lane]
    others = [] if python in pythons else [f"Python {python} instead of {' or '.join(pythons)}"]
    # 2.15.0+cpu is the same version, without CUDA.
    installed = {one.name.lower(): one.version.partition("+")[0] for one in metadata.distributions()}
    for name, version in pinned(lane).items():
        here = installed.get(name, version)  # Colab has more than the course needs
        if here != version:
            others.append(f"{name} {here} instead of {version}")
    return others


def say_which_lane():
    """Say whether all that follows counts as the lane newest, or as the one that LANE names: then it has to."""
    lane = os.environ.get("LANE") or "newest"
    others = not_as_in(lane)
    said = f"This is not the lane {lane}: {', '.join(others)}." if others else f"This is the lane {lane}."
    print(f"\n── {said}", flush=True)
    return [f"the lane {lane}"] if others and os.environ.get("LANE") else []


def check_all():
    """`check`, with every control turned; the notebooks on real MNIST where it is found; and all other tests."""
    failed = say_which_lane() + style_and_units() + without_network("every control", *EVERY_CONTROL)
    data = os.environ.get("COURSE_DATA")
    if data and pathlib.Path(data, "MNIST", "raw").is_dir():
        failed += run("notebooks on MNIST", *NBMAKE, **STRICT)
    else:
        print(
            "\n── NOT RUN: notebooks on MNIST. Set COURSE_DATA to a folder that holds MNIST/raw to run it; "
            'mnist() downloads there: COURSE_DATA=data .venv/bin/python -c "import course_utils.data as d; d.mnist()"',
            flush=True,
        )
    # A lesson's claims share one run of its notebook.
    claims = ("pytest", "-q", *AT_ONCE, "--dist", "loadfile", "--durations", "5", "tests/claims")
    if os.environ.get("CI"):
        failed += run("claims", *claims)
    else:
        failed += run("claims", *claims, "-m", "not long")
        print("\n── NOT RUN: claims on whole training runs, minutes each. CI=1 make test runs them, and make claims.")
    # What is looked at in these is the same on any data, and on the digits it is there sooner.
    lessons_in_lab = "tests/browser/test_lessons.py"
    with tempfile.TemporaryDirectory() as empty:
        digits = {"COURSE_OFFLINE": "1", "COURSE_DATA": empty}
        failed += run("lessons in a browser", "pytest", "-q", *AT_ONCE, lessons_in_lab, **digits)
        failed += run("pages in a browser", "pytest", "-q", *AT_ONCE, "tests/site", **digits)
    # The tests of one file share a server.
    rest = ("--dist", "loadfile", "tests/browser", f"--ignore={lessons_in_lab}")
    return failed + run("browser", "pytest", "-q", *AT_ONCE, *rest)


def warnings_are_errors(ipython):
    """Let kernels take what a later version will not allow for an error; `ipython`: folder of IPython's settings."""
    startup = pathlib.Path(ipython, "profile_default", "startup")
    startup.mkdir(parents=True)
    (startup / "deprecations.py").write_text(DEPRECATIONS_ARE_ERRORS)


def check_colab(ipython):
    """On Colab's versions: the panels, every notebook alone and without widgets, and both in classic Notebook."""
    warnings_are_errors(ipython)
    options = ("pytest", "-q", "-c", "tests/colab/pytest.ini", f"--rootdir={ROOT}")
    panels = sorted(map(str, ROOT.glob("tests/unit/test_panels*.py")))
    failed = run("panels on Colab's versions", *options, *AT_ONCE, *panels)
    alone = "tests/colab/test_alone.py"
    with tempfile.TemporaryDirectory() as empty:
        digits = {"COURSE_OFFLINE": "1", "COURSE_DATA": empty}
        failed += run("notebooks alone, and every control", *options, *AT_ONCE, alone, **digits)
        failed += run("notebooks without widgets", *NBMAKE, COURSE_HEADLESS="1", **STRICT, **digits)
        return failed + run("classic Notebook", *options, *AT_ONCE, "tests/colab", f"--ignore={alone}", **digits)


def check_lane(ipython):
    """On a lane's versions: every notebook without widgets, and with every control turned."""
    warnings_are_errors(ipython)
    with tempfile.TemporaryDirectory() as empty:
        digits = {"COURSE_OFFLINE": "1", "COURSE_DATA": empty}
        failed = run("notebooks without widgets", *NBMAKE, COURSE_HEADLESS="1", **STRICT, **digits)
        return failed + run("every control", *EVERY_CONTROL, **digits)


def main():
    began = time.monotonic()
    # Two torch processes that use all cores at once slow each other down manyfold.
    os.environ.update(COURSE_THREADS="1", OMP_NUM_THREADS="1")
    with tempfile.TemporaryDirectory() as home:
        # The reader's own Jupyter settings, kernels and progress are none of the tests' business.
        os.environ.update(JUPYTER_DATA_DIR=home, JUPYTER_CONFIG_DIR=home, IPYTHONDIR=home)
        os.environ["COURSE_PROGRESS"] = os.path.join(home, "progress.json")
        with_home = {"colab": check_colab, "lane": check_lane}
        what = sys.argv[1] if sys.argv[1:] else ""
        failed = with_home[what](home) if what in with_home else check_all() if what == "all" else check()
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'All is well'}, {time.monotonic() - began:.0f} s in all.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
