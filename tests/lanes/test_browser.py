"""How the tests get a browser, tried with programs that stand in for one: a local server plays Playwright's host."""

import http.server
import io
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import zipfile

import pytest

from tools import browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTS = "#!/bin/sh\necho Chromium 1.0\n"
LACKS_LIBRARIES = "#!/bin/sh\necho error while loading shared libraries >&2\nexit 127\n"
HERE = "Browser for the tests: "


def put(path, program):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(program)
    path.chmod(0o755)


def zipped(folder, program):
    """An archive as Playwright's host has them: a program and its folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        file = zipfile.ZipInfo(f"{folder}/{'chrome' if 'chrome' in folder else 'ffmpeg-linux'}")
        file.external_attr = 0o100755 << 16
        archive.writestr(file, program)
    return packed.getvalue()


class Machine:
    """A machine without a browser, on which one may or may not install packages.

    Attributes:
        cache: where Playwright keeps browsers.
        programs: the folder on PATH.
        asked: the paths that Playwright's host, a server of ours, was asked for.
    """

    def __init__(self, folder):
        self.folder, self.cache, self.programs, self.asked = folder, folder / "cache", folder / "programs", []
        self.programs.mkdir()
        for name in ("sh", "cat", "touch"):
            (self.programs / name).symlink_to(f"/bin/{name}")
        self.environment = {
            "HOME": str(folder),
            "PATH": str(self.programs),
            "PLAYWRIGHT_BROWSERS_PATH": str(self.cache),
        }

    def put_apt(self, installs=""):
        """Let apt-get do nothing but write down what it is asked for and run the line `installs`."""
        put(self.programs / "apt-get", f'#!/bin/sh\necho "$@" >> "{self.folder}/apt"\n{installs}\n')

    def apt(self):
        """What apt-get was asked for."""
        log = self.folder / "apt"
        return log.read_text() if log.exists() else ""

    def serve(self, program):
        """Play Playwright's host, whose browser is the text `program`; returns the server."""
        machine = self

        class Host(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                machine.asked.append(self.path)
                content = zipped("chrome-linux64" if "chrome" in self.path else "", program)
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            def do_HEAD(self):
                self.do_GET()

            def log_message(self, *text):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.environment["PLAYWRIGHT_DOWNLOAD_HOST"] = f"http://127.0.0.1:{server.server_port}"
        return server

    def get(self, as_user="", **environment):
        """Run tools/browser.py, told by `as_user` that it is nobody's root: (exit status, what it printed)."""
        code = "import os, runpy\n" + ("os.geteuid = lambda: 1000\n" if as_user else "")
        code += "runpy.run_module('tools.browser', run_name='__main__')"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def out_of_reach(machine):
    """Playwright's host refuses every connection."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        machine.environment["PLAYWRIGHT_DOWNLOAD_HOST"] = f"http://127.0.0.1:{closed.getsockname()[1]}"
        yield machine


def test_one_that_is_here_is_taken_and_nobody_is_asked(machine):
    put(machine.programs / "chromium-browser", LACKS_LIBRARIES)
    put(machine.programs / "google-chrome", STARTS)
    assert machine.get(as_user="x") == (0, f"{HERE}{machine.programs}/google-chrome\n")


def test_playwrights_comes_into_the_users_cache_with_its_progress_shown(machine):
    machine.put_apt()
    with machine.serve(STARTS):
        status, said = machine.get(as_user="x")
    assert (status, machine.apt()) == (0, "")
    assert f"Fetching Playwright's Chromium into {machine.cache}" in said
    assert "100%" in said
    found = re.search(f"{HERE}(.*)", said)[1]
    assert pathlib.Path(found).is_relative_to(machine.cache) and pathlib.Path(found).read_text() == STARTS
    asked = len(machine.asked)
    assert machine.get(as_user="x")[1] == f"{HERE}{found}\n"  # found the next time
    assert len(machine.asked) == asked


def test_one_without_its_libraries_counts_as_not_here_and_gets_them_where_that_is_allowed(machine):
    machine.put_apt()
    with machine.serve(LACKS_LIBRARIES):
        status, said = machine.get(as_user="x")
        assert (status, machine.apt()) == (1, "")
        assert "sudo apt-get install -y -qq chromium" in said.splitlines()[-1]
        chrome = next(machine.cache.glob("chromium-*/chrome-linux*/chrome"))
        machine.put_apt(installs=f'case "$*" in *libnss3*) echo "{STARTS[:-1]}" > "{chrome}";; esac')
        status, said = machine.get()
    assert "A browser is here and does not start" in said
    assert (status, said.splitlines()[-1]) == (0, f"{HERE}{chrome}")
    assert " chromium\n" not in machine.apt()  # libraries alone


@pytest.mark.parametrize("allowed", [{}, {"as_user": "x", "CI": "true"}])
def test_root_and_ci_get_the_systems_package_where_playwright_is_out_of_reach(out_of_reach, allowed):
    machine = out_of_reach
    put(machine.programs / "sudo", '#!/bin/sh\nexec "$@"\n')
    new = machine.programs / "chromium"
    machine.put_apt(installs=f'case "$*" in *chromium*) echo "{STARTS[:-1]}" > "{new}"; /bin/chmod 755 "{new}";; esac')
    status, said = machine.get(**allowed)
    assert "Playwright's Chromium is out of reach: http://127.0.0.1" in said
    assert (status, said.splitlines()[-1]) == (0, f"{HERE}{new}")
    assert machine.apt() == "update -qq\ninstall -y -qq chromium\n"


def test_everybody_else_gets_the_command(out_of_reach):
    out_of_reach.put_apt()
    status, said = out_of_reach.get(as_user="x")
    assert (status, out_of_reach.apt()) == (1, "")
    command = "sudo apt-get update -qq && sudo apt-get install -y -qq chromium"
    assert said.splitlines()[-1] == f"The browser tests need Chromium or Chrome. Install one with: {command}"


def test_a_host_that_takes_the_call_and_says_nothing_is_given_up(machine):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        machine.environment["PLAYWRIGHT_DOWNLOAD_HOST"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        status, said = machine.get(as_user="x")
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):  # asked once
            silent.accept()
    assert status == 1
    assert "does not answer" in said


def test_a_browser_that_is_named_is_the_only_one_looked_at(machine, monkeypatch):
    put(machine.programs / "chromium", STARTS)
    status, said = machine.get(COURSE_BROWSER="/no/browser")
    sentence = "COURSE_BROWSER names /no/browser, which is no browser that starts here. Correct it, or unset it.\n"
    assert (status, said) == (1, sentence)
    own = machine.folder / "own"
    put(own, STARTS)
    assert machine.get(COURSE_BROWSER=str(own)) == (0, f"{HERE}{own}\n")


def test_the_commands_of_other_systems(monkeypatch):
    monkeypatch.setattr(browser.shutil, "which", lambda name: name if name == "dnf" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert browser.how_to_install().endswith(": sudo dnf install -y -q chromium")
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    assert browser.how_to_install().endswith(": .venv/bin/python -m playwright install chromium")
