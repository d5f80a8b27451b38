"""Drives a real JupyterLab, started by `make lab` itself, in a real browser."""

import contextlib
import json
import os
import pathlib
import pty
import signal
import subprocess
import time
import urllib.request

from tools import browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "only-for-tests"
# Tests at once each look for a free port among fifty of their own: two Labs that start together may take the same one.
PORT = 8888 + 50 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

# News and update questions would lie over the page; cells out of sight must stay in the document.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}
CHROMIUM = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def wait_until(condition, timeout, what):
    """Poll `condition` until it returns something true, and return that; `what` names it in the error."""
    end = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(0.05)
    return answer


class Lab:
    """A `make lab` in its own process group, with Jupyter directories of its own.

    Attributes:
        process: the `make`.
        url: address of the server without a slash at its end, once `wait_ready` returned.
        server_pid: process id of JupyterLab itself.
    """

    def __init__(self, home, args="", notebooks=None, dark=False, env=None):
        self.home = pathlib.Path(home)
        settings = dict(SETTINGS)
        if dark:
            settings["apputils-extension/themes"] = {"theme": "JupyterLab Dark"}
        for name, values in settings.items():
            file = self.home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        command = ["make", "lab", f"ARGS=--no-browser --expose-app-in-browser --port={PORT} {args}"]
        if notebooks:
            command.append(f"NOTEBOOKS={notebooks}")
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        own = {variable: str(self.home / place) for variable, place in places.items()}
        # A terminal, as a learner has: without one Jupyter treats Ctrl-C in another way.
        self.terminal, stdin = pty.openpty()
        with open(self.home / "lab.log", "w") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **own, "JUPYTER_TOKEN": TOKEN, **(env or {})},
                stdin=stdin,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that an interrupt reaches make and Jupyter but not the tests
            )
        os.close(stdin)

    def log(self):
        """What `make lab` has printed so far."""
        return (self.home / "lab.log").read_text()

    def wait_ready(self, timeout=900):
        """Wait until the server answers. The time allows for a first installation."""

        def answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"make lab ended with status {self.process.returncode}:\n{self.log()}")
            with contextlib.suppress(StopIteration, OSError, json.JSONDecodeError):
                file = next((self.home / "runtime").glob("jpserver-*.json"))  # holds the port Jupyter found free
                server = json.loads(file.read_text())
                self.url, self.server_pid = server["url"].rstrip("/"), server["pid"]
                return self.get("/api/status")

        wait_until(answers, timeout, "JupyterLab to answer")
        return self

    def get(self, path):
        """The server's answer to a GET of `path`, as Python values."""
        with urllib.request.urlopen(f"{self.url}{path}?token={TOKEN}", timeout=5) as answer:
            return json.load(answer)

    def end_kernels(self):
        """End every kernel. A notebook opened next has a new one, without the widgets of a page before it."""
        for kernel in self.get("/api/kernels"):
            address = f"{self.url}/api/kernels/{kernel['id']}?token={TOKEN}"
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=30).close()

    def interrupt(self, timeout=30):
        """What Ctrl-C in the terminal does: SIGINT to the whole process group, once. Waits for the end."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout)

    def close(self):
        """Interrupt; what is still there after 30 seconds is killed and reported."""
        try:
            if self.process.poll() is None:
                self.interrupt()
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        finally:
            os.close(self.terminal)


@contextlib.contextmanager
def running_lab(home, **options):
    """A Lab that answers; ended when the block is left. Options as for `Lab`."""
    lab = Lab(home, **options)
    try:
        yield lab.wait_ready()
    finally:
        lab.close()


@contextlib.contextmanager
def chromium():
    """A playwright Browser on the system's Chromium or Chrome."""
    from playwright.sync_api import sync_playwright

    path = browser.find()
    if not path:
        raise RuntimeError(browser.how_to_install())
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        try:
            yield running
        finally:
            running.close()


RUN_ALL = """async ([restart, timeout]) => {
    const context = window.jupyterapp.shell.currentWidget.sessionContext;
    const run = async () => {
        await window.jupyterapp.shell.currentWidget.revealed;
        await context.ready;
        await context.session.kernel.info;
        if (restart) { await context.session.kernel.restart(); await context.session.kernel.info; }
        await window.jupyterapp.commands.execute('notebook:run-all-cells');
    };
    const late = new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`the notebook still runs after ${timeout} s`)), 1000 * timeout));
    await Promise.race([run(), late]);
}"""

