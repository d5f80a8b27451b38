"""Real kernels for tests: cells sent as a front end sends them, messages of widgets, the stop button."""

import os
import queue
import subprocess
import time
from typing import NamedTuple

from jupyter_client.manager import KernelManager


class Answer(NamedTuple):
    """What a cell gave: its printed text, what it showed as text, and its error as "Name: message" or ""."""

    printed: str
    shown: tuple
    error: str


class SilentError(Exception):
    """The kernel did not answer in time, or has died."""


class Kernel:
    """A kernel and its client; `close` ends it.

    Attributes:
        pid: of its process.
    """

    def __init__(self, folder=None, prefix=(), **environment):
        """Start one in `folder`, with more environment variables, behind a command such as `taskset -c 0`."""
        self._manager = KernelManager(kernel_name="python3")
        spec = self._manager.kernel_spec
        spec.argv = [*prefix, *spec.argv]
        environment = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._manager.start_kernel(cwd=folder, env=environment, **quiet)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self.pid = self._manager.provisioner.pid

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def send(self, code, cell_id=None):
        """Send a cell; returns the message's id, for `answer`."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        metadata = {"cellId": cell_id} if cell_id else {}
        return self._send("execute_request", content, metadata)

    def send_to_widget(self, model_id, data):
        """Send what a page sends to the widget `model_id`: `data` is a message of the protocol of widgets."""
        return self._send("comm_msg", {"comm_id": model_id, "data": data})

    def answer(self, message, seconds=60):
        """The `Answer` to a message; raises SilentError if it isn't there within `seconds`."""
        printed, shown, error, end = "", [], "", time.monotonic() + seconds
        while True:
            try:
                got = self._client.get_iopub_msg(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise SilentError(f"no answer within {seconds} s") from None
            except ValueError:  # stopped while it was signed; Jupyter's server leaves such a message out, too
                continue
            if got["parent_header"].get("msg_id") != message:
                continue
            kind, content = got["msg_type"], got["content"]
            if kind == "stream":
                printed += content["text"]
            elif kind in ("execute_result", "display_data"):
                shown.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                error = f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                return Answer(printed.strip(), tuple(shown), error)

    def attempt(self, code, cell_id=None, seconds=60):
        """Run a cell; returns its `Answer`, an error included."""
        return self.answer(self.send(code, cell_id), seconds)

    def run(self, code, cell_id=None, seconds=60):
        """Run a cell that must not fail; returns the text that it printed."""
        answer = self.attempt(code, cell_id, seconds)
        assert not answer.error, f"{answer.error}\nin {code}"
        return answer.printed

    def interrupt(self):
        """Press the stop button."""
        self._manager.interrupt_kernel()

    def close(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _send(self, kind, content, metadata=None):
        message = self._client.session.msg(kind, content, metadata=metadata or {})
        self._client.shell_channel.send(message)
        return message["header"]["msg_id"]
