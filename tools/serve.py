"""JupyterLab, which ends when it has ended: `python tools/serve.py OPTIONS`, options as for `python -m jupyterlab`.

Interrupted while a page is still loading, the server shuts its kernels down and then waits forever for threads
that were reading files, deaf to further interrupts. By then all is tidy, so this leaves without them.
"""

import os
import sys

from jupyterlab.labapp import main

main()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)
