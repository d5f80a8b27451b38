"""The square of numbers, and a pad with a picture beside it, in a real JupyterLab."""

import pytest
from playwright.sync_api import expect

from tests import notebooks
from tests.browser.lab import running_lab

GRID = """
from course_utils.panels import DrawPad, Explorer, NumberGrid

def draw(axes, kernel):
    axes.imshow(kernel)
    return f"The sum is {sum(map(sum, kernel)):g}."

Explorer(draw, kernel=NumberGrid({"edge": [[1, 0, -1]] * 3, "blur": [[1 / 9] * 3] * 3}))
"""
PAD = """
def view(axes, image):
    axes.imshow(image[0, 0].numpy())
    return "Nothing yet." if not image.any() else "There is ink."

DrawPad(lambda X: X.flatten(1)[:, :10], view=view)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks.write(folder / "grid.ipynb", GRID, PAD)
    with running_lab(tmp_path_factory.mktemp("jupyter"), notebooks=folder) as running:
        yield running


def test_numbers_are_typed_and_presets_chosen(notebook):
    opened = notebook("grid.ipynb")
    opened.run_all()
    page = opened.page
    sentence = page.locator(".cu-picture figcaption").first
    expect(sentence).to_have_text("The sum is 0.")
    box = page.locator("input[title='row 1, column 1']")
    box.fill("4")
    box.press("Enter")
    expect(sentence).to_have_text("The sum is 3.")
    expect(page.locator(".widget-dropdown select")).to_have_value("your own")
    box.fill("abc")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("'abc' is no number")
    expect(sentence).to_have_text("The sum is 3.")
    opened.choose("kernel", "blur")
    expect(sentence).to_have_text("The sum is 1.")
    expect(box).to_have_value("0.111")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_picture_beside_a_pad_follows_the_pen(notebook):
    opened = notebook("grid.ipynb")
    opened.run_all()
    page = opened.page
    sentence = page.locator(".cu-picture figcaption").nth(1)
    expect(sentence).to_have_text("Nothing yet.")
    canvas = page.locator(".cu-pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 180, steps=10)
    page.mouse.up()
    expect(sentence).to_have_text("There is ink.")
    page.get_by_role("button", name="Clear").click()
    expect(sentence).to_have_text("Nothing yet.")
    assert opened.errors() == []
