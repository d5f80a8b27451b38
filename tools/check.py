"""Runs the project's checks, `python -m tools.check SIZE`, and closes with a table: passed, failed, seconds.

check    style, and the unit tests that start no process and train nothing
test     style, and all units but the slow ones; faults on purpose, a few; every notebook run once, its controls turned
         and its claims held; one pass in a real browser
rest     what `test` leaves to CI: every notebook by nbmake, slow units, every lesson and page in a browser, long
         claims, environments, Colab's lane
colab    panels and notebooks on Colab's versions; a lane's environment runs it
lane     notebooks, every control, and each notebook as one file on a lane's versions; likewise
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

import psutil

from course_utils import catalog
from tools import browser, offline

ROOT = pathlib.Path(__file__).resolve().parents[1]
RUN = (sys.executable, "-m", "pytest", "-q", "-n", "2")  # two at a time: each computes with one thread
PYTEST = (*RUN, "-p", "no:nbmake")  # which takes seconds to load, in each process
NBMAKE = (*RUN, "--nbmake", *map(str, catalog.notebooks()))
# The tests of a lesson share one run of its notebook.
LESSONS = (*PYTEST, "tests/lessons")
ALONE = "tests/lanes/test_standalone.py"
COLAB = (*PYTEST, "-c", "tests/colab/pytest.ini", f"--rootdir={ROOT}", f"--confcutdir={ROOT}")
# Strict, since an error in a widget's callback is otherwise shown beside the picture and nowhere else.
STRICT = {"COURSE_STRICT": "1"}
ANNOUNCED = 30  # seconds between two lines on a step that runs, where nobody watches a terminal
LIMIT = 30 * 60  # seconds after which a step hangs: twice what the longest takes

# Before a kernel's first cell. As in tests/colab/pytest.ini, for what a notebook does; and IPython's own warnings stay.
DEPRECATIONS_ARE_ERRORS = """
import warnings
warnings.filterwarnings("error", category=DeprecationWarning, module="__main__|course_utils")
warnings.filterwarnings("error", "Passing unrecogni", DeprecationWarning)
del warnings
"""


class Result(NamedTuple):
    """The result of a step: how many tests passed and failed, and its seconds. A program counts as one test."""

    name: str
    passed: int
    failed: int
    seconds: float


class Checks:
    """Runs steps one after the other and keeps their results.

    Attributes:
        results: of the steps so far, in order.
        advice: sentences to close with, on what somebody has to do.
    """

    def __init__(self):
        self.results, self.advice = [], []

    def run(self, name, *command, **environment):
        """Run a command as one step. Its output is shown if it fails; meanwhile, how long it has been running."""
        print(f"── {name}", flush=True)
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, open(f"{folder}/output", "w+b") as output:
            report = pathlib.Path(folder, "report.xml")
            more = [f"--junitxml={report}"] if "pytest" in command else []
            process = subprocess.Popen(
                [*command, *more], cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
            )
            in_time = False
            try:
                in_time = self._watch(process, output, began)
            finally:
                end(process)
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                if not in_time:  # whoever ended it, what it was about to do when it hung is wanted
                    print(said, f"ended after {time.monotonic() - began:.0f} s", sep="\n", flush=True)
            passed, failed, skipped = _counts(report, said, process.returncode)
            if process.returncode and not failed:
                failed = 1  # it ended outside of any test
            if not in_time:
                return self.add(name, passed, failed, time.monotonic() - began)
        if failed:
            print(said)
        elif skipped:
            reasons = re.findall(r"^SKIPPED \[(\d+)\] \S+: (.*)$", said, re.MULTILINE)
            for reason in dict.fromkeys(reason for _, reason in reasons):
                print(f"   {sum(int(n) for n, other in reasons if other == reason)} skipped: {reason}")
            # A test that is skipped even on CI, where all can run, would run nowhere.
            failed = skipped if os.environ.get("CI") and sys.platform == "linux" and mnist_is_here() else 0
        self.add(name, passed, failed, time.monotonic() - began)

    def add(self, name, passed, failed, seconds):
        """Keep a result, and print it."""
        self.results.append(Result(name, passed, failed, seconds))
        print(f"   {passed:,} passed, {failed:,} failed, {seconds:.0f} s", flush=True)

    def without_network(self, name, *command):
        """Run a step on the embedded digits without a network, or, where that can't be, told that there is none."""
        obstacle = offline.why_not()
        with digits() as data:
            if not obstacle:
                return self.run(f"{name}, without a network", *offline.without_network(command), **STRICT, **data)
            if os.environ.get("CI") and sys.platform == "linux":
                print(f"── {name}, without a network\n{obstacle}")
                self.add(f"{name}, without a network", 0, 1, 0)
            return self.run(f"{name}, told that there is no network", *command, **STRICT, **data)

    def close(self):
        """Print the table; returns whether anything failed."""
        total = Result("all", *(sum(column) for column in list(zip(*self.results, strict=True))[1:]))
        width = max(len(result.name) for result in [*self.results, total])
        print(f"\n{'step':{width}}  passed  failed  seconds")
        for name, passed, failed, seconds in [*self.results, total]:
            print(f"{name:{width}}  {passed:6,}  {failed:6,}  {seconds:7.0f}")
        bad = [result.name for result in self.results if result.failed]
        print("\n" + (f"FAILED: {'; '.join(bad)}." if bad else "All is well."))
        print(*self.advice, f"{total.passed} passed, {total.failed} failed", sep="\n", flush=True)
        return bool(bad)

    def _watch(self, process, output, began):
        """Wait until the step has ended; returns False if it takes more than LIMIT."""
        said = 0
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
            seconds = time.monotonic() - began
            if seconds > LIMIT:
                return False
            if sys.stdout.isatty():
                print(f"\r   {_progress(output)}{seconds:.0f} s ", end="", flush=True)
            elif seconds - said >= ANNOUNCED:
                said = seconds
                print(f"   {_progress(output)}{seconds:.0f} s …", flush=True)
        if sys.stdout.isatty():
            print("\r", end="")
        return True


