"""Finds the browser the tests drive: `python tools/browser.py` prints it, or says how to install one.

Standard library only, since `make test` asks before it spends a minute on installing anything.
"""

import glob
import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    # Playwright's own download, newest last.
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def find():
    """Path of a Chromium or Chrome, or None. COURSE_BROWSER, where set, is the only one looked at."""
    named = os.environ.get("COURSE_BROWSER")
    if named:
        return shutil.which(named)
    on_path = [shutil.which(name) for name in NAMES]
    in_place = [path for place in PLACES for path in sorted(glob.glob(os.path.expanduser(place)))[::-1]]
    return next((path for path in on_path + in_place if path), None)


def how_to_install():
    """One sentence for someone without a browser, with the one command that mends it."""
    named = os.environ.get("COURSE_BROWSER")
    if named:
        return "COURSE_BROWSER names " + named + ", which is no program here. Correct it, or unset it."
    if sys.platform == "darwin":
        command = "brew install --cask google-chrome"
    elif shutil.which("apt-get"):
        sudo = "" if os.geteuid() == 0 else "sudo "
        command = sudo + "apt-get update && " + sudo + "apt-get install -y chromium"
    elif shutil.which("dnf"):
        command = "sudo dnf install -y chromium"
    else:
        command = ".venv/bin/python -m playwright install chromium"
    return "The browser tests need Chromium or Chrome. Install one with: " + command


if __name__ == "__main__":
    found = find()
    if not found:
        sys.exit(how_to_install())
    print("Browser for the tests: " + found)
