"""Notebooks and controls on other versions: `python tools/lanes.py [LANE…]`, by default on all that tools/env.py has.

Each lane has an environment of its own, made when first needed. One whose Python is not here is said to be left out.
"""

import os
import subprocess
import sys
import time

import env


def run(lane):
    """Make the lane's environment and run its checks there. Returns what came of it, in words."""
    try:
        env.main(lane, with_browser=False)
    except env.SetupError as stop:
        print(stop, flush=True)
        return "NOT RUN" if isinstance(stop, env.NoPythonError) else "FAILED"
    done = subprocess.run([env.python_of(lane), "tools/check.py", "lane"], cwd=env.ROOT)
    return "FAILED" if done.returncode else "well"


def main(lanes):
    """Run each of `lanes`; exit status 1 where one failed, or, in CI, was not run."""
    unknown = [lane for lane in lanes if lane not in env.LANES]
    if unknown:
        raise env.SetupError(f"There is no lane {unknown[0]}. There are {', '.join(env.LANES)}.")
    results = {}
    for lane in lanes:
        print(f"\n══ lane {lane}", flush=True)
        began = time.monotonic()
        results[lane] = f"{run(lane)} ({time.monotonic() - began:.0f} s)"
    print("\n" + "\n".join(f"lane {lane}: {result}" for lane, result in results.items()))
    bad = ("FAILED", "NOT RUN") if os.environ.get("CI") else ("FAILED",)
    sys.exit(any(result.startswith(bad) for result in results.values()))


if __name__ == "__main__":
    try:
        main(sys.argv[1:] or list(env.LANES))
    except env.SetupError as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