# Widgets announce themselves before their view arrives, and a picture before it is decoded.
SETTLED = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'
    && ![...document.querySelectorAll('.jp-OutputArea-output')].some(o => o.innerText.trim() === 'Loading widget...')
    && [...document.querySelectorAll('.jp-Notebook img')].every(image => image.complete)"""

# FNV-1a over the pixels of the first visible picture; null while there is none.
PIXELS = """selector => {
    const shown = [...document.querySelectorAll(selector)].find(e => e.getClientRects().length
        && (e.tagName === 'CANVAS' ? e.width : e.complete && e.naturalWidth));
    if (!shown) return null;
    const copy = document.createElement('canvas');
    copy.width = shown.naturalWidth || shown.width;
    copy.height = shown.naturalHeight || shown.height;
    const context = copy.getContext('2d');
    context.drawImage(shown, 0, 0);
    let hash = 2166136261;
    for (const byte of context.getImageData(0, 0, copy.width, copy.height).data)
        hash = Math.imul(hash ^ byte, 16777619) >>> 0;
    return `${copy.width}x${copy.height}:${hash.toString(16)}`;
}"""


class Notebook:
    """A notebook open in JupyterLab. `path` is relative to the server's root folder.

    Controls are found by their description, as a person finds them; the first of that name counts
    unless `nth` says otherwise.
    """

    def __init__(self, page, lab, path):
        self.page = page
        # ?reset: a workspace of an earlier page would bring its tabs along.
        page.goto(f"{lab.url}/lab/tree/{path}?reset&token={TOKEN}")
        page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")

    def run_all(self, restart=False, timeout=300):
        """Run every cell (seconds at most) and wait for the last, for the widgets' views and the pictures."""
        self.page.evaluate(RUN_ALL, [restart, timeout])
        self.settle()

    def settle(self, timeout=30):
        """Wait until the kernel is idle and what it sent is on the page."""
        self.page.wait_for_function(SETTLED, timeout=1000 * timeout)

    def errors(self):
        """Tracebacks and everything written to stderr, as texts."""
        kinds = ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr")
        selector = ", ".join(f".jp-OutputArea-output [data-mime-type='{kind}']" for kind in kinds)
        selector += ", " + ", ".join(f".jp-OutputArea-output[data-mime-type='{kind}']" for kind in kinds)
        return self.page.locator(selector).all_inner_texts()

    def slider(self, label, nth=0):
        """Locator of a slider."""
        name = self.page.locator(f"label:text-is('{label}')")
        return self.page.locator(".widget-slider, .widget-hslider", has=name).nth(nth)

    def slider_keys(self, label, times, key="ArrowRight", nth=0):
        """Focus a slider's handle and press `key`, `times` times."""
        self._handle(label, nth).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def slider_drag(self, label, fraction, nth=0, moves=15):
        """Drag a slider's handle to a fraction of its track, in that many mouse moves."""
        self.slider(label, nth).scroll_into_view_if_needed()
        handle = self._handle(label, nth).bounding_box()
        track = self.slider(label, nth).locator(".slider-container, .noUi-target").first.bounding_box()
        height = handle["y"] + handle["height"] / 2
        self.page.mouse.move(handle["x"] + handle["width"] / 2, height)
        self.page.mouse.down()
        self.page.mouse.move(track["x"] + fraction * track["width"], height, steps=moves)
        self.page.mouse.up()

    def _handle(self, label, nth):
        return self.slider(label, nth).locator(".noUi-handle, .ui-slider-handle").first

    def choose(self, label, option, nth=0):
        """Choose an option of a dropdown by the text it shows."""
        name = self.page.locator(f"label:text-is('{label}')")
        self.page.locator(".widget-dropdown", has=name).nth(nth).locator("select").select_option(label=option)

    def pixels(self, selector):
        """Hash of what the first visible <img> or <canvas> under a CSS selector shows; None while there is none."""
        return self.page.evaluate(PIXELS, selector)

    def until_changed(self, selector, old, timeout=10):
        """Wait until a picture differs from the hash `old` and stays so for two looks; returns the new hash."""
        looks = [old]

        def steady():
            looks.append(self.pixels(selector))
            return looks[-1] not in (old, None) and looks[-1] == looks[-2] and looks[-1]

        return wait_until(steady, timeout, f"the picture {selector} to change")
