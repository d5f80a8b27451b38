"""Notebooks that are read without their kernel: each panel shows the last picture and sentence it had.

JupyterLab prefers a widget to every other form of an output, and shows an error where the widget's kernel is gone.
So whenever a notebook is saved, what its widgets show is written into the outputs, as pictures and text; and whenever
one is opened, widgets that its kernel doesn't have are left out of it.
"""

import base64
import html
import io
import logging
import queue

import numpy as np
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from PIL import Image
from tornado.web import HTTPError

from course_utils import plots
from course_utils.plots.training import training_curves

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
READABLE = {"text/html", "image/png", "text/markdown", "text/latex", "image/svg+xml"}
AGAIN = '<p style="font-size:90%;opacity:0.8">To use this again, run its cell.</p>'
COLORS = 256  # of a kept picture; they make its file a third as large
ANSWER_SECONDS = 2.0  # a kernel answers at once, even while it computes
_log = logging.getLogger(__name__)


def keep(notebook, written=()):
    """Write into a notebook's outputs what its widgets show, and take their state out of its metadata.

    Args:
        notebook: its JSON, as JupyterLab saves it with the state of the widgets.
        written: {widget's id: data of its output} of the file as it was. A page whose kernel was restarted has no state
            any more, and sends the outputs as the cells once made them.
    """
    state = notebook["metadata"].pop("widgets", {}).get(STATE, {}).get("state", {})
    for data in _with_widgets(notebook):
        try:
            if data[VIEW]["model_id"] in state:
                _keep(data, state)
            elif data[VIEW]["model_id"] in written:
                data.update(written[data[VIEW]["model_id"]])
        except Exception:  # widgets of other makers hold anything, and whatever they hold, the notebook has to be saved
            _log.warning("An output keeps what it showed before.", exc_info=True)


def _keep(data, state):
    """Write into an output what its widget shows."""
    models = [state[name] for name in _below(data[VIEW]["model_id"], state)]
    pages, picture = [], None
    for model in models:
        page, image = _shown(model)
        pages.append(page)
        picture = picture or image
    if not any(pages):
        return
    if "image/png" in data and not picture:  # what has no picture of its own keeps the first
        pages.insert(0, "".join(data.get("text/html", "")).partition("<figcaption")[0] + "</figure>")
    data["text/html"] = "".join(pages) + AGAIN
    if picture:
        data["image/png"] = base64.b64encode(picture).decode()
    data["text/plain"] = " ".join(filter(None, (model["state"].get("sentence") for model in models))) or "A panel."


def leave_out(notebook, alive):
    """Take widgets out of a notebook's outputs, but those whose ids are in `alive`."""
    for data in _with_widgets(notebook):
        if data[VIEW].get("model_id") not in alive:
            del data[VIEW]
            if not READABLE & set(data):
                data["text/html"] = AGAIN


def _with_widgets(notebook):
    """The data of each output that is a widget."""
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", []))
    return [output["data"] for output in outputs if isinstance(output.get("data", {}).get(VIEW), dict)]


def _below(name, state):
    """The ids of a widget and of those that it holds, in their order."""
    if name not in state:
        return []
    children = state[name]["state"].get("children", [])
    return [name, *(below for child in children for below in _below(child.removeprefix("IPY_MODEL_"), state))]


def _shown(model):
    """(HTML of what one widget shows, a picture as the bytes of a PNG file or None)."""
    values = model["state"]
    buffers = {".".join(map(str, one["path"])): base64.b64decode(one["data"]) for one in model.get("buffers", [])}
    if buffers.get("points"):
        buffers["png"] = _curves(values, buffers)
    if buffers.get("png"):
        png = _smaller(buffers["png"])
        width = round(values.get("width") or Image.open(io.BytesIO(png)).width / plots.SHARP)
        return plots.shown(png, values.get("sentence", ""), width)["text/html"], png
    if values.get("sentence"):
        return f"<p>{html.escape(values['sentence'])}</p>", None
    if model["model_name"] == "RadioButtonsModel":
        chosen = values.get("index")
        marked = [("◉ " if i == chosen else "○ ") + text for i, text in enumerate(values["_options_labels"])]
        return f"<p>{'<br>'.join(map(html.escape, marked))}</p>", None
    if model["model_name"] == "HTMLModel" and values.get("value"):
        return f"<p>{values['value']}</p>", None
    return "", None


def _curves(values, buffers):
    """The PNG file of the curves of a training panel, which JupyterLab itself had drawn; `values` are its traits."""

    def rows(name):
        return np.frombuffer(buffers[name], np.float32).reshape(-1, 3)

    ghosts = enumerate(values.get("ghosts", []))
    runs = [(ghost["name"], rows(f"ghosts.{i}.points")) for i, ghost in ghosts if ghost["visible"]]
    run = values["run"]
    losses, accuracies = ([row[column] for row in run["tests"]] for column in (1, 2))
    shown = [*runs, (run["name"], rows("points"))]
    figure, _ = training_curves(shown, losses, accuracies, values.get("has_accuracy", True))
    return plots.Picture(figure, "").png()


def _smaller(png):
    buffer = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    return min(png, buffer.getvalue(), key=len)


async def widgets_of(kernel):
    """The ids of the widgets that a kernel has; None if it doesn't say.

    Args:
        kernel: a KernelManager of jupyter_client.
    """
    client = AsyncKernelClient(**kernel.get_connection_info(session=True))
    client.start_channels(shell=False, iopub=False, stdin=False, hb=False, control=True)
    try:
        asked = client.session.msg("comm_info_request", {"target_name": "jupyter.widget"})
        client.control_channel.send(asked)
        reply = await client.control_channel.get_msg(timeout=ANSWER_SECONDS)
        return set(reply["content"]["comms"])
    except queue.Empty:
        return None
    finally:
        client.stop_channels()


class LastPictures(AsyncLargeFileManager):
    """The files of a JupyterLab, whose notebooks are saved and opened as this module says."""

    async def save(self, model, path=""):
        if model.get("type") == "notebook" and model.get("content"):
            keep(model["content"], await self._written(path))
        return await super().save(model, path)

    async def _written(self, path):
        """{widget's id: data of its output} of a notebook's file as it is."""
        if not await self.file_exists(path):
            return {}
        try:
            notebook = (await super().get(path, type="notebook"))["content"]
        except HTTPError:  # it can't be read: it is written anew
            return {}
        return {data[VIEW].get("model_id"): data for data in _with_widgets(notebook)}

    async def get(self, path, content=True, *more, **named):
        model = await super().get(path, content, *more, **named)
        if content and model["type"] == "notebook" and _with_widgets(model["content"]):
            alive = await self._alive(path.strip("/"))
            if alive is not None:
                leave_out(model["content"], alive)
        return model

    async def _alive(self, path):
        """The ids of the widgets that the kernel of a notebook has; None if it doesn't say."""
        for session in await self.parent.session_manager.list_sessions():
            if session["path"].strip("/") == path:
                return await widgets_of(self.parent.kernel_manager.get_kernel(session["kernel"]["id"]))
        return set()
