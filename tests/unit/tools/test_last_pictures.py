"""Notebooks without their kernel: what panels showed last is kept, widgets that nobody has are left out."""

import asyncio
import base64
import copy
import html
import io
import json

import nbformat
import numpy as np
import pytest
from ipywidgets import Widget
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbconvert import HTMLExporter
from PIL import Image

from course_utils.panels import Explorer, TrainingPanel, ask
from tools.jupyter.last_pictures import AGAIN, STATE, VIEW, LastPictures, keep, leave_out, widgets_of


@pytest.fixture(autouse=True)
def _live(monkeypatch):
    monkeypatch.setenv("COURSE_HEADLESS", "0")


def draw(axes, n):
    axes.plot([0, n])
    return f"Up to {n} < 9."


def saved(*panels):
    """A notebook as JupyterLab sends it to be saved: an output for each panel, and the state of all widgets."""
    outputs = [{"output_type": "display_data", "metadata": {}, "data": panel._repr_mimebundle_()} for panel in panels]
    cells = [{"cell_type": "code", "outputs": outputs}, {"cell_type": "markdown", "source": "Text."}]
    return {"cells": cells, "metadata": {}}


def with_state(notebook):
    state = json.loads(json.dumps(Widget.get_manager_state(drop_defaults=True)))
    return notebook | {"metadata": {"widgets": {STATE: state}}}


def datas(notebook):
    return [output["data"] for output in notebook["cells"][0]["outputs"]]


def test_a_knob_that_was_turned_keeps_its_last_picture_and_sentence():
    knob = Explorer(draw, columns=1, n=(1, 8))
    notebook = saved(knob)
    before = datas(notebook)[0]["image/png"]
    knob.controls["n"].value = 7
    keep(with_state(notebook))
    (data,) = datas(notebook)
    assert "Up to 7 &lt; 9." in data["text/html"] and AGAIN in data["text/html"]
    assert data["text/plain"] == "Up to 7 < 9." and data["image/png"] != before
    kept, shown = (Image.open(io.BytesIO(png)) for png in (base64.b64decode(data["image/png"]), knob.main.png))
    assert kept.size == shown.size and data["image/png"] in data["text/html"]
    assert np.corrcoef(*(np.ravel(image.convert("L")) for image in (kept, shown)))[0, 1] > 0.99


def test_a_training_panel_keeps_its_curves_with_those_of_earlier_runs():
    panel = TrainingPanel(data="digits", hidden=(4,), epochs=1)
    notebook = saved(panel)
    found = []
    for action in (panel.step, panel.reset, panel.step):
        action()
        panel.wait(20)
        keep(with_state(notebook))
        (data,) = datas(notebook)
        assert panel.sentence in html.unescape(data["text/html"])
        found.append(data["image/png"])
    assert found[0] != found[2]


def test_a_guess_keeps_what_was_chosen_and_the_outcome():
    guess = ask("key", "Which?", ["one", "<two>"])
    notebook = saved(guess)
    guess.controls["guess"].value = "<two>"
    guess.reveal("one", of="key")
    keep(with_state(notebook))
    page = datas(notebook)[0]["text/html"]
    assert "○ one" in page and "◉ &lt;two&gt;" in page and "You guessed: &lt;two&gt;. The outcome: one." in page


def test_the_state_itself_is_not_saved_and_a_notebook_without_it_stays_as_it_is():
    notebook = saved(Explorer(draw, n=(1, 8)))
    before = copy.deepcopy(notebook)
    keep(notebook)
    assert notebook == before
    full = with_state(notebook)
    keep(full)
    assert full["metadata"] == {}


