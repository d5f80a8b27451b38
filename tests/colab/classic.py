"""Drives a real classic Notebook, which stands in for Colab's page, in a real browser."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

from tests.browser.lab import ROOT, TOKEN, Notebook, wait_until

# The notebook's extensions load beside it, and a widget that comes before them is shown as text.
READY = """() => window.Jupyter?.notebook?._fully_loaded && Jupyter.notebook.kernel?.is_connected()
    && Jupyter.notebook.kernel.widget_manager
    && ["anywidget", "jupyter-js-widgets"].every(name => require.defined(`nbextensions/${name}/extension`))"""

HAS_RUN = """() => !Jupyter.notebook.kernel_busy
    && Jupyter.notebook.get_cells().every(cell => cell.input_prompt_number !== '*')"""

SETTLED = """() => [...document.querySelectorAll('.jupyter-widgets-view')].every(view => view.innerText.trim())
    && [...document.querySelectorAll('.output img')].every(image => image.complete)"""

# The reply comes on another way than what is printed, and may be first: the text itself tells its end. What a thread
# prints meanwhile may come behind that.
ASK = """([expression, end]) => new Promise(resolve => {
    let text = '';
    const output = message => {
        if (message.header.msg_type === 'error') resolve(message.content.evalue);
        text += message.content.text ?? '';
        if (text.includes(end)) resolve(text.slice(0, text.indexOf(end)));
    };
    const code = `print(${expression}, end='${end}')`;
    Jupyter.notebook.kernel.execute(code, { iopub: { output } }, { silent: false, store_history: false });
})"""

# A kernel may never answer, and Playwright waits for a promise without an end.
IN_TIME = """argument => Promise.race([(%s)(argument), new Promise((_, reject) =>
    setTimeout(() => reject(new Error('no answer within 60 s')), 60000))])"""


class ClassicServer:
    """`notebook` 6 over a folder, in this environment.

    Attributes:
        url: its address without a slash at its end.
    """

    def __init__(self, home, notebooks):
        home = pathlib.Path(home)
        self._log = home / "notebook.log"
        runtime = home / "runtime"
        places = {
            "JUPYTER_RUNTIME_DIR": runtime,
            "JUPYTER_CONFIG_DIR": home / "config",
            "JUPYTER_DATA_DIR": home / "data",
        }
        options = ["--no-browser", "--ip=127.0.0.1", f"--notebook-dir={notebooks}"]
        options += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        with open(self._log, "w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "notebook", *options],
                cwd=ROOT,
                env={**os.environ, **{name: str(place) for name, place in places.items()}, "JUPYTER_TOKEN": TOKEN},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        def answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"the notebook server ended:\n{self._log.read_text()}")
            with contextlib.suppress(StopIteration, OSError, json.JSONDecodeError):
                file = next(runtime.glob("nbserver-*.json"))  # holds the port that was free
                self.url = json.loads(file.read_text())["url"].rstrip("/")
                return self._ask("/api/status")

        try:
            wait_until(answers, 60, "the notebook server to answer")
        except BaseException:
            self.close()
            raise

    def end_kernels(self):
        """Shut every kernel down, so that the next page begins with a fresh one."""
        for session in json.loads(self._ask("/api/sessions")):
            self._ask(f"/api/sessions/{session['id']}", method="DELETE")

    def _ask(self, path, method="GET"):
        request = urllib.request.Request(
            f"{self.url}{path}", method=method, headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def close(self):
        """End the server and its kernels; what is still there after 30 seconds is killed and reported."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


class ClassicNotebook(Notebook):
    """A notebook open in classic Notebook. Controls are found as in JupyterLab."""

    def __init__(self, page, server, path):
        self.page = page
        page.goto(f"{server.url}/notebooks/{path}?token={TOKEN}")
        self._until_ready()

    def _until_ready(self):
        self.page.wait_for_function(READY)
        # A new page asks the kernel which widgets it has, and then renders every output anew: one that arrives in
        # between is emptied for good. Asked once more, the kernel answers this after that.
        self._answer("() => Jupyter.notebook.kernel.widget_manager._loadFromKernel()")

    def run_all(self, restart=False, timeout=300):
        if restart:
            self._answer("() => new Promise(done => Jupyter.notebook.kernel.restart(done))")
            self._until_ready()
        self.page.evaluate("() => Jupyter.notebook.execute_all_cells()")
        self.page.wait_for_function(HAS_RUN, timeout=1000 * timeout)
        self.settle()

    def settle(self, timeout=30):
        self.page.wait_for_function(SETTLED, timeout=1000 * timeout)

    def errors(self):
        return self.page.locator(".output_error, .output_stderr").all_inner_texts()

    def ask(self, expression):
        """What print shows of an expression's value in the kernel; the message of the error it raises."""
        return self._answer(ASK, [expression, "<end>"])

    def _answer(self, script, argument=None):
        """What the promise of a script comes to; an error where it has not after a minute."""
        return self.page.evaluate(IN_TIME % script, argument)
