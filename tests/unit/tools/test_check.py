"""tools/check.py: what came of a step is counted, a crash and a skip too, and the table says it."""

import subprocess
import sys

import psutil
import pytest

from tools import check

pytestmark = [pytest.mark.process, pytest.mark.rest]

TESTS = """
import psutil
import pytest

def test_right(): pass
def test_wrong(): assert FAILS
def test_skipped(): pytest.skip("there is no such thing")
"""


@pytest.fixture
def step(tmp_path, monkeypatch):
    """Function that runs a step of the three tests above, of which one may fail; gives (passed, failed)."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(check, "mnist_is_here", lambda: True)

    def step(right):
        (tmp_path / "test_three.py").write_text(TESTS.replace("FAILS", str(right)))
        checks = check.Checks()
        checks.run("three", sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", str(tmp_path))
        return checks.results[0][1:3]

    return step


def test_tests_are_counted_and_only_what_fails_is_shown(step, capsys):
    assert step(right=True) == (2, 0)
    said = capsys.readouterr().out
    assert "1 skipped: there is no such thing" in said and "assert" not in said
    assert step(right=False) == (1, 1)
    assert "assert False" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere some tests can't run, and CI may skip them")
def test_a_skipped_test_fails_in_ci_where_all_can_run(step, monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert step(right=True) == (2, 1)
    monkeypatch.setattr(check, "mnist_is_here", lambda: False)
    assert step(right=True) == (2, 0)


def test_programs_count_as_one_or_as_their_own_table_says_and_a_crash_is_a_failure(capsys):
    checks = check.Checks()
    for code in ("pass", "raise SystemExit(3)", "print('5 passed, 0 failed')", "print('5 passed, 2 failed'); exit(1)"):
        checks.run(code, sys.executable, "-c", code)
    assert [result[1:3] for result in checks.results] == [(1, 0), (0, 1), (5, 0), (5, 2)]
    assert checks.close()
    said = capsys.readouterr().out
    assert "FAILED: raise SystemExit(3); print('5 passed, 2 failed'); exit(1)." in said
    assert said.splitlines()[-1] == "11 passed, 3 failed"


def test_a_step_that_hangs_is_ended_with_all_it_started_and_what_it_said_is_shown(capsys, monkeypatch):
    monkeypatch.setattr(check, "LIMIT", 3)
    checks = check.Checks()
    child = "import subprocess, sys; it = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)"
    checks.run("hangs", sys.executable, "-c", f"{child}; print(it.pid, flush=True); it.wait()")
    assert checks.results[0][1:3] == (0, 1)
    said = capsys.readouterr().out
    assert "ended after " in said and not psutil.pid_exists(int(said.splitlines()[1]))
    checks.run("goes on", sys.executable, "-c", "pass")
    assert checks.results[1][1:3] == (1, 0)


def test_whoever_ends_a_check_gets_its_table_and_what_its_step_said():
    code = """
from tools import check
import sys
wait = "print('here I wait', flush=True); input()"
check.SIZES["own"] = lambda checks: checks.run("waits", sys.executable, "-c", wait)
check.ANNOUNCED = 0
check.main("own")
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=check.ROOT
    )
    assert any("s …" in line for line in process.stdout)
    process.terminate()
    rest = process.communicate(timeout=60)[0]
    assert "here I wait" in rest and "Interrupted: the other steps did not run." in rest
    assert rest.splitlines()[-1] == "0 passed, 1 failed"


def test_a_step_of_several_says_which_it_is_at(tmp_path):
    (tmp_path / "output").write_text("── panels\n   43 %, 30 s …\n── classic Notebook\n")
    with open(tmp_path / "output", "rb") as output:
        assert check._progress(output) == "classic Notebook, "
    (tmp_path / "output").write_text("....  [ 43%]\n...")
    with open(tmp_path / "output", "rb") as output:
        assert check._progress(output) == "43 %, "
