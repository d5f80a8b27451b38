"""JupyterLab that exits after Ctrl-C: `python tools/serve.py OPTIONS`, options as for `python -m jupyterlab`.

A server that is interrupted while a page loads shuts its kernels down, and then waits forever for threads that were
reading files, whatever further interrupts come. Its work is done by then, so this exits without those threads.

Panels of a notebook that is opened without its kernel show the last that they had: see `jupyter/last_pictures.py`.
"""

import os
import sys

for option in sys.argv:
    name, _, folder = option.partition("=")
    if name == "--ServerApp.root_dir" and os.path.exists(file := os.path.join(folder, "course_utils.py")):
        sys.exit(f"{file} hides the course's own package from the notebooks beside it: rename it.")

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(HERE))
sys.argv.append("--ServerApp.contents_manager_class=tools.jupyter.last_pictures.LastPictures")
# JupyterLab's settings for the course; the reader's own count more.
os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
    filter(None, (os.path.join(HERE, "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")))
)

from jupyterlab.labapp import main  # noqa: E402

main()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)
