"""Killed with -9 at random moments: what was said to be written is there, and nothing stands in the way."""

import json
import os
import subprocess
import sys

import pytest

# A parent that has loaded everything, and forks: each child checks the same wrong answer for ever, tells of each check
# that has returned, and is killed. The record counts the tries, so none may be missing and at most one be more.
RECORD = """
import json, os, pathlib, random, signal, sys, time
from course_utils.exercises import check, find, my_progress

times, file, chance = int(sys.argv[1]), pathlib.Path(os.environ["COURSE_PROGRESS"]), random.Random(0)
wrong = next(iter(find("01-5").mistakes.values())).program
assert check("02-4", find("02-4").right.program).status == "right"  # another exercise, whose entry has to stay
lost, acknowledged = [], 0

def tries():
    return json.loads(file.read_text())["exercises"]["01-5"][1] if acknowledged else 0

for number in range(times):
    read, write = os.pipe()
    child = os.fork()
    if not child:
        while True:
            check("01-5", wrong)
            os.write(write, b"x")
    os.close(write)
    os.read(read, 1)
    time.sleep(chance.uniform(0, 0.02))  # the moment is what is tried
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    acknowledged += 1 + len(os.read(read, 10**6))
    os.close(read)
    try:
        found = tries()
        assert acknowledged <= found <= acknowledged + 1, f"{found} tries, {acknowledged} acknowledged"
        assert json.loads(file.read_text())["exercises"]["02-4"][0]
        acknowledged = found
    except Exception as error:
        lost.append(f"kill {number}: {error!r}")
        break
check("01-5", wrong)
left = [one.name for one in file.parent.iterdir() if one.suffix != ".lock" and one != file]
print(json.dumps([number + 1, lost, left]))
"""
MOST = 100


@pytest.mark.quick
def test_record(row, times, tmp_path):
    """A kill -9 while progress is written."""
    settings = {"COURSE_PROGRESS": str(tmp_path / "progress.json"), "COURSE_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    count = str(min(times * 5, MOST))
    said = in_a_process(RECORD, tmp_path, count, **settings)
    tried, lost, left = json.loads(said.stdout.splitlines()[-1])
    row.seen = f"{len(left)} files left over"
    for number in range(tried):
        with row.attempt(f"kill {number}"):
            assert number < tried - len(lost), lost
    with row.attempt("the folder"):
        assert not left, left


def in_a_process(program, folder, *arguments, prefix=(), seconds=580, **environment):
    """Run a program and wait for its end; returns what `subprocess.run` does. A value None removes a setting."""
    environment = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    environment["PYTHONPATH"] = os.getcwd()
    command = [*prefix, sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds)
