"""One learner in a browser of their own: `python -m tests.classroom.learner URL NAME PASSWORD HOME…`.

Logs in, runs lesson 02, turns its first knob, plays the panel at its end, solves an exercise, and tries to look into
each HOME. Prints what was seen as one line of JSON.
"""

import json
import sys

from playwright.sync_api import expect

from tests.browser import lab
from tests.browser.scenarios import press

LESSON = "02_linear_regression.ipynb"
CONNECTED = "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.info"
ASK = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    let said = '';
    const request = kernel.requestExecute({code, store_history: false});
    request.onIOPub = message => {
        said += message.content.text || message.content.ename || '';
    };
    await request.done;
    return said;
}"""
SOLVE = """
from course_utils.exercises import check
print(check("01-1", lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h)).status)
"""


class HubNotebook(lab.Notebook):
    """A notebook in the JupyterLab of a learner who is logged in."""

    def __init__(self, page, base, path):
        self.page = page
        page.goto(f"{base}/lab/tree/{path}?reset")
        page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for(timeout=120_000)
        page.wait_for_function(CONNECTED)

    def ask(self, code):
        """What the kernel prints, or the name of the error that it raises."""
        return self.page.evaluate(ASK, code).strip()


def log_in(page, url, name, password):
    """Fill in the hub's form; waits for the learner's server. Returns its address, or None if the hub refuses."""
    page.goto(f"{url}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", password)
    page.click("#login_submit")
    page.wait_for_url("**/*", wait_until="domcontentloaded")
    if page.locator(".login_error").count():
        return None
    page.wait_for_url(f"**/user/{name}/lab**", timeout=180_000)
    return f"{url}/user/{name}"


def main(url, name, password, *homes):
    with lab.chromium() as running:
        page = running.new_context(viewport={"width": 1300, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        lesson = HubNotebook(page, log_in(page, url, name, password), LESSON)
        lesson.run_all()
        seen = {"errors": lesson.errors()}
        before = lesson.pixels(".cu-picture img")
        lesson.slider_keys("lr", 5)
        lesson.until_changed(".cu-picture img", before, timeout=60)
        empty = lesson.pixels(".cu-plots canvas")
        press(lesson, "Play")
        lab.wait_until(lambda: lesson.pixels(".cu-plots canvas") not in (None, empty), 60, "the curve to appear")
        press(lesson, "Pause")
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        seen["steps"] = int(lesson.ask("print(len(panel.history.step_loss))"))
        seen["solved"] = lesson.ask(SOLVE)
        seen["others"] = [lesson.ask(f"import os; print(os.listdir({home!r}))") for home in homes]
        seen["process"] = int(lesson.ask("import os; print(os.getpid())"))
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
