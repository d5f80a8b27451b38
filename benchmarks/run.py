"""Runs every benchmark and writes benchmarks/results.md (make bench): half an hour in which nothing else may run."""

import datetime
import importlib.metadata
import os
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PARTS = {  # script and arguments: its heading
    ("training.py",): "Training one network",
    ("sweep.py",): "Many networks at once",
    ("panels.py", "--times", "30"): "Panels in a real JupyterLab and browser",
    ("startup.py",): "Waiting",
}
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
        sys.exit(f"{script} ended with status {process.returncode}: benchmarks/results.md stays as it was.")
    return "".join(lines).strip()


def main():
    load = os.getloadavg()[0]
    if load > 0.7:
        print(f"The load is {load:.1f}: something else is running, and the figures will be worth little.", flush=True)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    head = [
        "# Speed, measured",
        f"Written by `make bench` on {datetime.date.today()}: {processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}. Load before: {load:.1f}.",
    ]
    tables = [f"## {heading}\n\n{table(script, arguments)}" for (script, *arguments), heading in PARTS.items()]
    (HERE / "results.md").write_text("\n\n".join(head + tables) + "\n")


if __name__ == "__main__":
    main()
