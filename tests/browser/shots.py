"""Pictures of a notebook as a learner sees it: run in a real JupyterLab, photographed from top to bottom.

python tests/browser/shots.py notebooks/02_linear_regression.ipynb --width 1300 --out /tmp/shots [--dark]
"""

import argparse
import pathlib
import sys
import tempfile

from course_utils import catalog
from tests.browser.lab import Notebook, chromium, running_lab

SCROLLER = "document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer')"


def shoot(notebook, out, name):
    """Write one PNG for each successive viewport of an open notebook; returns their paths."""
    page, paths = notebook.page, []
    top, seen = 0, -1
    while True:
        at = page.evaluate(f"top => {{ const s = {SCROLLER}; s.scrollTop = top; return s.scrollTop }}", top)
        if at <= seen:
            return paths
        seen = at
        notebook.settle()
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        paths.append(out / f"{name}-{len(paths):02d}.png")
        page.screenshot(path=paths[-1])
        # A strip is seen twice, so that no line is cut in both pictures.
        top = at + page.evaluate(f"() => {SCROLLER}.clientHeight") - 60


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the PNG files")
    parser.add_argument("--width", type=int, default=1300)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    parser.add_argument("--timeout", type=int, default=600, help="seconds the notebook may run")
    options = parser.parse_args()
    path = options.notebook.resolve()
    if not path.is_file():
        sys.exit(f"There is no notebook {path}.")
    # What goes deeper shows pictures and links to lessons that lie in the folder above.
    folder = path.parent.parent if catalog.is_deeper(path.parent) else path.parent
    options.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running_lab(home, notebooks=folder, dark=options.dark) as lab,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": options.width, "height": options.height})
        page.on("console", lambda message: message.type == "error" and print("console error:", message.text))
        notebook = Notebook(page, lab, path.relative_to(folder).as_posix())
        notebook.run_all(timeout=options.timeout)
        for text in notebook.errors():
            print("in the notebook:", text)
        for shot in shoot(notebook, options.out, path.stem):
            print(shot)


if __name__ == "__main__":
    main()
