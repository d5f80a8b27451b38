"""JupyterLab that exits after Ctrl-C: `python tools/serve.py OPTIONS`, options as for `python -m jupyterlab`.

A server that is interrupted while a page loads shuts its kernels down, and then waits forever for threads that were
reading files, whatever further interrupts come. Its work is done by then, so this exits without those threads.
"""

import os
import sys

from jupyterlab.labapp import main

main()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)
