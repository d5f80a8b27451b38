"""JupyterLab that exits after Ctrl-C: `python tools/serve.py OPTIONS`, options as for `python -m jupyterlab`.

A server that is interrupted while a page loads shuts its kernels down, and then waits forever for threads that were
reading files, whatever further interrupts come. Its work is done by then, so this exits without those threads.
"""

import os
import sys

for option in sys.argv:
    name, _, folder = option.partition("=")
    if name == "--ServerApp.root_dir" and os.path.exists(file := os.path.join(folder, "course_utils.py")):
        sys.exit(f"{file} hides the course's own package from the notebooks beside it: rename it.")

from jupyterlab.labapp import main  # noqa: E402

main()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)