def test_a_page_that_has_lost_its_kernel_does_not_write_over_the_last_picture(tmp_path):
    knob = Explorer(draw, columns=1, n=(1, 8))
    page = saved(knob) | {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    first = copy.deepcopy(datas(page)[0])
    page["cells"][0] |= {"id": "knob", "metadata": {}, "source": "knob", "execution_count": None}
    page["cells"][1] |= {"id": "text", "metadata": {}}
    knob.controls["n"].value = 7
    files = LastPictures(root_dir=str(tmp_path))

    def save(content):
        asyncio.run(files.save({"type": "notebook", "content": copy.deepcopy(content)}, "page.ipynb"))
        return json.loads((tmp_path / "page.ipynb").read_text())["cells"][0]["outputs"][0]["data"]

    turned = save(with_state(page))
    assert "Up to 7" in str(turned) and "Up to 7" not in str(first)
    assert save(page) == turned  # after a restart: no state, and the output as the cell once made it
    (tmp_path / "page.ipynb").write_text("{")
    assert "Up to 7" not in str(save(page))  # a file that nobody can read is written anew


@pytest.mark.parametrize(
    "values, buffer",
    [
        ({}, "points"),
        ({"points": "none"}, "png"),
        ({"children": 7}, "png"),
        ({"children": ["IPY_MODEL_1"]}, "png"),
        ({"sentence": ["no", "text"]}, "value"),
    ],
)
def test_whatever_a_widget_of_another_maker_holds_the_notebook_is_saved(values, buffer, caplog):
    knob = Explorer(draw, columns=1, n=(1, 8))
    notebook = saved(knob)
    foreign = {"output_type": "display_data", "data": {VIEW: {"model_id": "1"}, "text/plain": "Foreign()"}}
    empty = {"output_type": "display_data", "data": {VIEW: {}, "text/plain": "Foreign()"}}
    notebook["cells"][0]["outputs"] += [foreign, empty]
    full = with_state(notebook)
    bytes_ = {"path": [buffer], "encoding": "base64", "data": base64.b64encode(b"12345678").decode()}
    model = {"model_name": "ForeignModel", "model_module": "foreign", "state": values, "buffers": [bytes_]}
    full["metadata"]["widgets"][STATE]["state"]["1"] = model
    keep(full)
    assert "Up to 1 &lt; 9." in datas(full)[0]["text/html"]
    assert datas(full)[1:] == [foreign["data"], empty["data"]]
    assert caplog.messages == ["An output keeps what it showed before."] * 2
    leave_out(full, set())
    assert datas(full)[1:] == [{"text/html": AGAIN, "text/plain": "Foreign()"}] * 2


def test_widgets_that_no_kernel_has_are_left_out_and_what_remains_can_be_read():
    one, other = Explorer(draw, n=(1, 8)), Explorer(draw, n=(1, 8))
    notebook = saved(one, other)
    datas(notebook)[1].clear()
    datas(notebook)[1].update({VIEW: {"model_id": other.widget.model_id}, "text/plain": "VBox()"})
    leave_out(notebook, {one.widget.model_id})
    assert VIEW in datas(notebook)[0]
    assert datas(notebook)[1] == {"text/html": AGAIN, "text/plain": "VBox()"}
    leave_out(notebook, set())
    assert set(datas(notebook)[0]) == {"text/html", "image/png", "text/plain"}


@pytest.mark.process
def test_a_kernel_says_which_widgets_it_has_while_it_computes():
    async def asked():
        kernel = AsyncKernelManager()
        await kernel.start_kernel()
        client: AsyncKernelClient = kernel.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        reply = await client.execute_interactive("import ipywidgets; one = ipywidgets.HBox()", timeout=60)
        client.execute("import time\nwhile True: time.sleep(0.01)")
        found = await widgets_of(kernel)
        client.stop_channels()
        await kernel.shutdown_kernel(now=True)
        return reply["content"]["status"], found

    status, found = asyncio.run(asked())
    assert status == "ok" and len(found) >= 1


def test_nbconvert_shows_the_picture_of_a_panel_in_a_notebook_that_was_saved():
    notebook = with_state(saved(Explorer(draw, n=(1, 9))))
    keep(notebook)
    data = notebook["cells"][0]["outputs"][0]["data"]
    output = nbformat.v4.new_output("display_data", data)
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("knob", outputs=[output])], metadata=notebook["metadata"]
    )
    page, _ = HTMLExporter().from_notebook_node(written)  # with the state of widgets it would show nothing but these
    assert VIEW in data and "data:image/png;base64" in page and "Up to 1 &lt; 9." in page