def end(process):
    """End a process with all that it started: a server or a browser would outlive the tests it was for."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    for one in (process, *children):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.terminate()
    _, left = psutil.wait_procs(children, timeout=20)  # a check inside nox has first to tell what it was doing
    for one in (process, *left):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()


def _progress(output):
    """How far a step says it is: pytest "43 %, ", a check within this one "classic Notebook, "; "" if it doesn't."""
    size = os.fstat(output.fileno()).st_size
    tail = os.pread(output.fileno(), 4000, max(0, size - 4000)).decode(errors="replace")
    steps = re.findall(r"^── (.*)$", tail, re.MULTILINE)
    if steps:
        return f"{steps[-1]}, "
    percent = tail.rpartition("%]")[0].rpartition("[")[2].strip()
    return f"{percent} %, " if percent.isdigit() else ""


def _counts(report, said, status):
    """(passed, failed, skipped) of a step: its report in JUnit's format has them, or the last line of our own table."""
    if report.exists():
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
        tests, *bad, skipped = (
            sum(int(suite.get(what)) for suite in suites) for what in ("tests", "failures", "errors", "skipped")
        )
        return tests - sum(bad) - skipped, sum(bad), skipped
    closing = re.findall(r"^(\d+) passed, (\d+) failed$", said, re.MULTILINE)
    return (*map(int, closing[-1]), 0) if closing else (int(not status), int(bool(status)), 0)


@contextlib.contextmanager
def digits():
    """Settings under which there is no data but the embedded digits."""
    with tempfile.TemporaryDirectory() as empty:
        yield {"COURSE_OFFLINE": "1", "COURSE_DATA": empty}


def mnist_is_here():
    data = os.environ.get("COURSE_DATA")
    return bool(data) and pathlib.Path(data, "MNIST", "raw").is_dir()


def check(checks):
    """What anybody can run before each change."""
    _style_and_units(checks, "not (process or trains or rest)")


def _style_and_units(checks, which):
    checks.run("ruff check", sys.executable, "-m", "ruff", "check", "--quiet", ".")
    checks.run("ruff format", sys.executable, "-m", "ruff", "format", "--check", "--quiet", ".")
    checks.run("unit tests", *PYTEST, "tests/unit", "-m", which)


def get_browser(checks):
    """Find a browser or install one; returns whether there is one. Without it the run goes on, and fails at its end."""
    began = time.monotonic()
    print("── a browser", flush=True)
    found = browser.get()
    checks.add(f"a browser: {found or 'none'}", int(bool(found)), int(not found), time.monotonic() - began)
    if not found:
        checks.advice.append(browser.how_to_install())
    return bool(found)


