"""Knobs' pictures in a real JupyterLab: in the theme's colours, sharp where they rest, and kept without a kernel."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from tests import notebooks
from tests.browser.lab import TOKEN, Notebook, running_lab, wait_until

NOTEBOOK = "pictures.ipynb"
CELLS = (
    """
from course_utils import plots
from course_utils.panels import DrawPad, Explorer, LogSlider, TrainingPanel, ask

def draw(axes, lr):
    for ax in axes:
        ax.plot([0, lr])
    return f"Up to {lr:g}."

Explorer(draw, columns=2, width=4.8, height=4.4, lr=LogSlider(0.001, 1, value=0.01))
""",
    'guess = ask("which", "Which?", ["one", "two"])',
    'TrainingPanel(data="digits", epochs=1)',
    "DrawPad(lambda X: X.flatten(1)[:, :10])",
    'plots.curves({"a": [1, 2]}, "step", "loss", "It rises from one to two.")',
    "import ipywidgets\nipywidgets.IntSlider()",
)
ERROR = "Error displaying widget"
# Of the first picture: [width on the page, pixels across, the colour of its corner].
PICTURE = """() => {
    const image = document.querySelector(".cu-picture img");
    if (!image?.complete || !image.naturalWidth) return null;
    const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return [image.clientWidth, image.naturalWidth, [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)];
}"""
IDLE = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks.write(folder / NOTEBOOK, *CELLS)
    with running_lab(tmp_path_factory.mktemp("jupyter"), notebooks=folder) as running:
        running.folder = folder
        yield running


def opened_at(chrome, lab, width, ratio):
    page = chrome.new_context(viewport={"width": width, "height": 1000}, device_scale_factor=ratio).new_page()
    return Notebook(page, lab, NOTEBOOK)


@pytest.mark.brief
def test_a_picture_rests_sharp_moves_quick_and_follows_the_theme(chrome, lab):
    lab.end_kernels()
    opened = opened_at(chrome, lab, 1300, 2)
    page = opened.page
    opened.run_all()
    look = lambda: page.evaluate(PICTURE)  # noqa: E731
    sharp = lambda: look() and look()[0] > 1000 and look()[1] == 2 * look()[0]  # noqa: E731
    wait_until(sharp, 10, "a sharp picture as wide as the column")
    loads = "() => { window.widths = []; const image = document.querySelector('.cu-picture img');"
    loads += " image.addEventListener('load', () => window.widths.push(image.naturalWidth / image.clientWidth)); }"
    page.evaluate(loads)
    opened.slider_keys("lr", 3)
    expect(page.locator(".cu-picture figcaption")).to_have_text("Up to 0.0141.")
    wait_until(lambda: page.evaluate("window.widths.at(-1)") == 2, 10, "the sharp picture")
    assert page.evaluate("window.widths[0]") == 1
    for theme, light in (("JupyterLab Dark", False), ("JupyterLab Light", True)):
        page.evaluate(THEME, theme)
        wait_until(lambda light=light: light == (sum(look()[2]) > 600), 30, theme)  # its style is loaded
    page.context.close()


@pytest.mark.parametrize(("width", "beside"), [(1300, True), (700, False), (390, False)])
def test_columns_stand_side_by_side_or_in_a_pile(chrome, lab, width, beside):
    lab.end_kernels()
    opened = opened_at(chrome, lab, width, 1)
    opened.run_all()
    boxes = "[...document.querySelectorAll('.cu-columns > div')].map(e => e.getBoundingClientRect().toJSON())"
    room = opened.page.evaluate("document.querySelector('.cu-picture').clientWidth")
    exact = lambda: [room] == list({round(box["width"]) for box in opened.page.evaluate(boxes)})  # noqa: E731
    wait_until(exact, 10, "pictures as wide as the column")
    assert len(opened.page.evaluate(boxes)) == (1 if beside else 2)
    opened.page.context.close()


def test_without_its_kernel_a_notebook_shows_what_was_last_and_reloaded_with_it_goes_on(notebook, lab):
    opened = notebook(NOTEBOOK)
    page = opened.page
    opened.run_all()
    opened.slider_keys("lr", 3)
    expect(page.locator(".cu-picture figcaption")).to_have_text("Up to 0.0141.")
    page.locator(".widget-radio-box").get_by_label("two").check()
    opened.settle()
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    file = lab.folder / NOTEBOOK
    wait_until(lambda: "Up to 0.0141." in file.read_text(encoding="utf-8"), 10, "the notebook to be saved")
    assert "widgets" not in json.loads(file.read_text(encoding="utf-8"))["metadata"]

    page.reload()
    expect(page.locator(".cu-picture figcaption")).to_have_text("Up to 0.0141.")
    opened.slider_keys("lr", 3)
    expect(page.locator(".cu-picture figcaption")).to_have_text("Up to 0.02.")

    page.goto("about:blank")
    for session in lab.get("/api/sessions"):
        request = urllib.request.Request(f"{lab.url}/api/sessions/{session['id']}?token={TOKEN}", method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()
    notebook(NOTEBOOK)
    caption = page.locator(".jp-OutputArea figcaption")
    expect(caption.first).to_have_text("Up to 0.0141.")
    expect(page.get_by_text("◉ two")).to_be_visible()
    expect(page.get_by_text("To use this again, run its cell.")).to_have_count(5)
    page.wait_for_function(IDLE)
    assert page.get_by_text(ERROR).count() == 0 and page.locator(".cu-picture, .cu-curves, .cu-pad").count() == 0
    pictures = page.locator(".jp-OutputArea figure img")
    assert pictures.count() == 4
    assert all(pictures.nth(i).evaluate("image => image.naturalWidth") > 0 for i in range(4))
