"""Runs the benchmarks and writes benchmarks/results.md (make bench): up to an hour in which nothing else may run.

python -m benchmarks.run                    all of them but the part gpu
python -m benchmarks.run sweep panels       these; what results.md says of the others stays
FORCE=1 python -m benchmarks.run            on a busy machine too, and results.md says so
"""

import argparse
import datetime
import importlib.metadata
import os
import pathlib
import platform
import subprocess
import sys

from benchmarks import machine

HERE = pathlib.Path(__file__).resolve().parent
PARTS = {  # script: its heading, and arguments
    "training": ("Training one network",),
    "sweep": ("Many networks at once",),
    "panels": ("Panels in a real JupyterLab and browser", "--times", "30"),
    "startup": ("Waiting",),
    "gpu": ("On a GPU",),
}
BY_NAME = ("gpu",)  # run only when asked for
HEAD = "# Speed, measured\n\nWritten by `make bench`."
PACKAGES = ("torch", "torchvision", "ipywidgets", "jupyterlab", "matplotlib", "lightning", "skorch")


def processor():
    """The processor's name, where the system tells."""
    info = pathlib.Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.machine())


def table(part, arguments):
    """What a benchmark prints, which is shown too while it runs."""
    lines = []
    command = [sys.executable, "-m", f"benchmarks.{part}", *arguments]
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        sys.exit(f"{part} ended with status {process.returncode}: benchmarks/results.md keeps what it said of it.")
    return "".join(lines).strip()


def forced():
    """Is `FORCE` set? Then a busy machine is measured too."""
    return os.environ.get("FORCE", "0") not in ("", "0")


def refuse(trouble, told):
    """End the program with one sentence that begins with `told`, unless there is no trouble or it is to be ignored."""
    if trouble and not forced():
        sys.exit(f"{told}: {trouble}; FORCE=1 measures anyway.")


def section(part, first=True):
    """Run one benchmark: its heading, where and when it ran, and its tables.

    Args:
        part: a key of `PARTS`.
        first: has no other part run just before? Then the load is that of others.

    Raises:
        SystemExit: the machine is busy, or is afterwards, and `FORCE` isn't set.
    """
    heading, *arguments = PARTS[part]
    before = machine.look(judge_load=first)
    refuse(before.trouble, "The machine is busy")
    tables = table(part, arguments)
    after = machine.look(judge_load=False)
    refuse(after.trouble, f"The machine became busy, so benchmarks/results.md keeps what it said of {part}")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    where = (
        f"On {datetime.date.today()}: {processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}. {before.told(after)}"
    )
    return f"## {heading}\n\n{where}\n\n{tables}"


def merged(text, new):
    """The text of results.md with the section `new` in the place of the old one; sections are in the order of PARTS."""
    sections = {old.splitlines()[0]: f"## {old}".strip() for old in text.split("\n## ")[1:]}
    sections[new.splitlines()[0].removeprefix("## ")] = new
    return "\n\n".join([HEAD, *(sections[heading] for heading, *_ in PARTS.values() if heading in sections)]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all but gpu if none is named")
    given = parser.parse_args().parts
    for part in given:
        if part not in PARTS:
            parser.error(f"part is {part!r}: it must be one of {', '.join(PARTS)}.")
    results = HERE / "results.md"
    for place, part in enumerate(given or [part for part in PARTS if part not in BY_NAME]):
        new = section(part, first=place == 0)  # an hour may be broken off: what is measured is written down at once
        results.write_text(merged(results.read_text() if results.exists() else "", new))


if __name__ == "__main__":
    main()