def test(checks):
    """What there is to run before each change; it is to fit into six minutes."""
    found = get_browser(checks)
    _style_and_units(checks, "not rest")  # all at once: to collect them takes each time as long as many of them
    checks.run("faults on purpose, a few", *PYTEST, "--dist", "loadfile", "tests/faults", "-m", "quick")
    if mnist_is_here():
        checks.run("controls and claims, on MNIST", *LESSONS, "-m", "not long", **STRICT)
    else:
        checks.without_network("controls and claims, on the digits", *LESSONS, "-m", "not long")
        checks.advice.append(
            "On real MNIST nothing was run: COURSE_DATA names no folder that holds MNIST/raw. mnist() downloads it: "
            'COURSE_DATA=data .venv/bin/python -c "from course_utils.data import mnist; mnist()"'
        )
    if found:
        # The pages show the same on any data, and sooner on the digits.
        with digits() as data:
            checks.run(
                "in a browser", *PYTEST, "--dist", "loadfile", "tests/browser", "tests/site", "-m", "brief", **data
            )


def rest(checks):
    """What CI runs after `test`."""
    found = get_browser(checks)
    checks.run("long claims", *LESSONS, "-m", "long", **STRICT)
    checks.without_network("notebooks by nbmake", *NBMAKE)
    checks.run("slow units", *PYTEST, "tests/unit", "-m", "rest")
    checks.run("environments", *PYTEST, "tests/lanes", f"--ignore={ALONE}")
    checks.without_network("each notebook as one file", *PYTEST, ALONE)
    if found:
        with digits() as data:
            # Each test of a lesson starts a new kernel, so any of the two processes can run it.
            checks.run("every lesson in a browser", *PYTEST, "tests/browser/test_lessons.py", "-m", "not brief", **data)
            panels = ("tests/browser", "--ignore=tests/browser/test_lessons.py", "-m", "not brief")
            checks.run("panels in a browser", *PYTEST, "--dist", "loadfile", *panels, **data)
            checks.run("all pages", *PYTEST, "tests/site", "-m", "not brief", **data)
        nox = (sys.executable, "-m", "nox", "-f", "tests/lanes/noxfile.py", "-s", "colab", "--", "colab")
        checks.run("Colab's lane", *nox)


def warnings_are_errors():
    """Turn deprecations into errors, in kernels."""
    startup = pathlib.Path(os.environ["IPYTHONDIR"], "profile_default", "startup")
    startup.mkdir(parents=True)
    (startup / "deprecations.py").write_text(DEPRECATIONS_ARE_ERRORS)


def colab(checks):
    """On Colab's versions: the panels, and every notebook alone in an empty folder and in classic Notebook."""
    warnings_are_errors()
    checks.run("panels on Colab's versions", *COLAB, "tests/unit/panels", "-m", "not process")
    alone = "tests/colab/test_alone.py"
    with digits() as data:
        checks.run("notebooks alone, every control", *COLAB, alone, **data)
        checks.run("classic Notebook", *COLAB, "tests/colab", f"--ignore={alone}", **data)


def lane(checks):
    """On a lane's versions: every notebook without widgets, with every control turned, and as one file."""
    warnings_are_errors()
    with digits() as data:
        checks.run("notebooks without widgets", *NBMAKE, COURSE_HEADLESS="1", **STRICT, **data)
        checks.run("every control", *LESSONS, "-m", "control", **STRICT, **data)
    checks.without_network("each notebook as one file", *PYTEST, ALONE)


SIZES = {"check": check, "test": test, "rest": rest, "colab": colab, "lane": lane}


def main(size):
    """Run one of SIZES; returns whether anything failed."""
    # What Python and pytest compile is kept for the next step, also where images of containers forbid it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Two torch processes that use all cores at once slow each other down manyfold.
    os.environ.update(COURSE_THREADS="1", OMP_NUM_THREADS="1")
    checks = Checks()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it gets the table too
    with tempfile.TemporaryDirectory() as home:
        # The tests must not see the user's own Jupyter settings, kernels and progress.
        os.environ.update(JUPYTER_DATA_DIR=home, JUPYTER_CONFIG_DIR=home, IPYTHONDIR=home)
        os.environ["COURSE_PROGRESS"] = os.path.join(home, "progress.json")
        try:
            SIZES[size](checks)
        except KeyboardInterrupt:
            checks.advice.append("Interrupted: the other steps did not run.")
            checks.add("interrupted", 0, 1, 0)
    return checks.close()


if __name__ == "__main__":
    if sys.argv[1:] not in ([size] for size in SIZES):
        sys.exit(f"Call it as: python -m tools.check SIZE, where SIZE is one of {', '.join(SIZES)}.")
    sys.exit(main(sys.argv[1]))
