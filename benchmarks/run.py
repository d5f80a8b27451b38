"""Runs the benchmarks and writes benchmarks/results.md (make bench): up to an hour in which nothing else may run.

python benchmarks/run.py                    all of them
python benchmarks/run.py sweep panels       these; what results.md says of the others stays
"""

import argparse
import datetime
import importlib.metadata
import os
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PARTS = {  # script: its heading, and arguments
    "training": ("Training one network",),
    "sweep": ("Many networks at once",),
    "panels": ("Panels in a real JupyterLab and browser", "--times", "30"),
    "startup": ("Waiting",),
}
HEAD = "# Speed, measured\n\nWritten by `make bench`."
PACKAGES = ("torch", "torchvision", "ipywidgets", "jupyterlab", "matplotlib", "lightning", "skorch")


def processor():
    """The processor's name, where the system tells."""
    info = pathlib.Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.machine())


def table(script, arguments):
    """What a benchmark prints, which is shown too while it runs."""
    lines = []
    command = [sys.executable, HERE / script, *arguments]
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        sys.exit(f"{script} ended with status {process.returncode}: benchmarks/results.md keeps what it said of it.")
    return "".join(lines).strip()


def section(part):
    """Run one benchmark: its heading, where and when it ran, and its tables."""
    heading, *arguments = PARTS[part]
    load = os.getloadavg()[0]
    if load > 0.7:
        print(f"The load is {load:.1f}: something else is running, and the figures will be worth little.", flush=True)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    where = (
        f"On {datetime.date.today()}: {processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}. Load before: {load:.1f}."
    )
    return f"## {heading}\n\n{where}\n\n{table(f'{part}.py', arguments)}"


def merged(text, new):
    """The text of results.md with the section `new` in the place of the old one; sections are in the order of PARTS."""
    sections = {old.splitlines()[0]: f"## {old}".strip() for old in text.split("\n## ")[1:]}
    sections[new.splitlines()[0].removeprefix("## ")] = new
    return "\n\n".join([HEAD, *(sections[heading] for heading, *_ in PARTS.values() if heading in sections)]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all unless told otherwise")
    given = parser.parse_args().parts
    for part in given:
        if part not in PARTS:
            parser.error(f"part is {part!r}: it must be one of {', '.join(PARTS)}.")
    results = HERE / "results.md"
    for part in given or PARTS:
        new = section(part)  # an hour may be broken off: what is measured is written down at once
        results.write_text(merged(results.read_text() if results.exists() else "", new))


if __name__ == "__main__":
    main()
