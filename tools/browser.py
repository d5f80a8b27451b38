"""The browser that the tests drive: `python -m tools.browser` says which one is here, or gets one.

In this order: one that is here and starts; Playwright's Chromium, into the user's own cache; the system's package.
Only root and CI get system packages unasked; everybody else is told the command.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    # Playwright's own download, newest last.
    "{cache}/chromium-*/chrome-linux*/chrome",
    "{cache}/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "{cache}/chromium-*/chrome-win*/chrome.exe",
)
PLAYWRIGHT = (sys.executable, "-m", "playwright")
HOST_SECONDS = 5  # that a host has to answer in, before another way is tried


def cache():
    """The folder in which Playwright keeps its browsers."""
    default = {
        "darwin": "~/Library/Caches/ms-playwright",
        "win32": os.path.join(os.environ.get("LOCALAPPDATA", "~"), "ms-playwright"),
    }.get(sys.platform, "~/.cache/ms-playwright")
    return os.path.expanduser(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)


def programs():
    """The paths of all that might be a Chromium or Chrome. COURSE_BROWSER, where set, is the only one looked at."""
    named = os.environ.get("COURSE_BROWSER")
    if named:
        return [path for path in [shutil.which(named)] if path]
    on_path = [shutil.which(name) for name in NAMES]
    in_place = [path for place in PLACES for path in sorted(glob.glob(place.format(cache=cache())))[::-1]]
    return [path for path in on_path + in_place if path]


def starts(path):
    """Whether a browser runs at all. One that lacks its libraries ends at once, and so does a stub for a package."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find():
    """Path of a Chromium or Chrome that starts, or None."""
    return next(filter(starts, programs()), None)


def may_install():
    """Whether system packages may be installed unasked."""
    return sys.platform == "linux" and (os.geteuid() == 0 or bool(os.environ.get("CI")))


def as_root(*command):
    return command if os.geteuid() == 0 else ("sudo", *command)


def package_commands():
    """The commands that install the system's own browser; [] where it is not known how."""
    if sys.platform == "darwin":
        return [("brew", "install", "--cask", "google-chrome")] if shutil.which("brew") else []
    if shutil.which("apt-get"):
        return [as_root("apt-get", "update", "-qq"), as_root("apt-get", "install", "-y", "-qq", "chromium")]
    if shutil.which("dnf"):
        return [as_root("dnf", "install", "-y", "-q", "chromium")]
    return []


def how_to_install():
    """A sentence for somebody without a browser, with the command that installs one."""
    named = os.environ.get("COURSE_BROWSER")
    if named:
        return f"COURSE_BROWSER names {named}, which is no browser that starts here. Correct it, or unset it."
    command = " && ".join(map(" ".join, package_commands())) or ".venv/bin/python -m playwright install chromium"
    return f"The browser tests need Chromium or Chrome. Install one with: {command}"


def run(*command):
    """Run a command that shows its own progress; whether it succeeded."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(1000 * HOST_SECONDS)}
    try:
        return subprocess.run(command, env={**os.environ, **quiet}).returncode == 0
    except OSError:
        return False


def host_answers(url):
    """Whether the host of `url` says anything within HOST_SECONDS. Playwright itself would ask five times."""
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=HOST_SECONDS).close()
    except urllib.error.HTTPError:
        pass
    except OSError:
        return False
    return True


def from_playwright():
    """Put Playwright's Chromium into the user's cache, which needs no root; do nothing if its host doesn't answer."""
    install = ("install", "--no-shell", "chromium")
    plan = subprocess.run([*PLAYWRIGHT, *install, "--dry-run"], capture_output=True, text=True).stdout
    url = re.search(r"https?://\S+", plan)
    if not url or not host_answers(url[0]):
        print(f"Playwright's Chromium is out of reach{f': {url[0]} does not answer' if url else ''}.", flush=True)
        return
    print(f"No browser is here. Fetching Playwright's Chromium into {cache()}:", flush=True)
    run(*PLAYWRIGHT, *install)


def from_libraries():
    """Install the libraries that a browser here lacks, where that may be done."""
    if programs() and may_install():
        print("A browser is here and does not start. Installing the libraries that it may lack.", flush=True)
        run(*PLAYWRIGHT, "install-deps", "chromium")


def from_packages():
    """Install the system's own package, where that may be done."""
    if may_install() and package_commands():
        print("Installing Chromium as a system package: usually 1 to 2 minutes.", flush=True)
        all(run(*command) for command in package_commands())


def get():
    """The path of a browser that starts, after installing one if need be; None if there is none."""
    if os.environ.get("COURSE_BROWSER"):
        return find()
    for way in (from_libraries, from_playwright, from_libraries, from_packages):
        found = find()
        if found:
            return found
        way()
    return find()


if __name__ == "__main__":
    found = get()
    if not found:
        sys.exit(how_to_install())
    print(f"Browser for the tests: {found}")
